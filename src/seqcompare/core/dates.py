"""Dates as decimal years, in which series hold them, and back; dates as text."""

import calendar
import math
from collections.abc import Sequence
from datetime import datetime, timedelta


def decimal_year(moment: datetime) -> float:
    """2 July 2023, 12:00 is 2023.5."""
    start = moment.replace(month=1, day=1, hour=0, minute=0, second=0, microsecond=0)
    return moment.year + (moment - start) / _length(moment.year)


def moment_of(decimal: float) -> datetime:
    """The date and time of a decimal year, to the millisecond; without a zone."""
    year = math.floor(decimal)
    seconds = (decimal - year) * _length(year).total_seconds()
    return datetime(year, 1, 1) + timedelta(milliseconds=round(1000 * seconds))


def date_text(decimal: float, step: float) -> str:
    """As much of a date as tells it from one a step away. Both in years."""
    day = 1 / 365
    known = {0.9: "%Y", 27 * day: "%Y-%m", 0.9 * day: "%Y-%m-%d", day / 1500: "%Y-%m-%d %H:%M"}
    form = next((form for least, form in known.items() if step >= least), "%Y-%m-%d %H:%M:%S")
    return moment_of(decimal).strftime(form)


def iso_texts(moments: Sequence[datetime]) -> list[str]:
    """Like 2024-05-31, or 2024-05-31 18:00, or as much more as one of them needs, to the ms."""
    texts = [moment.isoformat(" ", "milliseconds") for moment in moments]
    for unneeded in (" 00:00:00.000", ":00.000", ".000"):
        if all(text.endswith(unneeded) for text in texts):
            return [text.removesuffix(unneeded) for text in texts]
    return texts


def _length(year: int) -> timedelta:
    return timedelta(days=366 if calendar.isleap(year) else 365)
