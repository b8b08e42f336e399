"""Cells of a map: one setting at one point of its grid, as `dvc exp run -S …` would run it."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, reduce
from typing import Any, TypeAlias

import torch

from seqcompare.core.errors import InputError
from seqcompare.core.params import FEWEST_WINDOWS, Data, Params, checked, flattened, merged
from seqcompare.core.paths import STUDY_PARAMS
from seqcompare.core.study_params import Choose, Map
from seqcompare.core.types import Setting
from seqcompare.data.series import Series, make_series, series_from
from seqcompare.data.windows import Fold, check_series, fit_scale, make_folds
from seqcompare.models import build

CHOOSING_SEEDS = 1_000_000_000  # and the numbers after it that are no seeds of final trials

Candidate: TypeAlias = "Mapping[str, Setting]"  # dotted key of params.yaml -> value


@dataclass(frozen=True, eq=False)
class Cell:
    """What the trials of a cell share."""

    place: Mapping[str, Setting | None]  # setting, and each dotted key of the grid -> value
    params: Params
    series: Mapping[str, Series]
    folds: Mapping[str, list[Fold]]
    candidates: Mapping[str, Sequence[Candidate]] = field(default_factory=dict)  # of each model
    choosing: Cell | None = None  # the run whose test errors choose among them

    @property
    def name(self) -> str:
        setting, *point = self.place.items()
        return " ".join([str(setting[1]), *(f"{key}={value}" for key, value in point)])


def shared_params(params: Params, wanted: Map) -> dict[str, Any]:
    """params.yaml with the map's own params and seeds."""
    seeds = {} if wanted.seeds is None else {"seeds": list(wanted.seeds)}
    return merged(merged(params.model_dump(mode="json"), wanted.params), seeds)


def map_params(params: Params, wanted: Map) -> dict[str, Any]:
    """Shared params that decide a map's results; `map`: its definition in studies/params.yaml."""
    shared = shared_params(params, wanted)
    decides = shared.keys() - {"executor", "device", "report"}
    definition = wanted.model_dump(mode="json", exclude_defaults=True)
    return {key: shared[key] for key in shared if key in decides} | {"map": definition}


def make_cells(name: str, params: Params, wanted: Map) -> list[Cell]:
    """Setting by setting. Raises InputError that names the first cell that cannot be."""
    shared = shared_params(params, wanted)
    series_of = cache(lambda data, seeds: series_from(make_series(data, seeds)[0]))
    cells = []
    for setting, changes in wanted.settings.items():
        content = merged(shared, changes.model_dump(exclude={"choose"}))
        for point in _points(wanted.points()):
            try:
                here = checked(Params, _changed(content, point), "")
                series = series_of(here.data, here.seeds)
                folds = {key: make_folds(each.values, here) for key, each in series.items()}
                cell = Cell({"setting": setting, **point}, here, series, folds)
                if changes.choose:
                    cell = _choosing(cell, changes.choose)
                _check(cell)
            except InputError as error:
                where = ", ".join(f"{key}={value}" for key, value in point.items())
                mistake = str(error).removeprefix("params.yaml: ")
                raise InputError(
                    f"{STUDY_PARAMS}: maps.{name}, setting {setting} at {where}: {mistake}"
                ) from None
            cells.append(cell)
    return cells


def with_chosen(params: Params, model: str, chosen: Candidate) -> Params:
    """Raises InputError for values that a run cannot have."""
    content = _changed(params.model_dump(mode="json"), chosen)
    for key in chosen:  # an override would come before what is chosen
        content["training"]["overrides"].get(model, {}).pop(key.removeprefix("training."), None)
    return checked(Params, content, "")


def _choosing(cell: Cell, choose: Choose) -> Cell:
    """The cell with its candidates and the run that chooses from them, which has other seeds.

    Its series end with the training targets of the cell's first fold; the last share of them tests.
    """
    unused = (n for n in itertools.count(CHOOSING_SEEDS) if n not in set(cell.params.seeds))
    seeds = tuple(itertools.islice(unused, choose.seeds))
    params = cell.params.model_copy(update={"seeds": seeds})
    series, folds = {}, {}
    for key, each in series_from(make_series(params.data, seeds)[0]).items():
        fold = _choosing_fold(make_folds(each.values, params)[0], each, choose, params.data)
        end, folds[key] = fold.test.stop, [fold]
        series[key] = Series(key, each.times[:end], each.values[:end], each.filled[:end])
    run = replace(cell, params=params, series=series, folds=folds)
    candidates = {model: _candidates(model, choose, params) for model in params.models}
    return replace(cell, candidates=candidates, choosing=run)


def _candidates(model: str, choose: Choose, params: Params) -> tuple[Candidate, ...]:
    """Every combination of values for this model; of lengths, those up to the cell's window."""
    grid: dict[str, list[Any]] = {}
    for key, values in flattened(choose.grid).items():
        section, _, rest = key.partition(".")
        owner = rest.partition(".")[0] if section == "models" else model
        if owner not in params.models:
            known = ", ".join(params.models)
            raise InputError(f"choose.grid.{key} is of no model: those are {known}")
        if key == "seq_len":
            values = [n for n in values if not isinstance(n, int) or n <= params.seq_len]
        if owner == model:
            grid[key] = values
    if not all(grid.values()):
        raise InputError(f"choose.grid.seq_len has no value up to seq_len {params.seq_len}")
    return _points(grid)


def _choosing_fold(fold: Fold, series: Series, choose: Choose, data: Data) -> Fold:
    """The last share of the training targets as test part, before it as many for validation."""
    train = fold.train
    test_start = train.stop - max(round(len(train) * choose.validation), 1)
    end = test_start - len(fold.validation)
    if end < train.start + FEWEST_WINDOWS:
        raise InputError(
            f"choose.validation is {choose.validation}, which leaves {max(end - train.start, 0)} "
            f"of {len(train)} training targets to train on: lower it, {FEWEST_WINDOWS} are needed"
        )
    scale = fit_scale(series.values[:end], data.scaling, data.centre)
    validation, test = range(end, test_start), range(test_start, train.stop)
    return Fold(range(train.start, end), validation, test, scale)


def _points(grid: Mapping[str, Sequence[Any]]) -> tuple[dict[str, Any], ...]:
    """Each combination of the values of all keys."""
    every = itertools.product(*grid.values())
    return tuple(dict(zip(grid, values, strict=True)) for values in every)


def _changed(content: dict[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """The content with `a.b` and 1 as `{"a": {"b": 1}}`."""
    for key, value in values.items():
        *above, last = key.split(".")
        section = reduce(lambda inside, part: {part: inside}, reversed(above), {last: value})
        content = merged(content, section)
    return content


def _check(cell: Cell) -> None:
    check_series(cell.series, cell.folds, cell.params.data)
    for model in cell.params.models:
        for candidate in [{}, *cell.candidates.get(model, ())]:
            params = with_chosen(cell.params, model, candidate)
            with torch.device("meta"):  # without memory for any weight
                build(model, params.models[model], params.seq_len)
