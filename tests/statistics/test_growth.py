"""How costs grow: exponents, polynomials and crossings of curves that are known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqcompare.statistics.growth import (
    Polynomial,
    crossover,
    fit_exponent,
    fit_polynomial,
    local_exponents,
)

LENGTHS = np.array([20.0, 40, 80, 160, 320, 640, 1280])


@given(power=st.floats(0.5, 3), factor=st.floats(1e-6, 1e3))
def test_a_power_law_gives_its_power(power: float, factor: float) -> None:
    fitted = fit_exponent(LENGTHS, factor * LENGTHS**power, 0.95)
    assert fitted.value == pytest.approx(power)
    assert fitted.interval is not None
    assert fitted.interval.high - fitted.interval.low < 1e-6


def test_the_exponents_interval_covers_the_truth_as_often_as_it_says() -> None:
    rng = np.random.default_rng(0)
    hits = 0
    for _ in range(400):
        noisy = LENGTHS * np.exp(rng.normal(0, 0.1, LENGTHS.size))
        interval = fit_exponent(LENGTHS, noisy, 0.9).interval
        assert interval is not None
        hits += interval.holds(1)
    assert 0.86 < hits / 400 < 0.94


def test_points_that_are_known_badly_widen_the_interval() -> None:
    sharp = fit_exponent(LENGTHS, LENGTHS, 0.95).interval
    blurred = fit_exponent(LENGTHS, LENGTHS, 0.95, np.full(LENGTHS.size, 0.1)).interval
    assert sharp is not None
    assert blurred is not None
    x = np.log(LENGTHS)
    expected = 1.96 * 0.1 / np.sqrt(np.sum((x - x.mean()) ** 2))
    assert blurred.high - sharp.high == pytest.approx(expected, rel=1e-3)


def test_two_lengths_have_a_slope_and_no_interval() -> None:
    fitted = fit_exponent(LENGTHS[:2], LENGTHS[:2] ** 2, 0.95)
    assert fitted.value == pytest.approx(2)
    assert fitted.interval is None


def test_the_local_exponent_passes_one_and_a_half_at_the_takeover() -> None:
    curve = Polynomial(0, 3, 0.01)
    n = np.array([0.999, 1.001]) * curve.takeover()
    assert local_exponents(n, np.array([curve.at(v) for v in n])) == pytest.approx([1.5])


def test_a_curve_without_a_quadratic_part_is_never_taken_over() -> None:
    assert Polynomial(5, 3, 0).takeover() is None


def test_a_polynomial_is_found_again() -> None:
    truth = Polynomial(2e-3, 1e-4, 5e-7)
    fitted = fit_polynomial(LENGTHS, np.array([truth.at(n) for n in LENGTHS]))
    assert fitted.takeover() == pytest.approx(truth.takeover(), rel=1e-6)


def test_a_fitted_polynomial_has_no_negative_part() -> None:
    fitted = fit_polynomial(LENGTHS, LENGTHS**0.9)
    assert min(fitted.constant, fitted.linear, fitted.quadratic) >= 0


def test_curves_cross_where_they_are_equal() -> None:
    assert crossover(LENGTHS, 300 * LENGTHS, LENGTHS**2) == pytest.approx(300)


def test_curves_that_keep_their_order_never_cross() -> None:
    assert crossover(LENGTHS, LENGTHS, 2 * LENGTHS) is None
