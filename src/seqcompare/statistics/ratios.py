"""Ratio of two errors: how sure, what it amounts to, and how many trials would tell more.

There are two designs. *Over draws* every trial has a noise draw of its own, so what is estimated
holds for series of this kind. *On one series* all trials share their test targets, so it holds for
this series, and no number of trials makes up for its one test part. Losses are squared errors in
the data's own unit, squared; a ratio has no unit.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from scipy import special

from seqcompare.core.arrays import Floats
from seqcompare.core.errors import InputError
from seqcompare.statistics.estimates import Estimate, Interval
from seqcompare.statistics.students_t import exponential, mean_over_trials, std_over_trials

Outcome: TypeAlias = Literal["better", "equivalent", "undecided"]

FEWEST_TARGETS = 40  # a shorter test part has too few slow waves to take a variance from
MOST_TRIALS = 10_000  # beyond it nobody would train: no number is given


@dataclass(frozen=True)
class RatioEstimate(Estimate):
    """The first error over the second: 0.8 is 20 % lower. The p value is of "the ratio is 1".

    log_sd: standard deviation over trials of the ratio's logarithm; None on one series, where more
    trials do not make an interval as narrow as one likes, and for one trial.
    """

    log_sd: float | None


def corrected(confidence: float, pairs: int) -> float:
    """The confidence of each interval, so that those of all pairs hold together (Bonferroni).

    The p value that belongs to it is multiplied by the number of pairs, so that it falls below
    1 - confidence exactly where the interval excludes 1.
    """
    return 1 - (1 - confidence) / pairs


def ratio_over_draws(
    first: Floats, second: Floats, confidence: float, pairs: int = 1
) -> RatioEstimate:
    """The geometric mean over trials of first / second, by Student's t on its logarithms.

    first, second: mean squared errors of paired trials, [trial]; pairs: how many comparisons the
    interval and p value belong to (see `corrected`). No interval for one trial, nor where an end
    would overflow. Raises InputError when the numbers of trials differ or an error is not a number
    above 0.
    """
    if first.shape != second.shape:
        raise InputError(
            f"a ratio needs as many trials on both sides, not {first.size} and {second.size}: "
            "train both models with the same list of seeds"
        )
    _check(first, second)
    logs = np.log(first) - np.log(second)  # [trial]
    found = mean_over_trials(logs, corrected(confidence, pairs))
    ends = found.interval
    return RatioEstimate(
        math.exp(found.value),
        ends and exponential(ends),
        None if found.p_value is None else min(1.0, pairs * found.p_value),
        std_over_trials(logs),
    )


def ratio_on_one_series(
    first: Floats, second: Floats, confidence: float, pairs: int = 1
) -> RatioEstimate:
    """The mean of the first losses over the mean of the second, all on the same test targets.

    first, second: losses [trial, target], trial i of one beside trial i of the other; one side may
    have one row, such as a baseline that knows no seeds. pairs as in `ratio_over_draws`.

    Two kinds of chance enter, estimated apart and added: that of the trials, and that of the test
    part (`_of_trials`, `_of_test_part`). What depends on both at once is in either and so counts
    twice: leaving out the term that takes it off once (Cameron, Gelbach & Miller 2011, eq. 2.8)
    errs on the careful side and keeps the variance positive. Each kind has Student quantiles of
    its own, and the half-width is the root of the sum of squares: it covers at least as often as
    it says, however unequal the kinds are (Banerjee 1961), where Satterthwaite's degrees of
    freedom do not with two seeds. The interval holds every ratio r for which the
    mean of first - r * second is not told from 0 (Fieller 1954). So there is nothing to linearise,
    and swapping the models inverts it.

    With one trial on both sides, the chance is of the test part alone: another seed might well say
    something else. Neither interval nor p value below FEWEST_TARGETS targets, nor where a mean is
    so uncertain that the interval would have no end. Raises InputError when the shapes do not fit
    or a mean loss is not a number above 0.
    """
    first, second = _broadcast(first, second)
    means = np.array([first.mean(), second.mean()])
    _check(means)
    value = float(means[0] / means[1])
    if first.shape[1] < FEWEST_TARGETS:
        return RatioEstimate(value, None, None, None)
    chances = [_of_test_part(first, second)]
    if first.shape[0] > 1:
        chances.append(_of_trials(first, second))
    interval = _fieller(means, _margins(chances, (1 - corrected(confidence, pairs)) / 2))
    if interval is None:
        return RatioEstimate(value, None, None, None)
    p_value = min(1.0, pairs * _p_of_equal_means(means, chances))
    return RatioEstimate(value, interval, p_value, None)


def outcome(estimate: RatioEstimate, equivalence: float) -> Outcome:
    """What the interval allows to say; equivalence: the share by which errors may differ, 0.05.

    `equivalent` when the interval lies within 1 / (1 + equivalence) and 1 + equivalence. These ends
    are equally far from 1 in logarithms, so that the order of the models does not matter.
    `better` when the interval excludes 1; which one is, the value says. Both can be true of a
    narrow interval: then the models do differ, but by less than matters, and it is `equivalent`.
    Else, and without an interval, `undecided`.
    """
    ends = estimate.interval
    if ends is None:
        return "undecided"
    if 1 / (1 + equivalence) <= ends.low and ends.high <= 1 + equivalence:
        return "equivalent"
    return "undecided" if ends.holds(1) else "better"


def trials_needed(
    estimate: RatioEstimate, confidence: float, pairs: int = 1, power: float = 0.8
) -> int | None:
    """How many trials would find a ratio such as this one with that power, at this confidence.

    The smallest n with which Student's two-sided test of n logarithms rejects often enough, by the
    noncentral t distribution (Cohen 1988, ch. 2), if the ratio and the spread are as estimated. Of
    an undecided comparison it is always more than it has. None on one series and for one trial,
    for a ratio of 1, and beyond MOST_TRIALS.
    """
    size = abs(math.log(estimate.value))
    if estimate.log_sd is None or size == 0:
        return None
    if estimate.log_sd == 0:
        return 2
    level, effect = corrected(confidence, pairs), size / estimate.log_sd
    fewest, most = 2, MOST_TRIALS
    if _power(most, effect, level) < power:
        return None
    while fewest < most:  # power rises with the number of trials
        middle = (fewest + most) // 2
        if _power(middle, effect, level) < power:
            fewest = middle + 1
        else:
            most = middle
    return fewest


def _power(trials: int, effect: float, confidence: float) -> float:
    """How often Student's two-sided test of one mean rejects; effect: mean / standard deviation."""
    freedom, shift = trials - 1, effect * math.sqrt(trials)
    quantile = float(special.stdtrit(freedom, (1 + confidence) / 2))
    if shift > quantile + 40:  # certain, and beyond what the series of nctdtr can add up
        return 1.0
    # The other tail, a significant difference the wrong way round, finds nothing.
    return 1 - float(special.nctdtr(freedom, shift, quantile))


def _check(*errors: Floats) -> None:
    for values in errors:
        bad = values[~((values > 0) & np.isfinite(values))]
        if bad.size:
            raise InputError(f"a ratio needs figures above 0, but one is {bad[0]:g}")


def _broadcast(first: Floats, second: Floats) -> tuple[Floats, Floats]:
    """Both as [trial, target]."""
    if first.shape[1] != second.shape[1]:
        raise InputError(
            f"a ratio on one series needs the same test targets on both sides, not "
            f"{first.shape[1]} and {second.shape[1]}"
        )
    trials = max(first.shape[0], second.shape[0])
    if {first.shape[0], second.shape[0]} - {1, trials}:
        raise InputError(
            f"a ratio needs as many trials on both sides, or one, not {first.shape[0]} "
            f"and {second.shape[0]}: train both models with the same list of seeds"
        )
    shape = (trials, first.shape[1])
    return np.broadcast_to(first, shape), np.broadcast_to(second, shape)


@dataclass(frozen=True, eq=False)
class _Chance:
    """One reason why two means would come out otherwise: covariance [2, 2], degrees of freedom."""

    covariance: Floats
    freedom: int


def _of_trials(first: Floats, second: Floats) -> _Chance:
    """Other seeds on the same test part. first, second: [trial, target]."""
    by_trial = np.stack([first.mean(axis=1), second.mean(axis=1)])  # [2, trial]
    trials = by_trial.shape[1]
    return _Chance(np.cov(by_trial) / trials, trials - 1)


def _of_test_part(first: Floats, second: Floats) -> _Chance:
    """Another test part of the same length, for the mean over trials. Both [trial, target].

    Neighbouring losses depend on one another, so the variance of their mean is that of slow waves,
    not of single targets: the mean square of the losses' first K cosine coefficients (equally
    weighted cosines: Müller 2007; Lazarus, Lewis, Stock & Watson 2018). For slow enough waves these
    are independent and normal whatever the dependence, which gives Student's t with K degrees of
    freedom. K = n^(2/3) / 6, 5 for 180 targets, is chosen by simulation: more waves follow the
    dependence less well, fewer make a wide interval. Blocks of 12 in their place told equal models
    apart 6 to 8 times in 100 at a level of 5 %, and a bootstrap needs resamples besides. Where the
    larger part of a loss is a misfit that lasts for 20 targets and more, the interval covers 91 to
    94 % instead of 95 %: 180 targets are then only a few independent ones.
    """
    means = np.stack([first.mean(axis=0), second.mean(axis=0)])  # [2, target]
    n = means.shape[1]
    k = np.arange(1, round(n ** (2 / 3) / 6) + 1)[:, None]  # [wave, 1]
    waves = math.sqrt(2 / n) * np.cos(math.pi * k * (np.arange(n) + 0.5) / n)  # [wave, target]
    slow = means @ waves.T  # [2, wave]
    return _Chance(slow @ slow.T / k.size / n, k.size)


def _margins(chances: Sequence[_Chance], tail: float) -> Floats:
    """The sum of covariances, each times its squared Student quantile: [2, 2]."""
    quantiles = [float(special.stdtrit(chance.freedom, tail)) for chance in chances]
    total: Floats = np.sum(
        [q**2 * chance.covariance for q, chance in zip(quantiles, chances, strict=True)], axis=0
    )
    return total


def _fieller(means: Floats, margins: Floats) -> Interval | None:
    """Every r with (first - r * second)^2 <= its squared margin; None where that has no end.

    means: [2]; margins: [2, 2]. The ends solve a * r^2 - 2 * b * r + c = 0.
    """
    c, b, a = (means[i] * means[j] - margins[i, j] for i, j in ((0, 0), (0, 1), (1, 1)))
    if a <= 0 or c <= 0:
        return None
    far = b + math.sqrt(max(float(b**2 - a * c), 0.0))  # below 0 by rounding alone
    return Interval(float(c / far), float(far / a))


def _p_of_equal_means(means: Floats, chances: Sequence[_Chance]) -> float:
    """The p value at whose confidence the interval ends at 1, not below 1e-16; by bisection."""
    squared = float(means[0] - means[1]) ** 2
    if squared == 0:
        return 1.0
    contrast = np.array([1.0, -1.0])
    variances = [(c.freedom, float(contrast @ c.covariance @ contrast)) for c in chances]
    low, high = math.log(1e-16), 0.0  # of its logarithm
    for _ in range(50):
        middle = (low + high) / 2
        tail = math.exp(middle) / 2
        margin = sum(float(special.stdtrit(freedom, tail)) ** 2 * v for freedom, v in variances)
        low, high = (middle, high) if margin > squared else (low, middle)
    return math.exp(high)
