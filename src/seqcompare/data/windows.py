"""A series as (inputs, target) pairs: who is trained on what, and in which scale."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from seqcompare.core.arrays import Floats
from seqcompare.core.errors import InputError, ParamsError
from seqcompare.core.sections.split import Split

Centre: TypeAlias = Literal["none", "last"]
PROBED = 100  # training windows, at most, on which a training error in evaluation mode is measured


@dataclass(frozen=True)
class Scale:
    """What models see is (value - zero) / std.

    zero is the mean, or with the centre `last` each window's own last value, so that they see how a
    window came to where it ends, and predict how it goes on (NLinear: Zeng et al. 2023, sec. 4).
    std is then that of the steps from value to value around 0, which are what is left to predict:
    beside a trend's range they would be too small to learn from.
    """

    mean: float
    std: float
    centre: Centre = "none"

    def zero(self, windows: Floats) -> Floats:
        """What models see as 0. windows: [batch, seq_len]. Returns [batch]."""
        if self.centre == "last":
            return windows[:, -1]
        return np.broadcast_to(np.float64(self.mean), len(windows))

    def apply(self, windows: Floats) -> Floats:
        """windows: [batch, seq_len]. Returns the same shape."""
        return (windows - self.zero(windows)[:, None]) / self.std

    def undo(self, scaled: Floats, windows: Floats) -> Floats:
        """Predictions in the series' unit. scaled: [batch]; windows: what they follow."""
        return scaled * self.std + self.zero(windows)


@dataclass(frozen=True)
class Parts:
    """Where in a series the targets of one fold are, and the scale of its training part."""

    train: range
    validation: range
    test: range
    scale: Scale


@dataclass(frozen=True)
class Windows:
    """Pairs of past and next value. Both are views of the series, not copies."""

    inputs: Floats  # [window, seq_len]
    targets: Floats  # [window]


@dataclass(frozen=True)
class Folds:
    """How every series is cut, by target time: training, validation and test targets of each fold.

    With one fold the models that are tested are trained once; with more, each fold's on all that
    comes before it.
    """

    targets: tuple[tuple[range, range, range], ...]
    scale: Literal["none", "standard"]
    centre: Centre = "none"

    def of(self, values: Floats) -> tuple[Parts, ...]:
        """A series' parts, each scale fitted on nothing after its fold's last training target.

        It is fitted on all values before that, also on those before the first training target.
        values: [time]. Raises InputError when they have no scale.
        """
        return tuple(
            Parts(train, validation, test, fit_scale(values[: train.stop], self.scale, self.centre))
            for train, validation, test in self.targets
        )


def cut_folds(
    size: int,
    seq_len: int,
    split: Split,
    scale: Literal["none", "standard"],
    centre: Centre = "none",
) -> Folds:
    """For series of `size` values. Raises InputError when fewer than 2 train."""
    return Folds(tuple(split.targets(size, seq_len)), scale, centre)


def fit_scale(seen: Floats, scale: Literal["none", "standard"], centre: Centre = "none") -> Scale:
    """seen: [time], what trains. Raises InputError for `standard` when it never varies."""
    if scale == "none":
        return Scale(0, 1, centre)
    if np.ptp(seen) == 0:  # the standard deviation of equal values may be a rounding error
        raise ParamsError(
            f"data.scale is standard, but the first {len(seen)} values, which train, "
            f"are all {seen[0]:g}: set data.scale to none, or give a series that varies"
        )
    std = np.sqrt(np.mean(np.diff(seen) ** 2)) if centre == "last" else seen.std()
    return Scale(float(seen.mean()), float(std), centre)


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


def cut_scaled(values: Floats, seq_len: int, targets: range, scale: Scale) -> Windows:
    """The same windows and targets as models see them, in 32 bits.

    Both are views of one series, but for windows with a centre of their own.
    """
    if scale.centre == "none":
        series = (values - scale.mean) / scale.std
        return cut_windows(series.astype(np.float32), seq_len, targets)
    own = cut_windows(values, seq_len, targets)
    scaled = (own.targets - scale.zero(own.inputs)) / scale.std
    return Windows(scale.apply(own.inputs).astype(np.float32), scaled.astype(np.float32))


def evenly_spaced(count: int, most: int) -> NDArray[np.int64]:
    """At most so many of the positions 0 to count - 1, ascending: all, or evenly spaced ones."""
    chosen = min(count, most)
    return np.arange(chosen, dtype=np.int64) * count // max(chosen, 1)
