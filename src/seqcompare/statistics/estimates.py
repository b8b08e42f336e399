"""Estimates with their intervals: means, growth and shares, of one figure a trial: [trial]."""

import math
from dataclasses import dataclass

import numpy as np
from scipy import special  # scipy.stats would take a second to load

from seqcompare.core.types import Floats

LARGEST_LOG = 600.0  # a float ends at e^709; this leaves room for a unit


@dataclass(frozen=True)
class Estimate:
    """A value, the ends of its interval, and the p value of "no effect".

    low, high and p are None where the data cannot give them, such as for one trial.
    """

    value: float
    low: float | None = None
    high: float | None = None
    p: float | None = None

    def holds(self, value: float) -> bool:
        """Is the value within the interval, ends included? False without an interval."""
        return self.low is not None and self.high is not None and self.low <= value <= self.high


def mean_over_trials(values: Floats, confidence: float) -> Estimate:
    """The mean, Student's t interval, and the p value of "the mean is 0"."""
    value, freedom = float(values.mean()), values.size - 1
    if freedom < 1:
        return Estimate(value)
    error = float(values.std(ddof=1)) / math.sqrt(values.size)
    if error == 0:
        return Estimate(value, value, value, 1.0 if value == 0 else 0.0)
    margin = error * float(special.stdtrit(freedom, (1 + confidence) / 2))
    p = 2 * float(special.stdtr(freedom, -abs(value) / error))
    return Estimate(value, value - margin, value + margin, p)


def geometric_mean(values: Floats, confidence: float) -> Estimate:
    """Of values above 0: Student's t on the logarithms, p value of "the mean is 1"."""
    return exponential(mean_over_trials(np.log(values), confidence))


def exponential(logs: Estimate) -> Estimate:
    """The estimate of a figure from that of its logarithm; no interval where an end overflows."""
    value = math.exp(logs.value)
    if logs.low is None or logs.high is None or max(-logs.low, logs.high) > LARGEST_LOG:
        return Estimate(value, p=logs.p)
    return Estimate(value, math.exp(logs.low), math.exp(logs.high), logs.p)


def mean_on_log_scale(values: Floats, confidence: float) -> Estimate:
    """The arithmetic mean of errors, with an interval that stays above 0. No p value.

    Student's on the scale of ln(mean), whose standard error by the delta method is that of the mean
    divided by the mean. Of 5 lognormal errors it covers the expected error 95 % of the time at a
    log standard deviation of 0.15, and 93 % at 0.5 (plain interval: 91 %).
    """
    plain = mean_over_trials(values, confidence)
    if plain.low is None or plain.high is None or plain.value == 0:
        return Estimate(plain.value, plain.low, plain.high)
    ends = exponential(Estimate(0.0, plain.low / plain.value - 1, plain.high / plain.value - 1))
    low, high = (None if end is None else plain.value * end for end in (ends.low, ends.high))
    return Estimate(plain.value, low, high)


def local_slope(shorter: float, longer: float, growth: Floats, confidence: float) -> Estimate:
    """The p of cost ~ length^p. growth: cost at the longer length / at the shorter, [process]."""
    logs, steps = mean_over_trials(np.log(growth), confidence), math.log(longer / shorter)
    low, high = (None if end is None else end / steps for end in (logs.low, logs.high))
    return Estimate(logs.value / steps, low, high)


def wilson(successes: float, trials: float, confidence: float) -> Estimate:
    """The share of successes and Wilson's (1927) score interval. No p value.

    Trials that are not independent count as fewer, which need be no whole number.
    """
    if not 0 <= successes <= trials or trials == 0:
        raise ValueError(f"{successes:g} successes in {trials:g} trials have no share")
    return Estimate(successes / trials, *wilson_ends(successes, trials, confidence))


def wilson_ends(successes: float, trials: float, confidence: float) -> tuple[float, float]:
    share = successes / trials
    z2 = float(special.ndtri((1 + confidence) / 2)) ** 2
    centre = (share + z2 / (2 * trials)) / (1 + z2 / trials)
    margin = math.sqrt(z2 * (share * (1 - share) + z2 / (4 * trials)) / trials) / (1 + z2 / trials)
    low = 0.0 if successes == 0 else centre - margin  # exactly, where rounding would miss it
    high = 1.0 if successes == trials else centre + margin
    return low, high
