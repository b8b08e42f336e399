"""Rows of reports/cost/MODEL.csv: what a step of each kind costs at one window length."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Literal

import numpy as np

from seqcompare.core.operations import OperationCounts, Polynomial
from seqcompare.core.types import Floats, Row
from seqcompare.statistics.growth import local_exponents

FLOPS_PER_MAC = 2

Status = Literal["measured", "memory", "time"]  # or what it would have needed more of


@dataclass(frozen=True)
class Measurement:
    """Seconds of each timed call on one batch: [repeat]. Peaks in bytes above an empty process."""

    train_seconds: Floats
    predict_seconds: Floats
    train_peak: int | None  # None where the device does not tell
    predict_peak: int | None
    wall_s: float  # of the whole measurement


@dataclass(frozen=True)
class CostSetting:
    """The condition of all measurements of a study."""

    device: str
    batch_size: int


@dataclass(frozen=True)
class StepCost:
    """A training step, or a prediction, on one batch."""

    seconds: float  # median of so many calls, between their quartiles
    q1: float
    q3: float
    calls: int
    windows_per_second: float
    flops: float | None  # achieved: those that the operation counts ask for, by the seconds
    peak_mb: float | None  # above an empty process; None where the device does not tell


@dataclass(frozen=True)
class Steps:
    """Both kinds of step at one window length."""

    train: StepCost
    predict: StepCost


@dataclass(frozen=True)
class CostRow:
    """A model at one window length; without steps where it could not be measured."""

    model: str
    seq_len: int
    status: Status
    setting: CostSetting
    steps: Steps | None = None
    train_exponent: float | None = None  # slope of log(seconds) on log(n) from the length before

    def to_cells(self) -> Row:
        """The columns of a step are named after it: train_seconds."""
        steps = self.steps
        return {
            "model": self.model,
            "seq_len": self.seq_len,
            "status": self.status,
            **asdict(self.setting),
            **_step_cells("train", steps.train if steps else None),
            **_step_cells("predict", steps.predict if steps else None),
            "train_exponent": self.train_exponent,
        }

    @classmethod
    def from_cells(cls, cells: Row) -> "CostRow":
        """Raises LookupError, TypeError or ValueError for what is no row of such a table."""
        steps = None
        if cells["status"] == "measured":
            steps = Steps(_read_step("train", cells), _read_step("predict", cells))
        return cls(
            model=cells["model"],
            seq_len=int(cells["seq_len"]),
            status=cells["status"],
            setting=CostSetting(cells["device"], int(cells["batch_size"])),
            steps=steps,
            train_exponent=_float_or_none(cells["train_exponent"]),
        )


def model_rows(
    model: str,
    setting: CostSetting,
    counts: OperationCounts | None,
    measured: Mapping[int, Measurement | Status],
) -> list[CostRow]:
    """A model's rows. measured: window length -> its measurement, or why there is none."""
    rows = [_row(model, setting, counts, n, result) for n, result in measured.items()]
    seconds = {row.seq_len: row.steps.train.seconds for row in rows if row.steps}
    slopes = local_exponents(np.array(list(seconds)), np.array(list(seconds.values()))).tolist()
    by_length = dict(zip(list(seconds)[1:], slopes, strict=True))
    return [replace(row, train_exponent=by_length.get(row.seq_len)) for row in rows]


def _row(
    model: str,
    setting: CostSetting,
    counts: OperationCounts | None,
    n: int,
    result: Measurement | Status,
) -> CostRow:
    if not isinstance(result, Measurement):
        return CostRow(model, n, result, setting)
    train_macs, predict_macs = (counts.train, counts.predict) if counts else (None, None)
    steps = Steps(
        train=_step(result.train_seconds, result.train_peak, train_macs, n, setting),
        predict=_step(result.predict_seconds, result.predict_peak, predict_macs, n, setting),
    )
    return CostRow(model, n, "measured", setting, steps)


def _step(
    seconds: Floats, peak: int | None, macs: Polynomial | None, n: int, setting: CostSetting
) -> StepCost:
    """seconds: [call]; macs: per window, by its length n."""
    q1, median, q3 = (float(q) for q in np.quantile(seconds, [0.25, 0.5, 0.75]))
    return StepCost(
        seconds=median,
        q1=q1,
        q3=q3,
        calls=len(seconds),
        windows_per_second=setting.batch_size / median,
        flops=FLOPS_PER_MAC * setting.batch_size * macs.at(n) / median if macs else None,
        peak_mb=None if peak is None else peak / 1e6,
    )


def _step_cells(name: str, step: StepCost | None) -> Row:
    columns = [field.name for field in fields(StepCost)]
    return {f"{name}_{column}": getattr(step, column) if step else None for column in columns}


def _read_step(name: str, cells: Row) -> StepCost:
    return StepCost(
        seconds=float(cells[f"{name}_seconds"]),
        q1=float(cells[f"{name}_q1"]),
        q3=float(cells[f"{name}_q3"]),
        calls=int(cells[f"{name}_calls"]),
        windows_per_second=float(cells[f"{name}_windows_per_second"]),
        flops=_float_or_none(cells[f"{name}_flops"]),
        peak_mb=_float_or_none(cells[f"{name}_peak_mb"]),
    )


def _float_or_none(cell: object) -> float | None:
    return None if cell is None else float(str(cell))
