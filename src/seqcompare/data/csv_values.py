"""Values of a CSV column: plain numbers, every one finite; gaps refused or interpolated."""

import re
from typing import Literal

import numpy as np

from seqcompare.core.arrays import Floats
from seqcompare.core.errors import InputError
from seqcompare.data.csv_file import Column

LARGEST = 1e15  # its square, an error, still fits into a float32
LONGEST_GAP = 10  # values in a row that may be interpolated
MISSING = {"", "na", "n/a", "nan", "null"}  # in any case
# No hexadecimals, no 1_000 and no digits of other scripts, all of which Python would take.
NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


def read_values(
    column: Column, missing: Literal["refuse", "interpolate"]
) -> tuple[Floats, tuple[int, ...]]:
    """The values, [row], and the rows of those that are interpolated, counted from 0.

    A missing value is put on the line between its neighbours, however far apart their times are.
    Raises InputError for the first cell that is no number, and for gaps that are not to be filled:
    any under `refuse`; under `interpolate` those at either end and those longer than LONGEST_GAP.
    """
    values = np.empty(len(column.cells))
    gaps = []
    for row, cell in enumerate(column.cells):
        if cell.strip().lower() not in MISSING:
            values[row] = _value(column, row)
        elif missing == "interpolate":
            gaps.append(row)
        else:
            raise column.error(
                row, "is a missing value: fill it in, or set data.missing to interpolate"
            )
    if gaps:
        _check_gaps(column, gaps)
        known = np.delete(np.arange(len(values)), gaps)
        values[gaps] = np.interp(gaps, known, values[known])
    return values, tuple(gaps)


def is_number(cell: str) -> bool:
    return NUMBER.fullmatch(cell.strip()) is not None


def _value(column: Column, row: int) -> float:
    cell = column.cells[row]
    value = float(cell) if is_number(cell) else np.inf
    if not np.isfinite(value):
        raise column.error(row, f"is not a finite number{_hint(cell)}")
    if abs(value) > LARGEST:
        raise column.error(row, f"is not within ±{LARGEST:g}: use a larger unit")
    return value


def _hint(cell: str) -> str:
    if cell.startswith("="):
        return ": save the formula's value"
    if re.search(r"[0-9][,' _\u00a0\u202f][0-9]", cell):
        return ": write a point before decimals, and nothing between thousands"
    return ""


def _check_gaps(column: Column, gaps: list[int]) -> None:
    """gaps: rows, ascending."""
    last = len(column.cells) - 1
    for end in (gaps[0], gaps[-1]):
        if end in (0, last):
            raise column.error(
                end, "is missing at an end of the column, with no neighbour: delete that row"
            )
    length = 0
    for row, before in zip(gaps, [-1, *gaps], strict=False):
        length = length + 1 if row == before + 1 else 1
        if length > LONGEST_GAP:
            first = row - LONGEST_GAP
            raise InputError(
                f"{column.place(first)}: more than {LONGEST_GAP} values in a row are missing, "
                f"and no more are interpolated: fill them in, or use the rows on one side"
            )


def note_of_gaps(column: Column, gaps: tuple[int, ...]) -> str:
    """One line that says how many values are no measurements."""
    return (
        f"{column.place(gaps[0])}: missing, and interpolated, as are {len(gaps)} of "
        f"{len(column.cells)} values in all"
    )
