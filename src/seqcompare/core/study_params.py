"""studies/params.yaml as frozen, strict types. Studies state only what differs from params.yaml."""

from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, Field, Strict

from seqcompare.core.params import Count, ModelName, Rate, Section, Seeds, Share, checked, flattened
from seqcompare.core.paths import STUDY_PARAMS
from seqcompare.core.types import Models, Setting
from seqcompare.core.yaml import load_yaml


def _ascending(values: tuple[int, ...]) -> tuple[int, ...]:
    if list(values) != sorted(set(values)):
        raise ValueError("list each once, the smallest first")
    return values


def _lists(grid: dict[str, Any]) -> dict[str, Any]:
    for key, values in flattened(grid).items():
        if not isinstance(values, list) or len(set(map(repr, values))) < max(len(values), 1):
            raise ValueError(f"{key} needs a list like [20, 50], each value once")
    return grid


def _chosen(grid: dict[str, Any]) -> dict[str, Any]:
    if fixed := {key.split(".")[0] for key in grid} - {"seq_len", "training", "models"}:
        raise ValueError(f"{min(fixed)} is the same for all: choose seq_len, training or models")
    return grid


Ascending = Annotated[
    tuple[Annotated[Count, Field(ge=2)], ...], Strict(False),
    Field(min_length=1, max_length=100), AfterValidator(_ascending),
]  # fmt: skip
Grid = Annotated[dict[str, Any], Field(min_length=1), AfterValidator(_lists)]
Changed = Annotated[dict[str, Any], Field(default_factory=dict)]  # keys as in params.yaml
Changes = dict[ModelName, dict[str, Setting]]  # model -> what differs from models in params.yaml


class Cost(Section):
    seq_lens: Annotated[Ascending, Field(min_length=2)]
    processes: Annotated[int, Field(ge=2, le=100)]
    calls: Annotated[int, Field(ge=1, le=10_000)]
    memory_limit_gb: Annotated[float, Field(gt=0, le=1e6)]
    time_budget_s: Annotated[float, Field(gt=0, le=1e12)]
    sizes: Annotated[dict[ModelName, Changes], Field(min_length=1)]

    def settings_of(self, models: Models) -> dict[str, Models]:
        """size -> model -> its settings; without a size that equals one before it."""
        sizes: dict[str, Models] = {}
        for size, changes in self.sizes.items():
            changed = {name: {**each, **changes.get(name, {})} for name, each in models.items()}
            if changed not in sizes.values():
                sizes[size] = changed
        return sizes


class AddingProblem(Section):
    lags: Ascending
    seeds: Seeds
    steps: Annotated[int, Field(ge=1, le=10_000_000)]
    batch_size: Count
    learning_rate: Rate
    solved_below: Annotated[float, Field(ge=1e-6, lt=0.5)]
    models: Changes


class Choose(Section):
    """Values of which each model gets those that suit it best, on validation targets."""

    validation: Share
    seeds: Annotated[int, Field(ge=1, le=1000)]
    grid: Annotated[Grid, AfterValidator(_chosen)]  # of them every combination is tried


class MapSetting(Section):
    data: Changed
    split: Changed
    training: Changed
    models: Changed
    choose: Choose | None = None


class Map(Section):
    """Every model in every setting at every point of a grid; what differs from params.yaml."""

    seeds: Seeds | None = None
    params: Changed
    grid: Grid
    settings: Annotated[dict[ModelName, MapSetting], Field(min_length=1)]

    def points(self) -> dict[str, list[Setting | None]]:
        """Dotted key -> values; the first key is the map's x axis."""
        return flattened(self.grid)


class Studies(Section):
    convergence_targets: Annotated[
        tuple[Annotated[float, Field(gt=1, le=1e6)], ...], Strict(False), Field(min_length=1)
    ]
    cost: Cost
    adding_problem: AddingProblem
    maps: dict[ModelName, Map]


def load_studies(path: Path = STUDY_PARAMS) -> Studies:
    """Raises InputError for the first setting that is wrong."""
    return checked(Studies, load_yaml(path), f"{path}: ")
