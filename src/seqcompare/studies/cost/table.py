"""Rows of reports/cost_timings.csv: what one process measured of one kind of step.

A model that two sizes have alike is measured once, and its rows stand under both.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, TypeAlias, TypeVar

from pydantic import TypeAdapter, ValidationError

from seqcompare.core.types import Row

# attention: of one layer, alone; product: one plain product of matrices, the machine's own speed
Kind: TypeAlias = Literal["train", "predict", "attention", "product"]
Status: TypeAlias = Literal["measured", "memory", "time"]  # or what it would have needed more of


@dataclass(frozen=True)
class CostSetting:
    """The condition of all measurements of a study; clock: as `devices.clock_name` names it."""

    device: str
    clock: str
    batch_size: int


@dataclass(frozen=True)
class Timing:
    """One kind of step at one window length, in one process. Figures are of a batch.

    Where the status is not `measured`, the kind is `train` and there are no figures.
    """

    size: str
    model: str
    seq_len: int
    round: int  # the process's place among those of this point, from 0
    kind: Kind
    status: Status
    seconds: float | None = None  # median of so many calls
    calls: int | None = None
    macs: float | None = None  # counted; None where nobody counts
    peak_mb: float | None = None  # above an empty process; None where the device does not tell


R = TypeVar("R", Timing, CostSetting)


def to_cells(timings: Sequence[Timing], setting: CostSetting) -> list[Row]:
    return [{**asdict(timing), **asdict(setting)} for timing in timings]


def from_cells(rows: Sequence[Row]) -> tuple[list[Timing], CostSetting]:
    """What `to_cells` made. Raises LookupError, TypeError or ValueError for anything else."""
    whole = ("seq_len", "round", "calls", "batch_size")
    read: list[dict[str, Any]] = [
        {key: int(cell) if key in whole and cell is not None else cell for key, cell in row.items()}
        for row in rows
    ]
    timings = [_checked(Timing, row) for row in read]
    for each in timings:
        if (each.status == "measured") != (each.seconds is not None and each.seconds > 0):
            raise ValueError(f"{each.status}, but {each.seconds} seconds")
        if each.macs is not None and not each.macs > 0:
            raise ValueError(f"{each.macs} macs")
    return timings, _checked(CostSetting, read[0])


def _checked(kind: type[R], row: Row) -> R:
    """The fields of a kind from a row of more, each of its type."""
    try:
        return TypeAdapter(kind).validate_python(
            {each.name: row[each.name] for each in fields(kind)}
        )
    except ValidationError as error:
        first = error.errors()[0]
        raise ValueError(f"{first['loc'][0]}: {first['msg']}") from None


def check_processes(timings: Sequence[Timing]) -> None:
    """Raises ValueError for a process that lacks a kind of step which every one measures."""
    train, *others = (
        {
            (each.size, each.model, each.seq_len, each.round)
            for each in timings
            if each.status == "measured" and each.kind == kind
        }
        for kind in ("train", "predict", "product")
    )
    if any(other != train for other in others):
        raise ValueError("a process lacks one of train, predict and product")
