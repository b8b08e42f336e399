"""How a cost grows with the window length n: exponents, polynomials, and where curves cross."""

import math

import numpy as np
from scipy import optimize, special

from seqcompare.core.operations import Polynomial
from seqcompare.core.types import Floats
from seqcompare.statistics.estimates import Estimate, Interval


def fit_exponent(
    lengths: Floats, costs: Floats, confidence: float, errors: Floats | float = 0.0
) -> Estimate:
    """The p of cost ~ n^p: the slope of log(cost) on log(n) by least squares.

    lengths, costs: [length]; errors: standard error of each log(cost), [length].
    The interval's half-width is the root of the sum of squares of two: Student's for the distance
    of the points from the line, with two degrees of freedom less than lengths, which also holds
    any bend; and what the points' own errors add. Few points may lie on a line by chance, when
    each is known badly. No interval for two lengths.
    """
    x, y = np.log(lengths), np.log(costs)
    x = x - x.mean()
    spread = float(x @ x)
    slope = float(x @ y) / spread
    freedom = len(x) - 2
    if freedom < 1:
        return Estimate(slope, None, None)
    residuals = y - y.mean() - slope * x
    error = math.sqrt(float(residuals @ residuals) / freedom / spread)
    margin = math.hypot(
        error * float(special.stdtrit(freedom, (1 + confidence) / 2)),
        float(np.linalg.norm(x * errors) / spread * special.ndtri((1 + confidence) / 2)),
    )
    return Estimate(slope, Interval(slope - margin, slope + margin), None)


def local_exponents(lengths: Floats, costs: Floats) -> Floats:
    """The slope of log(cost) on log(n) from each length to the next: [length - 1]."""
    slopes: Floats = np.diff(np.log(costs)) / np.diff(np.log(lengths))
    return slopes


def fit_polynomial(lengths: Floats, costs: Floats) -> Polynomial:
    """Least squares of the relative errors with no negative coefficient (Lawson & Hanson 1974).

    lengths, costs: [length]. Relative, because a long window's time dwarfs a short one's.
    """
    terms = np.stack([np.ones_like(lengths), lengths, lengths**2], axis=1)
    scales = terms.max(axis=0)  # nnls wants columns of like size
    relative = terms / scales / costs[:, None]  # [length, term]
    coefficients, _ = optimize.nnls(relative, np.ones(len(costs)))
    return Polynomial(*(float(c) for c in coefficients / scales))


def crossover(lengths: Floats, first: Floats, second: Floats) -> float | None:
    """The length from which on the order of two curves stays what it is at the longest length.

    lengths, first, second: [length]. Found on straight lines between the points of the log-log
    plot; None when the order is the same at all lengths.
    """
    gap = np.log(first) - np.log(second)  # [length]
    changes = np.flatnonzero(np.sign(gap[:-1]) != np.sign(gap[1:]))
    if changes.size == 0:
        return None
    i = int(changes[-1])
    share = float(gap[i] / (gap[i] - gap[i + 1]))
    return float(lengths[i] ** (1 - share) * lengths[i + 1] ** share)
