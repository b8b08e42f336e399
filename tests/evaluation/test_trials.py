"""Trials: what is tested by whom, and weights that are compared with params before use."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sine_trials import SEQ_LEN, held_out, last_value, params_of, series_of, sine
from sine_trials import save_random_weights as save_weights

from seqcompare.core.errors import InputError
from seqcompare.core.params import Params
from seqcompare.data.series import Series
from seqcompare.data.windows import cut_windows, make_folds
from seqcompare.evaluation import trials
from seqcompare.evaluation.baselines import LinearPredictor, Oracle, fit_ar
from seqcompare.evaluation.trials import TestedTrial, forecast_trial, load_trials

PARAMS = params_of()


def predicted(
    series: Series, params: Params, networks: Sequence[Any] = (last_value,)
) -> TestedTrial:
    return trials.test_trial(held_out(series, params, networks), params)


def fitted_ar(series: Series, until: int) -> LinearPredictor:
    training = cut_windows(series.values, SEQ_LEN, range(SEQ_LEN, until))
    return fit_ar(training.inputs, training.targets)


@pytest.mark.parametrize("folds", [1, 2, 7])
@pytest.mark.parametrize("filled", [(), (99, 120, 121)])
def test_every_measured_test_target_is_predicted_once_in_its_order(
    folds: int, filled: tuple[int, ...]
) -> None:
    series = sine(0, 160, filled)
    trial = predicted(series, params_of(split={"folds": folds}))
    assert trial.targets.tolist() == [at for at in range(100, 160) if at not in filled]
    assert np.array_equal(trial.truth, series.values[trial.targets])
    assert np.array_equal(trial.predictions["persistence"], series.values[None, trial.targets - 1])
    assert np.array_equal(trial.fold, (trial.targets - 100) * folds // 60) or folds == 7
    assert list(np.unique(trial.fold)) == list(range(folds))
    assert trial.naive_step == pytest.approx(np.abs(np.diff(series.values[:100])).mean())


def test_a_folds_linear_model_is_fitted_on_all_before_it() -> None:
    series = sine(0, 160)
    trial = predicted(series, params_of(split={"folds": 3}))
    for fold in range(3):
        start = 100 + 20 * fold
        windows = cut_windows(series.values, SEQ_LEN, range(start, start + 20))
        expected = fitted_ar(series, start)(windows.inputs)
        assert np.array_equal(trial.predictions["ar"][0, 20 * fold : 20 * fold + 20], expected)


@hypothesis_settings(max_examples=25)
@given(changed=st.integers(100, 159), folds=st.sampled_from([1, 3, 4]))
def test_changing_a_value_never_changes_a_prediction_before_it(changed: int, folds: int) -> None:
    params, series = params_of(split={"folds": folds}), sine(0, 160)
    values = series.values.copy()
    values[changed] += 3.0
    before, after = (predicted(each, params) for each in (series, replace(series, values=values)))
    until = changed - 100 + 1  # the target itself is predicted without being seen
    for name, predictions in before.predictions.items():
        assert np.array_equal(predictions[:, :until], after.predictions[name][:, :until])


def adding(*values: float) -> list[Any]:
    """Networks, one a tested epoch: each adds a value to the last of a window."""
    return [lambda windows, add=add: windows[:, -1] + add for add in values]


def test_every_tested_epoch_of_a_network_predicts_every_target() -> None:
    trial = predicted(sine(0, 160), params_of(split={"folds": 2}), adding(1.0, 2.0, 5.0))
    distance = trial.predictions["lstm"] - trial.predictions["persistence"]
    assert np.allclose(distance, np.array([[1.0], [2.0], [5.0]]))
    assert trial.train_mse["lstm"].shape == (3,)


@pytest.mark.parametrize("folds", [1, 3])
def test_training_errors_are_on_the_windows_that_networks_are_measured_on(folds: int) -> None:
    params, series = params_of(split={"folds": folds}, data={"size": 400}), sine(0, 400)
    errors = []
    for fold in make_folds(series.values, params):
        training = cut_windows(series.values, SEQ_LEN, fold.train)
        probed = [place * len(fold.train) // 100 for place in range(100)]
        inputs, targets = training.inputs[probed], training.targets[probed]
        ar = fit_ar(training.inputs, training.targets)
        predictions = np.stack([Oracle(50 / 399, 0.1)(inputs), ar(inputs), inputs[:, -1]])
        errors.append(np.mean((predictions - targets) ** 2, axis=1))
    train_mse = predicted(series, params).train_mse
    found = [train_mse[name][0] for name in ("oracle", "ar", "lstm")]
    assert found == pytest.approx(np.mean(errors, axis=0).tolist())


def test_predictions_that_are_not_finite_are_refused_with_model_and_seed() -> None:
    with pytest.raises(InputError, match=r"^lstm: 60 of 60 .* seed 0 .*: lower training.learning_"):
        predicted(sine(0, 160), PARAMS, [lambda windows: windows[:, -1] * np.nan])


# Multi-step


def test_forecasts_are_those_of_the_last_tested_epoch_and_the_first_fold() -> None:
    params, series = params_of(split={"folds": 3}), sine(0, 160)
    tested = held_out(series, params, adding(1.0, 5.0))
    found = forecast_trial(tested, params).groupby("predictor")["mean"]
    steps = found.get_group("lstm") - series.values[-1]
    assert steps.tolist() == pytest.approx([5.0, 10.0])
    ar = fitted_ar(series, 100)
    assert found.first()["ar"] == pytest.approx(ar(series.values[None, -SEQ_LEN:])[0])


@pytest.mark.parametrize(("keep", "origins"), [("last", 89), ("best", 59)])
def test_values_that_chose_an_epoch_calibrate_no_interval(keep: str, origins: int) -> None:
    changes: dict[str, Any] = {"split": {"validation": 30}, "training": {"keep": keep}}
    params = params_of(**changes)
    found = forecast_trial(held_out(sine(0, 160), params), params)
    assert set(found["origins"]) == {origins}
    refused = pytest.raises(InputError, match=r"60 held-out .*at most")
    with refused if keep == "best" else ExitStack():
        params_of(**changes, evaluation={"horizon": 25})


# Weights


@pytest.mark.usefixtures("in_tmp")
@pytest.mark.parametrize("seed", ["each", 3])
def test_each_trial_gets_its_own_weights_of_each_fold_and_epoch(seed: Any) -> None:
    params = params_of(data={"seed": seed}, split={"folds": 2}, seeds=[3, 5])
    series, folds = save_weights(params, epochs=3)
    loaded = load_trials(params, series, folds)
    expected = [("3", 3), ("5", 5)] if seed == "each" else [("3", 3), ("3", 5)]
    assert [(trial.series.name, trial.seed) for trial in loaded] == expected
    networks = [network for trial in loaded for fold in trial.networks["lstm"] for network in fold]
    windows = np.random.default_rng(0).standard_normal((1, SEQ_LEN))
    assert len({float(network(windows)[0]) for network in networks}) == 2 * 2 * 3


@pytest.mark.usefixtures("in_tmp")
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"models": {"transformer": {"nhead": 4}}}, "models.transformer.nhead 2, but it is 4 now"),
        ({"training": {"epochs": 3}}, "training.epochs 2, but it is 3 now"),
        ({"seq_len": 6}, "seq_len 5, but it is 6 now"),
        ({"split": {"test": 50}}, r"train \[5, 100\], but it is \[5, 110\] now"),
        ({"data": {"scale": "standard"}}, "scale.mean 0.0, but it is"),
        ({"data": {"seed": 7}}, "series 0, but it is 7 now"),
        ({"seeds": [0]}, "holds 2 trials, but params.yaml has 1"),
        ({"seeds": [0, 1, 2]}, r"0002.safetensors: cannot be read \(No such file"),
    ],
)
def test_weights_that_were_trained_otherwise_are_refused_in_one_line(
    changes: dict[str, Any], message: str
) -> None:
    save_weights(params_of())
    now = params_of(**changes)
    with pytest.raises(InputError, match=f"^data/weights/.*{message}.*: run `dvc repro`"):
        load_trials(now, *series_of(now))
