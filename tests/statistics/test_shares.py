"""Shares of successes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from seqcompare.core.errors import InputError
from seqcompare.statistics.shares import wilson


@given(trials=st.integers(1, 200), share=st.floats(0, 1), confidence=st.floats(0.5, 0.999))
def test_wilsons_interval_is_scipys(trials: int, share: float, confidence: float) -> None:
    successes = round(share * trials)
    expected = stats.binomtest(successes, trials).proportion_ci(confidence, method="wilson")
    interval = wilson(successes, trials, confidence).interval
    assert interval is not None
    assert (interval.low, interval.high) == pytest.approx(tuple(expected), abs=1e-12)


def test_ten_successes_in_ten_trials_are_not_certain() -> None:
    interval = wilson(10, 10, 0.95).interval
    assert interval is not None
    assert interval.low == pytest.approx(0.7225, abs=1e-4)  # Newcombe 1998's method 3
    assert interval.high == 1.0


@pytest.mark.parametrize(("successes", "trials"), [(0, 0), (3, 2), (-1, 2)])
def test_impossible_counts_have_no_share(successes: int, trials: int) -> None:
    with pytest.raises(InputError, match=f"{successes} successes in {trials} trials"):
        wilson(successes, trials, 0.95)
