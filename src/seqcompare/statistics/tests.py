"""Several claims judged together, p values of intervals, and the difference of two shares."""

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import accumulate

from scipy import special

from seqcompare.statistics.estimates import Estimate, wilson, wilson_ends


def corrected(confidence: float, pairs: int) -> float:
    """The confidence of each interval with which those of all pairs hold together (Bonferroni)."""
    return 1 - (1 - confidence) / pairs


def holm(p_values: Mapping[str, float]) -> dict[str, float]:
    """Adjusted p values by the step-down procedure of Holm (1979), in the same order.

    The chance that any true "no effect" has one below a level is at most that level, however the p
    values depend on one another.
    """
    order = sorted(p_values, key=lambda name: p_values[name])
    steps = (min(1.0, (len(order) - rank) * p_values[name]) for rank, name in enumerate(order))
    adjusted = dict(zip(order, accumulate(steps, max), strict=True))  # they never fall
    return {name: adjusted[name] for name in p_values}


def p_value_at(limit: float, number: Estimate, confidence: float, freedom: int) -> float | None:
    """The p value of "the number is `limit`": the level at which its interval would end there.

    number: with a Student's t interval of this confidence and freedom (None without one). With a
    lower freedom than it has, the p value of a limit beyond the interval is too large.
    """
    if number.low is None or number.high is None:
        return None
    distance = abs(limit - number.value)
    half_width = number.high - number.value if limit > number.value else number.value - number.low
    if half_width <= 0:
        return 1.0 if distance == 0 else 0.0
    t = distance / half_width * float(special.stdtrit(freedom, (1 + confidence) / 2))
    return 2 * float(special.stdtr(freedom, -t))


def share_difference(
    successes: tuple[int, int], trials: tuple[int, int], confidence: float, pairs: int = 1
) -> Estimate:
    """First share - second, Newcombe's (1998) interval, and the p value of "they are equal".

    His method 10: each side is the root of the sum of squares of the facing sides of two Wilson
    intervals. The p value is the level at which it would end at 0. Equal shares of 10 trials each
    differ significantly in at most 4.2 % of all cases at a level of 5 %. pairs: see `corrected`.
    """
    counts = list(zip(successes, trials, strict=True))
    first, second = (wilson(*each, confidence).value for each in counts)
    value = first - second

    def interval(confidence: float) -> Estimate:
        (low, high), (other_low, other_high) = (wilson_ends(*each, confidence) for each in counts)
        below = math.hypot(first - low, other_high - second)
        above = math.hypot(high - first, second - other_low)
        return Estimate(value, value - below, value + above)

    p = level_where(lambda level: not interval(1 - level).holds(0), smallest=1e-12)
    return replace(interval(corrected(confidence, pairs)), p=min(1.0, pairs * p))


def level_where(excludes: Callable[[float], bool], smallest: float) -> float:
    """The level, from `smallest`, at which an interval of confidence 1 - level excludes a value."""
    low, high = math.log(smallest), 0.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (low, middle) if excludes(math.exp(middle)) else (middle, high)
    return math.exp(high)
