"""A series as windows and targets: which positions train and test, and in which scale."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, astuple, dataclass
from itertools import pairwise
from typing import Any, Literal, TypeAlias

import numpy as np
import pandas as pd
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from seqcompare.core.errors import InputError
from seqcompare.core.params import Data, Params, Recipe
from seqcompare.core.paths import SPLIT
from seqcompare.core.tables import damaged, load_table, save_table
from seqcompare.core.types import Floats, Setting
from seqcompare.data.series import Series

Centre: TypeAlias = Literal["none", "last"]
PROBED = 100  # training windows, at most, on which a training error in evaluation mode is measured
VARIED = "give a series that varies more"
SMALLEST_SPREAD = 1e-15  # its square, an error, is still an ordinary float32
# Of the largest value: a spread below is a few steps of the floats that it is computed in.
FINEST = {"float32": 1e-4, "float64": 1e-9}  # they hold 6e-8 and 1e-16 of a value
BOUNDS = ["train_start", "validation_start", "test_start", "test_end"]  # positions in a series


@dataclass(frozen=True)
class Scale:
    """What models see is (value - zero) / std.

    zero: the mean, or with the centre `last` each window's last value (NLinear: Zeng et al. 2023,
    sec. 4); std is then the root mean square of the steps from value to value.
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
        """windows: [batch, seq_len], as the result."""
        return (windows - self.zero(windows)[:, None]) / self.std

    def undo(self, scaled: Floats, windows: Floats) -> Floats:
        """Predictions in the series' unit. scaled: [batch]; windows: what they follow."""
        return scaled * self.std + self.zero(windows)


@dataclass(frozen=True)
class Fold:
    """Where in a series the targets of one fold are, and the scale of its training part."""

    train: range
    validation: range
    test: range
    scale: Scale


@dataclass(frozen=True)
class Windows:
    """Views of the series, not copies."""

    inputs: Floats  # [window, seq_len]
    targets: Floats  # [window]


def fit_scale(seen: Floats, scaling: Literal["none", "standard"], centre: Centre = "none") -> Scale:
    """seen: [time], what trains. Raises InputError for `standard` when it never varies."""
    if scaling == "none":
        return Scale(0.0, 1.0, centre)
    std = np.sqrt(np.mean(np.diff(seen) ** 2)) if centre == "last" else seen.std()
    if np.ptp(seen) == 0 or std == 0:  # that of equal values may be a rounding error
        raise InputError(
            f"the first {len(seen)} values, which train, do not vary: {VARIED}, or lower split.test"
        )
    return Scale(float(seen.mean()), float(std), centre)


def make_folds(values: Floats, params: Params) -> list[Fold]:
    """A scale is fitted on all values up to its fold's last training target, and on no later one.

    values: [time]. Raises InputError where too few targets are left to train on, or none varies.
    """
    scaling, centre = params.data.scaling, params.data.centre
    return [
        Fold(train, validation, test, fit_scale(values[: train.stop], scaling, centre))
        for train, validation, test in params.split.targets(len(values), params.seq_len)
    ]


def trained_with(
    settings: Mapping[str, Setting], recipe: Recipe, seq_len: int,
    series: str, seed: int, fold: int, split: Fold,
) -> dict[str, Any]:  # fmt: skip
    """What a file of weights records: training writes it, and whoever loads them compares it."""
    trial = {"seq_len": seq_len, "series": series, "seed": seed, "fold": fold}
    trained = {"settings": dict(settings), "recipe": recipe.model_dump()}
    train = [split.train.start, split.train.stop]
    return trained | trial | {"train": train, "scale": asdict(split.scale)}


def split_table(series: Mapping[str, Series], params: Params) -> pd.DataFrame:
    """data/split.csv: series, fold (from 0), BOUNDS, mean, std, centre; a row a fold.

    Raises InputError, which names the series, where one cannot be split or is too long.
    """
    rows: list[tuple[object, ...]] = []
    for name, each in series.items():
        try:
            params.check_size(len(each.values))
            folds = make_folds(each.values, params)
        except InputError as error:
            raise InputError(f"{_named(params.data, name)}: {error}") from None
        for number, (train, validation, test, scale) in enumerate(map(astuple, folds)):
            bounds = (train.start, validation.start, test.start, test.stop)
            rows.append((name, number, *bounds, *scale))
    return pd.DataFrame(rows, columns=["series", "fold", *BOUNDS, "mean", "std", "centre"])


def save_folds(table: pd.DataFrame) -> None:
    save_table(SPLIT, table, digits=None)


def load_folds() -> dict[str, list[Fold]]:
    """Series -> its folds, in order. Raises InputError when the file is missing or damaged."""
    table = load_table(SPLIT, "fold", *BOUNDS, "mean", "std", text=("series", "centre"))
    try:
        return folds_from(table)
    except (ValueError, TypeError) as error:
        raise damaged(SPLIT, error) from None


def folds_from(table: pd.DataFrame) -> dict[str, list[Fold]]:
    """Series -> its folds, of a table as split_table returns it. Raises ValueError if damaged."""
    if (np.diff(table[BOUNDS], axis=1) < (1, 0, 1)).any() or not (table["std"] > 0).all():
        raise ValueError("its positions or scales are not those of a series")
    folds: dict[str, list[Fold]] = {}
    for name, _, *ends, mean, std, centre in table.itertuples(index=False):
        train, validation, test = (range(start, end) for start, end in pairwise(ends))
        fold = Fold(train, validation, test, Scale(mean, std, centre))
        folds.setdefault(name, []).append(fold)
    return folds


def check_series(series: Mapping[str, Series], folds: Mapping[str, list[Fold]], data: Data) -> None:
    """Raises InputError for a series that no model can be trained or scored on."""
    for name, each in series.items():
        where = _named(data, name)
        for fold in folds[name]:
            _check_training(each.values[: fold.train.stop], fold.scale, data, where)
            for part in filter(None, (fold.train, fold.validation, fold.test)):
                each.measured(part)
        tested = range(folds[name][0].test.start, folds[name][-1].test.stop)
        if np.ptp(each.values[tested.start - 1 : tested.stop]) == 0:
            raise InputError(
                f"{where}: the last {len(tested)} values, which test, are all "
                f"{each.values[-1]:g}: {VARIED}, or raise split.test"
            )


def _check_training(seen: Floats, scale: Scale, data: Data, where: str) -> None:
    """seen: [time], what trains."""
    spread, largest = float(np.ptp(seen)), float(np.max(np.abs(seen)))
    subtracts = data.scaling == "standard" or scale.centre == "last"  # in 64 bits
    finest = FINEST["float64" if subtracts else "float32"] * largest
    if spread < max(SMALLEST_SPREAD, finest):
        raise InputError(
            f"{where}: the first {len(seen)} values, which train, differ by {spread:g} at most, "
            f"which beside {largest:g} is lost in rounding: {VARIED}, set data.scale to standard, "
            "subtract a constant, or use a smaller unit"
        )


def _named(data: Data, series: str) -> str:
    if data.source == "sine":
        return "params.yaml"
    return f"{data.path}: column {data.value:.60}" + (f", series {series:.60}" if data.id else "")


def cut_windows(values: Floats, seq_len: int, targets: range) -> Windows:
    """The window of `seq_len` values before each target, and the target. values: [time].

    Raises InputError for targets before seq_len or beyond the series.
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
    """The same as models see them, in 32 bits: views of one series, unless centred one by one."""
    if scale.centre == "none":
        series = (values - scale.mean) / scale.std
        return cut_windows(series.astype(np.float32), seq_len, targets)
    windows = cut_windows(values, seq_len, targets)
    scaled = (windows.targets - scale.zero(windows.inputs)) / scale.std
    return Windows(scale.apply(windows.inputs).astype(np.float32), scaled.astype(np.float32))


def evenly_spaced(count: int, most: int) -> NDArray[np.int64]:
    """All positions 0 to count - 1, or `most` evenly spaced ones, ascending."""
    chosen = min(count, most)
    return np.arange(chosen, dtype=np.int64) * count // max(chosen, 1)
