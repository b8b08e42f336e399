"""An estimate in a JSON file and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqcompare.statistics.estimates import Estimate, Interval, read_estimate, write_estimate

NUMBERS = st.floats(-1e9, 1e9)
INTERVALS = st.none() | st.builds(Interval, NUMBERS, NUMBERS)


def test_an_estimate_is_written_as_three_entries() -> None:
    assert write_estimate("mse", Estimate(2.0, Interval(1.0, 4.0), 0.3)) == {
        "mse": 2.0,
        "mse_ci_low": 1.0,
        "mse_ci_high": 4.0,
    }


@given(estimate=st.none() | st.builds(Estimate, NUMBERS, INTERVALS, st.none()))
def test_what_was_written_is_read_back(estimate: Estimate | None) -> None:
    assert read_estimate(write_estimate("mse", estimate), "mse") == estimate


def test_an_entry_that_is_missing_is_no_estimate_without_an_interval() -> None:
    with pytest.raises(KeyError, match="mse_ci_low"):
        read_estimate({"mse": 1.0}, "mse")


def test_an_interval_holds_its_ends() -> None:
    assert Interval(1.0, 2.0).holds(2.0)
