"""Next times of a series: those that follow its last one in the usual step."""

import calendar
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

import numpy as np

from seqcompare.core.arrays import Floats
from seqcompare.core.dates import iso_texts, moment_of
from seqcompare.data.csv_times import UNEVEN
from seqcompare.data.series import Draws


def next_times(draws: Draws, steps: int) -> Floats | list[str] | None:
    """As numbers, or as ISO dates where the series has dates: [steps].

    None where steps are uneven, and where dates would go beyond the year 9999.
    """
    between = np.diff(draws.times)
    usual = float(np.median(between))
    if between.max() > UNEVEN * usual:
        return None
    if not draws.dated:
        following: Floats = draws.times[-1] + usual * np.arange(1, steps + 1)
        return following
    try:
        return iso_texts(next_moments([moment_of(time) for time in draws.times.tolist()], steps))
    except (OverflowError, ValueError):  # of datetime and of timedelta
        return None


def next_moments(moments: Sequence[datetime], steps: int) -> list[datetime]:
    """The moments after those given, of which there are at least three: [steps].

    In whole months where those given are equally many apart, on one day of the month, or the last
    of a month that lacks that day, and at one time of day. Else in the median step.
    """
    last, day = moments[-1], max(moment.day for moment in moments)
    first, *_, one_before, month = (12 * each.year + each.month - 1 for each in moments)
    step = month - one_before
    if step > 0 and all(
        each == _in_month(first + step * place, day, last) for place, each in enumerate(moments)
    ):
        return [_in_month(month + step * ahead, day, last) for ahead in range(1, steps + 1)]
    seconds = [(after - before).total_seconds() for before, after in pairwise(moments)]
    usual = timedelta(seconds=float(np.median(seconds)))
    return [last + usual * ahead for ahead in range(1, steps + 1)]


def _in_month(number: int, day: int, like: datetime) -> datetime:
    """That day of a month, or its last where it is shorter, at the time of day of `like`.

    number: of months since the year 0.
    """
    year, month = number // 12, number % 12 + 1
    return like.replace(year=year, month=month, day=min(day, calendar.monthrange(year, month)[1]))
