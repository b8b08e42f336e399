"""The ratio of two errors: its interval, its outcome, and how many trials would decide.

On one series, all trials share their test targets: the ratio holds for this series, and no number
of trials makes up for its one test part. Losses are squared errors.
"""

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal, TypeAlias

import numpy as np
from scipy import special

from seqcompare.core.errors import InputError
from seqcompare.core.types import Floats
from seqcompare.statistics.estimates import Estimate, exponential, mean_over_trials
from seqcompare.statistics.tests import corrected, level_where

Outcome: TypeAlias = Literal["better", "equivalent", "undecided"]

FEWEST_TARGETS = 40  # a shorter test part has too few slow waves to estimate a variance
MOST_TRIALS = 10_000  # beyond it nobody would train: no number is given
POWER = 0.8


def ratio_over_series(first: Floats, second: Floats, confidence: float, pairs: int = 1) -> Estimate:
    """The geometric mean over series of first / second, by Student's t on the logarithms.

    first, second: errors of paired trials, [series] or [series, seed]. The p value is of "the ratio
    is 1"; pairs: how many comparisons the interval and p value belong to (see `corrected`). Neither
    for one series. Raises InputError for an error that is not a number above 0.
    """
    logs = log_ratios(first, second)
    found = exponential(mean_over_trials(logs, corrected(confidence, pairs)))
    return replace(found, p=None if found.p is None else min(1.0, pairs * found.p))


def log_ratios(first: Floats, second: Floats) -> Floats:
    """ln(first / second), mean over the seeds of a series: [series]. Arguments as above."""
    _check_paired(first, second)
    _check_positive(np.stack([first, second]))
    logs: Floats = np.log(first) - np.log(second)
    return logs if logs.ndim == 1 else logs.mean(axis=1)


def ratio_on_one_series(
    first: Floats, second: Floats, confidence: float, pairs: int = 1
) -> Estimate:
    """The mean of the first losses over the mean of the second, all on the same test targets.

    first, second: losses [trial, target], of paired trials. pairs as in `ratio_over_series`.

    Two kinds of chance are estimated apart and added: that of the trials and that of the test part.
    What depends on both at once counts twice, which keeps the variance positive (Cameron, Gelbach &
    Miller 2011, eq. 2.8, without its last term). Each kind has Student quantiles of its own, so
    that the interval covers at least as often as it says, however unequal they are (Banerjee 1961).
    The interval holds every ratio r for which the mean of first - r * second does not differ from 0
    (Fieller 1954), so swapping the models inverts it. Of 180 targets and 2 to 100 seeds it covers
    95 % or more; 91 to 94 % where most of the loss is a misfit that lasts for 20 targets.

    Neither interval nor p value below FEWEST_TARGETS targets, nor where the interval has no end.
    Raises InputError for a mean loss that is not a number above 0.
    """
    _check_paired(first, second)
    means = np.array([first.mean(), second.mean()])
    _check_positive(means)
    value = float(means[0] / means[1])
    if first.shape[1] < FEWEST_TARGETS:
        return Estimate(value)
    chances = _chances(first, second)
    ends = _fieller(means, _margins(chances, 1 - corrected(confidence, pairs)))
    if ends is None:
        return Estimate(value)
    return Estimate(value, *ends, min(1.0, pairs * _p_of_equal_means(means, chances)))


def outcome(ratio: Estimate, equivalence: float) -> Outcome:
    """What the interval allows to say. equivalence: a share such as 0.05.

    `equivalent` when the interval lies within 1 / (1 + equivalence) and 1 + equivalence, whether or
    not it holds 1. Otherwise `better` when it excludes 1, else `undecided`.
    """
    if ratio.low is None or ratio.high is None:
        return "undecided"
    if 1 / (1 + equivalence) <= ratio.low and ratio.high <= 1 + equivalence:
        return "equivalent"
    return "undecided" if ratio.holds(1) else "better"


def trials_needed(
    ratio: Estimate, log_sd: float | None, confidence: float, pairs: int = 1
) -> int | None:
    """The fewest series with which Student's t test finds such a ratio with a power of POWER.

    log_sd: standard deviation over series of the ratio's logarithm, None where more do not help. By
    the noncentral t distribution (Cohen 1988, ch. 2). None for a ratio of 1 and above MOST_TRIALS.
    """
    size = abs(math.log(ratio.value))
    if not log_sd or size == 0:
        return 2 if log_sd == 0 and size else None
    effect, level = size / log_sd, corrected(confidence, pairs)
    choices = range(2, MOST_TRIALS + 1)
    place = bisect_left(choices, POWER, key=lambda trials: _power(trials, effect, level))
    return choices[place] if place < len(choices) else None


def _power(trials: int, effect: float, confidence: float) -> float:
    """Of a two-sided t test of one mean. effect: mean / standard deviation."""
    freedom, shift = trials - 1, effect * math.sqrt(trials)
    quantile = float(special.stdtrit(freedom, (1 + confidence) / 2))
    if shift > quantile + 40:  # certain, and beyond what the series of nctdtr can add up
        return 1.0
    return 1 - float(special.nctdtr(freedom, shift, quantile))


def _check_paired(first: Floats, second: Floats) -> None:
    if first.shape != second.shape:
        raise ValueError(f"a ratio needs paired trials, not {first.shape} and {second.shape}")


def _check_positive(errors: Floats) -> None:
    bad = errors[~((errors > 0) & np.isfinite(errors))]
    if bad.size:
        raise InputError(f"a ratio needs errors above 0, but one is {bad[0]:g}")


def _chances(first: Floats, second: Floats) -> list[tuple[Floats, int]]:
    """Covariances [2, 2] of the means, each with its degrees of freedom, by what would differ:
    another test part of the same length, and with several trials other seeds on this one.

    Neighbouring losses depend on one another, so the variance of their mean is that of slow waves:
    the mean square of the losses' first K cosine coefficients (equally weighted cosines: Müller
    2007; Lazarus, Lewis, Stock & Watson 2018), with K degrees of freedom. K = n^(2/3) / 6, 5 for
    180 targets, was chosen by simulation: more follow the dependence less well, fewer widen the
    interval.
    """
    means = np.stack([first.mean(axis=0), second.mean(axis=0)])  # [2, target]
    n = means.shape[1]
    k = np.arange(1, round(n ** (2 / 3) / 6) + 1)[:, None]  # [wave, 1]
    waves = math.sqrt(2 / n) * np.cos(math.pi * k * (np.arange(n) + 0.5) / n)  # [wave, target]
    slow = means @ waves.T  # [2, wave]
    chances = [(slow @ slow.T / k.size / n, k.size)]
    trials = len(first)
    if trials > 1:
        by_trial = np.stack([first.mean(axis=1), second.mean(axis=1)])  # [2, trial]
        chances.append((np.cov(by_trial) / trials, trials - 1))
    return chances


def _margins(chances: Sequence[tuple[Floats, int]], level: float) -> Floats:
    """The sum of covariances, each times its squared Student quantile: [2, 2]."""
    parts = [float(special.stdtrit(freedom, level / 2)) ** 2 * each for each, freedom in chances]
    total: Floats = np.sum(parts, axis=0)
    return total


def _fieller(means: Floats, margins: Floats) -> tuple[float, float] | None:
    """Every r with (first - r * second)^2 <= its squared margin; None where that has no end.

    means: [2]; margins: [2, 2]. The ends solve a * r^2 - 2 * b * r + c = 0.
    """
    c, b, a = (means[i] * means[j] - margins[i, j] for i, j in ((0, 0), (0, 1), (1, 1)))
    if a <= 0 or c <= 0:
        return None
    far = b + math.sqrt(max(float(b**2 - a * c), 0.0))  # below 0 by rounding alone
    return float(c / far), float(far / a)


def _p_of_equal_means(means: Floats, chances: Sequence[tuple[Floats, int]]) -> float:
    """The p value at whose confidence the interval ends at a ratio of 1."""
    signs = np.array([1.0, -1.0])
    squared = float(means @ signs) ** 2
    if squared == 0:
        return 1.0
    return level_where(lambda p: float(signs @ _margins(chances, p) @ signs) <= squared, 1e-16)
