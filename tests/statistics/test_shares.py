"""Shares of successes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from simulated import share_and_error

from seqcompare.core.errors import InputError
from seqcompare.statistics.shares import share_difference, wilson


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
    interval = share_difference(successes, trials, 0.95).interval
    assert interval is not None
    assert (interval.low, interval.high) == pytest.approx((low, high), abs=1e-4)


counts = st.integers(0, 20)


@given(first=counts, second=counts, confidence=st.floats(0.6, 0.999), pairs=st.integers(1, 9))
def test_shares_differ_by_their_p_value_exactly_where_the_interval_excludes_0(
    first: int, second: int, confidence: float, pairs: int
) -> None:
    found = share_difference((first, second), (20, 20), confidence, pairs)
    assert found.interval is not None
    assert found.p_value is not None
    if abs(found.p_value - (1 - confidence)) > 1e-6:
        assert (found.p_value < 1 - confidence) == (not found.interval.holds(0))


@given(first=counts, second=counts)
def test_a_difference_seen_from_the_other_side_is_its_negative(first: int, second: int) -> None:
    one = share_difference((first, second), (20, 20), 0.95)
    other = share_difference((second, first), (20, 20), 0.95)
    assert one.interval is not None
    assert other.interval is not None
    assert one.value == -other.value
    assert one.p_value == other.p_value
    assert (one.interval.low, one.interval.high) == (-other.interval.high, -other.interval.low)


@pytest.mark.parametrize(("confidence", "most"), [(0.95, 0.043), (0.99, 0.012), (0.999, 0.001)])
def test_equal_shares_of_ten_trials_are_told_apart_no_more_often_than_agreed(
    confidence: float, most: float
) -> None:
    """Exactly, over all outcomes: no simulation."""
    n = 10
    apart = np.zeros((n + 1, n + 1))
    for first in range(n + 1):
        for second in range(n + 1):
            interval = share_difference((first, second), (n, n), confidence).interval
            assert interval is not None
            apart[first, second] = not interval.holds(0)
    for share in np.linspace(0.02, 0.98, 25):
        chances = stats.binom.pmf(np.arange(n + 1), n, share)
        assert chances @ apart @ chances <= most


@pytest.mark.slow
@pytest.mark.parametrize("shares", [(0.1, 0.1), (0.5, 0.5), (0.9, 0.5), (0.95, 0.05)])
@pytest.mark.parametrize("trials", [10, 30])
def test_wilson_and_newcombe_cover_as_often_as_they_say(
    shares: tuple[float, float], trials: int
) -> None:
    rng = np.random.default_rng(1)
    drawn = rng.binomial(trials, shares, size=(4000, 2)).tolist()
    wilsons, newcombes = [], []
    for first, second in drawn:
        one = wilson(first, trials, 0.95).interval
        both = share_difference((first, second), (trials, trials), 0.95).interval
        assert one is not None
        assert both is not None
        wilsons.append(one.holds(shares[0]))
        newcombes.append(both.holds(shares[0] - shares[1]))
    for name, hits in (("Wilson", wilsons), ("Newcombe", newcombes)):
        share, error = share_and_error(np.array(hits), 0.95, f"{name}, {shares}, {trials} trials")
        assert share > 0.92 - 3 * error  # of a discrete count no interval is exact
