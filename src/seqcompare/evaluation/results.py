"""Results that follow from trained weights: saved by `evaluate`, made again by `make verify`."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from seqcompare.core import paths
from seqcompare.core.arrays import Floats
from seqcompare.core.comparison import Comparison, Design
from seqcompare.core.files import load_csv, load_weights
from seqcompare.core.sections.data import Data
from seqcompare.core.sections.evaluation import Evaluation
from seqcompare.core.sections.executor import Executor
from seqcompare.core.types import Setting
from seqcompare.data.series import Draws
from seqcompare.data.storage import load_series, load_split
from seqcompare.data.windows import Folds
from seqcompare.evaluation.checks import check_data
from seqcompare.evaluation.comparison import compare, lean_metrics
from seqcompare.evaluation.forecasts import forecast_metrics, forecast_table, horizon_table
from seqcompare.evaluation.predictors import TrainedPredictor
from seqcompare.evaluation.trials import (
    HeldOutTrial,
    PredictedTrial,
    measured_targets,
    predict_trial,
)
from seqcompare.execution.executor import open_local
from seqcompare.models import count_operations

Models = Mapping[str, Mapping[str, Setting]]  # name -> settings


def load_trials(
    models: Models, seq_len: int, seeds: Sequence[int], draws: Draws, folds: Folds
) -> list[HeldOutTrial]:
    """Every trial with its trained networks. Raises InputError for weights that are not there."""
    trials = []
    for seed in seeds:
        values = draws.of_trial(seed)
        parts = folds.of(values)
        networks = {
            name: [
                TrainedPredictor(
                    name,
                    settings,
                    seq_len,
                    load_weights(paths.weights(name, seed, fold)),
                    part.scale,
                )
                for fold, part in enumerate(parts)
            ]
            for name, settings in models.items()
        }
        trials.append(HeldOutTrial(seed, values, draws.interpolated, parts, networks))
    return trials


def evaluate_trained(
    models: Models,
    seq_len: int,
    seeds: Sequence[int],
    data: Data,
    settings: Evaluation,
    executor: Executor,
) -> dict[Path, Mapping[str, Any]]:
    """What follows from the weights that are there: as `evaluate`.

    Raises InputError for a series, a split or weights that cannot be read.
    """
    draws, folds = load_series(), load_split()
    trials = load_trials(models, seq_len, seeds, draws, folds)
    with open_local(executor, len(trials)) as processes:
        return evaluate(models, seq_len, trials, draws, data, settings, processes.map)


def evaluate(
    models: Models,
    seq_len: int,
    trials: Sequence[HeldOutTrial],
    draws: Draws,
    data: Data,
    settings: Evaluation,
    map_calls: Callable[..., Iterable[PredictedTrial]] = map,
) -> dict[Path, Mapping[str, Any]]:
    """A CSV's columns or a JSON's content, by its file.

    map_calls: an executor's `map` tests trials side by side.
    """
    test = partial(predict_trial, seq_len=seq_len, data=data, settings=settings)
    tested = list(map_calls(test, trials))
    design: Design = "draws" if draws.vary else "series"
    compared = compare(tested, list(models), design, len(trials[0].folds), settings)
    comparison = with_sizes(compared, models, trials[0], seq_len).model_copy(
        update={"checks": check_data(trials, tested, data, seq_len)}
    )
    times = draws.times[
        measured_targets([parts.test for parts in trials[0].folds], draws.interpolated)
    ]
    histories = {name: load_csv(paths.history(name), "epoch", "train_mse") for name in models}
    shown = tested[0].forecasts
    return {
        paths.METRICS: lean_metrics(comparison, list(models)),
        paths.COMPARISON: comparison.model_dump(),
        paths.PREDICTIONS: predictions_table(times, tested[0]),
        paths.PREDICTIONS_BY_SEED: predictions_by_seed(times, tested),
        paths.TRAINING_REFERENCE: training_reference(tested),
        paths.FORECAST_METRICS: forecast_metrics(
            [trial.forecasts for trial in tested], draws.vary, settings.confidence
        ),
        paths.HORIZON: horizon_table([trial.forecasts for trial in tested]),
        paths.FORECAST: forecast_table(draws.times, shown),
        **dvc_plots(histories, times, tested[0]),
    }


def with_sizes(
    comparison: Comparison, models: Models, trial: HeldOutTrial, seq_len: int
) -> Comparison:
    """The comparison, and for each model how large it is and what a prediction takes."""
    scores = dict(comparison.predictors)
    for name, settings in models.items():
        counts = count_operations(name, settings)
        weights = trial.networks[name][0].weights.values()
        scores[name] = scores[name].model_copy(
            update={
                "parameters": sum(tensor.size for tensor in weights),
                "macs": int(counts.predict.at(seq_len)) if counts else None,
            }
        )
    return comparison.model_copy(update={"predictors": scores})


def predictions_table(times: Floats, trial: PredictedTrial) -> dict[str, Floats]:
    """Columns time, truth and each predictor, of one trial: [test]."""
    return {"time": times, "truth": trial.truth} | dict(trial.predictions)


def predictions_by_seed(times: Floats, trials: Sequence[PredictedTrial]) -> dict[str, Floats]:
    """Columns seed, time, truth and each predictor, trial after trial: [trial * test]."""
    names = trials[0].predictions
    return {
        "seed": np.repeat([trial.seed for trial in trials], times.size),
        "time": np.tile(times, len(trials)),
        "truth": np.concatenate([trial.truth for trial in trials]),
        **{name: np.concatenate([trial.predictions[name] for trial in trials]) for name in names},
    }


def training_reference(trials: Sequence[PredictedTrial]) -> dict[str, Floats]:
    """Columns seed, fold and mse, the training error that a trial's networks are held against."""
    by_trial = [trial.reference_train_mse for trial in trials]  # each [fold]
    return {
        "seed": np.repeat([trial.seed for trial in trials], by_trial[0].size),
        "fold": np.tile(np.arange(by_trial[0].size), len(trials)),
        "mse": np.concatenate(by_trial),
    }


def dvc_plots(
    histories: Mapping[str, Mapping[str, Floats]], times: Floats, trial: PredictedTrial
) -> dict[Path, Mapping[str, Floats]]:
    """The tables that `dvc plots` draws, by their files: of each model its loss and predictions.

    histories: model -> its columns epoch and train_mse, trial after trial.
    """
    plots: dict[Path, Mapping[str, Floats]] = {}
    for name, history in histories.items():
        plots[paths.of_model(paths.LOSS_PLOTS, name)] = mean_loss(history)
        plots[paths.of_model(paths.PREDICTION_PLOTS, name)] = {
            "time": times,
            "truth": trial.truth,
            "prediction": trial.predictions[name],
        }
    return plots


def mean_loss(history: Mapping[str, Floats]) -> dict[str, Floats]:
    """Columns epoch and train_mse, the mean over trials and folds: [epoch]."""
    epochs = np.unique(history["epoch"]).astype(int)
    return {
        "epoch": epochs,
        "train_mse": history["train_mse"].reshape(-1, epochs.size).mean(axis=0),
    }
