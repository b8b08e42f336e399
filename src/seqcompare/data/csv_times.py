"""Times of a CSV column: numbers as they are, or ISO dates and times as decimal years."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np

from seqcompare.core.arrays import Floats
from seqcompare.core.dates import decimal_year
from seqcompare.data.csv_file import Column
from seqcompare.data.csv_values import is_number

LARGEST = 1e20  # nanoseconds since 1970 are 2e18
UNEVEN = 1.5  # median steps: quarters, months and leap years stay below
# 2024-05, 2024-05-31, 2024-05-31 18:00, with seconds, their fractions and a zone or without.
DATE = re.compile(
    r"[0-9]{4}([-/])[0-9]{2}"
    r"(\1[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:?[0-9]{2})?)?)?"
)
COMPACT = re.compile(r"[0-9]{6}|[0-9]{8}|[0-9]{10}|[0-9]{12}|[0-9]{14}")  # yyyymm to yyyymmddhhmmss
COMPACT_YEARS = range(1600, 3000)


@dataclass(frozen=True)
class Times:
    """Ascending times and the steps between them."""

    decimal: Floats  # [row], as given, or years
    steps: Floats  # [row - 1], in `unit`
    unit: str  # of the steps; none for plain numbers

    @property
    def dated(self) -> bool:
        return self.unit != ""


def read_times(column: Column) -> Times:
    """The first row decides whether all are numbers or all are dates.

    Raises InputError for the first cell that is neither, or not what the first row is; for numbers
    that are dates without dashes; for zoned and naive times mixed; for times that do not ascend.
    """
    times = _numbers(column) if is_number(column.cells[0]) else _dates(column)
    if not times.dated:
        _refuse_compact_dates(column, times)
    _check_ascending(column, times)
    return times


def note_of_steps(column: Column, times: Times) -> str | None:
    """One line about the largest step, where it exceeds UNEVEN median steps."""
    median, largest = float(np.median(times.steps)), int(np.argmax(times.steps))
    if times.steps[largest] <= UNEVEN * median:
        return None
    uneven = int(np.sum(times.steps > UNEVEN * median))
    return (
        f"{column.place(largest + 1)}: {column.cells[largest + 1]!r:.60} comes "
        f"{_amount(times.steps[largest], times.unit)} after the row above, but the median step is "
        f"{_amount(median, times.unit)}: {uneven} of {len(times.steps)} steps are that large, and "
        "models take all as one step"
    )


def _numbers(column: Column) -> Times:
    times = np.empty(len(column.cells))
    for row, cell in enumerate(column.cells):
        if not is_number(cell):
            raise column.error(row, "is not a number, as the time in row 1 is")
        times[row] = float(cell)
        if abs(times[row]) > LARGEST:
            raise column.error(row, f"is not a time within ±{LARGEST:g}: use a larger unit")
    return Times(times, np.diff(times), "")


def _dates(column: Column) -> Times:
    moments = [_moment(column, row) for row in range(len(column.cells))]
    zoned = moments[0].tzinfo is not None
    for row, moment in enumerate(moments):
        if (moment.tzinfo is not None) != zoned:
            here, there = ("no time zone", "one") if zoned else ("a time zone", "none")
            raise column.error(
                row, f"has {here}, but row 1 has {there}: give every time one, or none"
            )
    days = [(after - before) / timedelta(days=1) for before, after in pairwise(moments)]
    return Times(np.array([decimal_year(each) for each in moments]), np.array(days), "days")


def _moment(column: Column, row: int) -> datetime:
    """A date, in UTC where it has a zone; without a day, the month's first."""
    cell = column.cells[row].strip()
    if is_number(cell):
        raise column.error(row, "is a number, but the time in row 1 is none")
    try:
        if DATE.fullmatch(cell):
            iso = cell.replace("/", "-")
            moment = datetime.fromisoformat(f"{iso}-01" if len(iso) == 7 else iso)
            return moment.astimezone(UTC) if moment.tzinfo else moment
    except (ValueError, OverflowError):  # the 30th of February; before the year 1
        pass
    raise column.error(row, "is not a number or a date like 2024-05-31 or 2024-05-31 18:00")


def _check_ascending(column: Column, times: Times) -> None:
    if np.any(times.steps <= 0):
        row = int(np.argmax(times.steps <= 0)) + 1
        raise column.error(
            row, "is not later than the row above: sort the file by time, each time once"
        )
    alike = np.diff(times.decimal) <= 0
    if np.any(alike):
        raise column.error(
            int(np.argmax(alike)) + 1,
            "is closer to the row above than decimal years can tell: give times as numbers",
        )


def _refuse_compact_dates(column: Column, times: Times) -> None:
    """Numbers like 20000131: as such, the step after a month's last day is 70 days long.

    Those that are equally spaced are a series of equal steps, read either way.
    """
    if np.ptp(times.steps) > 0 and all(map(_is_compact_date, times.decimal.tolist())):
        digits = f"{times.decimal[0]:.0f}"
        date = "-".join(filter(None, (digits[:4], digits[4:6], digits[6:8])))
        raise column.error(
            0,
            f"is a number, but reads like a date, as do all below: write {date} if it is one, "
            "or subtract it from every row if not",
        )


def _is_compact_date(number: float) -> bool:
    digits = f"{number:.0f}"
    if number != int(number) or not COMPACT.fullmatch(digits):
        return False
    pairs = [int(digits[at : at + 2]) for at in range(4, len(digits), 2)]
    month, day, hour, minute, second = [*pairs, *(1, 1, 0, 0, 0)[len(pairs) :]]
    try:
        datetime(int(digits[:4]), month, day, hour, minute, second)
    except ValueError:
        return False
    return int(digits[:4]) in COMPACT_YEARS


def _amount(size: float, unit: str) -> str:
    if unit == "days" and size < 1:
        return f"{size * 86_400:g} seconds"
    return f"{size:g} {unit.removesuffix('s') if size == 1 else unit}".strip()
