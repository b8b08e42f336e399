import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats
from sine import N_POINTS, N_TEST, NOISE, STEP, noisy_sine, split

from seqcompare.core.arrays import Floats, Predictor
from seqcompare.core.errors import InputError
from seqcompare.core.sections.evaluation import Evaluation
from seqcompare.evaluation.baselines import Oracle, fit_ar, persistence
from seqcompare.evaluation.forecasts import (
    check_intervals,
    conformal_radius,
    error_by_horizon,
    evaluate_forecasts,
    forecast,
    forecast_metrics,
    interval_score,
    roll_out,
    rolling_origins,
)
from seqcompare.statistics.estimates import Interval
from seqcompare.statistics.shares import wilson

FIRST_TARGET = N_POINTS - N_TEST
SEQ_LEN = 20


def settings(horizon: int, confidence: float, origins: int = 500) -> Evaluation:
    return Evaluation(
        confidence=confidence, equivalence=0.05, horizon=horizon, seed=0, origins=origins,
        lookback_windows=200, convergence_targets=(2.0,),
    )  # fmt: skip


def weighted(windows: Floats) -> Floats:
    """A predictor that looks at every value of its window."""
    predictions: Floats = windows @ np.linspace(-0.3, 0.6, windows.shape[1])
    return predictions


@given(history=arrays(np.float64, (3, 5), elements=st.floats(-9, 9)), horizon=st.integers(1, 12))
def test_roll_out_equals_predicting_and_appending_one_value_at_a_time(
    history: Floats, horizon: int
) -> None:
    expected = []
    for row in history:
        past = list(row)
        for _ in range(horizon):
            past.append(float(weighted(np.array([past[-5:]]))[0]))
        expected.append(past[5:])
    assert np.allclose(roll_out(weighted, history, horizon), expected, rtol=1e-9, atol=1e-9)


def test_roll_out_leaves_the_history_as_it_was() -> None:
    history = np.ones((2, 3))
    roll_out(weighted, history, 4)
    assert np.array_equal(history, np.ones((2, 3)))


def test_a_predictor_with_a_forecast_of_its_own_is_not_rolled_out() -> None:
    history = rolling_origins(noisy_sine(0), FIRST_TARGET, SEQ_LEN, 10).history
    oracle = Oracle(STEP, NOISE)
    assert np.array_equal(forecast(oracle, history, 10), oracle.forecast(history, 10))
    assert not np.allclose(forecast(oracle, history, 10), roll_out(oracle, history, 10))


@pytest.mark.parametrize("predictor", [persistence, weighted])
def test_a_predictor_of_the_next_value_alone_is_rolled_out(predictor: Predictor) -> None:
    history = rolling_origins(noisy_sine(0), FIRST_TARGET, SEQ_LEN, 10).history
    assert np.array_equal(forecast(predictor, history, 10), roll_out(predictor, history, 10))


def test_persistence_forecasts_the_last_value_at_every_step() -> None:
    history = rolling_origins(noisy_sine(0), FIRST_TARGET, SEQ_LEN, 5).history
    assert np.array_equal(forecast(persistence, history, 5), np.tile(history[:, -1:], 5))


HORIZON = 40


@pytest.fixture(scope="module")
def excess() -> dict[str, Floats]:
    """MSE by horizon beyond the oracle's own: rival -> [series, horizon]."""
    oracle, found = Oracle(STEP, NOISE), dict[str, list[Floats]]()
    for seed in range(40):
        parts = split(noisy_sine(seed), SEQ_LEN)
        origins = rolling_origins(parts.series, FIRST_TARGET, SEQ_LEN, HORIZON)
        ar = fit_ar(parts.train_inputs, parts.train_targets)
        rivals = {
            "rolled out": roll_out(oracle, origins.history, HORIZON),
            "ar": forecast(ar, origins.history, HORIZON),
            "persistence": forecast(persistence, origins.history, HORIZON),
        }
        own = error_by_horizon(origins.truth, forecast(oracle, origins.history, HORIZON))
        for name, made in rivals.items():
            found.setdefault(name, []).append(error_by_horizon(origins.truth, made) - own)
    return {name: np.stack(rows) for name, rows in found.items()}


@pytest.mark.parametrize("rival", ["rolled out", "ar", "persistence"])
def test_the_oracle_is_never_beaten_beyond_noise_at_any_horizon(
    rival: str, excess: dict[str, Floats]
) -> None:
    beyond_one_step = excess[rival][:, 1:]  # at one step, rolling out is the same
    assert stats.ttest_1samp(beyond_one_step, 0, alternative="less").pvalue.min() > 0.05


def test_rolled_out_the_oracle_is_worse_than_directly(excess: dict[str, Floats]) -> None:
    by_horizon = excess["rolled out"].mean(axis=0)
    assert abs(by_horizon[0]) < 1e-12
    assert (by_horizon[1:] > 0).all()
    assert by_horizon[19] > 0.0004  # of 0.0115


@given(changed=st.integers(0, 59), by=st.floats(-9, 9))
def test_changing_a_future_value_never_changes_a_forecast(changed: int, by: float) -> None:
    series = noisy_sine(0)[:60].copy()
    before = roll_out(weighted, rolling_origins(series, 10, 10, 4).history, 4)
    series[changed] += by
    after = roll_out(weighted, rolling_origins(series, 10, 10, 4).history, 4)
    origin_times = 10 + np.arange(len(before))
    past = origin_times <= changed
    assert np.allclose(after[past], before[past], rtol=1e-12, atol=1e-12)


@given(
    size=st.integers(2, 30), seq_len=st.integers(1, 8), horizon=st.integers(1, 8), data=st.data()
)
def test_every_origin_lies_in_the_span_and_none_is_left_out(
    size: int, seq_len: int, horizon: int, data: st.DataObject
) -> None:
    series = np.arange(size + seq_len + horizon, dtype=np.float64)
    first = data.draw(st.integers(seq_len, series.size - horizon))
    origins = rolling_origins(series, first, seq_len, horizon)
    assert origins.truth[:, 0].tolist() == list(range(first, series.size - horizon + 1))


def test_histories_end_right_before_their_truth() -> None:
    origins = rolling_origins(np.arange(30.0), 12, 5, 3)
    assert np.array_equal(origins.history[:, -1] + 1, origins.truth[:, 0])


def test_a_horizon_longer_than_the_test_part_is_refused() -> None:
    with pytest.raises(InputError, match=r"evaluation\.horizon is 9, but only 8 values"):
        rolling_origins(np.arange(20.0), 12, 5, 9)


def test_a_first_target_without_a_full_history_is_refused() -> None:
    with pytest.raises(InputError, match="seq_len is 5, but only 4 values"):
        rolling_origins(np.arange(20.0), 4, 5, 2)


def test_the_error_by_horizon_averages_over_seeds_and_origins() -> None:
    forecasts = np.array([[[1.0, 2.0], [0.0, 2.0]], [[1.0, 0.0], [0.0, 0.0]]])  # [2 seeds, 2, 2]
    assert error_by_horizon(np.zeros((2, 2)), forecasts).tolist() == [0.5, 2.0]


def test_the_radius_is_the_order_statistic_of_split_conformal_prediction() -> None:
    errors = np.array([-5.0, 1, -2, 3, 4, 9, 8, 7, -6])[:, None]  # n = 9
    assert conformal_radius(errors, 0.8).tolist() == [8.0]  # ceil(10 * 0.8) = 8th smallest


@pytest.mark.parametrize(("confidence", "fewest"), [(0.95, 19), (0.9, 9), (0.5, 1)])
def test_the_fewest_calibration_origins_are_enough(confidence: float, fewest: int) -> None:
    assert conformal_radius(np.arange(1.0, fewest + 1)[:, None], confidence) == fewest


def test_too_few_calibration_origins_are_refused_with_the_number_needed() -> None:
    with pytest.raises(InputError, match=r"95% interval needs at least 19 .* origins, not 18"):
        conformal_radius(np.ones((18, 4)), 0.95)


@pytest.mark.parametrize("horizon", [1, 3, 10])
def test_no_calibration_sees_a_value_that_it_is_checked_on(horizon: int) -> None:
    starts = np.arange(60)
    errors = np.random.default_rng(0).normal(size=(60, horizon))
    radius = []
    for block in np.array_split(starts, 10):
        values = set(range(block[0], block[-1] + horizon))
        apart = [start for start in starts if not values & set(range(start, start + horizon))]
        radius += [conformal_radius(errors[apart], 0.8)] * len(block)
    found = check_intervals(errors, starts, 6, 0.8)
    np.testing.assert_allclose(found.width, 2 * np.mean(radius, axis=0))
    assert np.array_equal(found.coverage, np.mean(np.abs(errors) <= radius, axis=0))


def test_coverage_width_and_score_follow_from_each_block_s_own_calibration() -> None:
    errors = np.arange(1.0, 41.0)[:, None]  # each larger than all before it
    found = check_intervals(errors, np.arange(40), 40, 0.5)
    radius = []
    for block in np.array_split(np.arange(40), 10):
        others = np.sort(np.delete(errors[:, 0], block))
        radius += [others[19 - 1]] * 4  # ceil(37 * 0.5) of 36
    inside = errors[:, 0] <= radius
    assert found.coverage.tolist() == [inside.mean()]
    assert found.width.tolist() == [2 * np.mean(radius)]
    score = [2 * r + 4 * max(0, e - r) for r, e in zip(radius, errors[:, 0], strict=True)]
    assert found.score.tolist() == pytest.approx([np.mean(score)])


def test_the_interval_score_is_gneiting_and_raftery_s_by_hand() -> None:
    # truth 5 in [1, 3]: width 2, and 2 / 0.1 for each of the 2 that it lies above
    assert interval_score(np.array([-3.0]), np.array([1.0]), 0.9).tolist() == pytest.approx([42.0])
    assert interval_score(np.array([0.5]), np.array([1.0]), 0.9).tolist() == [2.0]


def test_the_published_interval_is_calibrated_on_all_that_was_held_out() -> None:
    series = noisy_sine(0)
    made = evaluate_forecasts(persistence, series, FIRST_TARGET, SEQ_LEN, settings(10, 0.9))
    origins = rolling_origins(series, FIRST_TARGET, SEQ_LEN, 10)
    errors = roll_out(persistence, origins.history, 10) - origins.truth
    assert np.array_equal(made.beyond.radius, conformal_radius(errors, 0.9))
    assert len(errors) > 2 * np.pi / STEP  # a whole period of it


def test_many_origins_are_thinned_to_evenly_spaced_ones() -> None:
    series = noisy_sine(0)
    made = evaluate_forecasts(persistence, series, FIRST_TARGET, SEQ_LEN, settings(2, 0.9, 50))
    origins = rolling_origins(series, FIRST_TARGET, SEQ_LEN, 2)
    chosen = [place * len(origins.truth) // 50 for place in range(50)]
    errors = roll_out(persistence, origins.history[chosen], 2) - origins.truth[chosen]
    assert made.check.origins == 50
    np.testing.assert_allclose(made.mse, np.mean(errors**2, axis=0))
    assert np.array_equal(made.beyond.radius, conformal_radius(errors, 0.9))


@pytest.mark.parametrize(("draws_vary", "apart"), [(True, 3 * 9), (False, 9)])
def test_only_forecasts_without_a_common_value_narrow_the_coverage_s_interval(
    draws_vary: bool, apart: int
) -> None:
    trials = [
        {"ar": evaluate_forecasts(persistence, noisy_sine(seed), FIRST_TARGET, SEQ_LEN,
                                  settings(20, 0.9))}
        for seed in range(3)
    ]  # fmt: skip
    found = forecast_metrics(trials, draws_vary, 0.9)["ar"]
    assert found["forecasts_apart"] == apart == N_TEST // 20 * (3 if draws_vary else 1)
    coverage = np.mean([trial["ar"].check.coverage for trial in trials])
    expected = wilson(coverage * apart, apart, 0.9)
    assert (found["interval_coverage"], expected.interval) == (
        coverage,
        Interval(found["interval_coverage_ci_low"], found["interval_coverage_ci_high"]),  # type: ignore[arg-type]
    )


def test_a_perfect_predictor_has_intervals_of_no_width() -> None:
    ramp = np.arange(100.0)
    future = evaluate_forecasts(
        lambda windows: windows[:, -1] + 1, ramp, 40, 4, settings(5, 0.9)
    ).beyond
    assert (future.centre.tolist(), float(future.radius.max())) == ([100, 101, 102, 103, 104], 0.0)


def test_too_little_held_out_for_intervals_is_refused() -> None:
    with pytest.raises(InputError, match="at least 9 calibration origins, not 3"):
        evaluate_forecasts(persistence, np.arange(60.0), 50, 4, settings(8, 0.9))


@pytest.mark.slow
def test_conformal_coverage_of_exchangeable_errors_is_nominal(rng: np.random.Generator) -> None:
    n_series, n = 4000, 39
    inside = np.empty((n_series, 1))
    for i in range(n_series):
        errors = rng.standard_t(3, (n + 1, 1))
        inside[i] = np.abs(errors[n]) <= conformal_radius(errors[:n], 0.95)
    covered, error = float(inside.mean()), float(np.sqrt(0.95 * 0.05 / n_series))
    print(f"\nconformal, exchangeable: {covered:.4f} -+ {error:.4f}, nominal 0.95")
    assert abs(covered - 0.95) < 2 * error


def free_running_coverage(kind: str, horizon: int, n_series: int = 400) -> tuple[float, float]:
    """Share of held-out truths inside the 95 % interval, over series and horizons: mean, error."""
    coverage = np.empty(n_series)
    for seed in range(n_series):
        parts = split(noisy_sine(seed), SEQ_LEN)
        predict: Predictor = (
            Oracle(STEP, NOISE)
            if kind == "oracle"
            else fit_ar(parts.train_inputs, parts.train_targets)
        )
        future = evaluate_forecasts(
            predict, parts.series, FIRST_TARGET, SEQ_LEN, settings(horizon, 0.95)
        ).check
        coverage[seed] = future.coverage.mean()
    mean, error = float(coverage.mean()), float(coverage.std(ddof=1) / np.sqrt(n_series))
    print(f"\nconformal, {kind}, horizon {horizon}: {mean:.4f} -+ {error:.4f}, nominal 0.95")
    return mean, error


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["oracle", "ar"])
def test_conformal_coverage_of_free_running_forecasts_is_nominal(kind: str) -> None:
    """From n errors an interval covers up to 1 / (n + 1) more than its level; n is above 100.

    Vovk, Gammerman & Shafer 2005, proposition 2.4, where errors are exchangeable.
    """
    covered, error = free_running_coverage(kind, horizon=10)
    assert -2 * error < covered - 0.95 < 1 / 101 + 2 * error


@pytest.mark.slow
def test_far_horizons_lose_less_than_a_percentage_point_of_coverage_to_dependence() -> None:
    covered, error = free_running_coverage("ar", horizon=30)
    assert abs(covered - 0.95) < 0.01 - error
