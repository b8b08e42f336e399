"""Familywise error: several claims judged together, so that all of their verdicts hold at once."""

from collections.abc import Mapping

from scipy import special

from seqcompare.statistics.estimates import Estimate

FEWEST_FREEDOM = 2  # degrees of freedom of the smallest study: three processes, or lengths


def holm(p_values: Mapping[str, float]) -> dict[str, float]:
    """Adjusted p values by the step-down procedure of Holm (1979), in the same order.

    What lies below a level is significant at it, and the chance that any true "no effect" does is
    at most that level, however the p values depend on one another. So is the chance of any wrong
    direction where they are independent (Shaffer 1980).
    """
    adjusted: dict[str, float] = {}
    largest = 0.0  # so far: a larger p value never has the smaller adjusted one
    for rank, name in enumerate(sorted(p_values, key=lambda name: p_values[name])):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[name]))
        adjusted[name] = largest
    return {name: adjusted[name] for name in p_values}


def p_value_at(limit: float, number: Estimate, confidence: float, freedom: int) -> float | None:
    """The p value of "the number is `limit`": the level at which its interval would end there.

    For a Student's t interval of this confidence and so many degrees of freedom. With fewer than
    it has, the p value of a limit beyond the interval comes out too large, which errs on the
    careful side. None without an interval.
    """
    if number.interval is None:
        return None
    ends = number.interval
    distance = abs(limit - number.value)
    half_width = ends.high - number.value if limit > number.value else number.value - ends.low
    if half_width <= 0:
        return 1.0 if distance == 0 else 0.0
    t = distance / half_width * float(special.stdtrit(freedom, (1 + confidence) / 2))
    return 2 * float(special.stdtr(freedom, -t))
