"""Estimate, its interval, and summaries of them as the entries of JSON files.

There an estimate is NAME, NAME_ci_low and NAME_ci_high.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from itertools import combinations
from typing import TYPE_CHECKING, Generic, TypeVar, get_type_hints

from seqcompare.core.names import COMPARISON, pair
from seqcompare.core.types import Row

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

M = TypeVar("M", bound="DataclassInstance")
P = TypeVar("P", bound="DataclassInstance")


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


@dataclass(frozen=True)
class Compared(Generic[M, P]):
    """What a study found out of each model, and of each pair of them."""

    models: Mapping[str, M]
    pairs: Mapping[str, P]

    @classmethod
    def of(cls, models: Mapping[str, M], compare: Callable[[str, str], P]) -> "Compared[M, P]":
        """Every two models compared, in alphabetical order."""
        both = combinations(sorted(models), 2)
        return cls(models, {pair(first, second): compare(first, second) for first, second in both})

    @classmethod
    def from_json(cls, content: Row, model: type[M], pair: type[P]) -> "Compared[M, P]":
        """What `to_json` made, of these types. Raises LookupError, TypeError or ValueError."""
        models = {name: each for name, each in content.items() if name != COMPARISON}
        return cls(
            {name: from_entries(model, each) for name, each in models.items()},
            {name: from_entries(pair, each) for name, each in content[COMPARISON].items()},
        )

    def to_json(self) -> dict[str, object]:
        return {
            **{name: to_entries(each) for name, each in self.models.items()},
            COMPARISON: {name: to_entries(each) for name, each in self.pairs.items()},
        }


def to_entries(summary: "DataclassInstance") -> dict[str, object]:
    """The fields of a summary, those that hold an estimate as three entries."""
    entries: dict[str, object] = {}
    for name in (field.name for field in fields(summary)):
        value = getattr(summary, name)
        entries |= write_estimate(name, value) if _is_estimate(summary, name) else {name: value}
    return entries


def from_entries(kind: type[M], entries: Row) -> M:
    """What `to_entries` made. Raises LookupError, TypeError or ValueError for anything else."""
    return kind(
        **{
            name: read_estimate(entries, name) if _is_estimate(kind, name) else entries[name]
            for name in (field.name for field in fields(kind))
        }
    )


def write_estimate(name: str, estimate: Estimate | None) -> dict[str, float | None]:
    """None where there is no estimate or no interval."""
    ends = estimate.interval if estimate else None
    return {
        name: estimate.value if estimate else None,
        f"{name}_ci_low": ends.low if ends else None,
        f"{name}_ci_high": ends.high if ends else None,
    }


def read_estimate(entries: Row, name: str) -> Estimate | None:
    """What `write_estimate` wrote: all but the p value."""
    value, low, high = (entries[key] for key in (name, f"{name}_ci_low", f"{name}_ci_high"))
    if value is None:
        return None
    ends = None if low is None or high is None else Interval(float(low), float(high))
    return Estimate(float(value), ends, None)


def _is_estimate(kind: object, name: str) -> bool:
    owner = kind if isinstance(kind, type) else type(kind)
    return bool(get_type_hints(owner)[name] == Estimate | None)
