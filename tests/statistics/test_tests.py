"""Several claims judged together, and differences of shares."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from seqcompare.statistics.estimates import Estimate, mean_over_trials
from seqcompare.statistics.tests import holm, p_value_at, share_difference


def test_holms_p_values_are_those_by_hand() -> None:
    p_values = {"c": 0.03, "a": 0.01, "d": 0.04, "b": 0.005}
    # 4 * 0.005, 3 * 0.01, then 2 * 0.03 for both: the last is no smaller than the one before
    assert holm(p_values) == pytest.approx({"c": 0.06, "a": 0.03, "d": 0.06, "b": 0.02})
    assert list(holm(p_values)) == list(p_values)
    assert holm({"a": 0.6, "b": 0.7}) == {"a": 1, "b": 1}
    assert holm({}) == {}


def test_the_p_value_at_a_limit_is_students() -> None:
    values = np.array([0.3, 0.1, 0.5, -0.1, 0.4])
    number = mean_over_trials(values, 0.9)
    assert p_value_at(0.0, number, 0.9, 4) == pytest.approx(number.p)
    assert p_value_at(0.2, number, 0.9, 4) == pytest.approx(stats.ttest_1samp(values, 0.2).pvalue)


def test_with_fewer_degrees_of_freedom_a_limit_outside_has_a_larger_p_value() -> None:
    number = mean_over_trials(np.array([0.3, 0.1, 0.5, 0.2, 0.4]), 0.95)
    careful, exact = (p_value_at(0.0, number, 0.95, freedom) or 0 for freedom in (2, 4))
    assert 0 < exact < careful < 0.05


@pytest.mark.parametrize(
    ("number", "limit", "p"),
    [(Estimate(1, 1, 1), 1.0, 1.0), (Estimate(1, 1, 1), 0.5, 0.0), (Estimate(1), 0.5, None)],
)
def test_a_number_that_never_varies_is_certain(
    number: Estimate, limit: float, p: float | None
) -> None:
    assert p_value_at(limit, number, 0.95, 2) == p


# Newcombe 1998, part II, table II: examples a, c and h by method 10
@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [
        ((56, 48), (70, 80), 0.0524, 0.3339),
        ((9, 3), (10, 10), 0.1705, 0.8090),
        ((10, 0), (10, 10), 0.6075, 1.0),
    ],
)
def test_the_interval_of_a_difference_is_newcombes(
    successes: tuple[int, int], trials: tuple[int, int], low: float, high: float
) -> None:
    found = share_difference(successes, trials, 0.95)
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-4)


COUNTS = st.integers(0, 20)


@given(first=COUNTS, second=COUNTS, confidence=st.floats(0.6, 0.999), pairs=st.integers(1, 9))
def test_shares_differ_by_their_p_value_exactly_where_the_interval_excludes_0(
    first: int, second: int, confidence: float, pairs: int
) -> None:
    found = share_difference((first, second), (20, 20), confidence, pairs)
    assert found.p is not None
    if abs(found.p - (1 - confidence)) > 1e-6:
        assert (found.p < 1 - confidence) == (not found.holds(0))


@pytest.mark.parametrize(
    ("confidence", "least", "least_if_equal"),
    [(0.95, 0.92, 0.957), (0.99, 0.94, 0.988), (0.999, 0.96, 0.999)],
)
def test_newcombes_interval_of_ten_trials_each_covers_the_true_difference(
    confidence: float, least: float, least_if_equal: float
) -> None:
    """Exactly, over all outcomes: no simulation."""
    counts = range(11)
    found = {(a, b): share_difference((a, b), (10, 10), confidence) for a in counts for b in counts}
    for first, second in product(np.linspace(0.02, 0.98, 9), repeat=2):
        chances = np.outer(*stats.binom.pmf(counts, 10, [[first], [second]]))
        covered = sum(chances[ab] for ab, each in found.items() if each.holds(first - second))
        assert covered > (least_if_equal if first == second else least)
