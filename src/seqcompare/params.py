"""params.yaml as frozen, strict types: what may be set, and what it means."""

from __future__ import annotations

import difflib
import math
import os
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    Strict,
    ValidationError,
    model_validator,
)
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from seqcompare.errors import InputError

PARAMS = Path("params.yaml")
INPUT = Path("data/input")  # a dependency of the first stage, which so sees every change of a CSV

Seed = Annotated[int, Field(ge=0, lt=2**32)]
Setting = int | float | bool | str
ModelName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
# A model's name becomes a column and a metric beside these.
RESERVED = {"time", "truth", "epoch", "persistence", "ar", "seasonal", "oracle", "comparison"}


class Section(BaseModel):
    """A block of params.yaml. Unknown keys and silently converted types are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Data(Section):
    source: Literal["sine", "csv"] = Field(description="where the series comes from")
    seed: Seed = Field(description="of the sine's noise")
    size: Annotated[int, Field(ge=3, le=10_000_000)] = Field(description="points of the sine")
    x_max: PositiveFloat = Field(description="end of the sine's x axis in radians")
    noise: NonNegativeFloat = Field(description="standard deviation of the sine's noise")
    path: str | None = Field(description="a CSV file in data/input/")
    value: str = Field(description="the column of the CSV file to predict")
    time: str | None = Field(description="its column of times, if it has one")
    period: PositiveInt | None = Field(description="values in a season, if there is one")
    scale: Literal["none", "standard"] = Field(description="what is done before training")

    @model_validator(mode="after")
    def _a_csv_has_a_path_that_dvc_watches(self) -> Self:
        if self.source == "csv" and (self.path is None or not _is_below(self.path, INPUT)):
            raise InputError(
                f"params.yaml: data.path is {self.path!r}, but data.source is csv: put the file "
                f"into {INPUT}/ and give its path, like {INPUT}/sunspots.csv"
            )
        return self


class Split(Section):
    validation: NonNegativeInt = Field(description="targets just before the test part")
    test: PositiveInt = Field(description="last targets of the series")

    def targets(self, size: int, seq_len: int) -> tuple[range, range, range]:
        """Which values of a series of `size` are training, validation and test targets.

        Counted from the end, so that the test targets are the same for every seq_len.
        Raises InputError when no training window is left.
        """
        test_start = size - self.test
        validation_start = test_start - self.validation
        longest = validation_start - 1
        if seq_len > longest:
            kept = f"{self.test} of them are for testing"
            if self.validation:
                kept += f" and {self.validation} for validation"
            way_out = (
                f"at most {longest} leaves one training window"
                if longest > 0
                else "no seq_len leaves a training window: lower split.test or split.validation"
            )
            raise InputError(
                f"params.yaml: seq_len is {seq_len}, but the series has {size} points "
                f"and {kept}: {way_out}"
            )
        return (
            range(seq_len, validation_start),
            range(validation_start, test_start),
            range(test_start, size),
        )


class Training(Section):
    epochs: PositiveInt = Field(description="passes over the training windows")
    batch_size: PositiveInt = Field(description="windows per optimiser step")
    learning_rate: PositiveFloat = Field(description="of Adam")


class Evaluation(Section):
    confidence: Annotated[float, Field(gt=0.5, lt=1)] = Field(description="of every interval")
    horizon: PositiveInt = Field(description="steps ahead that free-running forecasts go")
    resamples: Annotated[int, Field(ge=100, le=100_000)] = Field(
        description="of the bootstrap over test errors"
    )
    seed: Seed = Field(description="of those resamples")


class Cost(Section):
    seq_lens: Annotated[tuple[PositiveInt, ...], Strict(False), Field(min_length=2)] = Field(
        description="window lengths to measure, ascending"
    )
    repeats: Annotated[int, Field(ge=2)] = Field(description="timed steps per length")
    fit_lengths: Annotated[int, Field(ge=3)] = Field(
        description="how many of the longest lengths the exponent of time is fitted to"
    )
    memory_limit_gb: PositiveFloat = Field(description="for one measurement, in 10^9 bytes")
    time_budget_s: PositiveFloat = Field(description="for the whole study")

    @model_validator(mode="after")
    def _lengths_ascend(self) -> Self:
        if list(self.seq_lens) != sorted(set(self.seq_lens)):
            raise InputError(
                f"params.yaml: cost.seq_lens is {list(self.seq_lens)}: list each length once, "
                "the shortest first"
            )
        return self


class Reach(Section):
    lags: Annotated[tuple[Annotated[int, Field(ge=2)], ...], Strict(False), Field(min_length=1)] = (
        Field(description="how many steps back the adding task's oldest number lies")
    )
    seeds: Annotated[tuple[Seed, ...], Strict(False), Field(min_length=1)] = Field(
        description="one run of the adding task for each"
    )
    steps: PositiveInt = Field(description="optimiser steps that a run may take")
    batch_size: PositiveInt = Field(description="sequences per optimiser step")
    learning_rate: PositiveFloat = Field(description="of Adam")
    solved_below: Annotated[float, Field(gt=0, lt=0.5)] = Field(
        description="share of 1/6; without the oldest number no one gets below 0.5"
    )


class Runner(Section):
    workers: Literal["auto"] | PositiveInt = Field(
        description="runs side by side; auto: one per core"
    )


class Report(Section):
    language: Literal["en", "zh"] = Field(description="of the figures and the page")


class Params(Section):
    """All of params.yaml."""

    seq_len: PositiveInt = Field(description="past values that a model sees")
    seeds: Annotated[tuple[Seed, ...], Strict(False), Field(min_length=1)] = Field(
        description="one training run of every model for each"
    )
    device: Annotated[str, Field(pattern=r"^(auto|cpu|mps|cuda(:\d+)?)$")] = Field(
        description="auto, cpu, cuda, cuda:N or mps"
    )
    data: Data
    split: Split
    training: Training
    evaluation: Evaluation
    cost: Cost
    reach: Reach
    runner: Runner
    report: Report
    models: Annotated[dict[ModelName, dict[str, Setting]], Field(min_length=1)] = Field(
        description="the models to train, each with its settings"
    )

    @model_validator(mode="after")
    def _seeds_are_distinct(self) -> Self:
        if len(set(self.seeds)) < len(self.seeds):
            raise InputError(f"params.yaml: seeds is {list(self.seeds)}: each may stand there once")
        return self

    @model_validator(mode="after")
    def _names_are_free(self) -> Self:
        for name in RESERVED & set(self.models):
            raise InputError(f"params.yaml: models.{name} is a name that reports use themselves")
        return self

    @model_validator(mode="after")
    def _a_sine_is_long_enough(self) -> Self:
        if self.data.source == "sine":
            self.split.targets(self.data.size, self.seq_len)
        return self

    @model_validator(mode="after")
    def _forecasts_can_be_calibrated(self) -> Self:
        """Half of what is held out calibrates intervals, the other half checks them."""
        confidence, horizon = self.evaluation.confidence, self.evaluation.horizon
        origins = (self.split.validation + self.split.test) // 2 - horizon + 1
        needed = math.ceil(confidence / (1 - confidence) - 1e-9)
        if origins < needed:
            raise InputError(
                f"params.yaml: evaluation.horizon is {horizon}, which leaves {max(origins, 0)} "
                f"forecasts to calibrate an interval of {confidence:.0%}, but {needed} are needed: "
                "lower horizon or confidence, or raise split.test"
            )
        return self

    @model_validator(mode="after")
    def _a_season_fits_into_a_window(self) -> Self:
        if self.data.period is not None and self.data.period > self.seq_len:
            raise InputError(
                f"params.yaml: data.period is {self.data.period}, but a window has seq_len "
                f"{self.seq_len} values: raise seq_len, or set data.period to null"
            )
        return self


S = TypeVar("S", bound=Section)


def load_params(path: Path = PARAMS) -> Params:
    """Read and check every setting. Raises InputError for the first that is wrong."""
    try:
        content = YAML(typ="safe", pure=True).load(path)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None
    except (YAMLError, ValueError) as error:
        raise InputError(f"{path}: not valid YAML: {' '.join(str(error).split())}") from None
    if not isinstance(content, dict):
        raise InputError(f"{path}: holds no settings: it must be a mapping like `seq_len: 20`")
    return checked(Params, content, path.name)


def checked(kind: type[S], content: dict[str, Any], where: str, parent: str = "") -> S:
    """`content` as a `kind`, or an InputError that names the first wrong key.

    where: the file that holds it; parent: the key above the section, ending in a dot.
    """
    try:
        return kind.model_validate(content)
    except ValidationError as error:
        raise InputError(f"{where}: {_one_line(kind, error, parent)}") from None


def _is_below(path: str, folder: Path) -> bool:
    return Path(os.path.normpath(path)).parent.is_relative_to(folder)


def _one_line(kind: type[Section], error: ValidationError, parent: str) -> str:
    first, *others = error.errors()
    *above, name = (str(part) for part in first["loc"] if part != "[key]")
    fields = _section_at(kind, above).model_fields
    key = parent + ".".join([*above, name])
    if first["type"] == "extra_forbidden":
        found = f"{key} is not a setting: those here are {', '.join(fields)}"
        close = difflib.get_close_matches(name, fields, n=1)
        return found + (f" (did you mean {close[0]}?)" if close else "")
    if first["type"] == "missing":
        found = f"{key} is missing"
    else:
        found = f"{key} is {first['input']!r:.60}: {first['msg']}"
    meaning = fields[name].description if name in fields else None
    more = f"; {len(others)} more to mend" if others else ""
    return found + (f" ({meaning})" if meaning else "") + more


def _section_at(kind: type[Section], keys: list[str]) -> type[Section]:
    for key in keys:
        field = kind.model_fields.get(key)
        inner = field.annotation if field else None
        if isinstance(inner, type) and issubclass(inner, Section):
            kind = inner
    return kind
