"""Comparison of predictors as its file holds it: reports/comparison.json, written and read."""

from typing import Annotated, Literal, TypeAlias

from pydantic import Strict

from seqcompare.core.schema import Section

# draws: every trial has a noise draw of its own; series: all trials share one.
Design: TypeAlias = Literal["draws", "series"]
# models: two models; line: a model and the linear one; limit: a model and the oracle.
Family: TypeAlias = Literal["models", "line", "limit"]
Outcome: TypeAlias = Literal["better", "equivalent", "undecided"]


class Score(Section):
    """One predictor on the test part: means over trials, and the interval of the MSE.

    None: not known, or not defined. skill: 1 - MSE / MSE of persistence; excess_mse: above the
    oracle's; train_mse: the oracle's error on those training windows that a network's `eval_mse`
    is measured on.
    """

    mse: float
    mse_low: float | None = None
    mse_high: float | None = None
    mse_std: float | None = None
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

    confidence: of the interval, after the correction for all pairs of the family; trials_needed:
    to tell a difference this large from none.
    """

    first: str
    second: str
    family: Family
    ratio: float
    low: float | None = None
    high: float | None = None
    confidence: float
    p_value: float | None = None
    outcome: Outcome
    winner: str | None = None
    trials_needed: int | None = None

    def seen_from(self, predictor: str) -> "Pair":
        """The same comparison with that predictor first."""
        if predictor == self.first:
            return self
        turned = {
            "first": self.second,
            "second": self.first,
            "ratio": 1 / self.ratio,
            "low": None if self.high is None else 1 / self.high,
            "high": None if self.low is None else 1 / self.low,
        }
        return self.model_copy(update=turned)


class Comparison(Section):
    """Every predictor's errors, and every pair that is compared.

    equivalence: MSEs that surely differ by less than this share count as equivalent.
    """

    design: Design
    trials: int
    targets: int
    folds: int
    confidence: float
    equivalence: float
    predictors: dict[str, Score]
    pairs: Annotated[tuple[Pair, ...], Strict(False)]

    def family(self, name: Family) -> list[Pair]:
        return [pair for pair in self.pairs if pair.family == name]

    def against(self, model: str, family: Family) -> dict[str, Pair]:
        """The other predictors of a model's pairs, and each pair seen from the model."""
        pairs = [
            pair.seen_from(model)
            for pair in self.family(family)
            if model in (pair.first, pair.second)
        ]
        return {pair.second: pair for pair in pairs}
