"""Student's t over trials, against scipy and by simulation."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats
from simulated import share_and_error

from seqcompare.core.arrays import Floats
from seqcompare.core.errors import InputError
from seqcompare.statistics.estimates import Interval
from seqcompare.statistics.students_t import (
    mean_on_log_scale,
    mean_over_trials,
    paired_difference,
    std_over_trials,
)

TRIALS = arrays(np.float64, 6, elements=st.integers(-9, 9).map(float))


def test_the_interval_of_the_mean_is_students() -> None:
    values = np.array([1.0, 2.0, 4.0, 8.0])
    expected = stats.ttest_1samp(values, 0).confidence_interval(0.9)
    interval = mean_over_trials(values, 0.9).interval
    assert interval is not None
    assert (interval.low, interval.high) == pytest.approx(tuple(expected))


def test_one_seed_has_no_interval() -> None:
    assert mean_over_trials(np.array([1.0]), 0.95).interval is None


def test_one_seed_has_no_standard_deviation() -> None:
    assert std_over_trials(np.array([1.0])) is None


def test_the_standard_deviation_divides_by_n_minus_one() -> None:
    assert std_over_trials(np.array([1.0, 3.0])) == pytest.approx(math.sqrt(2))


def test_the_paired_difference_is_scipys_paired_t_test(rng: np.random.Generator) -> None:
    first, second = rng.standard_normal((2, 7))
    assert paired_difference(first, second, 0.95).p_value == pytest.approx(
        stats.ttest_rel(first, second).pvalue
    )


@given(first=TRIALS, second=TRIALS)
def test_the_interval_holds_zero_exactly_where_the_p_value_exceeds_the_level(
    first: Floats, second: Floats
) -> None:
    difference = paired_difference(first, second, 0.95)
    assert difference.interval is not None
    assert difference.p_value is not None
    assert difference.interval.holds(0) == (difference.p_value >= 0.05)


@given(first=TRIALS, second=TRIALS)
def test_swapping_two_models_mirrors_their_difference(first: Floats, second: Floats) -> None:
    forward = paired_difference(first, second, 0.95).interval
    backward = paired_difference(second, first, 0.95).interval
    assert forward is not None
    assert backward is not None
    assert (forward.low, forward.high) == pytest.approx((-backward.high, -backward.low))


def test_equal_seeds_show_no_difference() -> None:
    assert paired_difference(np.ones(3), np.ones(3), 0.95).p_value == 1.0


def test_a_difference_without_spread_is_certain() -> None:
    assert paired_difference(np.full(3, 2.0), np.ones(3), 0.95).interval == Interval(1.0, 1.0)


def test_unequal_numbers_of_seeds_cannot_be_paired() -> None:
    with pytest.raises(InputError, match="not 3 and 2: train both models with the same list"):
        paired_difference(np.ones(3), np.ones(2), 0.95)


# A mean error


ERRORS = arrays(np.float64, 5, elements=st.floats(1e-6, 1e3))


@given(values=ERRORS)
def test_the_interval_of_a_mean_error_stays_above_zero_and_around_it(values: Floats) -> None:
    found = mean_on_log_scale(values, 0.95)
    assert found.interval is not None
    assert 0 <= found.interval.low <= found.value <= found.interval.high


def test_the_interval_of_a_mean_error_is_symmetric_in_logarithms() -> None:
    values = np.array([1.0, 2.0, 6.0])
    interval = mean_on_log_scale(values, 0.95).interval
    margin = stats.t.ppf(0.975, 2) * stats.sem(values) / 3
    assert interval is not None
    assert (interval.low, interval.high) == pytest.approx(
        (3 * math.exp(-margin), 3 * math.exp(margin))
    )


def test_errors_of_zero_have_a_mean_of_zero() -> None:
    assert mean_on_log_scale(np.zeros(3), 0.95).interval == Interval(0.0, 0.0)


def test_the_mean_error_of_one_trial_has_no_interval() -> None:
    assert mean_on_log_scale(np.array([1.0]), 0.95).interval is None


def test_an_error_below_zero_is_refused() -> None:
    with pytest.raises(InputError, match="cannot be negative, but one is -1"):
        mean_on_log_scale(np.array([1.0, -1.0]), 0.95)


# Do they keep their word? Simulations


@pytest.mark.slow
@pytest.mark.parametrize("n_seeds", [2, 5, 10])
def test_the_t_interval_over_seeds_covers_the_mean(n_seeds: int, rng: np.random.Generator) -> None:
    means = [mean_over_trials(row, 0.95).interval for row in rng.standard_normal((10000, n_seeds))]
    hits = np.array([interval is not None and interval.holds(0) for interval in means], float)
    share, error = share_and_error(hits, 0.95, f"t interval, {n_seeds} seeds")
    assert abs(share - 0.95) < 2 * error


@pytest.mark.slow
@pytest.mark.parametrize("n_seeds", [2, 3, 5, 10])
def test_a_model_under_two_names_is_told_apart_no_more_often_than_the_level(
    n_seeds: int, rng: np.random.Generator
) -> None:
    errors = 0.012 * np.exp(0.05 * rng.standard_normal((10000, 2, n_seeds)))
    told = [paired_difference(a, b, 0.95).interval for a, b in errors]
    hits = np.array([interval is not None and not interval.holds(0) for interval in told], float)
    share, error = share_and_error(hits, 0.05, f"A/A, {n_seeds} seeds")
    assert share < 0.05 + 2 * error


@pytest.mark.slow
@pytest.mark.parametrize("spread_ratio", [1, 4, 10])
@pytest.mark.parametrize("correlation", [-0.3, 0.0, 0.3])
def test_the_paired_difference_keeps_its_level_however_the_seeds_vary_together(
    spread_ratio: int, correlation: float, rng: np.random.Generator
) -> None:
    first, own = rng.standard_normal((2, 10000, 5))
    second = correlation * first + math.sqrt(1 - correlation**2) * own
    pairs = list(zip(first, spread_ratio * second, strict=True))
    paired = [paired_difference(a, b, 0.95).p_value for a, b in pairs]
    welch = stats.ttest_ind(first, spread_ratio * second, axis=1, equal_var=False).pvalue
    label = f"5 seeds, spreads 1:{spread_ratio}, correlation {correlation}"
    share_and_error(welch < 0.05, 0.05, f"Welch, {label}")
    share, error = share_and_error(np.array(paired, float) < 0.05, 0.05, f"paired, {label}")
    assert share < 0.05 + 2 * error


@pytest.mark.slow
def test_a_planted_difference_of_twenty_percent_is_found_with_five_seeds(
    rng: np.random.Generator,
) -> None:
    errors = 0.012 * (1 + 0.05 * rng.standard_normal((5000, 2, 5)))
    found = [paired_difference(a, 1.2 * b, 0.95).interval for a, b in errors]
    hits = np.array([interval is not None and interval.high < 0 for interval in found], float)
    share, _ = share_and_error(hits, 0.95, "found, 20 % difference, 5 seeds")
    assert share > 0.95


@pytest.mark.slow
@pytest.mark.parametrize("n_trials", [5, 10])
@pytest.mark.parametrize("log_sd", [0.05, 0.15])
def test_the_interval_of_a_mean_error_covers_the_expected_error(
    n_trials: int, log_sd: float, rng: np.random.Generator
) -> None:
    errors = np.exp(log_sd * rng.standard_normal((10000, n_trials)) - log_sd**2 / 2)
    found = [mean_on_log_scale(row, 0.95).interval for row in errors]
    hits = np.array([interval is not None and interval.holds(1) for interval in found])
    share, error = share_and_error(hits, 0.95, f"mean error, {n_trials} trials, log sd {log_sd}")
    assert share > 0.95 - 2 * error


@pytest.mark.slow
@pytest.mark.parametrize("n_trials", [5, 10])
def test_the_interval_of_a_mean_error_covers_widely_spread_errors_better_than_the_plain_one(
    n_trials: int, rng: np.random.Generator
) -> None:
    errors = np.exp(0.5 * rng.standard_normal((10000, n_trials)) - 0.125)
    covered = []
    for made in (mean_on_log_scale, mean_over_trials):
        found = [made(row, 0.95).interval for row in errors]
        hits = np.array([interval is not None and interval.holds(1) for interval in found])
        covered.append(share_and_error(hits, 0.95, f"{made.__name__}, {n_trials} trials")[0])
    assert covered[0] > covered[1] + 0.01
