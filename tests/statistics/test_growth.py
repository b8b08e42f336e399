"""How costs grow: slopes and crossings of curves that are known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from simulated import share_and_error

from seqcompare.statistics.growth import crossover, local_slope

LENGTHS = np.array([20.0, 40, 80, 160, 320, 640, 1280])


@given(power=st.floats(0.5, 3), shorter=st.floats(1, 1e3), factor=st.floats(1.1, 10))
def test_a_power_law_gives_its_power(power: float, shorter: float, factor: float) -> None:
    found = local_slope(shorter, factor * shorter, np.full(3, factor**power), 0.95)
    assert found.value == pytest.approx(power)
    assert found.interval is not None
    assert found.interval.high - found.interval.low < 1e-6


def test_one_process_has_a_slope_and_no_interval() -> None:
    found = local_slope(20, 40, np.array([4.0]), 0.95)
    assert found.value == pytest.approx(2)
    assert found.interval is None


def test_processes_that_differ_widen_the_interval_by_students_t() -> None:
    logs = np.array([0.9, 1.0, 1.1]) * np.log(2)
    found = local_slope(20, 40, np.exp(logs), 0.95)
    assert found.interval is not None
    assert found.interval.high - found.value == pytest.approx(4.303 * 0.1 / np.sqrt(3), rel=1e-3)


@pytest.mark.slow
@pytest.mark.parametrize("processes", [3, 5])
def test_a_slopes_interval_covers_the_truth_as_often_as_it_says(processes: int) -> None:
    """Each process has a speed of its own, which its ratio of two lengths shares but for noise."""
    rng = np.random.default_rng(0)
    noise = rng.normal(0, 0.05, (4000, processes, 2))  # of the logarithm of each time
    growth = np.exp(np.log(2) * 1.0 + noise[..., 1] - noise[..., 0])
    intervals = [local_slope(640, 1280, each, 0.95).interval for each in growth]
    hits = np.array([ends is not None and ends.holds(1.0) for ends in intervals])
    share, error = share_and_error(hits, 0.95, f"{processes} processes")
    assert abs(share - 0.95) < 4 * error


def test_curves_cross_where_they_are_equal() -> None:
    assert crossover(LENGTHS, 300 / LENGTHS) == pytest.approx(300)


def test_curves_that_keep_their_order_never_cross() -> None:
    assert crossover(LENGTHS, np.full(LENGTHS.size, 0.5)) is None
