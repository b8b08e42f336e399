"""Means, growth and shares: formulas against scipy, and coverage by simulation."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from simulated import share

from seqcompare.statistics.estimates import (
    Estimate,
    geometric_mean,
    local_slope,
    mean_on_log_scale,
    mean_over_trials,
    wilson,
)


def test_the_mean_has_students_interval_and_p_value(rng: np.random.Generator) -> None:
    values = rng.normal(0.3, 1, 7)
    expected = stats.ttest_1samp(values, 0)
    found = mean_over_trials(values, 0.9)
    assert (found.low, found.high) == pytest.approx(tuple(expected.confidence_interval(0.9)))
    assert found.p == pytest.approx(expected.pvalue)


def test_the_geometric_mean_is_the_mean_of_logarithms(rng: np.random.Generator) -> None:
    values = rng.lognormal(size=7)
    logs, found = mean_over_trials(np.log(values), 0.9), geometric_mean(values, 0.9)
    expected = np.exp([logs.value, logs.low, logs.high])
    assert [found.value, found.low, found.high] == pytest.approx(expected.tolist())
    assert found.p == logs.p


def test_an_interval_too_wide_for_a_float_is_left_out() -> None:
    found = geometric_mean(np.array([1e-9, 1e9]), 0.9995)
    assert (found.value, found.low, found.high) == (pytest.approx(1), None, None)


@pytest.mark.parametrize("estimate", [mean_over_trials, geometric_mean, mean_on_log_scale])
def test_one_trial_has_a_value_and_no_interval(estimate) -> None:  # type: ignore[no-untyped-def]
    assert estimate(np.array([1.0]), 0.95) == Estimate(1.0)


@pytest.mark.parametrize(("value", "p"), [(0.0, 1.0), (2.0, 0.0)])
def test_values_without_spread_are_certain(value: float, p: float) -> None:
    assert mean_over_trials(np.full(3, value), 0.95) == Estimate(value, value, value, p)


def test_the_interval_of_a_mean_error_is_symmetric_in_logarithms() -> None:
    values = np.array([1.0, 2.0, 6.0])
    margin = stats.t.ppf(0.975, 2) * stats.sem(values) / 3
    found = mean_on_log_scale(values, 0.95)
    assert (found.low, found.high) == pytest.approx((3 * math.exp(-margin), 3 * math.exp(margin)))


@given(power=st.floats(0.5, 3), shorter=st.floats(1, 1e3), factor=st.floats(1.1, 10))
def test_a_power_law_has_its_power_as_slope(power: float, shorter: float, factor: float) -> None:
    found = local_slope(shorter, factor * shorter, np.full(3, factor**power), 0.95)
    assert found.value == pytest.approx(power)
    assert found.high == pytest.approx(found.low)


@given(trials=st.integers(1, 200), part=st.floats(0, 1), confidence=st.floats(0.5, 0.999))
def test_wilsons_interval_is_scipys(trials: int, part: float, confidence: float) -> None:
    successes = round(part * trials)
    expected = stats.binomtest(successes, trials).proportion_ci(confidence, method="wilson")
    found = wilson(successes, trials, confidence)
    assert (found.low, found.high) == pytest.approx(tuple(expected), abs=1e-12)


@pytest.mark.parametrize(("successes", "trials"), [(0, 0), (3, 2), (-1, 2)])
def test_impossible_counts_have_no_share(successes: int, trials: int) -> None:
    with pytest.raises(ValueError, match=f"{successes} successes in {trials} trials"):
        wilson(successes, trials, 0.95)


@pytest.mark.parametrize(("log_sd", "at_least"), [(0.05, 0.95), (0.15, 0.95), (0.5, 0.92)])
def test_the_interval_of_a_mean_error_covers_the_expected_error(
    log_sd: float, at_least: float, rng: np.random.Generator
) -> None:
    errors = np.exp(log_sd * rng.standard_normal((4000, 5)) - log_sd**2 / 2)
    covered, error = share([mean_on_log_scale(row, 0.95).holds(1) for row in errors], 0.95)
    plain, _ = share([mean_over_trials(row, 0.95).holds(1) for row in errors], 0.95)
    assert covered > at_least - 2 * error
    assert covered >= plain - error
