"""Times after the last one: numbers go on in the usual step, dates as a calendar has them."""

from datetime import datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqcompare.core.dates import decimal_year, iso_texts
from seqcompare.data.next_times import next_moments, next_times
from seqcompare.data.series import Draws


def dated(*texts: str) -> Draws:
    moments = [datetime.fromisoformat(text) for text in texts]
    return Draws(np.array([decimal_year(each) for each in moments]), {}, dated=True)


def test_numbers_go_on_in_the_median_step() -> None:
    following = next_times(Draws(np.array([0.0, 0.9, 2.0, 3.0]), {}), 2)
    assert np.array(following).tolist() == [4, 5]


@pytest.mark.parametrize(
    ("given_dates", "following"),
    [
        (["2023-12-30", "2023-12-31", "2024-01-01"], ["2024-01-02", "2024-01-03"]),
        (["2024-02-26", "2024-02-27", "2024-02-28"], ["2024-02-29", "2024-03-01"]),
        (["2024-05-17", "2024-05-24", "2024-05-31"], ["2024-06-07", "2024-06-14"]),
        (["2024-01-01", "2024-02-01", "2024-03-01"], ["2024-04-01", "2024-05-01"]),
        (["2023-10-31", "2023-11-30", "2023-12-31"], ["2024-01-31", "2024-02-29"]),
        (["2023-04-01", "2023-07-01", "2023-10-01"], ["2024-01-01", "2024-04-01"]),
        (["2021-01-01", "2022-01-01", "2023-01-01"], ["2024-01-01", "2025-01-01"]),
        (["2024-05-31 22:00", "2024-05-31 23:00", "2024-06-01 00:00"],
         ["2024-06-01 01:00", "2024-06-01 02:00"]),
        (["2024-05-31 22:59:30", "2024-05-31 22:59:40", "2024-05-31 22:59:50"],
         ["2024-05-31 23:00:00", "2024-05-31 23:00:10"]),
        (["2024-01-31", "2024-03-02", "2024-04-02"], ["2024-05-03", "2024-06-03"]),
    ],
    ids=["days", "a leap day", "weeks", "months", "months' ends", "quarters", "years", "hours",
         "seconds", "31 days"],
)  # fmt: skip
def test_dates_go_on_as_a_calendar_has_them(given_dates: list[str], following: list[str]) -> None:
    assert next_times(dated(*given_dates), 2) == following


@given(
    start=st.datetimes(datetime(1800, 1, 1), datetime(2200, 1, 1)),
    seconds=st.integers(1, 27 * 86_400),
    steps=st.integers(1, 50),
)
def test_equal_steps_shorter_than_a_month_go_on_to_the_second(
    start: datetime, seconds: int, steps: int
) -> None:
    start = start.replace(microsecond=0)
    moments = [start + timedelta(seconds=seconds * place) for place in range(20 + steps)]
    past = Draws(np.array([decimal_year(each) for each in moments[:20]]), {}, dated=True)
    assert next_times(past, steps) == iso_texts(moments[20:])


@given(
    first=st.integers(12 * 1800, 12 * 2200),
    by=st.integers(1, 24),
    day=st.integers(1, 28),
    steps=st.integers(1, 50),
)
def test_whole_months_go_on_as_whole_months(first: int, by: int, day: int, steps: int) -> None:
    months = [first + by * place for place in range(4 + steps)]
    moments = [datetime(month // 12, month % 12 + 1, day) for month in months]
    assert next_moments(moments[:4], steps) == moments[4:]


def test_where_steps_are_uneven_or_the_calendar_ends_there_are_no_next_times() -> None:
    assert next_times(Draws(np.array([0.0, 1, 2, 4]), {}), 2) is None
    assert next_times(dated("2024-05-30", "2024-05-31", "2024-06-03"), 2) is None
    assert next_times(dated("9999-12-29", "9999-12-30", "9999-12-31"), 2) is None
    assert next_times(dated("9997-01-01", "9998-01-01", "9999-01-01"), 2) is None
