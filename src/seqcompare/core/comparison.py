"""The comparison as its file holds it: reports/comparison.json, written and read in one layout."""

from typing import Annotated, Literal, TypeAlias

from pydantic import Field, Strict

from seqcompare.core.schema import Section

# draws: every trial has a noise draw of its own; series: all trials share one.
Design: TypeAlias = Literal["draws", "series"]
# models: two models; line: a model and the linear one; limit: a model and the oracle.
Family: TypeAlias = Literal["models", "line", "limit"]
Outcome: TypeAlias = Literal["better", "equivalent", "undecided"]


class PredictorScores(Section):
    """One predictor's errors: means over trials, with the interval of the MSE where there is one.

    skill: 1 - MSE / MSE of persistence; excess_mse: above the oracle's. What follows is known of
    models alone, but for train_mse, the oracle's limit of the training error.
    """

    mse: float
    mse_low: float | None
    mse_high: float | None
    mse_std: float | None
    rmse: float
    mae: float
    mase: float
    skill: float
    excess_mse: float | None = None
    train_mse: float | None = None
    parameters: int | None = None
    macs: int | None = None


class Pair(Section):
    """Two predictors on the same targets. ratio: MSE of the first / MSE of the second.

    confidence: of the interval, after the correction for all pairs of the family.
    """

    first: str
    second: str
    family: Family
    ratio: float
    low: float | None
    high: float | None
    confidence: float
    p_value: float | None
    outcome: Outcome
    winner: str | None
    trials_needed: int | None


class Comparison(Section):
    """reports/comparison.json"""

    design: Design
    trials: int
    targets: int
    folds: int
    confidence: float
    equivalence: float
    predictors: dict[str, PredictorScores]
    pairs: Annotated[tuple[Pair, ...], Strict(False)] = Field()
