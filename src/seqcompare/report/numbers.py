"""Numbers as readers see them: a true minus, thousands apart, digits that mean something."""

import math
from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np

from seqcompare.core.arrays import Floats

MISSING = "–"

Ends: TypeAlias = tuple[float, float]  # of an interval: low, high


def significant(value: float | None, digits: int = 3) -> str:
    """So many digits, with trailing zeros that mean something; no e in it unless far from 1."""
    if value is None:
        return MISSING
    if value == 0 or not 1e-6 < abs(value) < 1e6:
        return f"{value:.{digits}g}".replace("-", "−")
    places = max(0, digits - 1 - math.floor(math.log10(abs(float(f"{value:.{digits}g}")))))
    return f"{value:,.{places}f}".replace("-", "−")


def in_full(value: float | None, digits: int = 3) -> str:
    """A whole number with all its digits, any other with so many."""
    if value is None:
        return MISSING
    whole = float(value).is_integer()
    return f"{int(value):,}".replace("-", "−") if whole else significant(value, digits)


def percent(share: float) -> str:
    """0.95 as 95, without the sign."""
    return f"{100 * share:.4g}".replace("-", "−")


def percent_change(ratio: float) -> str:
    """By how many percent a ratio differs from 1: whole, with one decimal below 10.

    Between 99 and 100 it is rounded down: an error that is lower by 100 % would be none.
    """
    change = 100 * abs(ratio - 1)
    if ratio < 1 and change > 99:
        return f"{math.floor(10 * change) / 10:.4g}"
    return f"{change:,.0f}" if change >= 9.95 else f"{change:.1f}".removesuffix(".0")


def rounded_up(count: int) -> str:
    """A number of trials that is an estimate: two digits, never fewer than asked for."""
    step = 10 ** max(0, len(str(count)) - 2)
    return f"{-(-count // step) * step:,}"


def ends_of(row: Mapping[str, Any], name: str) -> Ends | None:
    """NAME_low and NAME_high of a result; None where there is no interval."""
    low, high = row.get(f"{name}_low"), row.get(f"{name}_high")
    return None if low is None or high is None else (low, high)


def span(low: float | None, high: float | None) -> str:
    """An interval alone: `low … high`."""
    if low is None or high is None:
        return MISSING
    return f"{significant(low)} … {significant(high)}"


def brackets(ends: Ends | None) -> str:
    """An interval behind its value: ` [low, high]`, or nothing."""
    return "" if ends is None else f" [{in_full(ends[0])}, {in_full(ends[1])}]"


def shortened(values: Floats) -> list[float]:
    """For a machine to read: four significant digits."""
    return [float(f"{value:.4g}") for value in np.asarray(values).tolist()]
