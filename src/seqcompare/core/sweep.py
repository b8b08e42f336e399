"""Summary of a sweep as its file holds it: reports/sweeps/NAME.json, written and read."""

from typing import Annotated

from pydantic import Field, Strict

from seqcompare.core.comparison import Design, Pair
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


class SweepSummary(Section):
    """All cells: settings in their order, then points in the grid's. models: all that took part."""

    made_from: MadeFrom
    trials: int
    confidence: float
    equivalence: float
    models: Annotated[tuple[str, ...], Strict(False)]
    cells: Annotated[tuple[CellSummary, ...], Strict(False)]
