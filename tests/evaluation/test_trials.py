"""Predicted trials: networks and baselines see what came before their targets, and no more."""

from collections.abc import Sequence

import numpy as np
import pytest
from conftest import default_settings
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from seqcompare.core.arrays import Floats
from seqcompare.core.errors import InputError
from seqcompare.core.sections.data import Data
from seqcompare.core.sections.evaluation import Evaluation
from seqcompare.core.sections.split import Split
from seqcompare.data.series import make_draws
from seqcompare.data.windows import Scale, Windows, cut_folds, cut_windows
from seqcompare.evaluation.baselines import fit_ar, sine_oracle
from seqcompare.evaluation.metrics import mse
from seqcompare.evaluation.predictors import TrainedPredictor
from seqcompare.evaluation.trials import HeldOutTrial, PredictedTrial, predict_trial

SEQ_LEN = 5
SETTINGS = Evaluation(
    confidence=0.9, equivalence=0.05, horizon=2, seed=0, origins=500, lookback_windows=200,
    convergence_targets=(2.0,),
)  # fmt: skip


class LastValue(TrainedPredictor):
    """In place of a network: quick, and as deterministic."""

    def __call__(self, windows: Floats) -> Floats:
        last: Floats = windows[:, -1]
        return last


def data(**changes: object) -> Data:
    return Data(**{**default_settings()["data"], "size": 160, **changes})  # type: ignore[arg-type]


def held_out(values: Floats, folds: int, interpolated: Sequence[int] = ()) -> HeldOutTrial:
    split = Split(train=None, validation=0, test=60, folds=folds)
    parts = cut_folds(values.size, SEQ_LEN, split, "none").of(values)
    network = LastValue("lstm", {}, SEQ_LEN, {}, Scale(0, 1))
    return HeldOutTrial(0, values, interpolated, parts, {"lstm": [network] * folds})


def predicted(values: Floats, folds: int = 1) -> PredictedTrial:
    return predict_trial(held_out(values, folds), SEQ_LEN, data(), SETTINGS)


def sine(seed: int = 0) -> Floats:
    return make_draws(data(seed=seed), [0]).of_trial(0)


@pytest.mark.parametrize("folds", [1, 2, 7])
def test_every_test_target_is_predicted_once_in_its_order(folds: int) -> None:
    values = sine()
    trial = predicted(values, folds)
    assert np.array_equal(trial.truth, values[-60:])
    assert np.array_equal(trial.predictions["persistence"], values[-61:-1])


def test_a_fold_s_linear_model_is_fitted_on_all_before_it() -> None:
    values = sine()
    trial = predicted(values, folds=3)
    for fold in range(3):
        start = 100 + 20 * fold
        training = cut_windows(values, SEQ_LEN, range(SEQ_LEN, start))
        ar = fit_ar(training.inputs, training.targets)
        windows = cut_windows(values, SEQ_LEN, range(start, start + 20))
        made = trial.predictions["ar"][20 * fold : 20 * fold + 20]
        assert np.array_equal(made, ar(windows.inputs))


@hypothesis_settings(max_examples=25)
@given(changed=st.integers(100, 159), folds=st.sampled_from([1, 3, 4]))
def test_changing_a_value_never_changes_a_prediction_before_it(changed: int, folds: int) -> None:
    values = sine()
    other = values.copy()
    other[changed] += 3.0
    before, after = predicted(values, folds), predicted(other, folds)
    until = changed - 100 + 1  # the target itself is predicted without being seen
    for name, made in before.predictions.items():
        assert np.array_equal(made[:until], after.predictions[name][:until])


@pytest.mark.parametrize("folds", [1, 3])
def test_an_interpolated_value_is_no_target(folds: int) -> None:
    values = sine()
    trial = predict_trial(held_out(values, folds, (99, 120, 121)), SEQ_LEN, data(), SETTINGS)
    everything = predicted(values, folds)
    kept = np.delete(np.arange(60), [20, 21])
    assert np.array_equal(trial.truth, everything.truth[kept])
    for name, made in trial.predictions.items():
        assert np.array_equal(made, everything.predictions[name][kept])


def test_a_test_part_without_a_measured_value_is_refused() -> None:
    with pytest.raises(InputError, match="every value of the test part is interpolated"):
        predict_trial(held_out(sine(), 1, range(100, 160)), SEQ_LEN, data(), SETTINGS)


def test_every_predictor_of_a_trial_sees_the_draw_of_that_trial() -> None:
    draws = make_draws(data(seed="each"), [3, 4])
    truths: Sequence[Floats] = [predicted(draws.of_trial(seed)).truth for seed in (3, 4)]
    assert not np.array_equal(*truths)
    assert np.array_equal(truths[0], draws.of_trial(3)[-60:])


def probed(trial: HeldOutTrial, fold: int) -> Windows:
    """A hundred of the training windows, evenly spaced, found here one by one."""
    train = trial.folds[fold].train
    targets = [train[place * len(train) // 100] for place in range(100)]
    inputs = np.stack([trial.values[target - SEQ_LEN : target] for target in targets])
    return Windows(inputs, trial.values[targets])


def longer_trial(folds: int) -> HeldOutTrial:
    return held_out(make_draws(data(seed=0, size=400), [0]).of_trial(0), folds)


@pytest.mark.parametrize("folds", [1, 3])
def test_the_reference_of_training_is_the_oracle_on_the_windows_networks_are_measured_on(
    folds: int,
) -> None:
    own = data(size=400)
    trial = longer_trial(folds)
    found = predict_trial(trial, SEQ_LEN, own, SETTINGS).reference_train_mse
    windows = [probed(trial, fold) for fold in range(folds)]
    expected = [mse(each.targets, sine_oracle(own)(each.inputs)) for each in windows]
    assert found == pytest.approx(expected, rel=1e-9)


def test_without_an_oracle_the_line_is_the_reference_of_training() -> None:
    own = data(source="csv", path="data/input/x.csv")
    trial = longer_trial(1)
    found = predict_trial(trial, SEQ_LEN, own, SETTINGS).reference_train_mse
    every = cut_windows(trial.values, SEQ_LEN, trial.folds[0].train)
    windows = probed(trial, 0)
    expected = mse(windows.targets, fit_ar(every.inputs, every.targets)(windows.inputs))
    assert found == pytest.approx([expected], rel=1e-9)
