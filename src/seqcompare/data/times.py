"""Times of a series: numbers stay numbers, dates stay ISO text with their zone; future times."""

from __future__ import annotations

import re
from typing import Any, Literal, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Times = NDArray[Any]  # [time]: float64, or ISO texts in an array of objects
Moments: TypeAlias = "NDArray[np.datetime64]"  # [time], in microseconds

UNEVEN = 1.5  # median steps: quarters, months and leap years stay below
# No hexadecimals, no 1_000 and no digits of other scripts, all of which Python would take.
NUMBER = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
ZONE = re.compile(r"(Z|[+-][0-9]{2}:?[0-9]{2})$")
CALENDARS = ("B", "BME", "BMS", "BQE", "BQS")  # working days; a month's or quarter's last or first
Unit = Literal["M", "D", "m", "s", "ms", "us"]
LENGTHS: dict[Unit, int] = {"M": 7, "D": 10, "m": 16, "s": 19, "ms": 23, "us": 26}  # of ISO text
DAY = 86_400_000_000  # microseconds
LAST = np.datetime64("9999-12-31T23:59:59.999999")


def times_of_text(texts: pd.Series[str]) -> Times:
    """As data/series.csv holds them. Raises ValueError for texts that are no times."""
    times = texts.to_numpy(object)
    if texts.str.fullmatch(NUMBER).all():
        return times.astype(np.float64)
    if np.isnat(moments_of(times)).any():
        raise ValueError("its times are neither numbers nor dates")
    return times


def moments_of(texts: Times) -> Moments:
    """Of ISO texts: in UTC where they have a zone; NaT for no date."""
    zoned = len(texts) > 0 and ZONE.search(texts[0]) is not None
    found = pd.to_datetime(pd.Series(texts), format="ISO8601", utc=zoned, errors="coerce")
    return found.dt.tz_localize(None).to_numpy("datetime64[us]")


def future_times(times: Times, steps: int) -> Times | None:
    """The times that follow a series' last one: [steps], numbers or ISO texts as those given.

    Numbers go on in the median step. Dates go on in whole months, in equal steps, in one of
    CALENDARS, or else in the median step; with a zone, they have that of the last one.
    None where a step exceeds UNEVEN medians, for fewer than two times, and beyond the year 9999.
    """
    if len(times) < 2:
        return None
    if times.dtype == object:
        return _future_dates(times, steps)
    usual = np.median(np.diff(times))
    even = np.diff(times).max() <= UNEVEN * usual
    return times[-1] + usual * np.arange(1, steps + 1) if even else None


def _future_dates(times: Times, steps: int) -> Times | None:
    clock = moments_of(np.array([ZONE.sub("", text) for text in times], dtype=object))
    between = np.diff(clock).astype(np.int64)
    if np.ptp(between) or between[0] % DAY:  # a clock shows some hours twice, and others never
        between = np.diff(moments_of(times)).astype(np.int64)
    try:
        following = _months(clock, steps)
        if following is None and np.ptp(between):
            following = _working_days(clock, steps)
    except (ValueError, OverflowError):  # of pandas, beyond its last year
        return None
    if following is None and between.max() <= UNEVEN * np.median(between):
        ahead = np.round(np.median(between) * np.arange(1, steps + 1)).astype(np.int64)
        following = clock[-1] + ahead.astype("timedelta64[us]")
    return None if following is None or following[-1] > LAST else _texts(following, times[-1])


def _months(clock: Moments, steps: int) -> Moments | None:
    """On one day of the month, or a shorter month's last, and at one time of day."""
    months, days = clock.astype("datetime64[M]"), clock.astype("datetime64[D]")
    every = months[0] + (months[1] - months[0]) * np.arange(len(clock) + steps)
    day = (days - months.astype("datetime64[D]")).max()
    last = (every + 1).astype("datetime64[D]") - 1
    dates = np.minimum(every.astype("datetime64[D]") + day, last) + (clock[0] - days[0])
    return dates[len(clock) :] if np.array_equal(dates[: len(clock)], clock) else None


def _working_days(clock: Moments, steps: int) -> Moments | None:
    for frequency in CALENDARS:
        dates = pd.date_range(clock[0], periods=len(clock) + steps, freq=frequency)
        if np.array_equal(dates[: len(clock)], clock):
            return dates[len(clock) :].to_numpy("datetime64[us]")
    return None


def _texts(moments: Moments, like: str) -> Times:
    """With the zone of `like`, and as long as it, or as all of them need."""
    zone = "".join(ZONE.findall(like))
    for unit, length in LENGTHS.items():
        exact = (moments == moments.astype(f"datetime64[{unit}]")).all()
        if exact and length >= len(like) - len(zone):
            break
    texts = np.datetime_as_string(moments, unit).astype(object) + zone
    return texts if "T" in like else np.array([text.replace("T", " ") for text in texts], object)
