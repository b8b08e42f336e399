"""Times after the last one: numbers go on in the usual step, dates as a calendar has them."""

from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqcompare.data.times import future_times, times_of_text


def after(texts: list[str], steps: int = 2) -> list[str] | None:
    following = future_times(np.array(texts, dtype=object), steps)
    return None if following is None else following.tolist()


@pytest.mark.parametrize(
    ("times", "following"),
    [
        ([0, 0.9, 2, 3], [4, 5]),
        ([1700, 1701, 1702], [1703, 1704]),
        ([0, 1, 2, 4], None),
        ([7], None),
    ],
)
def test_numbers_go_on_in_the_median_step(
    times: list[float], following: list[float] | None
) -> None:
    found = future_times(np.array(times, dtype=np.float64), 2)
    assert (None if found is None else found.tolist()) == following


EVEN = {
    "a leap day": (["2024-02-26", "2024-02-27", "2024-02-28"], ["2024-02-29", "2024-03-01"]),
    "months without a day": (["2024-10", "2024-11", "2024-12"], ["2025-01", "2025-02"]),
    "months' ends": (["2023-10-31", "2023-11-30", "2023-12-31"], ["2024-01-31", "2024-02-29"]),
    "quarters' ends": (["2023-06-30", "2023-09-30", "2023-12-31"], ["2024-03-31", "2024-06-30"]),
    "leap days": (["2020-02-29", "2021-02-28", "2022-02-28"], ["2023-02-28", "2024-02-29"]),
    "31 days": (["2024-01-31", "2024-03-02", "2024-04-02"], ["2024-05-03", "2024-06-03"]),
    "working days": (["2024-05-30", "2024-05-31", "2024-06-03"], ["2024-06-04", "2024-06-05"]),
    "a month's last working day": (["2023-10-31", "2023-11-30", "2023-12-29"],
                                   ["2024-01-31", "2024-02-29"]),
    "minutes that seconds follow": (["2024-01-01T00:00", "2024-01-01T00:00:30"],
                                    ["2024-01-01T00:01:00", "2024-01-01T00:01:30"]),
    "100 microseconds": (["2024-01-01 00:00:00.0001", "2024-01-01 00:00:00.0002"],
                         ["2024-01-01 00:00:00.000300", "2024-01-01 00:00:00.000400"]),
    "hours, one shown twice": (
        ["2024-10-27 01:00+02:00", "2024-10-27 02:00+02:00", "2024-10-27 02:00+01:00"],
        ["2024-10-27 03:00+01:00", "2024-10-27 04:00+01:00"]),
    "hours, one skipped": (["2024-03-31 01:00+0100", "2024-03-31 03:00+0200"],
                           ["2024-03-31 04:00+0200", "2024-03-31 05:00+0200"]),
    "midnights, one after 25 hours": (
        ["2024-10-26 00:00+02:00", "2024-10-27 00:00+02:00", "2024-10-28 00:00+01:00"],
        ["2024-10-29 00:00+01:00", "2024-10-30 00:00+01:00"]),
}  # fmt: skip


@pytest.mark.parametrize(("times", "following"), EVEN.values(), ids=EVEN)
def test_dates_go_on_as_a_calendar_has_them(times: list[str], following: list[str]) -> None:
    assert after(times) == following


@pytest.mark.parametrize(
    "times",
    [
        ["2024-05-29", "2024-05-30", "2024-06-03", "2024-06-04"],  # a holiday
        ["2024-01-01 00:00", "2024-01-01 01:00", "2024-01-01 03:00", "2024-01-01 04:00"],
        ["9999-12-29", "9999-12-30", "9999-12-31"],
        ["9997-01-01", "9998-01-01", "9999-01-01"],
        ["2024-05-31"],
    ],
)
def test_where_steps_are_uneven_or_the_calendar_ends_there_are_no_future_times(
    times: list[str],
) -> None:
    assert after(times) is None


@given(
    start=st.datetimes(datetime(1800, 1, 1), datetime(2200, 1, 1)),
    step=st.timedeltas(timedelta(microseconds=1), timedelta(days=27)),
    steps=st.integers(1, 50),
)
def test_equal_steps_go_on_to_the_microsecond(start: datetime, step: timedelta, steps: int) -> None:
    moments = [start + step * place for place in range(20 + steps)]
    following = after([each.isoformat(" ") for each in moments[:20]], steps)
    assert following is not None
    assert [datetime.fromisoformat(each) for each in following] == moments[20:]


@given(
    first=st.integers(12 * 1800, 12 * 2200),
    by=st.integers(1, 24),
    day=st.integers(1, 31),
    steps=st.integers(1, 50),
)
def test_whole_months_go_on_as_whole_months(first: int, by: int, day: int, steps: int) -> None:
    months = pd.PeriodIndex([pd.Period(ordinal=first - 12 * 1970 + by * place, freq="M")
                             for place in range(12 + steps)])  # fmt: skip
    days = np.minimum(day, months.days_in_month)
    texts = [f"{month}-{each:02}" for month, each in zip(months, days, strict=True)]
    if max(days[:12]) == day:  # else the past does not tell that there is such a day
        assert after(texts[:12], steps) == texts[12:]


@pytest.mark.parametrize("texts", [["soon"], ["1", "2024-05-31"], [""], ["2024-02-30"]])
def test_what_are_no_times_are_refused(texts: list[str]) -> None:
    with pytest.raises(ValueError, match="neither numbers nor dates"):
        times_of_text(pd.Series(texts))
