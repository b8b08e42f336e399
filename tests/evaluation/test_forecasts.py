"""Multi-step forecasts and their intervals, scored on measured values alone."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats
from sine_trials import N_POINTS, N_TEST, NOISE, STEP, last_value, sine, split

from seqcompare.core.errors import InputError
from seqcompare.core.params import Evaluation
from seqcompare.core.types import Floats, Predictor
from seqcompare.data.series import Series
from seqcompare.evaluation.baselines import Oracle, fit_ar
from seqcompare.evaluation.comparison import forecast_scores
from seqcompare.evaluation.forecasts import (
    checked_radii,
    conformal_radius,
    evaluate_forecasts,
    roll_out,
    rolling_origins,
)
from seqcompare.statistics.estimates import wilson

FIRST_TARGET = N_POINTS - N_TEST
SEQ_LEN = 20


def evaluated(
    predict: Predictor, series: Series, horizon: int, confidence: float = 0.9, origins: int = 500
) -> pd.DataFrame:
    settings = Evaluation(confidence=confidence, equivalence=0.05, horizon=horizon, origins=origins)
    return evaluate_forecasts(predict, series, FIRST_TARGET, SEQ_LEN, settings)


# Rolling out


@given(history=arrays(np.float64, (3, 5), elements=st.floats(-9, 9)), horizon=st.integers(1, 12))
def test_roll_out_equals_predicting_and_appending_one_value_at_a_time(
    history: Floats, horizon: int
) -> None:
    weights = np.linspace(-0.3, 0.6, 5)  # every value counts
    past = history.copy()
    for _ in range(horizon):
        past = np.column_stack([past, past[:, -5:] @ weights])
    found = roll_out(lambda windows: windows @ weights, history, horizon)
    assert np.allclose(found, past[:, 5:], rtol=1e-9, atol=1e-9)


def test_a_predictor_with_its_own_method_forecast_is_not_rolled_out() -> None:
    oracle, end = Oracle(STEP, NOISE), sine(0).values[None, -SEQ_LEN:]
    mean = evaluated(oracle, sine(0), 10)["mean"]
    assert np.allclose(mean, oracle.forecast(end, 10)[0], rtol=1e-12)
    assert not np.allclose(mean, roll_out(oracle, end, 10)[0])


# Origins


@pytest.mark.parametrize(("more", "seq_len", "horizon"), [(0, 1, 1), (0, 4, 8), (9, 3, 2)])
def test_every_origin_whose_targets_are_held_out_is_used(
    more: int, seq_len: int, horizon: int
) -> None:
    first = seq_len + 2
    values = np.arange(float(first + horizon + more))
    ramp = Series("ramp", values, values, np.zeros(len(values), bool))
    history, truth = rolling_origins(ramp, first, seq_len, horizon)
    assert truth[:, 0].tolist() == list(range(first, first + more + 1))
    assert np.array_equal(history[:, -1] + 1, truth[:, 0])
    assert (history.shape[1], truth.shape[1]) == (seq_len, horizon)


# Intervals


def test_the_radius_is_the_order_statistic_of_split_conformal_prediction() -> None:
    errors = np.array([-5.0, 1, np.nan, -2, 3, 4, 9, 8, 7, -6])[:, None]  # n = 9
    assert conformal_radius(errors, 0.8).tolist() == [8.0]  # ceil(10 * 0.8) = 8th smallest


@pytest.mark.parametrize(("confidence", "fewest"), [(0.95, 19), (0.9, 9), (0.5, 1)])
def test_the_fewest_errors_are_enough_and_one_less_is_refused(
    confidence: float, fewest: int
) -> None:
    errors = np.arange(1.0, fewest + 1)[:, None]
    assert conformal_radius(errors, confidence) == fewest
    with pytest.raises(InputError, match=f"at least {fewest} .*, but there are {fewest - 1}"):
        conformal_radius(errors[1:], confidence)


def test_too_few_measured_values_are_refused_in_one_line() -> None:
    with pytest.raises(InputError, match=r"series 0 has 160 filled .* 90% needs .*: lower"):
        evaluated(last_value, sine(0, filled=range(830, 990)), 9)


@pytest.mark.parametrize("horizon", [1, 3, 10])
def test_no_calibration_sees_a_value_that_it_is_checked_on(horizon: int) -> None:
    starts = np.arange(60)
    errors = np.random.default_rng(0).normal(size=(60, horizon))
    expected = []
    for block in np.array_split(starts, 10):
        values = set(range(block[0], block[-1] + horizon))
        apart = [start for start in starts if not values & set(range(start, start + horizon))]
        expected += [conformal_radius(errors[apart], 0.8)] * len(block)
    assert np.array_equal(checked_radii(errors, starts, 0.8), expected)


@pytest.mark.parametrize(("origins", "filled"), [(50, ()), (500, (860, 900, 901))])
def test_forecasts_are_scored_at_evenly_spaced_origins_on_measured_values(
    origins: int, filled: tuple[int, ...]
) -> None:
    series = sine(0, filled=filled)
    series.values[list(filled)] = 99.0  # absurd: seen by the forecasts after it, scored by none
    found = evaluated(last_value, series, 10, origins=origins)
    history, truth = rolling_origins(series, FIRST_TARGET, SEQ_LEN, 10)
    count = min(origins, len(truth))
    chosen = np.array([place * len(truth) // count for place in range(count)])
    errors = history[chosen, -1:] - truth[chosen]
    radii = checked_radii(errors, chosen, 0.9)
    inside = np.where(np.isfinite(errors), np.abs(errors) <= radii, np.nan)
    assert np.isnan(inside).sum() == 10 * len(filled)
    assert (found["origins"] == count).all()
    np.testing.assert_allclose(found["mse"], np.nanmean(errors**2, axis=0))
    np.testing.assert_allclose(found["coverage"], np.nanmean(inside, axis=0))
    np.testing.assert_allclose(found["width"], 2 * np.mean(radii, axis=0))
    # beyond the end: all that was held out calibrates
    assert np.array_equal(found["radius"], conformal_radius(errors, 0.9))
    assert found["mean"].tolist() == [series.values[-1]] * 10


@pytest.mark.parametrize("names", [["0", "1", "2"], ["0", "0", "0"]])
def test_only_forecasts_without_a_common_value_narrow_the_coverages_interval(
    names: list[str],
) -> None:
    trials = [evaluated(last_value, sine(seed), 20).assign(predictor="ar") for seed in range(3)]
    tables = zip(names, trials, strict=True)
    table = pd.concat([each.assign(series=name) for name, each in tables])
    found = forecast_scores(table, 0.9).loc["ar"]
    n = N_TEST // 20 * len(set(names))
    expected = wilson(table["coverage"].mean() * n, n, 0.9)
    assert found[["coverage", "coverage_low", "coverage_high"]].tolist() == pytest.approx(
        [expected.value, expected.low, expected.high]
    )
    assert found["independent_origins"] == n
    assert found["forecast_last_mse"] == np.mean([each["mse"].iloc[-1] for each in trials])


# Coverage


TOO_MUCH = 1 / 101  # 1 / (n + 1), n > 100 (Vovk, Gammerman & Shafer 2005, prop. 2.4)


@pytest.mark.parametrize(
    ("kind", "horizon", "series", "least", "errors"),
    [
        ("ar", 10, 60, 0.0, -2),
        pytest.param("ar", 10, 400, 0.0, -2, marks=pytest.mark.slow),
        pytest.param("oracle", 10, 400, 0.0, -2, marks=pytest.mark.slow),
        pytest.param("ar", 30, 400, -0.01, 1, marks=pytest.mark.slow),  # what dependence costs
    ],
)
def test_conformal_coverage_of_forecasts_is_nominal(
    kind: str, horizon: int, series: int, least: float, errors: int
) -> None:
    coverage = []
    for seed in range(series):
        training, _ = split(seed, SEQ_LEN)
        ar = fit_ar(training.inputs, training.targets)
        predict: Predictor = Oracle(STEP, NOISE) if kind == "oracle" else ar
        coverage.append(evaluated(predict, sine(seed), horizon, 0.95)["coverage"].mean())
    beyond, error = np.mean(coverage) - 0.95, stats.sem(coverage)
    assert least + errors * error < beyond < TOO_MUCH + 2 * error
