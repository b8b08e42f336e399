"""Centring: with `last`, what is predicted moves with the level of the series, and no more."""

from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
from conftest import SMALL_MODELS, default_settings, merged

from seqcompare.core.arrays import Floats
from seqcompare.core.sections.data import Data
from seqcompare.core.sections.split import Split
from seqcompare.core.sections.training import Training
from seqcompare.core.sweep_params import Sweep, SweepBase
from seqcompare.data.gate import check_draws
from seqcompare.data.series import Draws
from seqcompare.data.windows import Centre, cut_folds, cut_scaled, cut_windows, fit_scale
from seqcompare.evaluation.baselines import fit_ar
from seqcompare.evaluation.lookback import gradient_by_lag
from seqcompare.evaluation.predictors import TrainedPredictor
from seqcompare.execution.devices import choose_device, make_deterministic
from seqcompare.studies.sweep.cells import make_cells
from seqcompare.studies.sweep.plan import Choice, choosing_trials, final_trials
from seqcompare.training.trial import TrainingTask, train

SEQ_LEN = 8
VALUES = np.random.default_rng(0).normal(0.2, 1, 100).cumsum()
SPLIT = Split(train=None, validation=0, test=20, folds=1)
MODELS = merged(default_settings()["models"], SMALL_MODELS)
Kind = Literal["none", "standard"]
LEVEL = 4096.0  # a power of two, so that adding it rounds little


@pytest.fixture(autouse=True)
def as_in_a_worker(torch_as_it_was: None) -> None:  # noqa: ARG001
    make_deterministic(choose_device("cpu"))


def task(model: str, values: Floats, scale: Kind, centre: Centre = "last") -> TrainingTask:
    recipe: dict[str, Any] = {
        "epochs": 2, "batch_size": 16, "learning_rate": 0.01, "schedule": "constant",
        "keep": "last", "precision": "float32", "own": {},
    }  # fmt: skip
    (parts,) = cut_folds(values.size, SEQ_LEN, SPLIT, scale, centre).of(values)
    return TrainingTask(
        model, MODELS[model], Training(**recipe), 0, SEQ_LEN, values[:80], parts, "cpu"
    )


def network(task: TrainingTask, folder: Path) -> TrainedPredictor:
    weights = train(task, folder / "checkpoints", task.training.epochs).weights
    return TrainedPredictor(task.model, task.settings, SEQ_LEN, weights, task.parts.scale)


def held_out(values: Floats) -> Floats:
    return cut_windows(values, SEQ_LEN, range(80, 100)).inputs


@pytest.mark.parametrize("scale", ["none", "standard"])
@pytest.mark.parametrize("model", sorted(MODELS))
def test_a_network_trained_on_a_higher_series_predicts_so_much_higher(
    model: str, scale: Kind, tmp_path: Path
) -> None:
    low = network(task(model, VALUES, scale), tmp_path)(held_out(VALUES))
    high = network(task(model, VALUES + LEVEL, scale), tmp_path)(held_out(VALUES + LEVEL))
    assert np.ptp(low - held_out(VALUES)[:, -1]) > 0  # it is no persistence
    np.testing.assert_allclose(high - LEVEL, low, atol=1e-4)


def test_the_linear_model_fitted_on_a_higher_series_predicts_so_much_higher() -> None:
    low, high = (
        fit_ar(*vars(cut_windows(values, SEQ_LEN, range(SEQ_LEN, 80))).values(), centre="last")
        for values in (VALUES, VALUES + LEVEL)
    )
    assert low.coefficients.sum() == pytest.approx(1)
    np.testing.assert_allclose(
        high(held_out(VALUES + LEVEL)) - LEVEL, low(held_out(VALUES)), atol=1e-8
    )


def test_the_linear_model_is_the_one_of_centred_windows() -> None:
    windows = cut_windows(VALUES, SEQ_LEN, range(SEQ_LEN, 80))
    last = windows.inputs[:, -1]
    plain = fit_ar(windows.inputs - last[:, None], windows.targets - last)
    ends = held_out(VALUES)[:, -1]
    expected = plain(held_out(VALUES) - ends[:, None]) + ends
    made = fit_ar(windows.inputs, windows.targets, "last")(held_out(VALUES))
    np.testing.assert_allclose(made, expected, atol=1e-10)


def test_models_see_each_window_and_its_target_less_the_last_value() -> None:
    scale = fit_scale(VALUES[:80], "standard", "last")
    own = cut_windows(VALUES, SEQ_LEN, range(20, 60))
    seen = cut_scaled(VALUES, SEQ_LEN, range(20, 60), scale)
    last = own.inputs[:, -1]
    np.testing.assert_allclose(seen.inputs * scale.std, own.inputs - last[:, None], atol=1e-5)
    np.testing.assert_allclose(seen.targets * scale.std, own.targets - last, atol=1e-5)


def test_centred_and_scaled_targets_are_steps_of_unit_size() -> None:
    scale = fit_scale(VALUES[:80], "standard", "last")
    seen = cut_scaled(VALUES, 1, range(1, 80), scale)
    assert np.mean(seen.targets.astype(np.float64) ** 2) == pytest.approx(1, rel=1e-6)


def test_without_a_centre_models_see_views_of_the_scaled_series() -> None:
    scale = fit_scale(VALUES[:80], "standard")
    seen = cut_scaled(VALUES, SEQ_LEN, range(20, 60), scale)
    scaled = ((VALUES - scale.mean) / scale.std).astype(np.float32)
    assert np.array_equal(seen.targets, scaled[20:60])
    assert np.array_equal(seen.inputs[5], scaled[17:25])
    assert np.shares_memory(seen.inputs[0], seen.inputs[1])


def test_a_trial_with_another_centre_is_another_trial() -> None:
    prints = {task("lstm", VALUES, "none", centre).fingerprint() for centre in ("none", "last")}
    assert len(prints) == 2


@pytest.mark.parametrize("model", sorted(MODELS))
def test_a_gradient_goes_through_the_centre(model: str, tmp_path: Path) -> None:
    predictor = network(task(model, VALUES, "standard"), tmp_path)
    windows = cut_windows(VALUES, SEQ_LEN, range(80, 81))
    by_lag = gradient_by_lag(predictor, windows.inputs)
    for lag in (1, 2, SEQ_LEN):
        up, down = windows.inputs.copy(), windows.inputs.copy()
        up[:, -lag] += 0.02
        down[:, -lag] -= 0.02
        slope = np.abs(predictor(up) - predictor(down)).mean() / 0.04
        assert by_lag[lag - 1] == pytest.approx(slope, rel=0.05, abs=1e-3)


def test_every_trial_of_a_sweep_has_the_centre_of_its_cell() -> None:
    settings = default_settings()
    base = {name: settings[name] for name in ("seq_len", "split", "training")}
    base |= {name: settings["evaluation"][name] for name in ("confidence", "equivalence")}
    base |= {"models": MODELS, "data": settings["data"] | {"size": 100}}
    base["split"] |= {"test": 20}
    choose = {"validation": 0.2, "seeds": 1, "training": {"learning_rate": [0.01]}}
    sweep = Sweep(
        seeds=(0,), grid={"data": {"centre": ["none", "last"]}},
        settings={"tuned": {"choose": choose}},  # type: ignore[dict-item]
    )  # fmt: skip
    for cell, centre in zip(
        make_cells("s", SweepBase(**base), sweep), ("none", "last"), strict=True
    ):
        untuned = replace(cell, choose=None)
        chosen = {model: Choice() for model in base["models"]}
        trials = [trial for *_, trial in choosing_trials(cell, [0], "cpu")]
        trials += final_trials(untuned, chosen, [0], "cpu")
        assert {trial.task.parts.scale.centre for trial in trials} == {centre}
        assert len(trials) == 4


def test_a_high_level_is_not_lost_in_rounding_where_each_window_s_is_subtracted() -> None:
    values = 1e6 + np.random.default_rng(0).normal(size=100)
    data = Data(**merged(default_settings()["data"], {"scale": "none", "centre": "last"}))
    draws = Draws(np.arange(100.0), {None: values})
    check_draws(draws, cut_folds(100, SEQ_LEN, SPLIT, data.scaling, data.centre), data)
