"""Trials tested: every predictor of a trial on the same held-out targets, so that errors pair."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from seqcompare.core import paths
from seqcompare.core.errors import InputError
from seqcompare.core.params import Params, flattened
from seqcompare.core.tables import Weights, load_weights
from seqcompare.core.types import Floats, Predictor
from seqcompare.data.series import Series, trials_of
from seqcompare.data.windows import PROBED, Fold, cut_windows, evenly_spaced, trained_with
from seqcompare.evaluation.baselines import fit_baselines
from seqcompare.evaluation.forecasts import evaluate_forecasts
from seqcompare.evaluation.predictors import TrainedPredictor, predictors_of_epochs


@dataclass(frozen=True, eq=False)
class HeldOutTrial:
    """A trial before it is tested. Plain data, which can be sent to any worker."""

    series: Series
    seed: int
    folds: Sequence[Fold]
    networks: Mapping[str, Sequence[Sequence[TrainedPredictor]]]  # model -> [fold][tested epoch]


@dataclass(frozen=True, eq=False)
class TestedTrial:
    """A trial after it is tested: predictions of the next value."""

    __test__ = False  # for pytest

    series: str
    seed: int
    targets: NDArray[np.int64]  # [target], positions in the series
    fold: NDArray[np.int64]  # [target]
    truth: Floats  # [target]
    predictions: Mapping[str, Floats]  # predictor -> [tested epoch, target]; baselines have one
    train_mse: Mapping[str, Floats]  # predictor -> [tested epoch], on windows as for `eval_mse`
    naive_step: float  # mean absolute step of the training part, which scales errors


def test_trial(trial: HeldOutTrial, params: Params) -> TestedTrial:
    """Test each fold's targets by the predictors that were trained on what comes before them.

    Values that are filled are no targets. Raises InputError for a test part without a measured
    value, and for predictions that are not finite.
    """
    series, first = trial.series, trial.folds[0]
    targets = series.measured(range(first.test.start, trial.folds[-1].test.stop))
    places = targets - first.test.start
    predicted: dict[str, list[Floats]] = {}  # predictor -> [tested epoch, target] of each fold
    train_mse: dict[str, list[Floats]] = {}  # predictor -> [tested epoch] of each fold
    for number, fold in enumerate(trial.folds):
        training = cut_windows(series.values, params.seq_len, fold.train)
        test = cut_windows(series.values, params.seq_len, fold.test)
        probed = evenly_spaced(len(training.targets), PROBED)
        for name, epochs in _predictors(trial, number, params).items():
            made = np.stack([predict(test.inputs) for predict in epochs])
            fitted = np.stack([predict(training.inputs[probed]) for predict in epochs])
            errors = np.mean((fitted - training.targets[probed]) ** 2, axis=1)
            predicted.setdefault(name, []).append(made)
            train_mse.setdefault(name, []).append(errors)
    predictions = {name: np.hstack(folds)[:, places] for name, folds in predicted.items()}
    _check_finite(predictions, trial, params)
    numbers = np.repeat(range(len(trial.folds)), [len(fold.test) for fold in trial.folds])
    return TestedTrial(
        series=series.name, seed=trial.seed, targets=targets, fold=numbers[places],
        truth=series.values[targets], predictions=predictions,
        train_mse={name: np.mean(errors, axis=0) for name, errors in train_mse.items()},
        naive_step=float(np.mean(np.abs(np.diff(series.values[: first.train.stop])))),
    )  # fmt: skip


test_trial.__test__ = False  # type: ignore[attr-defined]  # for pytest


def forecast_trial(trial: HeldOutTrial, params: Params) -> pd.DataFrame:
    """Columns of `evaluate_forecasts`, series and predictor; networks' last tested epoch.

    By the first fold's predictors, for which all folds are held out.
    """
    first, series, settings = trial.folds[0], trial.series, params.evaluation
    held_out = first.train.stop if params.validation_calibrates else first.test.start
    tables = {
        name: evaluate_forecasts(epochs[-1], series, held_out, params.seq_len, settings)
        for name, epochs in _predictors(trial, 0, params).items()
    }
    table = pd.concat(tables, names=["predictor"]).reset_index("predictor")
    return table.assign(series=series.name)


def _predictors(trial: HeldOutTrial, fold: int, params: Params) -> dict[str, Sequence[Predictor]]:
    """predictor -> one for each tested epoch; a baseline has one."""
    training = cut_windows(trial.series.values, params.seq_len, trial.folds[fold].train)
    networks = {model: folds[fold] for model, folds in trial.networks.items()}
    baselines = fit_baselines(training, params.data)
    return networks | {name: [baseline] for name, baseline in baselines.items()}


def _check_finite(predictions: Mapping[str, Floats], trial: HeldOutTrial, params: Params) -> None:
    for name, values in predictions.items():
        if bad := int(np.sum(~np.isfinite(values))):
            raise InputError(
                f"{name}: {bad} of {values.size} predictions of series {trial.series.name} with "
                f"seed {trial.seed} are not finite, since training diverged: lower "
                f"{params.training.key(name, 'learning_rate')} in params.yaml"
            )


def load_trials(
    params: Params, series: Mapping[str, Series], folds: Mapping[str, Sequence[Fold]]
) -> list[HeldOutTrial]:
    """Every trial with its trained networks, in the order of `trials_of`.

    Raises InputError for weights that are missing or not trained as params and series now say.
    """
    trials, positions, loaded = trials_of(list(series), params), count(), []
    total = sum(len(folds[name]) for name, _ in trials)
    for folder in (paths.WEIGHTS / model for model in params.models):
        if (found := len(list(folder.glob("*.safetensors")))) > total:
            raise InputError(
                f"{folder}: holds {found} trials, but params.yaml has {total} (seeds, series, "
                "split.folds): run `dvc repro`, with -f if it trains nothing, or set it back"
            )
    for name, seed in trials:
        networks: dict[str, list[list[TrainedPredictor]]] = {model: [] for model in params.models}
        for fold, split in enumerate(folds[name]):
            position = next(positions)
            for model, settings in params.models.items():
                task = settings, params.training.of(model), params.seq_len, name, seed, fold, split
                weights = _load_weights(paths.weights(model, position), model, trained_with(*task))
                each = predictors_of_epochs(model, settings, params.seq_len, weights, split.scale)
                networks[model].append(each)
        loaded.append(HeldOutTrial(series[name], seed, folds[name], networks))
    return loaded


def _load_weights(file: Path, model: str, expected: Mapping[str, Any]) -> Weights:
    """Raises InputError for the first thing that they were trained otherwise with."""
    weights, stored = load_weights(file)
    before, now = flattened(stored), flattened(expected)
    for key in before | now:
        if before.get(key) != now.get(key):
            name = key.replace("settings.", f"models.{model}.").replace("recipe.", "training.")
            raise InputError(
                f"{file}: was trained with {name} {before.get(key)}, but it is {now.get(key)} now: "
                "run `dvc repro`, with -f if it trains nothing, or set it back"
            )
    return weights
