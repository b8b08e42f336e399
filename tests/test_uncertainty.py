import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy import stats
from sine import N_POINTS, N_TEST, NOISE, noisy_sine, split

from seqcompare.core.errors import InputError
from seqcompare.core.types import Floats
from seqcompare.evaluation.baselines import fit_ar
from seqcompare.statistics.uncertainty import (
    Interval,
    block_interval,
    block_length,
    diebold_mariano,
    draw_blocks,
    mean_over_seeds,
    paired_difference,
    probability_of_less,
    std_over_seeds,
)

SEEDS = arrays(np.float64, 6, elements=st.integers(-9, 9).map(float))
LOSSES = arrays(np.float64, 60, elements=st.integers(0, 9).map(float))


def share_and_error(
    hits: Floats | NDArray[np.bool_], nominal: float, label: str
) -> tuple[float, float]:
    """How often, and the standard error of that if `nominal` is true."""
    share, error = float(np.mean(hits)), math.sqrt(nominal * (1 - nominal) / hits.size)
    print(f"\n{label}: {share:.4f} -+ {error:.4f}, nominal {nominal}")
    return share, error


# Over seeds


def test_the_interval_of_the_mean_is_students() -> None:
    values = np.array([1.0, 2.0, 4.0, 8.0])
    expected = stats.ttest_1samp(values, 0).confidence_interval(0.9)
    interval = mean_over_seeds(values, 0.9).interval
    assert interval is not None
    assert (interval.low, interval.high) == pytest.approx(tuple(expected))


def test_one_seed_has_no_interval() -> None:
    assert mean_over_seeds(np.array([1.0]), 0.95).interval is None


def test_one_seed_has_no_standard_deviation() -> None:
    assert std_over_seeds(np.array([1.0])) is None


def test_the_standard_deviation_divides_by_n_minus_one() -> None:
    assert std_over_seeds(np.array([1.0, 3.0])) == pytest.approx(math.sqrt(2))


def test_the_paired_difference_is_scipys_paired_t_test(rng: np.random.Generator) -> None:
    first, second = rng.standard_normal((2, 7))
    assert paired_difference(first, second, 0.95).p_value == pytest.approx(
        stats.ttest_rel(first, second).pvalue
    )


@given(first=SEEDS, second=SEEDS)
def test_the_interval_holds_zero_exactly_where_the_p_value_exceeds_the_level(
    first: Floats, second: Floats
) -> None:
    difference = paired_difference(first, second, 0.95)
    assert difference.interval is not None
    assert difference.p_value is not None
    assert difference.interval.holds(0) == (difference.p_value >= 0.05)


@given(first=SEEDS, second=SEEDS)
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


@given(first=SEEDS, second=SEEDS)
def test_the_probability_of_less_is_the_mann_whitney_effect_size(
    first: Floats, second: Floats
) -> None:
    u = stats.mannwhitneyu(second, first, method="exact").statistic
    assert probability_of_less(first, second) == pytest.approx(u / (first.size * second.size))


@given(first=SEEDS, second=SEEDS)
def test_the_probabilities_of_both_directions_add_to_one(first: Floats, second: Floats) -> None:
    forward, backward = probability_of_less(first, second), probability_of_less(second, first)
    assert forward is not None
    assert backward is not None
    assert forward + backward == pytest.approx(1)


def test_the_lower_error_has_the_higher_probability() -> None:
    assert probability_of_less(np.array([1.0, 2.0]), np.array([3.0, 4.0])) == 1.0


def test_one_seed_has_no_probability() -> None:
    assert probability_of_less(np.array([1.0]), np.array([2.0, 3.0])) is None


# Over test sets: the block bootstrap


def plain_block_interval(losses: Floats, starts: Floats, confidence: float) -> tuple[float, float]:
    """The same interval, one resample and one block at a time."""
    n, length = losses.size, block_length(losses.size)
    every = [losses[i : i + length].mean() for i in range(n - length + 1)]
    error = np.std(every) * math.sqrt(length / (n - length))
    ratios = []
    for row in starts:
        drawn = [losses[int(start) : int(start) + length].mean() for start in row]
        spread = np.std(drawn, ddof=1) / math.sqrt(len(drawn))
        ratios.append(abs(np.mean(drawn) - np.mean(every)) / spread)
    margin = error * sorted(ratios)[math.ceil(confidence * (len(ratios) - 1))]
    return losses.mean() - margin, losses.mean() + margin


def test_the_vectorised_bootstrap_equals_the_plain_one(rng: np.random.Generator) -> None:
    losses, starts = rng.exponential(size=100), draw_blocks(100, 199, rng)
    interval = block_interval(losses, starts, 0.95)
    assert interval is not None
    assert (interval.low, interval.high) == pytest.approx(
        plain_block_interval(losses, starts.astype(np.float64), 0.95)
    )


@pytest.mark.parametrize(("n_losses", "length"), [(40, 7), (64, 8), (180, 12), (1000, 20)])
def test_blocks_grow_with_the_cube_root_of_the_test_part(n_losses: int, length: int) -> None:
    assert block_length(n_losses) == length


@given(n_losses=st.integers(40, 400))
def test_every_block_lies_inside_the_test_part(n_losses: int) -> None:
    starts = draw_blocks(n_losses, 50, np.random.default_rng(0))
    assert 0 <= starts.min() <= starts.max() <= n_losses - block_length(n_losses)


def test_the_same_generator_draws_the_same_blocks() -> None:
    first, second = (draw_blocks(180, 9, np.random.default_rng(5)) for _ in range(2))
    assert np.array_equal(first, second)


@given(losses=LOSSES, shift=st.floats(-5, 5), scale=st.floats(0.1, 10))
def test_the_block_interval_moves_and_scales_with_the_losses(
    losses: Floats, shift: float, scale: float
) -> None:
    starts = draw_blocks(60, 99, np.random.default_rng(0))
    plain = block_interval(losses, starts, 0.9)
    moved = block_interval(shift + scale * losses, starts, 0.9)
    assert (moved is None) == (plain is None)
    if moved is not None and plain is not None:
        expected = (shift + scale * plain.low, shift + scale * plain.high)
        assert (moved.low, moved.high) == pytest.approx(expected, rel=1e-6, abs=1e-6)


def test_losses_that_never_vary_have_an_interval_of_no_width() -> None:
    starts = draw_blocks(50, 99, np.random.default_rng(0))
    assert block_interval(np.full(50, 0.5), starts, 0.95) == Interval(0.5, 0.5)


def test_a_loss_in_one_block_alone_has_no_block_interval() -> None:
    starts = draw_blocks(50, 99, np.random.default_rng(0))
    assert block_interval(np.eye(50)[0], starts, 0.95) is None


def test_a_short_test_part_has_no_block_interval() -> None:
    starts = draw_blocks(39, 99, np.random.default_rng(0))
    assert block_interval(np.arange(39.0), starts, 0.95) is None


# Over test sets: Diebold & Mariano


def test_diebold_mariano_at_one_step_is_the_t_test_of_the_loss_difference(
    rng: np.random.Generator,
) -> None:
    first, second = rng.exponential(size=(2, 40))
    expected = stats.ttest_1samp(first - second, 0)
    tested = diebold_mariano(first, second)
    assert (tested.statistic, tested.p_value) == pytest.approx(
        (expected.statistic, expected.pvalue)
    )


def test_diebold_mariano_at_three_steps_is_the_formula_by_hand(rng: np.random.Generator) -> None:
    first, second = rng.exponential(size=(2, 40))
    d, n, h = first - second, 40, 3
    gamma = [
        sum((d[t] - d.mean()) * (d[t - k] - d.mean()) for t in range(k, n)) / n for k in range(h)
    ]
    s1 = d.mean() / math.sqrt((gamma[0] + 2 * gamma[1] + 2 * gamma[2]) / n)
    corrected = math.sqrt((n + 1 - 2 * h + h * (h - 1) / n) / n) * s1
    assert diebold_mariano(first, second, h).statistic == pytest.approx(corrected)


def test_the_better_forecast_has_the_negative_statistic(rng: np.random.Generator) -> None:
    losses = rng.exponential(size=60)
    statistic = diebold_mariano(losses, losses + rng.exponential(size=60)).statistic
    assert statistic is not None
    assert statistic < 0


def test_a_variance_that_truncation_makes_negative_is_replaced() -> None:
    saw = np.tile([1.0, -1.0], 20) + np.linspace(0, 0.1, 40)
    statistic = diebold_mariano(saw, np.zeros(40), horizon=2).statistic
    assert statistic is not None
    assert math.isfinite(statistic)


def test_forecasts_with_the_same_losses_do_not_differ() -> None:
    assert diebold_mariano(np.arange(30.0), np.arange(30.0)).p_value == 1.0


def test_a_horizon_as_long_as_the_test_part_cannot_be_compared() -> None:
    with pytest.raises(InputError, match="5 steps ahead needs more than 5"):
        diebold_mariano(np.ones(5), np.zeros(5), horizon=5)


# Do they keep their word? Simulations


@pytest.mark.slow
@pytest.mark.parametrize("n_seeds", [2, 5, 10])
def test_the_t_interval_over_seeds_covers_the_mean(n_seeds: int, rng: np.random.Generator) -> None:
    means = [mean_over_seeds(row, 0.95).interval for row in rng.standard_normal((10000, n_seeds))]
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
def test_diebold_mariano_keeps_its_level_at_the_size_of_the_test_part(
    rng: np.random.Generator,
) -> None:
    shared = NOISE * rng.standard_normal((5000, 1, N_TEST))
    losses = (shared + 0.02 * rng.standard_normal((5000, 2, N_TEST))) ** 2
    hits = np.array([diebold_mariano(a, b).p_value < 0.05 for a, b in losses], float)
    share, error = share_and_error(hits, 0.05, "Diebold-Mariano, equal forecasts")
    assert abs(share - 0.05) < 2 * error


CLEAN = np.sin(np.linspace(0, 50, N_POINTS))


def losses_of(kind: str, seed: int) -> tuple[Floats, float]:
    """Test losses [test] and what they estimate: their exact expectation over noise draws.

    A linear predictor's error is noise - noise in the window @ coefficients + error on the clean
    series, so its expected square is known for the coefficients at hand.
    """
    if kind == "white":
        return np.random.default_rng(seed).standard_normal(N_TEST) ** 2, 1.0
    parts = split(noisy_sine(seed), 20)
    clean = sliding_window_view(CLEAN, 21)[-N_TEST:]
    fitted = fit_ar(parts.train_inputs, parts.train_targets)

    def of(coefficients: Floats, intercept: float) -> tuple[Floats, float]:
        bias = clean[:, :-1] @ coefficients + intercept - clean[:, -1]
        expected = NOISE**2 * (1 + float(coefficients @ coefficients)) + float(np.mean(bias**2))
        return (parts.test_inputs @ coefficients + intercept - parts.test_targets) ** 2, expected

    ar, ar_expected = of(fitted.coefficients, fitted.intercept)
    naive, naive_expected = of(np.eye(20)[-1], 0.0)
    return {
        "ar": (ar, ar_expected),
        "persistence": (naive, naive_expected),
        "ar - persistence": (ar - naive, ar_expected - naive_expected),
    }[kind]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["white", "ar", "persistence", "ar - persistence"])
def test_the_block_interval_covers_the_expected_loss(kind: str, rng: np.random.Generator) -> None:
    hits = np.empty(4000)
    for seed in range(hits.size):
        losses, expected = losses_of(kind, seed)
        interval = block_interval(losses, draw_blocks(N_TEST, 999, rng), 0.95)
        hits[seed] = interval is not None and interval.holds(expected)
    share, error = share_and_error(hits, 0.95, f"block bootstrap, {kind}")
    assert abs(share - 0.95) < 2 * error
