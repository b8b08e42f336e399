"""The series: a seeded noisy sine, or a column of a CSV file of the user's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from seqcompare.core.arrays import Floats
from seqcompare.core.errors import InputError, ParamsError, printable
from seqcompare.core.limits import MOST_VALUES
from seqcompare.core.sections.data import Data
from seqcompare.data.csv_file import read_columns
from seqcompare.data.csv_times import note_of_steps, read_times
from seqcompare.data.csv_values import note_of_gaps, read_values

FEWEST_ROWS = 3


@dataclass(frozen=True)
class Draws:
    """The series of all trials: one for all, under None, or one for each trial, under its seed."""

    times: Floats  # [time]
    values: Mapping[int | None, Floats]  # seed -> [time], in the data's own unit
    interpolated: tuple[int, ...] = ()  # positions of values that are guesses, not measurements
    notes: tuple[str, ...] = ()  # a line each, for whoever made the file; stored nowhere
    dated: bool = False  # are times decimal years that the file has as dates?

    @property
    def vary(self) -> bool:
        return None not in self.values

    def of_trial(self, seed: int) -> Floats:
        """The series of the trial with this seed: [time]. Raises InputError when there is none."""
        if not self.vary:
            return self.values[None]
        if seed not in self.values:
            raise InputError(f"data/series.csv: has no draw of seed {seed}: run `dvc repro`")
        return self.values[seed]


def make_draws(data: Data, seeds: Sequence[int]) -> Draws:
    """The series that params.yaml asks for.

    Raises InputError for a CSV file that cannot be one, and for draws that no memory holds.
    """
    if data.source == "csv":
        return read_csv(data)
    if data.seed != "each":
        return Draws(sine_times(data), {None: noisy_sine(data, data.seed)})
    if data.size * len(seeds) > MOST_VALUES:
        raise ParamsError(
            f"data.seed is each, which for {len(seeds)} seeds is {data.size * len(seeds):,} values:"
            f" at most {MOST_VALUES:,} fit: lower data.size, or give data.seed a number"
        )
    return Draws(sine_times(data), {seed: noisy_sine(data, seed) for seed in seeds})


def sine_times(data: Data) -> Floats:
    """[time]"""
    times: Floats = np.linspace(0, data.x_max, data.size)
    return times


def noisy_sine(data: Data, seed: int) -> Floats:
    """`size` points of sin(x) + noise over [0, x_max], the same for the same seed: [time]."""
    noise = np.random.default_rng(seed).normal(0, data.noise, data.size)
    values: Floats = np.sin(sine_times(data)) + noise
    return values


def read_csv(data: Data) -> Draws:
    """The value column of a CSV file, and its times: numbers as they are, dates as decimal years.

    Rows are counted from 0 where there is no time column. docs/DATA.md says what a file may hold.
    Raises InputError that names the file and, where there is one, the row, line and column.
    """
    path = data.path or ""
    names = [data.value] if data.time is None else [data.value, data.time]
    column, *of_times = read_columns(path, names)
    if len(column.cells) < FEWEST_ROWS:
        count = f"{len(column.cells)} row{'s' * (len(column.cells) != 1)}"
        raise InputError(f"{path}: has {count} below its header: at least {FEWEST_ROWS} are needed")
    values, interpolated = read_values(column, data.missing)
    if np.ptp(values) == 0:
        raise InputError(
            f"{path}: every value of column {data.value:.60} is {values[0]:g}: "
            "there is nothing to predict"
        )
    decimal: Floats = np.arange(len(values), dtype=np.float64)
    dated = False
    notes = [note_of_gaps(column, interpolated)] if interpolated else []
    for each in of_times:
        times = read_times(each)
        decimal, dated = times.decimal, times.dated
        notes += filter(None, [note_of_steps(each, times)])
    return Draws(decimal, {None: values}, interpolated, tuple(map(printable, notes)), dated)
