"""How many errors calibrate an interval."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqcompare.core.calibration import conformal_rank, fewest_errors


@given(st.integers(1, 9999).map(lambda share: share / 10_000))
def test_with_the_fewest_errors_an_interval_is_finite_and_with_one_less_it_is_not(
    confidence: float,
) -> None:
    fewest = fewest_errors(confidence)
    assert conformal_rank(fewest, confidence) <= fewest
    assert conformal_rank(fewest - 1, confidence) > fewest - 1


@pytest.mark.parametrize(("confidence", "errors"), [(0.5, 1), (0.9, 9), (0.95, 19), (0.99, 99)])
def test_floats_do_not_ask_for_one_error_more(confidence: float, errors: int) -> None:
    assert fewest_errors(confidence) == errors
    assert conformal_rank(errors, confidence) == errors
