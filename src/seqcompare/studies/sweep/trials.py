"""Trials of a sweep: every model and seed at every point of the grid, each done once."""

import hashlib
import itertools
import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import asdict, dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Self, TypeVar

import numpy as np
from pydantic import model_validator

from seqcompare.core.errors import InputError, WorkerDiedError
from seqcompare.core.files import Columns
from seqcompare.core.grid import GridValue, flat_grid
from seqcompare.core.params import (
    PARAMS,
    Data,
    ModelName,
    Setting,
    Split,
    Sweep,
    Training,
)
from seqcompare.core.schema import Section, checked
from seqcompare.core.types import Floats
from seqcompare.data.gate import check_draws
from seqcompare.data.series import make_draws
from seqcompare.data.windows import cut_folds, cut_windows
from seqcompare.evaluation.predictors import TrainedPredictor
from seqcompare.models import build
from seqcompare.studies.sweep.ledger import Ledger
from seqcompare.training.trial import TrainingTask, train
from seqcompare.training.trials import plan_trials

L = TypeVar("L")  # the label of a call
R = TypeVar("R")  # what it returns

IN_FLIGHT = 4096  # calls handed over at a time: bounds its memory, keeps 1,000 workers busy


class Experiment(Section):
    """The params that a trial depends on: those that a grid may vary."""

    seq_len: int
    data: Data
    split: Split
    training: Training
    models: dict[ModelName, dict[str, Setting]]

    @model_validator(mode="after")
    def _every_model_can_be_trained_so(self) -> Self:
        self.training.check(self.split, self.models)
        return self


@dataclass(frozen=True)
class SweepTrial:
    """One trial at one point of the grid: a task for each fold, and the series to test it on."""

    point: Mapping[str, GridValue]  # dotted key -> value
    tasks: tuple[TrainingTask, ...]
    values: Floats  # [time], in the series' own unit

    @property
    def task(self) -> TrainingTask:
        return self.tasks[0]

    def key(self) -> str:
        """A hash of all that the result depends on."""
        parts = [task.fingerprint() for task in self.tasks]
        parts.append(hashlib.sha256(self.values.tobytes()).hexdigest())
        return hashlib.sha256("".join(parts).encode()).hexdigest()

    def name(self) -> str:
        settings = [f"{key}={value}" for key, value in self.point.items()]
        return " ".join([*settings, self.task.model, f"seed={self.task.seed}"])


@dataclass(frozen=True)
class SweepResult:
    """What a trial came to: numbers, not weights. Errors in the series' own unit, squared."""

    test_mse: float
    train_mse: float  # of the last epoch, while it trained
    train_seconds: float
    weights_sha256: str  # tells whether two machines came to the same bytes


def plan(base: Experiment, sweep: Sweep, device: str) -> list[SweepTrial]:
    """All trials of the sweep: points in the grid's order, then models, then seeds.

    Raises InputError for a grid that is none, and names the first point whose params cannot be.
    """
    grid = flat_grid(sweep.grid)
    points = (dict(zip(grid, values, strict=True)) for values in itertools.product(*grid.values()))
    return [trial for point in points for trial in _trials_at(point, base, sweep.seeds, device)]


def run_sweep(
    trials: Sequence[SweepTrial],
    executor: Executor,
    checkpoints: Path,
    ledger: Ledger,
    on_done: Callable[[str], None] = lambda _: None,
) -> list[SweepResult]:
    """The result of every trial. What the ledger knows is not done again, nor anything twice.

    Raises InputError that names the trials whose workers died, after all others are done.
    """
    keys = [trial.key() for trial in trials]
    known = ledger.load()
    left = {key: trial for key, trial in zip(keys, trials, strict=True) if key not in known}
    for _ in range(len(set(keys)) - len(left)):
        on_done("known from before")
    failures = []
    longest_first = sorted(left, key=lambda key: -left[key].task.seq_len)  # no long one at the end
    calls = ((key, (left[key].tasks, left[key].values, checkpoints)) for key in longest_first)
    for key, future in completed(executor, run_trial, calls):
        try:
            known[key] = asdict(future.result())
        except WorkerDiedError as error:
            failures.append(f"{left[key].name()}: {error}")
            continue
        ledger.add(key, known[key])
        on_done(left[key].name())
    if failures:
        more = f" and {len(failures) - 1} more trials" if failures[1:] else ""
        raise InputError(f"{failures[0]}{more}: what finished is kept, `make sweep` goes on")
    return [SweepResult(**known[key]) for key in keys]


def run_trial(tasks: Sequence[TrainingTask], values: Floats, checkpoints: Path) -> SweepResult:
    """Train and test one trial. This is what workers run; the weights stay with them.

    tasks: one for each fold; values: [time].
    """
    own = checkpoints / f"sweep-{tasks[0].fingerprint()[:16]}"  # apart from the same seed elsewhere
    if checkpoints.parent.is_dir():
        checkpoints.mkdir(exist_ok=True)
    trained = [train(task, own, task.training.epochs) for task in tasks]
    errors = []
    weights = hashlib.sha256()
    for task, each in zip(tasks, trained, strict=True):
        predictor = TrainedPredictor(
            task.model, task.settings, task.seq_len, each.weights, task.parts.scale
        )
        windows = cut_windows(values, task.seq_len, task.parts.test)
        errors.append((predictor(windows.inputs) - windows.targets) ** 2)
        for name in sorted(each.weights):
            weights.update(name.encode() + each.weights[name].tobytes())
    shutil.rmtree(own, ignore_errors=True)
    return SweepResult(
        test_mse=float(np.concatenate(errors).mean()),
        train_mse=trained[-1].train_mse[-1],
        train_seconds=sum(sum(each.epoch_seconds) for each in trained),
        weights_sha256=weights.hexdigest(),
    )


def completed(
    executor: Executor,
    function: Callable[..., R],
    calls: Iterable[tuple[L, tuple[object, ...]]],
    in_flight: int = IN_FLIGHT,
) -> Iterator[tuple[L, Future[R]]]:
    """The futures of all calls as they are done, each with the label of its call.

    calls: labels and arguments, taken only as earlier ones are done.
    """
    done: SimpleQueue[Future[R]] = SimpleQueue()
    running: dict[Future[R], L] = {}
    waiting = iter(calls)

    def submit(number: int) -> None:
        for label, arguments in itertools.islice(waiting, number):
            future = executor.submit(function, *arguments)
            running[future] = label
            future.add_done_callback(done.put)

    submit(in_flight)
    while running:
        future = done.get()
        submit(1)
        yield running.pop(future), future


def results_table(trials: Sequence[SweepTrial], results: Sequence[SweepResult]) -> Columns:
    """A row for each trial: the grid's columns, model, seed, test_mse and train_mse."""
    return {
        **_grid_columns(trials),
        "test_mse": [result.test_mse for result in results],
        "train_mse": [result.train_mse for result in results],
    }


def seconds_table(trials: Sequence[SweepTrial], results: Sequence[SweepResult]) -> Columns:
    """A row for each trial: the grid's columns, model, seed and train_seconds."""
    seconds = [float(f"{result.train_seconds:.6g}") for result in results]
    return {**_grid_columns(trials), "train_seconds": seconds}


def _grid_columns(trials: Sequence[SweepTrial]) -> Columns:
    return {
        **{key: [trial.point[key] for trial in trials] for key in trials[0].point},
        "model": [trial.task.model for trial in trials],
        "seed": [trial.task.seed for trial in trials],
    }


def _trials_at(
    point: Mapping[str, GridValue],
    base: Experiment,
    seeds: Sequence[int],
    device: str,
) -> Iterator[SweepTrial]:
    try:
        here = experiment_at(base, point)
        draws = make_draws(here.data, tuple(seeds))
        folds = cut_folds(draws.times.size, here.seq_len, here.split, here.data.scaling)
        check_draws(draws, folds, here.data)
        for model, settings in here.models.items():
            build(model, settings, here.seq_len)
    except InputError as error:
        where = ", ".join(f"{key}={value}" for key, value in point.items())
        raise InputError(f"sweep.grid at {where}: {error}") from None
    for model, settings in here.models.items():
        tasks = plan_trials(
            model, settings, here.training, here.seq_len, seeds, draws, folds, device
        )
        for seed in seeds:
            own = tuple(task for task in tasks if task.seed == seed)
            yield SweepTrial(point, own, draws.of_trial(seed))


def experiment_at(base: Experiment, point: Mapping[str, GridValue]) -> Experiment:
    """The params at a point. Raises InputError for a key that no trial depends on."""
    content = json.loads(base.model_dump_json())
    for key, value in point.items():
        *above, name = key.split(".")
        section = content
        for part in above:
            section = section.get(part) if isinstance(section, dict) else None
        if not isinstance(section, dict) or name not in section:
            raise InputError(
                f"{PARAMS}: {key} is nothing that a trial depends on: "
                f"those are below {', '.join(Experiment.model_fields)}"
            )
        section[name] = value
    return checked(Experiment, content, str(PARAMS))
