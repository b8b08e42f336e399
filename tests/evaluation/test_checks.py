"""Checks of the data: each finds a mistake that is planted, and none where there is none."""

from dataclasses import replace

import numpy as np
import pytest
from conftest import default_settings

from seqcompare.core.arrays import Floats
from seqcompare.core.comparison import DataChecks, Score
from seqcompare.core.sections.data import Data
from seqcompare.core.sections.evaluation import Evaluation
from seqcompare.core.sections.split import Split
from seqcompare.data.windows import Scale, cut_folds
from seqcompare.evaluation.checks import check_data, period_of
from seqcompare.evaluation.comparison import compare
from seqcompare.evaluation.predictors import TrainedPredictor
from seqcompare.evaluation.trials import HeldOutTrial, PredictedTrial, predict_trial

SEQ_LEN = 5
SETTINGS = Evaluation(**{**default_settings()["evaluation"], "confidence": 0.9, "horizon": 2})
DATA = Data(**{**default_settings()["data"], "scale": "standard"})
VALUES = np.sin(np.arange(160) / 3) + np.random.default_rng(0).normal(0, 0.1, 160)


class Shifted(TrainedPredictor):
    """In place of a network: the value before."""

    def __call__(self, windows: Floats) -> Floats:
        last: Floats = windows[:, -1] + 1e-3
        return last


class Flat(TrainedPredictor):
    """In place of a network: hardly anything but the mean."""

    def __call__(self, windows: Floats) -> Floats:
        made: Floats = 0.01 * windows[:, -1]
        return made


def held_out(interpolated: tuple[int, ...] = ()) -> HeldOutTrial:
    split = Split(train=None, validation=4, test=60, folds=3)
    parts = cut_folds(160, SEQ_LEN, split, "standard").of(VALUES)
    networks = {
        name: [kind(name, {}, SEQ_LEN, {}, part.scale) for part in parts]
        for name, kind in (("lstm", Shifted), ("transformer", Flat))
    }
    return HeldOutTrial(0, VALUES, interpolated, parts, networks)


def predicted(trial: HeldOutTrial) -> PredictedTrial:
    return predict_trial(trial, SEQ_LEN, DATA, SETTINGS)


def check(trial: HeldOutTrial, made: PredictedTrial | None = None) -> DataChecks:
    return check_data([trial], [made or predicted(trial)], DATA, SEQ_LEN)


def scores() -> dict[str, Score]:
    made = compare([predicted(held_out())] * 2, ["lstm", "transformer"], "series", 3, SETTINGS)
    return made.predictors


def test_a_sound_run_passes_every_check() -> None:
    found = check(held_out(interpolated=(120, 130)))
    assert (found.seen_targets, found.foreign_scales, found.unscored) == (0, 0, 0)
    assert (found.scale, found.centre, found.train, found.interpolated) == (
        "standard", "none", 91, 2,
    )  # fmt: skip


@pytest.mark.parametrize(("train", "seen"), [(range(5, 98), 2), (range(5, 103), 4 + 3)])
def test_a_held_out_target_that_trains_is_counted(train: range, seen: int) -> None:
    trial = held_out()
    first = replace(trial.folds[0], train=train)
    planted = replace(trial, folds=[first, *trial.folds[1:]])
    assert check(planted, predicted(trial)).seen_targets == seen


def test_a_scale_that_saw_held_out_values_is_counted() -> None:
    trial = held_out()
    whole = Scale(float(VALUES.mean()), float(VALUES.std()))
    leaking = [replace(network, scale=whole) for network in trial.networks["lstm"]]
    planted = replace(trial, networks={**trial.networks, "lstm": leaking})
    assert check(planted, predicted(trial)).foreign_scales == 3


def test_a_target_that_is_scored_twice_or_not_at_all_is_counted() -> None:
    trial = held_out()
    made = predicted(trial)
    short = {name: each[:-2] for name, each in made.predictions.items()}
    assert check(trial, replace(made, truth=made.truth[:-2], predictions=short)).unscored == 2
    twice = made.truth.copy()
    twice[7] = twice[6]
    assert check(trial, replace(made, truth=twice)).unscored == 1
    first, second, third = trial.folds
    overlapping = replace(second, test=range(second.test.start - 3, second.test.stop))
    planted = replace(trial, folds=[first, overlapping, third])
    assert check(planted, made).unscored > 0


def test_a_copy_lies_at_the_value_before_and_a_flat_model_varies_little() -> None:
    copy, flat, persistence = (scores()[name] for name in ("lstm", "transformer", "persistence"))
    assert copy.previous_mse == pytest.approx(1e-6)
    assert copy.variance_share == pytest.approx(1, abs=0.1)
    assert flat.variance_share == pytest.approx(1e-4, rel=0.1)
    assert persistence.previous_mse == 0


def test_a_period_is_what_params_say_or_the_sine_s_own() -> None:
    own = DATA.model_copy(update={"size": 1001, "x_max": 50.0})
    assert period_of(own) == pytest.approx(2 * np.pi / 0.05)
    assert period_of(own.model_copy(update={"period": 7})) == 7
    assert period_of(own.model_copy(update={"source": "csv"})) is None
