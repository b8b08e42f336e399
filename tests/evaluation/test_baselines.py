"""Baselines: against their definitions, and against one another."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.lib.stride_tricks import sliding_window_view
from scipy import stats
from sine_trials import NOISE, STEP, params_of, split

from seqcompare.core.types import Floats, Predictor
from seqcompare.evaluation.baselines import Oracle, fit_ar, fit_baselines, seasonal_naive

SEQ_LEN = 12
ORACLE = Oracle(STEP, NOISE)
PREDICTORS = fit_baselines(split(1, SEQ_LEN)[0], params_of(seq_len=12, data={"period": 7}).data)
PREDICTORS["oracle"] = ORACLE


def mse(predict: Predictor, inputs: Floats, targets: Floats) -> float:
    return float(np.mean((predict(inputs) - targets) ** 2))


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        ({}, ["persistence", "ar", "oracle"]),
        ({"period": 5}, ["persistence", "ar", "seasonal", "oracle"]),
        ({"source": "csv", "path": "data/input/x.csv"}, ["persistence", "ar"]),
    ],
)
def test_a_series_has_the_baselines_that_it_allows(
    changes: dict[str, object], names: list[str]
) -> None:
    data = params_of(data=changes).data
    assert list(fit_baselines(split(0, 5)[0], data)) == names


@given(period=st.integers(1, 9), phase=st.floats(0, 6))
def test_the_seasonal_baseline_is_exact_on_a_periodic_series(period: int, phase: float) -> None:
    series = np.sin(2 * math.pi * (np.arange(40) % period) / period + phase)
    windows = sliding_window_view(series, 11)
    assert np.array_equal(seasonal_naive(windows[:, :-1], period), windows[:, -1])


# The linear model


def hat_matrix(inputs: Floats, ridge: float) -> Floats:
    """From targets to fitted values, the intercept without a penalty: [window, window]."""
    design = np.column_stack([np.ones(len(inputs)), inputs])
    penalty = ridge * np.diag([0.0] + [1.0] * inputs.shape[1])
    return np.asarray(design @ np.linalg.solve(design.T @ design + penalty, design.T))


def gcv(inputs: Floats, targets: Floats, ridge: float) -> float:
    """Golub, Heath & Wahba 1979, eq. 1.4, as it stands there: with the matrix itself."""
    residual_maker = np.eye(len(inputs)) - hat_matrix(inputs, ridge)
    trace = np.trace(residual_maker / len(inputs))
    return float(np.mean((residual_maker @ targets) ** 2) / trace**2)


@given(n=st.integers(3, 25), seq_len=st.integers(1, 30), noise=st.sampled_from([0.05, 0.5, 5.0]),
       seed=st.integers(0, 1000))  # fmt: skip
def test_ar_is_ridge_regression_and_no_penalty_has_a_lower_gcv_than_the_chosen_one(
    n: int, seq_len: int, noise: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    inputs = rng.standard_normal((n, seq_len)) + 2
    targets = inputs @ rng.standard_normal(seq_len) + noise * rng.standard_normal(n)
    fitted, least = fit_ar(inputs, targets), 0.1 * (n - 1)
    largest = np.linalg.norm(inputs - inputs.mean(axis=0), 2)
    grid = np.logspace(-8, 1, 46) * largest**2  # that a solver of the normal equations can take
    freedom = {p: n - np.trace(hat_matrix(inputs, p)) for p in grid}
    best = min(gcv(inputs, targets, p) for p, left in freedom.items() if left > 1.001 * least)
    assert gcv(inputs, targets, fitted.ridge) <= best * (1 + 1e-5)
    hat = hat_matrix(inputs, fitted.ridge)
    assert n - np.trace(hat) > 0.999 * least
    if fitted.ridge > grid[0]:
        assert np.allclose(fitted(inputs), hat @ targets, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("n", [2, 5, 30])
def test_ar_predicts_the_mean_target_where_all_windows_are_equal(n: int) -> None:
    fitted = fit_ar(np.full((n, 8), 0.1), np.linspace(0, 2, n))  # the mean of n is not quite 0.1
    assert fitted(np.full((1, 8), 0.1)) == pytest.approx(1)
    assert not fitted.coefficients.any()


@pytest.mark.parametrize("level", [0.0, 4096.0])  # powers of two, which round little
def test_centred_ar_is_that_of_windows_less_their_last_value_at_any_level(level: float) -> None:
    values = np.random.default_rng(0).normal(0.2, 1, 100).cumsum()
    windows, targets = sliding_window_view(values, 8)[:-1], values[8:]
    last = windows[:, -1]
    plain = fit_ar(windows - last[:, None], targets - last)
    centred = fit_ar(windows + level, targets + level, "last")
    expected = plain(windows - last[:, None]) + last
    np.testing.assert_allclose(centred(windows + level) - level, expected, atol=1e-8)


# The oracle


@settings(max_examples=15)
@given(
    window=arrays(np.float64, st.integers(1, 6), elements=st.floats(-1.5, 1.5)),
    noise=st.floats(0.05, 2),
)
def test_the_oracle_forecasts_the_posterior_mean_of_each_later_value(
    window: Floats, noise: float
) -> None:
    phases = 2 * math.pi * np.arange(1500) / 1500
    past = np.sin(phases[:, None] - STEP * np.arange(len(window), 0, -1))
    log_likelihood = stats.norm.logpdf(window, past, noise).sum(axis=1)
    probability = np.exp(log_likelihood - log_likelihood.max())
    probability /= probability.sum()
    expected = [probability @ np.sin(phases + STEP * ahead) for ahead in range(30)]
    forecast = Oracle(STEP, noise).forecast(window[None], 30)
    assert np.allclose(forecast, [expected], rtol=0, atol=1e-8)


@pytest.mark.parametrize(("seq_len", "bound"), [(2, 1e-7), (20, 1e-11), (200, 1e-12)])
def test_the_oracle_is_all_but_exact_without_noise(seq_len: int, bound: float) -> None:
    windows = sliding_window_view(np.sin(STEP * np.arange(1000) + 0.3), seq_len + 1)
    assert mse(Oracle(STEP, 0.0), windows[:, :-1], windows[:, -1]) < bound


@given(noise=st.one_of(st.just(0.0), st.floats(1e-300, 1e3)), scale=st.floats(0, 1e6))
def test_the_oracle_stays_within_the_amplitude_whatever_it_sees(noise: float, scale: float) -> None:
    windows = scale * np.random.default_rng(0).standard_normal((3, 5))
    assert np.all(np.abs(Oracle(STEP, noise)(windows)) <= 1)


# All of them


@pytest.mark.parametrize("name", PREDICTORS)
def test_a_window_is_predicted_alike_alone_and_in_a_batch(name: str) -> None:
    windows = split(2, SEQ_LEN)[0].inputs  # in more than one batch
    alone = [float(PREDICTORS[name](window[None])[0]) for window in windows]
    assert np.allclose(PREDICTORS[name](windows), alone, rtol=1e-12, atol=1e-12)
