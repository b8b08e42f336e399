import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.lib.stride_tricks import sliding_window_view
from scipy import stats
from sine import N_TEST, NOISE, STEP, noisy_sine, split

from seqcompare.core.arrays import Floats, Predictor
from seqcompare.core.errors import InputError
from seqcompare.evaluation.baselines import (
    LinearPredictor,
    Oracle,
    SeasonalNaive,
    fit_ar,
    persistence,
)

SEQ_LEN = 12
ORACLE = Oracle(STEP, NOISE)
PREDICTORS: dict[str, Predictor] = {
    "persistence": persistence,
    "seasonal": SeasonalNaive(7),
    "ar": fit_ar(*(lambda s: (s.train_inputs, s.train_targets))(split(noisy_sine(1), SEQ_LEN))),
    "oracle": ORACLE,
}


def mse(predict: Predictor, inputs: Floats, targets: Floats) -> float:
    return float(np.mean((predict(inputs) - targets) ** 2))


def brute_force_oracle(window: Floats, noise: float, amplitude: float, points: int) -> float:
    """The definition, one phase at a time and without a shortcut."""
    weights, clean = [], []
    for i in range(points):
        phase = 2 * math.pi * i / points
        past = [amplitude * math.sin(phase - STEP * lag) for lag in range(len(window), 0, -1)]
        weights.append(float(np.sum(stats.norm.logpdf(window, past, noise))))
        clean.append(amplitude * math.sin(phase))
    posterior = np.exp(np.array(weights) - max(weights))
    return float(posterior @ np.array(clean) / posterior.sum())


def test_persistence_repeats_the_last_value() -> None:
    assert persistence(np.array([[1.0, 2.0], [3.0, 4.0]])).tolist() == [2.0, 4.0]


@given(period=st.integers(1, 9), phase=st.floats(0, 6))
def test_the_seasonal_baseline_is_exact_on_a_periodic_series(period: int, phase: float) -> None:
    series = np.sin(2 * math.pi * (np.arange(40) % period) / period + phase)
    windows = sliding_window_view(series, 11)
    assert np.array_equal(SeasonalNaive(period)(windows[:, :-1]), windows[:, -1])


def test_a_season_longer_than_the_window_is_refused() -> None:
    with pytest.raises(InputError, match="period is 6, but a window holds 5 values"):
        SeasonalNaive(6)(np.zeros((2, 5)))


def test_a_season_of_no_samples_is_refused() -> None:
    with pytest.raises(InputError, match="at least 1 sample"):
        SeasonalNaive(0)


def test_ar_recovers_the_coefficients_of_a_linear_law(rng: np.random.Generator) -> None:
    inputs = rng.standard_normal((50, 4))
    fitted = fit_ar(inputs, 3 + inputs @ np.array([1.0, -2.0, 0.5, 0.0]))
    assert np.allclose(np.append(fitted.coefficients, fitted.intercept), [1, -2, 0.5, 0, 3])


def hat_matrix(inputs: Floats, ridge: float) -> Floats:
    """From targets to fitted values, the intercept without a penalty: [window, window]."""
    n, seq_len = inputs.shape
    design = np.column_stack([np.ones(n), inputs])
    penalty = ridge * np.diag([0.0] + [1.0] * seq_len)
    hat: Floats = design @ np.linalg.solve(design.T @ design + penalty, design.T)
    return hat


def gcv(inputs: Floats, targets: Floats, ridge: float) -> float:
    """Golub, Heath & Wahba 1979, eq. 1.4, as it stands there: with the matrix itself."""
    residual_maker = np.eye(len(inputs)) - hat_matrix(inputs, ridge)
    return float(
        np.mean((residual_maker @ targets) ** 2) / np.trace(residual_maker / len(inputs)) ** 2
    )


def left_out(inputs: Floats, targets: Floats, ridge: float) -> float:
    """Mean squared error of each window by a fit to all others."""
    squares = []
    for i in range(len(inputs)):
        others = np.arange(len(inputs)) != i
        x, y = inputs[others], targets[others]
        mean_x, mean_y = x.mean(axis=0), y.mean()
        centred = x - mean_x
        normal = centred.T @ centred + ridge * np.eye(x.shape[1])
        coefficients = np.linalg.solve(normal, centred.T @ (y - mean_y))
        squares.append((targets[i] - mean_y - (inputs[i] - mean_x) @ coefficients) ** 2)
    return float(np.mean(squares))


def penalties(inputs: Floats) -> Floats:
    """Those of the grid that a solver of the normal equations can take: [penalty]."""
    largest = np.linalg.norm(inputs - inputs.mean(axis=0), 2)
    grid: Floats = np.logspace(-8, 1, 46) * largest**2
    return grid


@given(
    n=st.integers(3, 25),
    seq_len=st.integers(1, 30),
    noise=st.sampled_from([0.05, 0.5, 5.0]),
    seed=st.integers(0, 1000),
)
def test_no_penalty_has_a_lower_gcv_than_the_chosen_one(
    n: int, seq_len: int, noise: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    inputs = rng.standard_normal((n, seq_len)) + 2
    targets = inputs @ rng.standard_normal(seq_len) + noise * rng.standard_normal(n)
    chosen = fit_ar(inputs, targets).ridge
    freedom = {p: n - np.trace(hat_matrix(inputs, p)) for p in penalties(inputs)}
    allowed = [p for p, left in freedom.items() if left > 0.1001 * (n - 1)]
    best = min(gcv(inputs, targets, p) for p in allowed)
    assert gcv(inputs, targets, chosen) <= best * (1 + 1e-5)
    assert n - np.trace(hat_matrix(inputs, chosen)) > 0.0999 * (n - 1)


@settings(max_examples=20)
@given(pairs=st.integers(1, 4), n=st.sampled_from([12, 15]), seed=st.integers(0, 1000))
def test_the_chosen_penalty_predicts_left_out_windows_best_where_all_weigh_alike(
    pairs: int, n: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    angles = 2 * math.pi * np.outer(np.arange(n), np.arange(1, pairs + 1)) / n
    inputs = np.hstack([np.cos(angles), np.sin(angles)]) * np.tile(rng.uniform(0.2, 3, pairs), 2)
    targets = inputs @ rng.standard_normal(2 * pairs) + rng.standard_normal(n)
    chosen = fit_ar(inputs, targets).ridge
    best = min(left_out(inputs, targets, p) for p in penalties(inputs))
    assert left_out(inputs, targets, chosen) <= best * (1 + 1e-6)


def test_ar_equals_least_squares_where_there_is_next_to_no_noise(rng: np.random.Generator) -> None:
    inputs = rng.standard_normal((40, 6)) + 5
    targets = inputs @ rng.standard_normal(6) + 1e-9 * rng.standard_normal(40)
    expected = least_squares(inputs, targets)(inputs)
    assert np.allclose(fit_ar(inputs, targets)(inputs), expected, rtol=0, atol=1e-10)


@pytest.mark.parametrize("n_windows", [9, 40])
def test_ar_solves_the_normal_equations_with_its_penalty(
    n_windows: int, rng: np.random.Generator
) -> None:
    inputs, targets = rng.standard_normal((n_windows, 12)), rng.standard_normal(n_windows)
    fitted = fit_ar(inputs, targets)
    x, y = inputs - inputs.mean(axis=0), targets - targets.mean()
    expected = np.linalg.solve(x.T @ x + fitted.ridge * np.eye(12), x.T @ y)
    assert fitted.ridge > 0
    assert np.allclose(fitted.coefficients, expected)


def least_squares(inputs: Floats, targets: Floats) -> Predictor:
    """With an intercept; that of least norm where windows are too few."""
    design = np.column_stack([np.ones(len(inputs)), inputs])
    found = np.linalg.lstsq(design, targets, rcond=None)[0]
    return lambda windows: found[0] + windows @ found[1:]


@pytest.mark.parametrize("seq_len", [20, 100, 200, 409])
def test_ar_is_never_worse_than_least_squares_by_more_than_noise(seq_len: int) -> None:
    ridge, plain = [], []
    for seed in range(8):
        parts = split(noisy_sine(seed), seq_len)
        for errors, fit in ((ridge, fit_ar), (plain, least_squares)):
            fitted = fit(parts.train_inputs, parts.train_targets)
            errors.append(mse(fitted, parts.test_inputs, parts.test_targets))
    assert np.mean(ridge) < np.mean(plain)
    assert max(np.subtract(ridge, plain)) < 0.0003  # on the worst series
    assert max(ridge) < 0.015  # nor does any penalty fail, whatever the number of windows


def test_ar_beats_persistence_where_windows_are_fewer_than_coefficients() -> None:
    ridge, naive = [], []
    for seed in range(10):
        parts = split(noisy_sine(seed), 600)  # 220 windows, 601 coefficients
        fitted = fit_ar(parts.train_inputs, parts.train_targets)
        ridge.append(mse(fitted, parts.test_inputs, parts.test_targets))
        naive.append(mse(persistence, parts.test_inputs, parts.test_targets))
    assert np.mean(ridge) < 0.7 * np.mean(naive)


@pytest.mark.parametrize("value", [4.0, 0.1])  # the mean of so many 0.1 is not quite 0.1
@pytest.mark.parametrize("n_windows", [2, 5, 30])
def test_ar_predicts_by_the_mean_target_where_all_windows_are_equal(
    n_windows: int, value: float
) -> None:
    fitted = fit_ar(np.full((n_windows, 8), value), np.linspace(0, 2, n_windows))
    assert fitted(np.full((1, 8), value)) == pytest.approx(1)
    assert not fitted.coefficients.any()


def test_ar_needs_two_windows() -> None:
    with pytest.raises(InputError, match="at least 2 training windows, not 1: lower seq_len"):
        fit_ar(np.zeros((1, 3)), np.zeros(1))


@settings(max_examples=10)
@given(
    window=arrays(np.float64, st.integers(1, 6), elements=st.floats(-1.5, 1.5)),
    noise=st.floats(0.05, 2),
    amplitude=st.floats(0.5, 3),
)
def test_the_oracle_is_the_posterior_mean_of_its_definition(
    window: Floats, noise: float, amplitude: float
) -> None:
    fast = Oracle(STEP, noise, amplitude)(window[None])
    assert fast == pytest.approx(brute_force_oracle(window, noise, amplitude, 1500), abs=1e-8)


@pytest.mark.parametrize(("seq_len", "bound"), [(2, 1e-7), (20, 1e-11), (200, 1e-12)])
def test_the_oracle_is_all_but_exact_without_noise(seq_len: int, bound: float) -> None:
    clean = np.sin(STEP * np.arange(1000) + 0.3)
    windows = sliding_window_view(clean, seq_len + 1)
    assert mse(Oracle(STEP, 0.0), windows[:, :-1], windows[:, -1]) < bound


def test_the_oracle_of_one_clean_value_averages_the_two_phases_it_allows() -> None:
    rising = math.sin(math.asin(0.5) + STEP)
    falling = math.sin(math.pi - math.asin(0.5) + STEP)
    predicted = Oracle(STEP, 0.0)(np.array([[0.5]]))
    assert predicted == pytest.approx((rising + falling) / 2, abs=1e-3)


@given(noise=st.one_of(st.just(0.0), st.floats(1e-300, 1e3)), scale=st.floats(0, 1e6))
def test_the_oracle_stays_within_the_amplitude_whatever_it_sees(noise: float, scale: float) -> None:
    windows = scale * np.random.default_rng(0).standard_normal((3, 5))
    assert np.all(np.abs(Oracle(STEP, noise)(windows)) <= 1)


def test_the_oracle_scales_with_the_series() -> None:
    windows = split(noisy_sine(0), 20).test_inputs
    assert np.allclose(Oracle(STEP, 10 * NOISE, 10.0)(10 * windows), 10 * ORACLE(windows))


def posterior_by_hand(window: Floats, points: int = 2000) -> tuple[Floats, Floats]:
    """Phases of the newest value seen, and their probabilities: [phase]."""
    phases = 2 * math.pi * np.arange(points) / points
    past = np.sin(phases[:, None] - STEP * np.arange(len(window) - 1, -1, -1))
    log_likelihood = stats.norm.logpdf(window, past, NOISE).sum(axis=1)
    probability = np.exp(log_likelihood - log_likelihood.max())
    return phases, probability / probability.sum()


@settings(max_examples=10)
@given(window=arrays(np.float64, st.integers(1, 6), elements=st.floats(-1.5, 1.5)))
def test_the_oracle_forecasts_the_posterior_mean_of_each_later_value(window: Floats) -> None:
    phases, probability = posterior_by_hand(window)
    expected = [probability @ np.sin(phases + STEP * steps) for steps in range(1, 31)]
    assert np.allclose(ORACLE.forecast(window[None], 30), [expected], rtol=0, atol=1e-8)


def test_the_oracles_prediction_is_the_first_of_its_forecast() -> None:
    windows = split(noisy_sine(0), 20).test_inputs
    assert np.array_equal(ORACLE.forecast(windows, 9)[:, 0], ORACLE(windows))


def test_the_oracle_predicts_no_windows_by_no_values() -> None:
    assert ORACLE.forecast(np.empty((0, 20)), 3).shape == (0, 3)


def test_the_oracle_takes_many_windows_in_parts() -> None:
    windows = np.random.default_rng(0).standard_normal((1100, 4))
    parts = [ORACLE.forecast(part, 2) for part in np.array_split(windows, 11)]
    assert np.allclose(ORACLE.forecast(windows, 2), np.concatenate(parts), rtol=0, atol=1e-12)


def test_the_oracle_refuses_negative_noise() -> None:
    with pytest.raises(InputError, match=r"noise is -0\.1"):
        Oracle(STEP, -0.1)


def test_the_oracle_refuses_a_flat_sine() -> None:
    with pytest.raises(InputError, match=r"amplitude is 0\.0"):
        Oracle(STEP, 0.1, 0.0)


@pytest.mark.parametrize("name", PREDICTORS)
@given(changed=st.integers(0, 59), by=st.floats(-9, 9))
def test_changing_a_future_value_never_changes_a_prediction(
    name: str, changed: int, by: float
) -> None:
    series = noisy_sine(3)[:60].copy()
    before = PREDICTORS[name](sliding_window_view(series, SEQ_LEN)[:-1])
    series[changed] += by
    after = PREDICTORS[name](sliding_window_view(series, SEQ_LEN)[:-1])
    target_times = SEQ_LEN + np.arange(len(before))
    past = target_times <= changed
    assert np.allclose(after[past], before[past], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", PREDICTORS)
def test_a_window_is_predicted_alike_alone_and_in_a_batch(name: str) -> None:
    windows = split(noisy_sine(2), SEQ_LEN).test_inputs
    alone = [float(PREDICTORS[name](window[None])[0]) for window in windows]
    assert np.allclose(PREDICTORS[name](windows), alone, rtol=1e-12, atol=1e-12)


def over_series_seeds(seq_len: int, n_seeds: int = 60) -> dict[str, Floats]:
    """Test MSE of each baseline: name -> [series seed]."""
    errors: dict[str, list[float]] = {"oracle": [], "ar": [], "persistence": []}
    for seed in range(n_seeds):
        parts = split(noisy_sine(seed), seq_len)
        ar: LinearPredictor = fit_ar(parts.train_inputs, parts.train_targets)
        baselines: dict[str, Predictor] = {"oracle": ORACLE, "ar": ar, "persistence": persistence}
        for name, predict in baselines.items():
            errors[name].append(mse(predict, parts.test_inputs, parts.test_targets))
    return {name: np.array(values) for name, values in errors.items()}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("seq_len", "oracle", "ar"),
    [
        (20, 0.01058, 0.01200),
        (50, 0.01016, 0.01046),
        (100, 0.01007, 0.01021),
        (200, 0.01000, 0.01012),
    ],
)
def test_the_baselines_agree_with_their_known_figures_within_two_percent(
    seq_len: int, oracle: float, ar: float
) -> None:
    errors = over_series_seeds(seq_len)
    means = {name: float(values.mean()) for name, values in errors.items()}
    print(f"\nseq_len {seq_len}: {means}")
    assert means == pytest.approx({"oracle": oracle, "ar": ar, "persistence": 0.0208}, rel=0.02)


@pytest.mark.slow
@pytest.mark.parametrize("seq_len", [20, 200])
@pytest.mark.parametrize("rival", ["ar", "persistence"])
def test_no_baseline_beats_the_oracle_significantly(seq_len: int, rival: str) -> None:
    errors = over_series_seeds(seq_len)
    excess = errors[rival] - errors["oracle"]
    print(f"\nseq_len {seq_len}: {rival} wins {np.sum(excess < 0)} of {excess.size}")
    assert stats.ttest_1samp(excess, 0, alternative="less").pvalue > 0.05


def test_the_test_part_has_the_size_the_figures_were_made_with() -> None:
    assert split(noisy_sine(0), 20).test_targets.size == N_TEST
