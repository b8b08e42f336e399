"""Estimate, its interval, and the entries that both become in a JSON file."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Interval:
    """A confidence interval, ends included."""

    low: float
    high: float

    def holds(self, value: float) -> bool:
        return self.low <= value <= self.high


@dataclass(frozen=True)
class Estimate:
    """A figure, its interval, and the p value of what its maker calls no effect.

    Interval and p value are None where the data cannot give them, such as one trial.
    """

    value: float
    interval: Interval | None
    p_value: float | None


def described(name: str, estimate: Estimate | None) -> dict[str, float | None]:
    """NAME, NAME_ci_low and NAME_ci_high; None where there is no estimate or no interval."""
    ends = estimate.interval if estimate else None
    return {
        name: estimate.value if estimate else None,
        f"{name}_ci_low": ends.low if ends else None,
        f"{name}_ci_high": ends.high if ends else None,
    }


def read_back(name: str, entries: Mapping[str, float | None]) -> Estimate | None:
    """The estimate that `described` wrote under this name, without its p value.

    Raises KeyError where an entry is missing.
    """
    value, low, high = (entries[f"{name}{end}"] for end in ("", "_ci_low", "_ci_high"))
    if value is None:
        return None
    return Estimate(value, None if low is None or high is None else Interval(low, high), None)
