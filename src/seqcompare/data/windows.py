"""A series as (inputs, target) pairs: who is trained on what, and in which scale."""

from dataclasses import dataclass
from typing import Literal

from numpy.lib.stride_tricks import sliding_window_view

from seqcompare.core.errors import InputError, ParamsError
from seqcompare.core.params import Split
from seqcompare.core.types import Floats


@dataclass(frozen=True)
class Scale:
    """What models see is (value - mean) / std."""

    mean: float
    std: float

    def apply(self, values: Floats) -> Floats:
        return (values - self.mean) / self.std

    def undo(self, scaled: Floats) -> Floats:
        return scaled * self.std + self.mean


@dataclass(frozen=True)
class Parts:
    """Where in the series the targets of each part are, and the scale of the training part."""

    train: range
    validation: range
    test: range
    scale: Scale


@dataclass(frozen=True)
class Windows:
    """Pairs of past and next value. Both are views of the series, not copies."""

    inputs: Floats  # [window, seq_len]
    targets: Floats  # [window]


def split_series(
    values: Floats, seq_len: int, split: Split, scale: Literal["none", "standard"]
) -> Parts:
    """Cut by target time, and fit the scale on nothing that comes after the last training target.

    values: [time]. Raises InputError when no training window is left, or they have no scale.
    """
    train, validation, test = split.targets(len(values), seq_len)
    seen = values[: train.stop]
    if scale == "none":
        return Parts(train, validation, test, Scale(0, 1))
    fitted = Scale(float(seen.mean()), float(seen.std()))
    if fitted.std == 0:
        raise ParamsError(
            f"data.scale is standard, but the first {len(seen)} values, which train, "
            f"are all {seen[0]:g}: set data.scale to none, or give a series that varies"
        )
    return Parts(train, validation, test, fitted)


def cut_windows(values: Floats, seq_len: int, targets: range) -> Windows:
    """The window of `seq_len` values before each target, and the target.

    values: [time]; targets: positions in it, none before seq_len. Raises InputError for others.
    """
    if not seq_len <= targets.start <= targets.stop <= len(values):
        raise InputError(
            f"targets {targets.start} to {targets.stop} do not fit {len(values)} values "
            f"and seq_len {seq_len}: run `dvc repro`"
        )
    past = values[: targets.stop - 1]
    inputs = sliding_window_view(past, seq_len, writeable=past.flags.writeable)
    return Windows(inputs[targets.start - seq_len :], values[targets.start : targets.stop])
