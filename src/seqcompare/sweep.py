"""A sweep: every model and seed at every point of a grid over params, each run done once."""

import hashlib
import itertools
import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from queue import SimpleQueue
from typing import Any, TypeVar

from seqcompare.arrays import Floats
from seqcompare.errors import InputError, WorkerDiedError
from seqcompare.evaluation import mse
from seqcompare.grid import GridValue
from seqcompare.ledger import Ledger
from seqcompare.models import build
from seqcompare.params import (
    PARAMS,
    Data,
    ModelName,
    Setting,
    Split,
    Sweep,
    Training,
)
from seqcompare.predictors import TrainedPredictor
from seqcompare.series import make_series
from seqcompare.strict import Section, checked
from seqcompare.training import Task, train
from seqcompare.windows import cut_windows, split_series

J = TypeVar("J")
R = TypeVar("R")

IN_FLIGHT = 4096  # calls handed to an engine at a time: bounds its memory, keeps 1,000 workers busy


class Experiment(Section):
    """The params that a training run depends on: those that a grid may vary."""

    seq_len: int
    data: Data
    split: Split
    training: Training
    models: dict[ModelName, dict[str, Setting]]


@dataclass(frozen=True)
class Job:
    """One training run at one point of the grid, and the series' end to test it on."""

    point: Mapping[str, GridValue]  # dotted key -> value
    task: Task
    tested: Floats  # [seq_len + test], in the series' own unit

    def key(self) -> str:
        """A hash of all that the outcome depends on."""
        parts = self.task.fingerprint() + hashlib.sha256(self.tested.tobytes()).hexdigest()
        return hashlib.sha256(parts.encode()).hexdigest()

    def name(self) -> str:
        settings = [f"{key}={value}" for key, value in self.point.items()]
        return " ".join([*settings, self.task.model, f"seed={self.task.seed}"])


@dataclass(frozen=True)
class Outcome:
    """What a run came to: numbers, not weights. Errors in the series' own unit, squared."""

    test_mse: float
    train_mse: float  # of the last epoch, while it trained
    train_seconds: float
    weights_sha256: str  # tells whether two machines came to the same bytes


def plan(base: Experiment, sweep: Sweep, device: str) -> list[Job]:
    """All runs of the sweep: points in the grid's order, then models, then seeds.

    Raises InputError that names the first point whose params cannot be.
    """
    values = itertools.product(*sweep.grid.values())
    points = (dict(zip(sweep.grid, each, strict=True)) for each in values)
    return [job for point in points for job in _jobs_at(point, base, sweep.seeds, device)]


def run_sweep(
    jobs: Sequence[Job],
    executor: Executor,
    checkpoints: Path,
    ledger: Ledger,
    on_done: Callable[[str], None] = lambda _: None,
) -> list[Outcome]:
    """The outcome of every job. What the ledger knows is not done again, nor anything twice.

    Raises InputError that names the runs whose workers died, after all others are done.
    """
    keys = [job.key() for job in jobs]
    known = ledger.load()
    left = {key: job for key, job in zip(keys, jobs, strict=True) if key not in known}
    for _ in range(len(set(keys)) - len(left)):
        on_done("known from before")
    failures = []
    longest_first = sorted(left, key=lambda key: -left[key].task.seq_len)  # no long one at the end
    calls = ((key, (left[key].task, left[key].tested, checkpoints)) for key in longest_first)
    for key, future in completed(executor, run_job, calls):
        try:
            known[key] = asdict(future.result())
        except WorkerDiedError as error:
            failures.append(f"{left[key].name()}: {error}")
            continue
        ledger.add(key, known[key])
        on_done(left[key].name())
    if failures:
        more = f" and {len(failures) - 1} more runs" if failures[1:] else ""
        raise InputError(f"{failures[0]}{more}: what finished is kept, `make sweep` goes on")
    return [Outcome(**known[key]) for key in keys]


def run_job(task: Task, tested: Floats, checkpoints: Path) -> Outcome:
    """Train and test one network. This is what workers run; the weights stay with them.

    tested: [seq_len + test].
    """
    own = checkpoints / f"sweep-{task.fingerprint()[:16]}"  # apart from the same seed elsewhere
    if checkpoints.parent.is_dir():
        checkpoints.mkdir(exist_ok=True)
    run = train(task, own, task.training.epochs)
    predictor = TrainedPredictor(task.model, task.settings, run.weights, task.split.scale)
    windows = cut_windows(tested, task.seq_len, range(task.seq_len, len(tested)))
    weights = hashlib.sha256(
        b"".join(name.encode() + run.weights[name].tobytes() for name in sorted(run.weights))
    )
    shutil.rmtree(own, ignore_errors=True)
    return Outcome(
        test_mse=float(mse(windows.targets, predictor(windows.inputs))),
        train_mse=run.train_mse[-1],
        train_seconds=sum(run.epoch_seconds),
        weights_sha256=weights.hexdigest(),
    )


def completed(
    executor: Executor,
    function: Callable[..., R],
    calls: Iterable[tuple[J, tuple[Any, ...]]],
    in_flight: int = IN_FLIGHT,
) -> Iterator[tuple[J, Future[R]]]:
    """The futures of all calls as they are done, each with the label of its call.

    calls: labels and arguments, taken only as earlier ones are done.
    """
    done: SimpleQueue[Future[R]] = SimpleQueue()
    running: dict[Future[R], J] = {}
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


def results_table(jobs: Sequence[Job], outcomes: Sequence[Outcome]) -> dict[str, list[Any]]:
    """A row for each job: the grid's columns, model, seed, test_mse and train_mse."""
    return _described(jobs) | {
        "test_mse": [outcome.test_mse for outcome in outcomes],
        "train_mse": [outcome.train_mse for outcome in outcomes],
    }


def seconds_table(jobs: Sequence[Job], outcomes: Sequence[Outcome]) -> dict[str, list[Any]]:
    """A row for each job: the grid's columns, model, seed and train_seconds."""
    seconds = [float(f"{outcome.train_seconds:.6g}") for outcome in outcomes]
    return _described(jobs) | {"train_seconds": seconds}


def _described(jobs: Sequence[Job]) -> dict[str, list[Any]]:
    return {
        **{key: [job.point[key] for job in jobs] for key in jobs[0].point},
        "model": [job.task.model for job in jobs],
        "seed": [job.task.seed for job in jobs],
    }


def _jobs_at(
    point: Mapping[str, GridValue],
    base: Experiment,
    seeds: Iterable[int],
    device: str,
) -> Iterator[Job]:
    try:
        here = changed(base, point)
        values = _values(here.data)
        split = split_series(values, here.seq_len, here.split, here.data.scale)
        for model, settings in here.models.items():
            build(model, settings)
    except InputError as error:
        where = ", ".join(f"{key}={value}" for key, value in point.items())
        raise InputError(f"sweep.grid at {where}: {error}") from None
    seen, tested = values[: split.test.start], values[split.test.start - here.seq_len :]
    for model, settings in here.models.items():
        for seed in seeds:
            task = Task(model, settings, here.training, seed, here.seq_len, seen, split, device)
            yield Job(point, task, tested)


def changed(base: Experiment, point: Mapping[str, GridValue]) -> Experiment:
    """The params at a point. Raises InputError for a key that no training run depends on."""
    content = json.loads(base.model_dump_json())
    for key, value in point.items():
        *above, name = key.split(".")
        section = content
        for part in above:
            section = section.get(part) if isinstance(section, dict) else None
        if not isinstance(section, dict) or name not in section:
            raise InputError(
                f"{PARAMS}: {key} is nothing that a training run depends on: "
                f"those are below {', '.join(Experiment.model_fields)}"
            )
        section[name] = value
    return checked(Experiment, content, str(PARAMS))


@cache
def _values(data: Data) -> Floats:
    """[time]"""
    return make_series(data).values
