"""Summary of a sweep as its file holds it: reports/sweeps/NAME.json, written and read."""

import hashlib
from collections.abc import Iterable
from typing import Annotated

from pydantic import Field, Strict

from seqcompare.core.comparison import Design, Outcome, Pair
from seqcompare.core.schema import Section

Value = int | float | bool | str | None


class MadeFrom(Section):
    """Hashes of what decides a sweep's results, each hexadecimal digits."""

    params: str
    code: str
    data: str


class CellScore(Section):
    """One predictor's mean squared error in a cell, over trials, and its interval.

    chosen: key of training -> value, empty where nothing was to be chosen; validation_mse: the
    error by which that was chosen.
    """

    mse: float
    low: float | None = None
    high: float | None = None
    parameters: int | None = None
    chosen: dict[str, Value] = Field(default={})
    validation_mse: float | None = None


class CellSummary(Section):
    """One setting at one point. design as of a comparison; *_targets: of the first fold.

    line_beats_all: is the linear model better than every network?
    """

    setting: str
    point: dict[str, Value]
    design: Design
    training_targets: int
    test_targets: int
    predictors: dict[str, CellScore]
    pairs: Annotated[tuple[Pair, ...], Strict(False)]
    line_beats_all: bool


class Doubling(Section):
    """What the last doubling of training targets did to a model's error in one setting.

    ratio: MSE with more / MSE with fewer, of the same trials on the same test targets. The outcome
    is `better` when the interval excludes 1; confidence: of that, corrected for all models.
    """

    setting: str
    model: str
    fewer: int
    more: int
    ratio: float
    low: float | None = None
    high: float | None = None
    confidence: float
    outcome: Outcome


class SweepSummary(Section):
    """All cells: settings in their order, then points in the grid's. models: all that took part.

    data: that section of the params where all cells have the same, else empty; doublings: of a
    sweep over split.train alone.
    """

    made_from: MadeFrom
    trials: int
    confidence: float
    equivalence: float
    models: Annotated[tuple[str, ...], Strict(False)]
    cells: Annotated[tuple[CellSummary, ...], Strict(False)]
    data: dict[str, Value] = Field(default={})
    doublings: Annotated[tuple[Doubling, ...], Strict(False)] = Field(default=())


def hash_of_files(digests: Iterable[bytes]) -> str:
    """`MadeFrom.data`. digests: SHA-256 of each CSV file that a cell reads."""
    return hashlib.sha256(b"".join(digests)).hexdigest()
