"""params.yaml as frozen, strict types. Comments in params.yaml say what a setting means."""

import difflib
import math
import os
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, Strict, model_validator
from pydantic import ValidationError as PydanticError

from seqcompare.core.errors import InputError, shown
from seqcompare.core.paths import INPUT, PARAMS
from seqcompare.core.types import RESERVED, Setting
from seqcompare.core.yaml import load_yaml

LARGEST_SERIES = 10_000_000  # values
MOST_VALUES = 250_000_000  # of all windows that are in memory at once: 3 GB
FEWEST_WINDOWS = 2  # to train on, which an autoregression needs


def _each_once(values: tuple[Any, ...]) -> tuple[Any, ...]:
    if len(set(values)) < len(values):
        raise ValueError("each may stand there once")
    return values


# -S seq_len=20.0 means 20: for DVC they are equal, so it would not even run.
_Whole = BeforeValidator(lambda v: int(v) if isinstance(v, float) and v.is_integer() else v)
Count = Annotated[int, _Whole, Field(ge=1, le=LARGEST_SERIES)]
Natural = Annotated[int, _Whole, Field(ge=0, le=LARGEST_SERIES)]
Seed = Annotated[int, _Whole, Field(ge=0, lt=2**32)]
Seeds = Annotated[
    tuple[Seed, ...], Strict(False),
    Field(min_length=1, max_length=1000), AfterValidator(_each_once),
]  # fmt: skip
ModelName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Confidence = Annotated[float, Field(gt=0.5, lt=1)]
Share = Annotated[float, Field(gt=0, lt=1)]
Rate = Annotated[float, Field(gt=0, le=100)]


class Section(BaseModel):
    """A block of a file. Unknown keys and silently converted types are errors."""

    model_config = {"frozen": True, "extra": "forbid", "strict": True, "allow_inf_nan": False}


S = TypeVar("S", bound=Section)


def _at_most(most: int, key: str, value: int, why: str) -> None:
    if value > most:
        raise InputError(f"{key} is {value}, but {why}: use at most {most}")


class Data(Section):
    source: Literal["sine", "csv"]
    seed: Literal["each"] | Seed
    size: Annotated[int, _Whole, Field(ge=3, le=LARGEST_SERIES)]
    x_max: Annotated[float, Field(gt=0, le=1e12)]
    noise: Annotated[float, Field(ge=0, le=1e6), AfterValidator(abs)]  # NumPy refuses -0.0
    path: str | None
    value: str
    time: str | None
    id: str | None
    missing: Literal["refuse", "ffill"]
    period: Count | None
    scale: Literal["auto", "none", "standard"]
    centre: Literal["none", "last"]

    @property
    def scaling(self) -> Literal["none", "standard"]:
        """`auto` decided: a CSV may be in any unit, the sine lies within ±1."""
        if self.scale != "auto":
            return self.scale
        return "standard" if self.source == "csv" else "none"

    @model_validator(mode="after")
    def _a_csv_is_where_dvc_watches(self) -> Self:
        if self.source == "csv" and not (
            self.path and Path(os.path.normpath(self.path)).parent.is_relative_to(INPUT)
        ):
            raise InputError(
                f"data.path is {shown(self.path)}, but data.source is csv: put the file into "
                f"{INPUT}/ and give its path, like {INPUT}/sunspots.csv"
            )
        return self


class Split(Section):
    train: Annotated[int, _Whole, Field(ge=FEWEST_WINDOWS, le=LARGEST_SERIES)] | None
    validation: Natural
    test: Count
    folds: Annotated[int, _Whole, Field(ge=1, le=1000)]

    def targets(self, size: int, seq_len: int) -> list[tuple[range, range, range]]:
        """Training, validation and test targets of each fold: positions in a series of `size`.

        Raises InputError when fewer than FEWEST_WINDOWS targets train.
        """
        _at_most(self.test, "split.folds", self.folds, f"split.test is {self.test}")
        first = size - self.test
        usable = first - self.validation  # values that may train or begin a window
        held_out = f"the series has {size} values, {size - usable} are held out by split"
        if seq_len > (most := usable - FEWEST_WINDOWS):
            fix = f"use at most {most}" if most > 0 else "lower split.test or split.validation"
            raise InputError(f"seq_len is {seq_len}, but {held_out}: {fix}")
        if self.train is not None:
            why = f"{held_out}, and the first {seq_len} (seq_len) begin a window"
            _at_most(usable - seq_len, "split.train", self.train, why)
        bounds = [first + self.test * fold // self.folds for fold in range(self.folds + 1)]
        folds = []
        for start, end in pairwise(bounds):
            held = start - self.validation
            train = range(seq_len if self.train is None else held - self.train, held)
            folds.append((train, range(held, start), range(start, end)))
        return folds


class Recipe(Section):
    epochs: Annotated[int, _Whole, Field(ge=1, le=1_000_000)]
    batch_size: Count
    learning_rate: Rate
    schedule: Literal["constant", "cosine"]
    keep: Literal["last", "best", "mean"]
    tested_epochs: Annotated[int, _Whole, Field(ge=1, le=1000)]
    precision: Literal["float32", "bfloat16"]


class Training(Recipe):
    overrides: dict[ModelName, dict[str, Any]]  # model -> what differs for it

    def of(self, model: str) -> Recipe:
        """What one model is trained with."""
        content = self.model_dump(exclude={"overrides"}) | self.overrides.get(model, {})
        return checked(Recipe, content, f"training.overrides.{model}.")

    def key(self, model: str, name: str) -> str:
        """Where in params.yaml a setting of one model stands."""
        overridden = name in self.overrides.get(model, {})
        return f"training.overrides.{model}.{name}" if overridden else f"training.{name}"


class Evaluation(Section):
    confidence: Confidence
    equivalence: Share
    horizon: Annotated[int, _Whole, Field(ge=1, le=100_000)]
    origins: Annotated[int, _Whole, Field(ge=20, le=LARGEST_SERIES)]


class Executor(Section):
    kind: Literal["local", "dask"]
    workers: Literal["auto"] | Annotated[int, _Whole, Field(ge=1, le=1024)]
    address: str | None

    @model_validator(mode="after")
    def _a_cluster_has_an_address(self) -> Self:
        if self.kind == "dask" and not self.address:
            raise InputError(
                f"executor.address is {self.address}, but executor.kind is dask: give it one, like "
                "tcp://10.0.0.1:8786"
            )
        return self


class Report(Section):
    language: Literal["en", "zh"]


class Params(Section):
    seq_len: Count
    seeds: Seeds
    reproducibility: Literal["fast", "portable"]
    device: Annotated[str, Field(pattern=r"^(auto|cpu|mps|cuda(:[0-9]+)?)$")]
    data: Data
    split: Split
    training: Training
    evaluation: Evaluation
    executor: Executor
    models: Annotated[dict[ModelName, dict[str, Setting]], Field(min_length=1)]
    report: Report

    @model_validator(mode="after")
    def _models_can_be_trained_so(self) -> Self:
        for name in sorted(RESERVED & set(self.models)):
            raise InputError(f"models.{name}: results use this name themselves: choose another")
        for name in sorted(self.training.overrides.keys() - self.models.keys()):
            raise InputError(
                f"training.overrides.{name} names no model: those are {', '.join(self.models)}"
            )
        for name in self.models:
            recipe = self.training.of(name)
            if recipe.keep == "best" and not self.split.validation:
                raise InputError(
                    f"{self.training.key(name, 'keep')} is best, but split.validation is 0: raise "
                    "it, since it chooses the best epoch, or keep last or mean"
                )
            if recipe.precision != "float32" and self.reproducibility == "portable":
                raise InputError(
                    f"{self.training.key(name, 'precision')} is {recipe.precision}, which "
                    "processors add up differently: use float32, or set reproducibility to fast"
                )
        return self

    @model_validator(mode="after")
    def _a_series_can_be_cut(self) -> Self:
        if self.data.source == "sine":
            self.check_size(self.data.size)
        if self.data.period is not None:
            why = f"a window has seq_len {self.seq_len} values"
            _at_most(self.seq_len, "data.period", self.data.period, why)
        return self

    def check_size(self, size: int) -> None:
        """Raises InputError for a series that cannot be split, or is too long."""
        folds = self.split.targets(size, self.seq_len)
        windows = max(len(part) for fold in folds for part in fold)
        why = f"its {windows} windows are in memory at once"
        _at_most(MOST_VALUES // windows, "seq_len", self.seq_len, why)

    @property
    def validation_calibrates(self) -> bool:
        """May the validation part calibrate intervals? Not where it chooses a model's epoch."""
        return all(self.training.of(name).keep != "best" for name in self.models)

    @model_validator(mode="after")
    def _forecasts_can_be_calibrated(self) -> Self:
        """Nine tenths of what is held out calibrate intervals, the last tenth checks them."""
        settings = self.evaluation
        held_out = self.split.test + self.validation_calibrates * self.split.validation
        needed = fewest_errors(settings.confidence)

        def fits(horizon: int) -> bool:
            """No forecast counts that shares a value with those that check."""
            every = max(0, held_out - horizon + 1)
            apart = max(0, every - math.ceil(every / 10) - 2 * (horizon - 1))
            return min(every, settings.origins) * apart >= needed * max(every, 1)

        if not fits(settings.horizon):
            most = next(filter(fits, range(settings.horizon, 0, -1)), 0)
            fix = f"use at most {most}, or" if most else "lower evaluation.confidence, or"
            raise InputError(
                f"evaluation.horizon is {settings.horizon}, but {held_out} held-out values leave "
                f"fewer than the {needed} forecasts that calibrate an interval of "
                f"{settings.confidence:.0%}: {fix} raise split.test"
            )
        return self


def fewest_errors(confidence: float) -> int:
    """The least n with ceil((n + 1) * confidence) <= n: as many errors calibrate an interval."""
    return math.ceil(confidence / (1 - confidence) * (1 - 1e-9))


def load_params(path: Path = PARAMS) -> Params:
    """Raises InputError for the first setting that is wrong."""
    return checked(Params, load_yaml(path), f"{path}: ")


def merged(content: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The content with the changes made in their sections."""
    result = dict(content)
    for key, value in changes.items():
        inside = result.get(key)
        both = isinstance(inside, Mapping) and isinstance(value, Mapping)
        result[key] = merged(inside, value) if both else value  # type: ignore[arg-type]
    return result


def flattened(content: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    """`{"a": {"b": 1}}` as `{"a.b": 1}`."""
    flat: dict[str, Any] = {}
    for key, value in content.items():
        if isinstance(value, Mapping) and value:
            flat |= flattened(value, f"{above}{key}.")
        else:
            flat[f"{above}{key}"] = value
    return flat


def checked(kind: type[S], content: Mapping[str, Any], where: str) -> S:
    """Raises InputError, which begins with `where`, for the first mistake in the content."""
    try:
        return kind.model_validate(content)
    except PydanticError as error:
        raise InputError(f"{where}{_first_mistake(kind, error, content)}") from None


def _first_mistake(kind: type[Section], error: PydanticError, content: Any) -> str:
    errors = error.errors()
    first, (keys, known) = errors[0], _found(kind, errors[0]["loc"], content)
    key, raised = ".".join(keys), first.get("ctx", {}).get("error")
    if isinstance(raised, InputError):
        return str(raised)
    if first["type"] == "missing":
        return f"{'.'.join(map(str, first['loc']))} is missing"
    if first["type"] == "extra_forbidden":
        close = difflib.get_close_matches(keys[-1], known, n=1)
        fix = f"did you mean {close[0]}?" if close else f"those here are {', '.join(known)}"
        return f"{key} is not a setting: {fix}"
    same = [each for each in errors if _found(kind, each["loc"], content)[0] == keys]
    allowed = " or ".join(each["msg"].removeprefix("Input should be ") for each in same)
    if first["type"] == "literal_error" and len(same) == 1:
        allowed = f"use {allowed}"
    elif first["msg"].startswith("Input should be "):
        allowed = f"Input should be {allowed}"
    return f"{key} is {shown(first['input'])}: {raised or allowed}"


def _found(kind: Any, loc: tuple[int | str, ...], content: Any) -> tuple[list[str], list[str]]:
    """The keys of loc that lead into the content, and the settings beside the last of them."""
    keys: list[str] = []
    known: list[str] = []
    for key in loc:
        try:
            content = content[key]
        except (LookupError, TypeError):
            break
        keys.append(str(key))
        fields = getattr(kind, "model_fields", {})
        known = list(fields) or known
        kind = getattr(fields.get(key), "annotation", None)
    return keys, known
