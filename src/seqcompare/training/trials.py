"""Trials of a model, side by side: what is planned, carried and kept of them together."""

import statistics
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

import torch

from seqcompare.core.errors import InputError, ParamsError, WorkerDiedError
from seqcompare.core.sections.training import Training
from seqcompare.core.types import Setting
from seqcompare.data.series import Draws
from seqcompare.data.windows import Folds
from seqcompare.execution.devices import check_precision, choose_device, device_name
from seqcompare.training.trial import (
    TrainedModel,
    TrainingTask,
    checkpoint_of,
    seed_and_fold,
    train,
)

MOST_NAMED = 3  # trials that an error names one by one


def plan_trials(
    model: str,
    settings: Mapping[str, Setting],
    training: Training,
    seq_len: int,
    seeds: Sequence[int],
    draws: Draws,
    folds: Folds,
    device: str,
) -> list[TrainingTask]:
    """A task for each seed and fold. It holds no value that is tested on, or comes after one.

    training: of all models; each is trained with what it says for that model. Raises InputError for
    a precision that the device does not compute in.
    """
    own = training.of(model)
    check_precision(own.precision, torch.device(device), training.key(model, "precision"))
    tasks = []
    for seed in seeds:
        values = draws.of_trial(seed)
        for fold, parts in enumerate(folds.of(values)):
            seen = values[: parts.test.start]
            tasks.append(
                TrainingTask(model, settings, own, seed, seq_len, seen, parts, device, fold)
            )
    return tasks


def train_all(
    tasks: Sequence[TrainingTask], executor: Executor, checkpoints: Path, parts: int = 1
) -> list[TrainedModel]:
    """Every task through the executor. What finished is kept, also when another trial fails.

    parts: of a trial, which whoever is free does one after another: first the first parts of all
    trials. Raises InputError that names the trials whose worker died.
    """
    epochs = tasks[0].training.epochs
    parts = min(parts, epochs)
    ends = [epochs * part // parts for part in range(1, parts + 1)]
    futures = [
        (task, executor.submit(train, task, checkpoints, end)) for end in ends for task in tasks
    ]
    failures = []
    for task, future in futures:
        try:
            future.result()
        except WorkerDiedError as error:
            failures.append(f"training {task.model} {seed_and_fold(task)}: {error}")
    if failures:
        raise InputError("; ".join(failures) + ": what finished is kept, `dvc repro` goes on")
    return [future.result() for _, future in futures[-len(tasks) :]]


def check_converged(trained: Sequence[TrainedModel], model: str, training: Training) -> None:
    """Raises InputError for a trial whose errors or weights are no finite numbers any more.

    training: of all models, as params.yaml has it.
    """
    diverged = [each for each in trained if not each.is_finite()]
    if diverged:
        key = training.key(model, "learning_rate")
        rate = training.of(model).learning_rate
        named = ", ".join(seed_and_fold(each) for each in diverged[:MOST_NAMED])
        more = f" and {len(diverged) - MOST_NAMED} more" if diverged[MOST_NAMED:] else ""
        raise ParamsError(
            f"{key} is {rate:g}, with which {len(diverged)} of {len(trained)} trials of {model} "
            f"diverged ({named}{more}): lower it"
        )


def forget_checkpoints(tasks: Sequence[TrainingTask], checkpoints: Path) -> None:
    """Remove the checkpoints of finished trials, once their results are saved."""
    for task in tasks:
        checkpoint_of(task, checkpoints).remove()


def history(trained: Sequence[TrainedModel]) -> dict[str, list[Any]]:
    """Columns seed, fold, epoch, train_mse, eval_mse; with a validation part, validation_mse."""
    columns = _by_epoch(trained, "train_mse") | _by_epoch(trained, "eval_mse")
    if not trained[0].validation_mse:
        return columns
    return columns | _by_epoch(trained, "validation_mse")


def epoch_seconds(trained: Sequence[TrainedModel]) -> dict[str, list[Any]]:
    """Columns seed, fold, epoch and epoch_seconds."""
    return _by_epoch(trained, "epoch_seconds")


def _by_epoch(trained: Sequence[TrainedModel], name: str) -> dict[str, list[Any]]:
    """Columns seed, fold, epoch and what TrainedModel has under the name, one after another."""
    columns: dict[str, list[Any]] = {"seed": [], "fold": [], "epoch": [], name: []}
    for each in trained:
        values = getattr(each, name)
        columns["seed"] += [each.seed] * len(values)
        columns["fold"] += [each.fold] * len(values)
        columns["epoch"] += range(1, len(values) + 1)
        columns[name] += values
    return columns


def seconds_per_epoch(trained: Sequence[TrainedModel]) -> float:
    """The median over all trials. The first of several epochs warms up: left out."""
    return statistics.median(
        seconds for each in trained for seconds in each.epoch_seconds[1:] or each.epoch_seconds
    )


def how_trials_ran(
    tasks: Sequence[TrainingTask], trained: Sequence[TrainedModel], workers: int
) -> dict[str, str | int]:
    """On what, and in how much company: what a time depends on."""
    return {
        "device": device_name(choose_device(tasks[0].device)),
        "threads_per_trial": trained[0].threads,
        "trials_side_by_side": min(workers, len(tasks)),
    }
