"""The series: a seeded noisy sine, or a CSV file of the user's."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from seqcompare.core.errors import InputError
from seqcompare.core.params import Data
from seqcompare.core.types import Floats

if TYPE_CHECKING:
    import pandas as pd

FEWEST_ROWS = 3
LARGEST = 1e15  # its square, an error, still fits into a float32
YEARS = range(1, 9999)  # those that pandas can write


@dataclass(frozen=True)
class Series:
    """One value per time step, equally spaced."""

    times: Floats  # [time]
    values: Floats  # [time], in the data's own unit


@dataclass(frozen=True)
class Draws:
    """The series of all trials: one for all, under None, or one for each trial, under its seed."""

    times: Floats  # [time]
    values: Mapping[int | None, Floats]  # seed -> [time], in the data's own unit

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
    """The series that params.yaml asks for. Raises InputError for a CSV file that cannot be one."""
    if data.source == "csv":
        series = read_csv(data)
        return Draws(series.times, {None: series.values})
    if data.seed != "each":
        return Draws(sine_times(data), {None: noisy_sine(data, data.seed)})
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


def read_csv(data: Data) -> Series:
    """The value column of a CSV file, and its times: numbers as they are, dates as decimal years.

    Rows are counted from 0 where there is no time column. Raises InputError that names the file
    and, where there is one, the row and the column at fault.
    """
    table = _read_columns(data)
    values = _of_a_size_to_train_on(_numbers(table[data.value], data), table[data.value], data)
    if len(values) < FEWEST_ROWS:
        raise InputError(f"{data.path}: has {len(values)} rows: at least {FEWEST_ROWS} are needed")
    if np.ptp(values) == 0:
        raise InputError(
            f"{data.path}: every value of column {data.value} is {values[0]:g}: "
            "there is nothing to predict"
        )
    if data.time is None:
        return Series(np.arange(len(values), dtype=np.float64), values)
    return Series(_ascending(_times(table[data.time], data), table[data.time], data), values)


def _read_columns(data: Data) -> "pd.DataFrame":
    """The columns that are asked for, as text."""
    import pandas as pd  # a third of a second that the built-in series need not wait for

    wanted = [data.value] if data.time is None else [data.time, data.value]
    try:
        with Path(data.path or "").open(encoding="utf-8-sig", newline="") as file:
            rows = (row for row in csv.reader(file, strict=True) if row)
            header = next(rows, None)
            if header is None:
                raise InputError(f"{data.path}: not a CSV table: it is empty")
            places = [_place(name, header, data) for name in wanted]
            return pd.DataFrame(_cells(rows, places, len(header), data), columns=wanted, dtype=str)
    except OSError as error:
        raise InputError(f"{data.path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise InputError(
            f"{data.path}: byte {error.start} is no UTF-8: save the file in that encoding"
        ) from None
    except (csv.Error, ValueError) as error:
        raise InputError(f"{data.path}: not a CSV table: {error}") from None


def _place(name: str, header: list[str], data: Data) -> int:
    if name not in header:
        some = ", ".join(f"{column:.30}" for column in header[:10])
        more = ", …" if len(header) > 10 else ""
        raise InputError(f"{data.path}: has no column {name}: its columns are {some}{more}")
    if header.count(name) > 1:
        raise InputError(f"{data.path}: has {header.count(name)} columns {name}: rename the others")
    return header.index(name)


def _cells(rows: Iterator[list[str]], places: list[int], width: int, data: Data) -> list[list[str]]:
    """[row, place]. Raises InputError for a row with fewer or more fields than the header."""
    cells = []
    for number, row in enumerate(rows, start=1):
        if len(row) != width:
            raise InputError(
                f"{data.path}: row {number} has {len(row)} fields, but the header has {width}"
            )
        cells.append([row[place] for place in places])
    return cells


def _numbers(column: "pd.Series[str]", data: Data) -> Floats:
    """[row]. Every one finite."""
    import pandas as pd

    values = pd.to_numeric(column, errors="coerce").to_numpy(np.float64)
    _refuse(~np.isfinite(values), column, data, "a finite number")
    return values


def _of_a_size_to_train_on(values: Floats, column: "pd.Series[str]", data: Data) -> Floats:
    _refuse(np.abs(values) > LARGEST, column, data, f"within ±{LARGEST:g}: use a larger unit")
    return values


def _times(column: "pd.Series[str]", data: Data) -> Floats:
    """[row]. Numbers, or dates as decimal years."""
    import pandas as pd

    numbers = pd.to_numeric(column, errors="coerce")
    if numbers.notna().any():
        return _numbers(column, data)
    dates = pd.to_datetime(column, format="ISO8601", errors="coerce", utc=True)
    year = dates.dt.year
    unknown = ~year.isin(YEARS).to_numpy()
    _refuse(unknown, column, data, "a number or a date like 2024-05-31")
    start = pd.to_datetime(year.astype(str).str.zfill(4), format="%Y", utc=True)
    end = pd.to_datetime((year + 1).astype(str).str.zfill(4), format="%Y", utc=True)
    return (year + (dates - start) / (end - start)).to_numpy(np.float64)


def _ascending(times: Floats, column: "pd.Series[str]", data: Data) -> Floats:
    late = np.concatenate([[False], times[1:] <= times[:-1]])
    _refuse(late, column, data, "later than the row above: sort the file by time, each time once")
    return times


def _refuse(bad: NDArray[np.bool_], column: "pd.Series[str]", data: Data, wanted: str) -> None:
    """Raise InputError for the first row that is bad. Row 1 comes after the header."""
    if bad.any():
        row = int(np.argmax(bad))
        where = f"{data.path}: row {row + 1}, column {column.name}"
        raise InputError(f"{where}: {column.iloc[row]!r:.60} is not {wanted}")
