"""Dates as decimal years, and back."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqcompare.core.dates import date_text, decimal_year, moment_of


def test_the_middle_of_a_year_is_its_half() -> None:
    assert decimal_year(datetime(2023, 7, 2, 12)) == 2023.5


@given(st.datetimes(datetime(1700, 1, 1), datetime(2200, 1, 1)))
def test_a_decimal_year_is_the_moment_that_it_came_from(moment: datetime) -> None:
    assert abs(moment_of(decimal_year(moment)) - moment) < timedelta(milliseconds=2)


@pytest.mark.parametrize(
    ("step_in_days", "text"),
    [(365, "2024"), (30, "2024-02"), (1, "2024-02-29"), (1 / 24, "2024-02-29 18:30"),
     (1 / 86400, "2024-02-29 18:30:05")],
)  # fmt: skip
def test_as_much_of_a_date_is_shown_as_a_step_changes(step_in_days: float, text: str) -> None:
    moment = decimal_year(datetime(2024, 2, 29, 18, 30, 5))
    assert date_text(moment, step_in_days / 365) == text
