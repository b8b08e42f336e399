"""Limits of settings: types that hold them, and checks that several sections share."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from pydantic import Field, PositiveInt, Strict

from seqcompare.core.errors import ParamsError
from seqcompare.core.schema import shown
from seqcompare.core.types import Setting

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
ModelName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


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
