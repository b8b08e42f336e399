"""The series of data/series.csv: a seeded noisy sine, or those of a CSV file of the user's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from seqcompare.core.errors import InputError
from seqcompare.core.params import MOST_VALUES, Data, Params
from seqcompare.core.paths import SERIES
from seqcompare.core.tables import damaged, load_table, save_table
from seqcompare.core.types import Floats
from seqcompare.data.csv import read_csv
from seqcompare.data.times import Times, times_of_text


@dataclass(frozen=True, eq=False)
class Series:
    """One series, in its own unit."""

    name: str
    times: Times  # [time]
    values: Floats  # [time]
    filled: NDArray[np.bool_]  # [time]; where a value was missing, which is then never a target

    def measured(self, targets: range) -> NDArray[np.int64]:
        """Those of the positions that hold a measurement. Raises InputError where none does."""
        positions = np.arange(targets.start, targets.stop)
        positions = positions[~self.filled[targets.start : targets.stop]]
        if not len(positions):
            raise InputError(
                f"{SERIES}: series {self.name:.60}: all values of rows {targets.start + 1} to "
                f"{targets.stop} were missing: give a series with fewer gaps there"
            )
        return positions


def make_series(data: Data, seeds: Sequence[int]) -> tuple[pd.DataFrame, list[str]]:
    """The series that params.yaml asks for, as csv.read_csv returns them, and notes on them.

    Raises InputError for a bad CSV file, and for more values than memory holds.
    """
    if data.source == "csv":
        return read_csv(data)
    seeds = seeds if data.seed == "each" else [data.seed]
    if data.size * len(seeds) > MOST_VALUES:
        raise InputError(
            f"params.yaml: data.size is {data.size}, for each of {len(seeds)} seeds: use at most "
            f"{MOST_VALUES // len(seeds)}, or give data.seed a number"
        )
    times = sine_times(data)
    columns = [{"series": str(s), "time": times, "value": noisy_sine(data, s)} for s in seeds]
    return pd.concat(map(pd.DataFrame, columns), ignore_index=True), []


def sine_times(data: Data) -> Floats:
    """[time]"""
    return np.linspace(0, data.x_max, data.size)


def noisy_sine(data: Data, seed: int) -> Floats:
    """`size` points of sin(x) + noise over [0, x_max], the same for the same seed: [time]."""
    noise = np.random.default_rng(seed).normal(0, data.noise, data.size)
    return noise + np.sin(sine_times(data))


def trials_of(series: Iterable[str], params: Params) -> list[tuple[str, int]]:
    """(series, seed) of each trial, in the order of trials everywhere.

    A sine whose data.seed is `each` has one trial a series, with the seed of its noise; any other
    series has one for each of params.seeds. Raises InputError where a seed has no series.
    """
    if params.data.source == "csv" or params.data.seed != "each":
        return [(name, seed) for name in series for seed in params.seeds]
    for seed in sorted(set(map(str, params.seeds)) - set(series)):
        raise InputError(f"{SERIES}: has no series of seed {seed}: run `dvc repro`")
    return [(str(seed), seed) for seed in params.seeds]


def save_series(frame: pd.DataFrame) -> None:
    save_table(SERIES, frame, digits=None)


def load_series() -> dict[str, Series]:
    """Name -> series. Raises InputError when the file is missing or damaged."""
    frame = load_table(SERIES, "value", text=("series", "time"))
    try:
        return series_from(frame)
    except (ValueError, TypeError) as error:
        raise damaged(SERIES, error) from None


def series_from(frame: pd.DataFrame) -> dict[str, Series]:
    """Name -> series, of a table as make_series returns it. Raises ValueError if damaged."""
    if not np.isfinite(frame["value"]).all() or frame["series"].isna().any():
        raise ValueError("it holds values that are not finite, or of no series")
    filled = frame.get("filled", pd.Series(0, frame.index)).to_numpy()
    times: Times = frame["time"].to_numpy()
    if not pd.api.types.is_numeric_dtype(frame["time"]):
        times = times_of_text(frame["time"].fillna("").astype(str))
    values = frame["value"].to_numpy(np.float64)
    return {
        str(name): Series(str(name), times[rows], values[rows], filled[rows] == 1)
        for name, rows in frame.groupby("series", sort=False).indices.items()
    }
