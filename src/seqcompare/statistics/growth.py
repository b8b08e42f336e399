"""How a cost grows with the window length n: its slope from length to length, and crossings."""

import math

import numpy as np

from seqcompare.core.arrays import Floats
from seqcompare.statistics.estimates import Estimate, Interval
from seqcompare.statistics.students_t import mean_over_trials


def local_slope(shorter: float, longer: float, growth: Floats, confidence: float) -> Estimate:
    """The p of cost ~ n^p from one length to the next: the slope of log(cost) on log(n).

    growth: cost at the longer length / at the shorter, one figure a process, [process]. The
    interval is Student's t over processes: none for one process. No p value.
    """
    found = mean_over_trials(np.log(growth), confidence)
    steps, ends = math.log(longer / shorter), found.interval
    interval = Interval(ends.low / steps, ends.high / steps) if ends else None
    return Estimate(found.value / steps, interval, None)


def crossover(lengths: Floats, ratios: Floats) -> float | None:
    """The length from which on a ratio of two costs stays on its side of 1.

    lengths, ratios: [length]. Found on straight lines between the points of the log-log plot; None
    when the ratio is on one side at all lengths.
    """
    gap = np.log(ratios)  # [length]
    changes = np.flatnonzero(np.sign(gap[:-1]) != np.sign(gap[1:]))
    if changes.size == 0:
        return None
    i = int(changes[-1])
    share = float(gap[i] / (gap[i] - gap[i + 1]))
    return float(lengths[i] ** (1 - share) * lengths[i + 1] ** share)
