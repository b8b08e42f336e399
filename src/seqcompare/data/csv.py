"""The series of a CSV file of the user's: numbers, gaps, times and ids, as docs/DATA.md says."""

from __future__ import annotations

import os
import re
import unicodedata
from dataclasses import dataclass
from functools import partial
from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from seqcompare.core.errors import InputError, shown
from seqcompare.core.params import LARGEST_SERIES, Data
from seqcompare.core.paths import INPUT, MAIN_PROJECT
from seqcompare.core.types import Floats
from seqcompare.data.times import NUMBER, UNEVEN, Times, moments_of

LARGEST = 1e15  # its square, an error, still fits into a float32
LARGEST_TIME = 1e20  # nanoseconds since 1970 are 2e18
TABLE = "fields end at commas, decimals begin with a point, and quotes come in pairs"
LONGEST_GAP = 10  # values in a row that may be filled
MISSING = {"", "na", "n/a", "nan", "null"}  # in any case
IN_DVC_CACHE = re.compile(r"/files/md5/[0-9a-f]{2}/[0-9a-f]{30}$")  # where `dvc add` may link to
# 2024-05, 2024-05-31, 2024-05-31 18:00, with seconds, their fractions and a zone or without.
DATE = (
    r"[0-9]{4}([-/])[0-9]{2}(?:\1[0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?"
    r"(?P<zone>Z|[+-][0-9]{2}:?[0-9]{2})?)?)?"
)
# 202405 to 20240531180000: as numbers they are far from the next month and day.
COMPACT_DATE = (
    r"(?:1[6-9]|2[0-9])[0-9]{2}(?:0[1-9]|1[0-2])"
    r"(?:(?:0[1-9]|[12][0-9]|3[01])(?:[01][0-9]|2[0-3])?(?:[0-5][0-9]){0,2})?(?:\.0*)?"
)
Rows = NDArray[np.int64]
_normal = partial(unicodedata.normalize, "NFC")  # ä is one character to some programs, or two


@dataclass(frozen=True, eq=False)
class Column:
    """One column of a file, from the first row below the header on."""

    path: str
    name: str
    cells: pd.Series[str]  # [row], without blanks around them

    def place(self, row: int) -> str:
        """Where a cell stands, as errors say it. row: counted from 0."""
        return f"{self.path}: row {row + 1}, column {self.name:.60}"

    def refuse(self, rows: NDArray[np.bool_], complaint: str) -> None:
        """Raises InputError for the first of these rows."""
        if rows.any():
            row = int(np.argmax(rows))
            raise InputError(f"{self.place(row)}: {shown(self.cells.iat[row])} {complaint}")


def read_csv(data: Data, anywhere: bool = False) -> tuple[pd.DataFrame, list[str]]:
    """The series of a file, and notes on it, one line each.

    Columns: series (str), time (float or ISO text; without data.time the position in the series),
    value (float), and filled (0 or 1) where any was missing. Rows of a series stand together.
    anywhere: also outside of data/input, where DVC does not watch it.
    Raises InputError that names the file and, where there is one, the row and column.
    """
    names = {"value": data.value, "time": data.time, "id": data.id}
    named = {kind: name for kind, name in names.items() if name is not None}
    columns = _read_columns(data.path or "", named, anywhere)
    column, rows = columns["value"], len(columns["value"].cells)
    ids = np.full(rows, " ".join(data.value.split()) or "value", object)
    if "id" in columns:
        ids = columns["id"].cells.to_numpy(object)
        unfit = columns["id"].cells.str.contains(r"\A\Z|[\r\n]").to_numpy(bool)
        columns["id"].refuse(unfit, "is no name of a series: write one of one line into each row")
    series: Rows = pd.factorize(ids)[0]
    values, filled = _values(column, series, data.missing)
    notes, times = [], pd.Series(series).groupby(series).cumcount().to_numpy(np.float64)
    if "time" in columns:
        times = _times(columns["time"])
        notes = _check_steps(columns["time"], times, series)
    frame = pd.DataFrame({"series": ids, "time": times, "value": values})
    if filled.any():
        frame["filled"] = filled.astype(np.int64)
        first = column.place(int(np.argmax(filled)))
        many = f"{filled.sum()} of {rows} values in all"
        notes.insert(0, f"{first}: missing, filled with the value before it, as are {many}")
    notes = [str(InputError(note)) for note in notes]  # what would steer a terminal is escaped
    return frame.iloc[np.argsort(series, kind="stable")].reset_index(drop=True), notes


def _read_columns(path: str, named: dict[str, str], anywhere: bool) -> dict[str, Column]:
    """Raises InputError for no table, for blank or uneven rows, and for no one such column."""
    frame = _parse(_text(path, anywhere), path)
    header, rows = [str(name) for name in frame.iloc[0]], frame.iloc[1:].reset_index(drop=True)
    if not 0 < len(rows) <= LARGEST_SERIES:
        raise InputError(f"{path}: has {len(rows):,} rows: give 1 to {LARGEST_SERIES:,}")
    if (short := rows[rows.columns[-1]].isna().to_numpy()).any():
        row = int(np.argmax(short))
        if fields := int(rows.iloc[row].notna().sum()):
            raise InputError(f"{path}: row {row + 1} has {fields} of {len(header)} fields: {TABLE}")
        raise InputError(  # to pass over a value that is missing would move all that follow
            f'{path}: row {row + 1} is blank: delete it; if a value is missing there, write ""'
        )
    columns = {}
    for kind, name in named.items():
        if (count := header.count(_normal(name))) != 1:
            raise InputError(
                f"{path}: the header has {count} columns {name:.60}, but needs one: between commas "
                f"are {', '.join(map(repr, header)):.300}"
            )
        columns[kind] = Column(path, name, rows[header.index(_normal(name))].str.strip(" \t"))
    return columns


def _text(path: str, anywhere: bool) -> str:
    """Of a file. Raises InputError, before it is read, where it is no file of data/input."""
    try:
        target = Path(os.path.realpath(path, strict=True))
    except (OSError, ValueError) as error:
        fix = ""
        if (MAIN_PROJECT / f"{path}.dvc").is_file():  # a copy holds what Git knows
            ignored = Path(path).with_name(".gitignore")
            fix = f": run `git add {path}.dvc {ignored}` for --temp and --queue, or `dvc pull`"
        reason = getattr(error, "strerror", error)
        raise InputError(f"{path}: cannot be read: {reason}{fix}") from None
    inside = target.is_relative_to(Path.cwd().resolve() / INPUT)
    if not (inside or anywhere or IN_DVC_CACHE.search(target.as_posix())):
        raise InputError(
            f"{path}: is not in {INPUT}/, or a link that leads out of it: put a copy there"
        )
    if not target.is_file():
        raise InputError(f"{path}: is no regular file: give the path of a CSV file")
    text = _normal(target.read_bytes().decode("utf-8-sig", errors="replace"))
    if "\0" in text or "\N{REPLACEMENT CHARACTER}" in text:
        raise InputError(f"{path}: is no text in UTF-8: save the file as UTF-8")
    if text[:1] in ("", "\r", "\n"):
        raise InputError(f"{path}: line 1 is empty: begin the file with a header")
    return text.rstrip("\r\n")


def _parse(text: str, path: str) -> pd.DataFrame:
    """All rows, the header among them, as text; NaN where a row is too short."""
    try:
        return pd.read_csv(
            StringIO(text, newline=""), header=None, dtype=str, keep_default_na=False,
            skip_blank_lines=False,
            engine="python",  # that in C fills short and blank rows up, and reads "1"2 as 12
        )  # fmt: skip
    except pd.errors.ParserError as error:
        raise InputError(f"{path}: not a CSV table: {error}: {TABLE}") from None


def _values(column: Column, series: Rows, missing: str) -> tuple[Floats, NDArray[np.bool_]]:
    """The values, [row], and which of them were missing and repeat the one before in their series.

    No value is filled from a later one. Raises InputError for a cell that is no number, and for a
    gap: any under `refuse`; under `ffill` one at either end, or longer than LONGEST_GAP.
    """
    cells = column.cells
    gaps = cells.str.lower().isin(MISSING).to_numpy(bool)
    if missing == "refuse":
        column.refuse(gaps, "is a missing value: fill it in, or set data.missing to ffill")
    number = cells.str.fullmatch(NUMBER).to_numpy(bool)
    column.refuse(~gaps & ~number, "is not a number like 1234.5 or 1e-3")
    values = np.full(len(cells), np.nan)
    values[number] = cells[number].to_numpy(object).astype(np.float64)
    column.refuse(np.abs(values) > LARGEST, f"is not within ±{LARGEST:g}: use a larger unit")
    grouped = pd.Series(values).groupby(series)
    whole = grouped.ffill(limit=LONGEST_GAP)
    column.refuse(
        (whole.isna() | grouped.bfill().isna()).to_numpy(),
        f"is missing at an end of its series, or more than {LONGEST_GAP} are missing in a row: "
        "fill them in, or use the rows on one side",
    )
    return whole.to_numpy(), gaps


def _times(column: Column) -> Times:
    """[row], all numbers or all dates, as the first is; dates all with a zone, or all without.

    Raises InputError for the first cell that differs, and for dates without dashes.
    """
    cells = column.cells
    number = cells.str.fullmatch(NUMBER).to_numpy(bool)
    if number[0]:
        column.refuse(~number, "is not a number, as the time in row 1 is")
        times: Times = cells.to_numpy(object).astype(np.float64)
        column.refuse(np.abs(times) > LARGEST_TIME, f"is not within ±{LARGEST_TIME:g}")
        if cells.str.fullmatch(COMPACT_DATE).all():
            column.refuse(
                number,
                "reads like a date, as do all below: write it like 2024-05-31, or subtract it from "
                "all if it is a count",
            )
        return times
    date = cells.str.fullmatch(DATE).to_numpy(bool)
    zoned = cells.str.extract(DATE)["zone"].notna().to_numpy()
    complaint = "has a time zone, and row 1 has none, or the reverse: give every time one, or none"
    column.refuse(date & (zoned != zoned[0]), complaint)
    iso = np.where(date, cells.str.replace("/", "-").to_numpy(object), "")
    wrong = np.isnat(moments_of(iso))  # also for the 30th of February
    complaint = "is not a date like 2024-05-31 or 2024-05-31 18:00, nor are all times numbers"
    column.refuse(wrong, complaint)
    return iso


def _check_steps(column: Column, times: Times, series: Rows) -> list[str]:
    """A note on the step that is largest beside the median of its series, where that is uneven.

    Raises InputError for a time that is not later than the one before in its series.
    """
    dated = times.dtype == object
    steps = pd.Series(moments_of(times) if dated else times).groupby(series).diff()
    steps = steps.dt.total_seconds() if dated else steps
    complaint = "is not later than the time before: sort the file by time, each time once"
    column.refuse((steps <= 0).to_numpy(), complaint)
    times_median = steps / steps.groupby(series).transform("median")
    if not (large := times_median > UNEVEN).any():
        return []
    row = int(times_median.argmax())
    return [
        f"{column.place(row)}: {shown(column.cells.iat[row])} comes {times_median[row]:.3g} median "
        f"steps after the time before: {large.sum()} of {steps.count()} steps are that large, and "
        "models take all as one step"
    ]
