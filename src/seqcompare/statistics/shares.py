"""Share of successes, and its interval."""

import math

from scipy import special

from seqcompare.core.errors import InputError
from seqcompare.statistics.estimates import Estimate, Interval


def wilson(successes: float, trials: float, confidence: float) -> Estimate:
    """The share of successes and Wilson's (1927) score interval; no p value.

    Unlike the share -+ its standard error, it has a width at 0 and at all successes, and stays
    within 0 and 1. Trials that are not independent count as fewer, which need be no whole number.
    Raises InputError without trials, or with more successes than trials.
    """
    if not 0 <= successes <= trials or trials == 0:
        raise InputError(f"{successes:g} successes in {trials:g} trials have no share")
    share = successes / trials
    z2 = float(special.ndtri((1 + confidence) / 2)) ** 2
    centre = (share + z2 / (2 * trials)) / (1 + z2 / trials)
    margin = math.sqrt(z2 * (share * (1 - share) + z2 / (4 * trials)) / trials) / (1 + z2 / trials)
    low = 0.0 if successes == 0 else centre - margin  # exactly, where rounding would miss it
    high = 1.0 if successes == trials else centre + margin
    return Estimate(share, Interval(low, high), None)
