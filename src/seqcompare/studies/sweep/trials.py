"""Trials of a sweep: each trained and judged once, by whoever the executor has."""

import hashlib
import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from queue import SimpleQueue
from typing import NamedTuple, TypeAlias, TypeVar

import numpy as np

from seqcompare.core.arrays import Floats
from seqcompare.core.errors import InputError, WorkerDiedError
from seqcompare.evaluation.predictors import TrainedPredictor
from seqcompare.evaluation.trials import held_out_predictions
from seqcompare.execution.code_identity import rooms_code
from seqcompare.studies.sweep.ledger import Ledger
from seqcompare.training.trial import TrainingTask, checkpoint_of, train

L = TypeVar("L")  # the label of a call
R = TypeVar("R")  # what it returns
OnDone: TypeAlias = Callable[[str, int, bool], None]

IN_FLIGHT = 4096  # calls handed over at a time: bounds its memory, keeps 1,000 workers busy


class Judged(NamedTuple):
    """What a trial is judged by. Plain data, which travels to any worker.

    values: [time], no more of the series than that takes, in its own unit; targets: of each fold;
    measured: positions of those that count; by_target: is the loss of each of them wanted?
    """

    values: Floats
    targets: tuple[range, ...]
    measured: Sequence[int]
    by_target: bool

    def digest(self) -> str:
        measured = ",".join(map(str, self.measured))
        words = f"{self.targets} {measured} {self.by_target}"
        return hashlib.sha256(self.values.tobytes() + words.encode()).hexdigest()


@dataclass(frozen=True, eq=False)
class SweepTrial:
    """One trial of one cell: a task for each fold, and what its models are judged by."""

    cell: str
    tasks: tuple[TrainingTask, ...]
    judged: Judged

    @property
    def task(self) -> TrainingTask:
        return self.tasks[0]

    @property
    def work(self) -> int:
        """How long it takes, in values of all windows that it trains on."""
        windows = sum(len(task.parts.train) for task in self.tasks)
        return windows * self.task.seq_len * self.task.training.epochs

    def key(self) -> str:
        """A hash of all that the result depends on."""
        parts = [task.fingerprint() for task in self.tasks]
        return hashlib.sha256(
            "".join([*parts, self.judged.digest(), _judge()]).encode()
        ).hexdigest()

    def name(self) -> str:
        return f"{self.cell} {self.task.model} seed={self.task.seed}"


@dataclass(frozen=True)
class SweepResult:
    """What a trial came to: numbers, not weights. Errors in the series' own unit, squared.

    mse: None where it is not finite, since training diverged; losses: [target], where wanted.
    """

    mse: float | None
    losses: list[float] | None
    parameters: int
    train_seconds: float
    weights_sha256: str  # tells whether two machines came to the same bytes


def ignore(*_: object) -> None:
    pass


def run_trials(
    trials: Sequence[SweepTrial],
    executor: Executor,
    checkpoints: Path,
    ledger: Ledger,
    on_done: OnDone = ignore,
) -> list[SweepResult]:
    """The result of every trial. What the ledger knows is not done again, nor anything twice.

    on_done gets each trial's name and work, and whether it was known from before.
    Raises InputError that names the trials whose workers died, after all others are done.
    """
    keys = [trial.key() for trial in trials]
    known = ledger.load()
    left: dict[str, SweepTrial] = {}
    for key, trial in zip(keys, trials, strict=True):
        if key in known or key in left:
            on_done(trial.name(), trial.work, True)
        else:
            left[key] = trial
    failures = []
    longest_first = sorted(left, key=lambda key: -left[key].work)  # no long one at the end
    calls = ((key, (left[key].tasks, left[key].judged, checkpoints)) for key in longest_first)
    for key, future in completed(executor, run_trial, calls):
        try:
            known[key] = asdict(future.result())
        except WorkerDiedError as error:
            failures.append(f"{left[key].name()}: {error}")
            continue
        ledger.add(key, known[key])
        on_done(left[key].name(), left[key].work, False)
    if failures:
        more = f" and {len(failures) - 1} more trials" if failures[1:] else ""
        raise InputError(f"{failures[0]}{more}: what finished is kept, `make sweeps` goes on")
    return [SweepResult(**known[key]) for key in keys]


def run_trial(tasks: Sequence[TrainingTask], judged: Judged, checkpoints: Path) -> SweepResult:
    """Train and judge one trial. This is what workers run; the weights stay with them.

    tasks: one for each fold.
    """
    trained = [train(task, checkpoints, task.training.epochs) for task in tasks]
    weights = hashlib.sha256()
    for each in trained:
        for name in sorted(each.weights):
            weights.update(name.encode() + each.weights[name].tobytes())
    predictors = [
        TrainedPredictor(task.model, task.settings, task.seq_len, each.weights, task.parts.scale)
        for task, each in zip(tasks, trained, strict=True)
    ]
    losses = squared_losses(predictors, judged, tasks[0].seq_len)
    for task in tasks:  # the files alone: another worker may still be at the same trial
        checkpoint_of(task, checkpoints).path.unlink(missing_ok=True)
    mse = float(losses.mean())
    finite = math.isfinite(mse)
    return SweepResult(
        mse=mse if finite else None,
        losses=losses.tolist() if judged.by_target and finite else None,
        parameters=sum(tensor.size for tensor in trained[0].weights.values()),
        train_seconds=sum(sum(each.epoch_seconds) for each in trained),
        weights_sha256=weights.hexdigest(),
    )


def squared_losses(
    predictors: Sequence[Callable[[Floats], Floats]], judged: Judged, seq_len: int
) -> Floats:
    """Squared errors of each fold's predictor on its targets, those that count: [target]."""
    measured = np.asarray(judged.measured, dtype=np.int64)
    made = held_out_predictions(predictors, judged.values, seq_len, judged.targets)
    losses: Floats = (made[measured - judged.targets[0].start] - judged.values[measured]) ** 2
    return losses


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


@cache
def _judge() -> str:
    """Identity of the code that judges a trained model, which a trial's own does not cover."""
    return rooms_code("evaluation", "studies/sweep")
