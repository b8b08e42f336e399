"""Shares: of successes, and of pairs of trials."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from seqcompare.core.types import Floats
from seqcompare.statistics.shares import probability_of_less

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
