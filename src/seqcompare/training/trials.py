"""All trials of a model: planned, trained side by side, and as tables."""

import itertools
import shutil
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import pandas as pd
import torch

from seqcompare.core import paths
from seqcompare.core.errors import InputError
from seqcompare.core.params import Params, Training
from seqcompare.core.tables import rounded, save_json, save_table, save_weights
from seqcompare.data.series import Series, trials_of
from seqcompare.data.windows import Fold
from seqcompare.execution.devices import check_precision
from seqcompare.execution.workers import Workers
from seqcompare.training.trial import ERRORS, TrainedTrial, TrialTask, train

Folds: TypeAlias = Mapping[str, Sequence[Fold]]  # series -> its folds
MOST_NAMED = 3  # trials that an error lists


def plan_trials(
    model: str, params: Params, series: Mapping[str, Series], folds: Folds, device: str
) -> list[TrialTask]:
    """A task for each series and seed, as `trials_of` orders them, and each fold.

    Raises InputError for a precision in which the device does not compute.
    """
    recipe = params.training.of(model)
    check_precision(recipe.precision, torch.device(device), params.training.key(model, "precision"))
    return [
        TrialTask(
            name, seed, number, model, params.models[model], recipe, params.seq_len,
            series[name].values[: fold.test.start], fold, device,
        )
        for name, seed in trials_of(list(series), params)
        for number, fold in enumerate(folds[name])
    ]  # fmt: skip


def train_all(
    tasks: Sequence[TrialTask], workers: Workers, checkpoints: Path
) -> list[TrainedTrial]:
    """Train every task in `workers.parts`, first parts first; checkpoints keep what finished."""
    parts = workers.parts(len(tasks))
    futures = [
        workers.submit(train, task, checkpoints, task.recipe.epochs * part // parts)
        for part in range(1, parts + 1)
        for task in tasks
    ]
    return [future.result() for future in futures][-len(tasks) :]


def check_converged(trained: Sequence[TrainedTrial], model: str, training: Training) -> None:
    """Raises InputError for trials whose errors or weights are no finite numbers any more."""
    diverged = [each.name for each in trained if not each.is_finite()]
    if diverged:
        key, rate = training.key(model, "learning_rate"), training.of(model).learning_rate
        more = f" and {len(diverged) - MOST_NAMED} more" if diverged[MOST_NAMED:] else ""
        raise InputError(
            f"params.yaml: {key} is {rate:g}, with which {len(diverged)} of {len(trained)} trials "
            f"of {model} diverged ({'; '.join(diverged[:MOST_NAMED])}{more}): lower {key}"
        )


def save_trained(model: str, tasks: Sequence[TrialTask], trained: Sequence[TrainedTrial]) -> None:
    """Write the weights of every trial, the history and the seconds; remove weights of others."""
    shutil.rmtree(paths.WEIGHTS / model, ignore_errors=True)
    for position, (task, each) in enumerate(zip(tasks, trained, strict=True)):
        save_weights(paths.weights(model, position), each.weights, task.trained_with())
    table = epochs_table(trained)
    errors, took = table.drop(columns="seconds"), table.drop(columns=[*ERRORS], errors="ignore")
    save_table(paths.of_model(paths.TRAINING, model), errors, digits=None)
    save_table(paths.of_model(paths.EPOCH_SECONDS, model), took)


def save_timing(model: str, figures: Mapping[str, Any]) -> None:
    """Write reports/timing/MODEL.json: live figures of `TrainingProgress`, then the result."""
    save_json(paths.of_model(paths.TIMING, model, "json"), rounded(figures))


def forget_checkpoints(tasks: Sequence[TrialTask], checkpoints: Path) -> None:
    """Remove the checkpoints of finished trials."""
    for task in tasks:
        task.checkpoint(checkpoints).unlink(missing_ok=True)


def epochs_table(trained: Sequence[TrainedTrial]) -> pd.DataFrame:
    """A row an epoch of a trial: series, seed, fold, epoch, its ERRORS, seconds (of training)."""
    tables = []
    for each in trained:
        epochs = range(1, len(each.train_mse) + 1)
        where = {"series": each.series, "seed": each.seed, "fold": each.fold, "epoch": epochs}
        errors = {name: getattr(each, name) for name in ERRORS if getattr(each, name)}
        tables.append(pd.DataFrame(where | errors | {"seconds": each.epoch_seconds}))
    return pd.concat(tables, ignore_index=True)


def seconds_per_epoch(trained: Sequence[TrainedTrial]) -> float:
    """The median over all trials, without the first of several epochs, which warms up."""
    seconds = (each.epoch_seconds[1:] or each.epoch_seconds for each in trained)
    return statistics.median(itertools.chain.from_iterable(seconds))
