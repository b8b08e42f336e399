"""Shares: of successes, and of pairs of trials."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from seqcompare.core.errors import InputError
from seqcompare.core.types import Floats
from seqcompare.statistics.shares import probability_of_less, wilson

TRIALS = arrays(np.float64, 6, elements=st.integers(-9, 9).map(float))


@given(first=TRIALS, second=TRIALS)
def test_the_probability_of_less_is_the_mann_whitney_effect_size(
    first: Floats, second: Floats
) -> None:
    u = stats.mannwhitneyu(second, first, method="exact").statistic
    assert probability_of_less(first, second) == pytest.approx(u / (first.size * second.size))


@given(first=TRIALS, second=TRIALS)
def test_the_probabilities_of_both_directions_add_to_one(first: Floats, second: Floats) -> None:
    forward, backward = probability_of_less(first, second), probability_of_less(second, first)
    assert forward is not None
    assert backward is not None
    assert forward + backward == pytest.approx(1)


def test_the_lower_error_has_the_higher_probability() -> None:
    assert probability_of_less(np.array([1.0, 2.0]), np.array([3.0, 4.0])) == 1.0


def test_one_seed_has_no_probability() -> None:
    assert probability_of_less(np.array([1.0]), np.array([2.0, 3.0])) is None


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
