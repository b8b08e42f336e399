"""params.yaml as frozen, strict types: what may be set, and what it means."""

from __future__ import annotations

import math
import os
from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    Field,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    Strict,
    model_validator,
)

from seqcompare.core.calibration import fewest_errors
from seqcompare.core.errors import ParamsError
from seqcompare.core.schema import Section, checked_params, load_settings, shown

PARAMS = Path("params.yaml")
PORTABLE = "portable"  # what reproducibility can be, beside fast
INPUT = Path("data/input")  # a dependency of the first stage, which so sees every change of a CSV

LARGEST_SETTING = 65_536  # of a whole number below models
LARGEST_DEPTH = 1_000  # of num_layers, which Python builds one by one
LARGEST_SERIES = 10_000_000  # values
MOST_VALUES = 250_000_000  # of all windows that are in memory at once: 3 GB
MOST_WORK = 10**13  # values in all windows of all epochs and seeds: years
FEWEST_WINDOWS = 2  # to train on, which an autoregression needs

Seed = Annotated[int, Field(ge=0, lt=2**32)]
Seeds = Annotated[tuple[Seed, ...], Strict(False), Field(min_length=1, max_length=1000)]
Count = Annotated[PositiveInt, Field(le=LARGEST_SERIES)]  # of values in the series, or windows
Length = Annotated[PositiveInt, Field(le=LARGEST_SERIES)]  # of a window, in a study
Confidence = Annotated[float, Field(gt=0.5, lt=1)]
Equivalence = Annotated[float, Field(gt=0, lt=1)]
Setting = int | float | bool | str
Models = Mapping[str, Mapping[str, Setting]]  # model -> its settings
ModelName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
# A model's name becomes a column and a metric beside these.
RESERVED = {"time", "truth", "epoch", "persistence", "ar", "seasonal", "oracle", "comparison"}


class Data(Section):
    source: Literal["sine", "csv"] = Field(description="where the series comes from")
    seed: Literal["each"] | Seed = Field(
        description="of the sine's noise; each: every trial has a draw of its own"
    )
    size: Annotated[int, Field(ge=3, le=LARGEST_SERIES)] = Field(description="points of the sine")
    x_max: Annotated[PositiveFloat, Field(le=1e12)] = Field(
        description="end of the sine's x axis in radians"
    )
    noise: Annotated[NonNegativeFloat, Field(le=1e6)] = Field(
        description="standard deviation of the sine's noise"
    )
    path: str | None = Field(description="a CSV file in data/input/")
    value: str = Field(description="the column of the CSV file to predict")
    time: str | None = Field(description="its column of times, if it has one")
    missing: Literal["refuse", "interpolate"] = Field(
        description="what is done with the CSV file's missing values"
    )
    period: Count | None = Field(description="values in a season, if there is one")
    scale: Literal["auto", "none", "standard"] = Field(
        description="what is done before training; auto: standard for a CSV, none for the sine"
    )
    centre: Literal["none", "last"] = Field(
        description="last: models see each window, and its target, less the window's last value"
    )

    @property
    def scaling(self) -> Literal["none", "standard"]:
        """`scale`, with `auto` decided: a CSV may be in any unit, the sine lies within ±1."""
        if self.scale != "auto":
            return self.scale
        return "standard" if self.source == "csv" else "none"

    @model_validator(mode="after")
    def _noise_has_no_sign(self) -> Self:
        if math.copysign(1, self.noise) < 0:  # a negative zero passes for 0 or more
            raise ParamsError(f"data.noise is {self.noise}: write 0.0")
        return self

    @model_validator(mode="after")
    def _values_and_times_are_two_columns(self) -> Self:
        if self.value == self.time:
            raise ParamsError(
                f"data.value and data.time are both {self.value!r:.60}: name two "
                "columns, or set data.time to null"
            )
        return self

    @model_validator(mode="after")
    def _a_csv_has_a_path_that_dvc_watches(self) -> Self:
        if self.source == "csv" and (self.path is None or not _is_below(self.path, INPUT)):
            raise ParamsError(
                f"data.path is {self.path!r}, but data.source is csv: put the file "
                f"into {INPUT}/ and give its path, like {INPUT}/sunspots.csv"
            )
        return self


class Split(Section):
    train: Annotated[Count, Field(ge=FEWEST_WINDOWS)] | None = Field(
        description="last targets before those held out from a fold's models; null: all of them"
    )
    validation: Annotated[NonNegativeInt, Field(le=LARGEST_SERIES)] = Field(
        description="targets just before the test part"
    )
    test: Count = Field(description="last targets of the series")
    folds: Annotated[PositiveInt, Field(le=1000)] = Field(
        description="consecutive pieces of the test part, each by models trained on all before it"
    )

    @model_validator(mode="after")
    def _a_fold_has_a_target(self) -> Self:
        if self.folds > self.test:
            raise ParamsError(
                f"split.folds is {self.folds}, but split.test is {self.test}: each "
                f"fold needs a target: at most {self.test} folds"
            )
        return self

    def targets(self, size: int, seq_len: int) -> list[tuple[range, range, range]]:
        """Which values of a series of `size` are training, validation and test targets, by fold.

        Counted from the end, so that the test targets are the same for every seq_len.
        Raises InputError when fewer than 2 training windows are left.
        """
        self._check_size(size, seq_len)
        first = size - self.test
        bounds = [first + self.test * fold // self.folds for fold in range(self.folds + 1)]
        return [
            (
                self._train(seq_len, start - self.validation),
                range(start - self.validation, start),
                range(start, end),
            )
            for start, end in pairwise(bounds)
        ]

    def _train(self, seq_len: int, stop: int) -> range:
        return range(seq_len if self.train is None else stop - self.train, stop)

    def _check_size(self, size: int, seq_len: int) -> None:
        test_start = size - self.test
        validation_start = test_start - self.validation
        longest = validation_start - FEWEST_WINDOWS
        if seq_len > longest:
            kept = f"{self.test} of them are for testing"
            if self.validation:
                kept += f" and {self.validation} for validation"
            way_out = (
                f"at most {longest} leaves two training windows, which an autoregression needs"
                if longest > 0
                else "no seq_len leaves two training windows: lower split.test or split.validation"
            )
            raise ParamsError(
                f"seq_len is {seq_len}, but the series has {size} points and {kept}: {way_out}"
            )
        there = validation_start - seq_len
        if self.train is not None and self.train > there:
            raise ParamsError(
                f"split.train is {self.train}, but of {size} points {there} can be trained on, "
                f"after seq_len {seq_len} values and before those held out: at most {there}, or "
                "null for all"
            )


class Recipe(Section):
    """What one model is trained with."""

    epochs: Annotated[PositiveInt, Field(le=1_000_000)] = Field(
        description="passes over the training windows"
    )
    batch_size: Count = Field(description="windows per optimiser step")
    learning_rate: Annotated[PositiveFloat, Field(le=100)] = Field(description="of Adam")
    schedule: Literal["constant", "cosine"] = Field(
        description="of the learning rate; cosine: down to 0 over all steps"
    )
    keep: Literal["last", "best"] = Field(
        description="the epoch whose weights are tested; best: of the lowest validation error"
    )


class Training(Recipe):
    """What all models are trained with, but for what `own` says of one."""

    own: dict[ModelName, dict[str, Any]] = Field(
        description="settings of training for one model, like {transformer: {epochs: 40}}"
    )

    @model_validator(mode="after")
    def _own_settings_are_sound(self) -> Self:
        for model in self.own:
            self._recipe(model)
        return self

    def of(self, model: str) -> Training:
        """What one model is trained with: its own settings are in their places, and own is {}."""
        return Training(**self._recipe(model).model_dump(), own={})

    def check(self, split: Split, models: Collection[str]) -> None:
        """Raises InputError for settings of no model, or best weights that nothing can tell."""
        for name in self.own:
            if name not in models:
                raise ParamsError(
                    f"training.own.{name} is of no model: those here are {', '.join(models)}"
                )
        for name in models:
            if split.validation == 0 and self.of(name).keep == "best":
                raise ParamsError(
                    f"{self.key(name, 'keep')} is best, but split.validation is 0: without a "
                    "validation part no epoch is the best: raise split.validation, or keep last"
                )

    def key(self, model: str, name: str) -> str:
        """Where in params.yaml a setting of training stands that holds for one model."""
        section = f"training.own.{model}" if name in self.own.get(model, {}) else "training"
        return f"{section}.{name}"

    def _recipe(self, model: str) -> Recipe:
        common = self.model_dump(include=set(Recipe.model_fields))
        content = common | self.own.get(model, {})
        return checked_params(Recipe, content, f"training.own.{model}.")


class Evaluation(Section):
    confidence: Confidence = Field(description="of every interval")
    horizon: Annotated[PositiveInt, Field(le=100_000)] = Field(
        description="steps ahead that free-running forecasts go"
    )
    equivalence: Equivalence = Field(
        description="share by which errors may differ and still count as equivalent"
    )
    seed: Seed = Field(description="of the older values that the study of lookback draws")
    origins: Annotated[int, Field(ge=20, le=LARGEST_SERIES)] = Field(
        description="points, at most, that forecasts start from"
    )
    lookback_windows: Annotated[PositiveInt, Field(le=2_000)] = Field(
        description="test windows, at most, that the study of lookback looks at"
    )
    convergence_targets: Annotated[
        tuple[Annotated[float, Field(gt=1, le=1e6)], ...],
        Strict(False),
        Field(min_length=1, max_length=10),
    ] = Field(description="training errors to arrive at, times the oracle's or the linear model's")

    @model_validator(mode="after")
    def _targets_descend(self) -> Self:
        targets = list(self.convergence_targets)
        if targets != sorted(set(targets), reverse=True):
            raise ParamsError(
                f"evaluation.convergence_targets is {targets}: list each once, the largest first"
            )
        return self

    def calibrating(self, held_out: int) -> int:
        """Forecasts that calibrate an interval while a tenth of them checks it, about.

        held_out: values that were not trained on. None whose values meet the checked ones count.
        """
        every = max(0, held_out - self.horizon + 1)
        apart = every - math.ceil(every / 10) - 2 * (self.horizon - 1)
        return max(0, min(every, self.origins) * apart // every) if every else 0


class Cost(Section):
    seq_lens: Annotated[tuple[Length, ...], Strict(False), Field(min_length=2, max_length=100)] = (
        Field(description="window lengths to measure, ascending")
    )
    processes: Annotated[int, Field(ge=2, le=100)] = Field(
        description="fresh processes that time every length, one after another"
    )
    repeats: Annotated[int, Field(ge=1, le=10_000)] = Field(
        description="timed steps per length in each process"
    )
    memory_limit_gb: Annotated[PositiveFloat, Field(le=1e6)] = Field(
        description="for one measurement, in 10^9 bytes"
    )
    time_budget_s: Annotated[PositiveFloat, Field(le=1e12)] = Field(
        description="of each model at each size, in all processes"
    )
    sizes: Annotated[dict[ModelName, dict[ModelName, dict[str, Setting]]], Field(min_length=1)] = (
        Field(description="named sizes of the models, each with what differs from `models` in it")
    )

    def settings_of(self, models: Models) -> dict[str, Models]:
        """size -> model -> its settings there; without a size that comes out like one before it.

        What a size says of a model that is not in models waits until it is there again.
        """
        found: dict[str, Models] = {}
        for size, changes in self.sizes.items():
            there = {name: {**own, **changes.get(name, {})} for name, own in models.items()}
            if there not in found.values():
                found[size] = there
        return found

    @model_validator(mode="after")
    def _lengths_ascend(self) -> Self:
        if list(self.seq_lens) != sorted(set(self.seq_lens)):
            raise ParamsError(
                f"cost.seq_lens is {list(self.seq_lens)}: list each length once, the shortest first"
            )
        return self


class AddingProblem(Section):
    lags: Annotated[
        tuple[Annotated[Length, Field(ge=2)], ...],
        Strict(False),
        Field(min_length=1, max_length=100),
    ] = Field(description="how many steps back the older of two numbers to add lies")
    seeds: Seeds = Field(description="one trial of every model at every lag for each")
    steps: Annotated[PositiveInt, Field(le=10_000_000)] = Field(
        description="optimiser steps that a trial may take"
    )
    batch_size: Count = Field(description="sequences per optimiser step")
    learning_rate: Annotated[PositiveFloat, Field(le=100)] = Field(description="of Adam")
    solved_below: Annotated[float, Field(ge=1e-6, lt=0.5)] = Field(
        description="share of 1/6; without the oldest number no one gets below 0.5"
    )
    models: dict[ModelName, dict[str, Setting]] = Field(
        description="what differs from models here, like {transformer: {dim_feedforward: 64}}"
    )

    @model_validator(mode="after")
    def _each_seed_and_lag_counts_once(self) -> Self:
        check_each_once("adding_problem.lags", self.lags)
        check_each_once("adding_problem.seeds", self.seeds)
        return self

    def settings_of(self, model: str, settings: Mapping[str, Setting]) -> dict[str, Setting]:
        """What a model of `models` has here. What is set for one that is not there is left out."""
        return {**settings, **self.models.get(model, {})}

    @model_validator(mode="after")
    def _a_batch_fits_into_memory(self) -> Self:
        lag = max(self.lags)
        if self.batch_size * lag > MOST_VALUES:
            raise ParamsError(
                f"adding_problem.batch_size is {self.batch_size}, which at a lag of "
                f"{lag} is {self.batch_size * lag:,} values: at most {MOST_VALUES:,} fit"
            )
        return self


class Executor(Section):
    kind: Literal["local", "dask"] = Field(description="who carries the trials")
    workers: Literal["auto"] | Annotated[PositiveInt, Field(le=1024)] = Field(
        description="local: trials side by side; auto: one per core"
    )
    address: str | None = Field(description="dask: of the scheduler, like tcp://10.0.0.1:8786")

    @model_validator(mode="after")
    def _a_cluster_has_an_address(self) -> Self:
        if self.kind == "dask" and self.address is None:
            raise ParamsError(
                "executor.address is null, but executor.kind is dask: "
                "give the scheduler's, like tcp://10.0.0.1:8786"
            )
        return self


def check_each_once(key: str, values: Sequence[object]) -> None:
    """Raises InputError when a value stands in a list twice."""
    if len(set(values)) < len(values):
        raise ParamsError(f"{key} is {list(values)}: each may stand there once")


def check_can_be_built(where: str, settings: Mapping[str, Setting]) -> None:
    """Raises InputError for a whole number that no network of this kind is built with."""
    for key, value in settings.items():
        most = LARGEST_DEPTH if key == "num_layers" else LARGEST_SETTING
        if isinstance(value, int) and abs(value) > most:
            raise ParamsError(f"{where}.{key} is {shown(value)}: at most {most} can be built")


class Report(Section):
    language: Literal["en", "zh"] = Field(description="of the figures and the page")


class Params(Section):
    """All of params.yaml."""

    seq_len: Count = Field(description="past values that a model sees")
    seeds: Seeds = Field(description="one trial of every model for each")
    reproducibility: Literal["fast", "portable"] = Field(
        description="fast: the same bytes on one machine; portable: on every x86-64 with AVX2"
    )
    device: Annotated[str, Field(pattern=r"^(auto|cpu|mps|cuda(:[0-9]+)?)$")] = Field(
        description="auto, cpu, cuda, cuda:N or mps"
    )
    data: Data
    split: Split
    training: Training
    evaluation: Evaluation
    cost: Cost
    adding_problem: AddingProblem
    executor: Executor
    report: Report
    models: Annotated[dict[ModelName, dict[str, Setting]], Field(min_length=1)] = Field(
        description="the models to train, each with its settings"
    )

    @model_validator(mode="after")
    def _seeds_are_distinct(self) -> Self:
        check_each_once("seeds", self.seeds)
        return self

    @model_validator(mode="after")
    def _names_are_free(self) -> Self:
        for name in RESERVED & set(self.models):
            raise ParamsError(f"models.{name} is a name that reports use themselves")
        return self

    @model_validator(mode="after")
    def _every_model_can_be_trained_so(self) -> Self:
        self.training.check(self.split, self.models)
        return self

    @model_validator(mode="after")
    def _sizes_of_models_can_be_built(self) -> Self:
        for section, models in {"models": self.models, **self.changes_of_models()}.items():
            for name, settings in models.items():
                check_can_be_built(f"{section}.{name}", settings)
        return self

    @model_validator(mode="after")
    def _a_sine_is_long_enough(self) -> Self:
        if self.data.source == "sine":
            self.check_work(self.data.size)
        return self

    def changes_of_models(self) -> dict[str, Models]:
        """Section of params.yaml -> what differs from `models` there."""
        sizes = {f"cost.sizes.{size}": changes for size, changes in self.cost.sizes.items()}
        return {**sizes, "adding_problem.models": self.adding_problem.models}

    def check_work(self, size: int) -> None:
        """Raises InputError when a series of `size` values is too short, or would take too much."""
        folds = self.split.targets(size, self.seq_len)
        held = max(len(part) for fold in folds for part in fold) * self.seq_len
        if held > MOST_VALUES:
            raise ParamsError(
                f"seq_len is {self.seq_len}, so that windows hold {held:,} values at "
                f"once: at most {MOST_VALUES:,} fit: lower seq_len, data.size or split.test"
            )
        epochs, longest = max((self.training.of(model).epochs, model) for model in self.models)
        seeds = len(self.seeds)
        work = sum(len(train) for train, _, _ in folds) * self.seq_len * epochs * seeds
        if work > MOST_WORK:
            raise ParamsError(
                f"{self.training.key(longest, 'epochs')} is {epochs}, which with {seeds} seeds and "
                f"windows of seq_len {self.seq_len} takes {work:,} values: at most {MOST_WORK:,} "
                "are trained on"
            )

    @model_validator(mode="after")
    def _forecasts_can_be_calibrated(self) -> Self:
        """Nine tenths of what is held out calibrate intervals, the last tenth checks them."""
        confidence, horizon = self.evaluation.confidence, self.evaluation.horizon
        origins = self.evaluation.calibrating(self.split.validation + self.split.test)
        needed = fewest_errors(confidence)
        if origins < needed:
            raise ParamsError(
                f"evaluation.horizon is {horizon}, which leaves {origins} "
                f"forecasts to calibrate an interval of {confidence:.0%}, but {needed} are needed: "
                "lower horizon or confidence, or raise split.test or evaluation.origins"
            )
        return self

    @model_validator(mode="after")
    def _a_season_fits_into_a_window(self) -> Self:
        if self.data.period is not None and self.data.period > self.seq_len:
            raise ParamsError(
                f"data.period is {self.data.period}, but a window has seq_len "
                f"{self.seq_len} values: raise seq_len, or set data.period to null"
            )
        return self


def load_params(path: Path = PARAMS) -> Params:
    """Read and check every setting. Raises InputError for the first that is wrong."""
    return load_settings(Params, path, path.name)


def _is_below(path: str, folder: Path) -> bool:
    return Path(os.path.normpath(path)).parent.is_relative_to(folder)
