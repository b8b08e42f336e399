"""Comparison of predictors as its file holds it: reports/comparison.json, written and read."""

from collections.abc import Sequence
from itertools import combinations
from typing import Annotated, Literal, TypeAlias

from pydantic import Strict

from seqcompare.core.files import damaged, load_json, stored_as
from seqcompare.core.paths import COMPARISON
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
    is measured on; previous_mse: mean squared distance of predictions from the value before the
    target, which a copy of it has at 0; variance_share: variance of predictions / variance of the
    targets, 0 for a constant.
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
    previous_mse: float | None = None
    variance_share: float | None = None
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


class DataChecks(Section):
    """What is done to the data, and what a look at it found before it was relied upon.

    train: targets that the first fold trains on; period: values in a season, where it is known;
    interpolated: values of the test part that nobody measured, which are no targets. The rest
    should be 0. seen_targets: held-out targets that are also in a training window or target of
    their fold; foreign_scales: models whose scale is not that of the values before their held-out
    targets; unscored: test targets, but for interpolated ones, not scored exactly once.
    """

    scale: Literal["none", "standard"]
    centre: Literal["none", "last"]
    train: int
    period: float | None = None
    interpolated: int
    seen_targets: int
    foreign_scales: int
    unscored: int


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
    checks: DataChecks | None = None

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


def load_comparison(models: Sequence[str]) -> Comparison:
    """Raises InputError when the file is missing, not as it must be, or lacks a predictor."""
    comparison = stored_as(Comparison, load_json(COMPARISON), COMPARISON)
    named = [*models, *(name for pair in comparison.pairs for name in (pair.first, pair.second))]
    if missing := [name for name in dict.fromkeys(named) if name not in comparison.predictors]:
        raise damaged(COMPARISON, ValueError(f"no {', '.join(missing)}"))
    pairs = {frozenset((pair.first, pair.second)) for pair in comparison.family("models")}
    if any(frozenset(pair) not in pairs for pair in combinations(models, 2)):
        raise damaged(COMPARISON, ValueError("it lacks a pair of models"))
    return comparison
