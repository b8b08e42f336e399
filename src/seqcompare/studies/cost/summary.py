"""Summary of the cost: how each model's time grows with the window, and where two models cross."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from seqcompare.core.params import Cost
from seqcompare.core.types import Floats
from seqcompare.statistics.estimates import Compared, Estimate, Interval
from seqcompare.statistics.growth import crossover, fit_exponent, fit_polynomial
from seqcompare.studies.cost.table import CostRow, CostSetting, StepCost, Steps

QUARTILE = 0.6745  # of the normal distribution, in standard deviations from its mean


@dataclass(frozen=True)
class ModelCost:
    """How one model's time grows; None where too few lengths were measured."""

    longest_seq_len: int | None
    fitted_from_seq_len: int | None  # the exponents are of the longest lengths
    train_exponent: Estimate | None
    predict_exponent: Estimate | None
    takeover_seq_len: float | None  # from which on the clock sees the n^2 part as the larger one
    last_exponent: Estimate | None  # of a training step, between the two longest lengths
    train_peak_mb: float | None  # at the longest length


@dataclass(frozen=True)
class CostComparison:
    """Training steps of two models: who is faster at the longest common length, and since when.

    The interval of the ratio first / second is what the quartiles of both allow. None without a
    common length.
    """

    crossover_seq_len: float | None = None
    seq_len: int | None = None
    time_ratio: float | None = None
    time_ratio_low: float | None = None
    time_ratio_high: float | None = None

    @property
    def ratio(self) -> Estimate | None:
        value, low, high = self.time_ratio, self.time_ratio_low, self.time_ratio_high
        if value is None or low is None or high is None:
            return None
        return Estimate(value, Interval(low, high), None)


@dataclass(frozen=True)
class CostSummary(Compared[ModelCost, CostComparison]):
    """All of cost.json."""

    setting: CostSetting

    def to_json(self) -> dict[str, object]:
        return {**super().to_json(), "setting": asdict(self.setting)}


def summarise_cost(rows: Sequence[CostRow], cost: Cost, confidence: float) -> CostSummary:
    """rows: of all models, each model's shortest window first."""
    measured: dict[str, dict[int, Steps]] = {row.model: {} for row in rows}
    for row in rows:
        if row.steps:
            measured[row.model][row.seq_len] = row.steps
    models = {
        name: summarise_model(steps, cost.fit_lengths, confidence)
        for name, steps in measured.items()
    }
    found = Compared.of(models, lambda first, second: compare(measured[first], measured[second]))
    return CostSummary(found.models, found.pairs, rows[0].setting)


def summarise_model(
    measured: Mapping[int, Steps], fit_lengths: int, confidence: float
) -> ModelCost:
    """measured: window length -> steps, the shortest first."""
    lengths = list(measured)
    train = [steps.train for steps in measured.values()]
    predict = [steps.predict for steps in measured.values()]
    end = slice(-fit_lengths, None)
    several = len(lengths) > 1
    polynomial = fit_polynomial(*_curve(lengths, train)) if len(lengths) > 2 else None
    return ModelCost(
        longest_seq_len=lengths[-1] if lengths else None,
        fitted_from_seq_len=lengths[end][0] if lengths else None,
        train_exponent=_exponent(lengths[end], train[end], confidence) if several else None,
        predict_exponent=_exponent(lengths[end], predict[end], confidence) if several else None,
        takeover_seq_len=polynomial.takeover() if polynomial else None,
        last_exponent=_last_exponent(lengths, train) if several else None,
        train_peak_mb=train[-1].peak_mb if train else None,
    )


def compare(first: Mapping[int, Steps], second: Mapping[int, Steps]) -> CostComparison:
    """first, second: window length -> steps of two models."""
    common = sorted(first.keys() & second.keys())
    if not common:
        return CostComparison()
    ours, theirs = ([steps[n].train for n in common] for steps in (first, second))
    return CostComparison(
        crossover_seq_len=crossover(*_curve(common, ours), _curve(common, theirs)[1]),
        seq_len=common[-1],
        time_ratio=ours[-1].seconds / theirs[-1].seconds,
        time_ratio_low=ours[-1].q1 / theirs[-1].q3,
        time_ratio_high=ours[-1].q3 / theirs[-1].q1,
    )


def median_errors(steps: Sequence[StepCost]) -> Floats:
    """Standard error of the logarithm of each median: [length].

    From the quartiles, as if calls were normally distributed around it: a median's variance is then
    pi / 2 times that of a mean.
    """
    calls = np.array([step.calls for step in steps])
    q1, q3 = np.array([step.q1 for step in steps]), np.array([step.q3 for step in steps])
    errors: Floats = (np.log(q3) - np.log(q1)) / (2 * QUARTILE) * np.sqrt(math.pi / 2 / calls)
    return errors


def _exponent(lengths: Sequence[int], steps: Sequence[StepCost], confidence: float) -> Estimate:
    return fit_exponent(*_curve(lengths, steps), confidence, median_errors(steps))


def _last_exponent(lengths: Sequence[int], steps: Sequence[StepCost]) -> Estimate:
    """Between the two longest lengths; the interval is what the quartiles of both allow."""
    before, last = steps[-2:]
    by = math.log(lengths[-1] / lengths[-2])
    low = math.log(last.q1 / before.q3) / by
    high = math.log(last.q3 / before.q1) / by
    return Estimate(math.log(last.seconds / before.seconds) / by, Interval(low, high), None)


def _curve(lengths: Sequence[int], steps: Sequence[StepCost]) -> tuple[Floats, Floats]:
    """Lengths and seconds: [length] each."""
    return np.array(lengths, dtype=np.float64), np.array([step.seconds for step in steps])
