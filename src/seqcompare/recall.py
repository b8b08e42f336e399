"""The adding problem (Hochreiter & Schmidhuber 1997, section 5.4) for networks with one channel.

Two of a sequence's numbers are marked; the target is their sum. Each number is uniform in [0, 1],
so the best prediction that knows neither scores exactly 1/6 in mean squared error (the variance of
their sum), and one that knows the nearer alone 1/12. The original marks them in a second channel.
Here the sign does: marked numbers are positive, all others negative, which leaves the numbers'
distribution and the 1/6 as they are. The older marked number is the first of the window, exactly
`lag` steps back from the prediction; the other lies anywhere after it.
"""

import statistics
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Generator, Tensor
from torch.nn.functional import mse_loss

from seqcompare import models
from seqcompare.devices import choose_device, clock, prepare, synchronize
from seqcompare.models.dropout import set_generator
from seqcompare.optimizer import Adam, training_step
from seqcompare.params import Reach, Setting
from seqcompare.predictors import predict

CONSTANT_MSE = 1 / 6  # of the best constant prediction, 1
TEST_SEQUENCES = 500
STEPS_PER_TEST = 50

Row = dict[str, Any]


@dataclass(frozen=True)
class Task:
    """One run of the adding task. Plain data, which travels to any worker."""

    model: str
    settings: Mapping[str, Setting]
    reach: Reach
    lag: int
    seed: int
    device: str


@dataclass(frozen=True)
class Recall:
    """How a run ended. mse: of the last test; steps: until then, all of them unless solved."""

    mse: float
    steps: int
    solved: bool
    seconds_per_step: float


def draw(count: int, lag: int, generator: Generator) -> tuple[Tensor, Tensor]:
    """Sequences [count, lag] and the sums of their two positive numbers [count]."""
    numbers = torch.rand(count, lag, generator=generator)
    second = torch.randint(1, lag, (count, 1), generator=generator)
    sign = torch.full_like(numbers, -1.0)
    sign[:, 0] = 1.0
    sign.scatter_(1, second, 1.0)
    sequences = numbers * sign
    return sequences, sequences.clamp(min=0).sum(dim=1)


def solve(task: Task) -> Recall:
    """Train on fresh sequences until the test error is low enough or the steps are used up.

    What comes out depends on the task alone, but for the seconds. This is what workers run.
    """
    prepare(torch.device(task.device))
    device = choose_device(task.device)
    weights, training, test, dropout = np.random.SeedSequence(task.seed).generate_state(4)
    torch.manual_seed(int(weights))
    network = models.build(task.model, task.settings).to(device)
    set_generator(network, Generator(device).manual_seed(int(dropout)))
    optimizer = Adam(network.parameters(), task.reach.learning_rate)
    sequences = Generator().manual_seed(int(training))
    held_out = draw(TEST_SEQUENCES, task.lag, Generator().manual_seed(int(test)))
    inputs, targets = (part.to(device) for part in held_out)
    solved_below = task.reach.solved_below * CONSTANT_MSE
    now, steps, chunks = clock(device), 0, []
    while True:
        chunk = min(STEPS_PER_TEST, task.reach.steps - steps)
        started_at = now()
        network.train()
        for _ in range(chunk):
            batch, sums = draw(task.reach.batch_size, task.lag, sequences)
            training_step(network, optimizer, batch.to(device), sums.to(device))
        mse = mse_loss(predict(network, inputs), targets).item()
        synchronize(device)
        chunks.append((now() - started_at) / chunk)
        steps += chunk
        if mse < solved_below or steps == task.reach.steps:
            return Recall(mse, steps, mse < solved_below, statistics.median(chunks))


def tasks_for(
    settings: Mapping[str, Mapping[str, Setting]], reach: Reach, device: str
) -> list[Task]:
    """Each model, lag and seed; the longest lags first, so that no core waits for them."""
    return [
        Task(model, kind, reach, lag, seed, device)
        for lag in sorted(reach.lags, reverse=True)
        for model, kind in settings.items()
        for seed in reach.seeds
    ]


def solve_all(tasks: Sequence[Task], executor: Executor) -> list[Recall]:
    """In the order of the tasks."""
    futures = [executor.submit(solve, task) for task in tasks]
    return [future.result() for future in futures]


def recall_table(tasks: Sequence[Task], recalls: Sequence[Recall]) -> list[Row]:
    """A row for each model, lag and seed, whichever ended first."""
    return [
        {
            "model": task.model,
            "lag": task.lag,
            "seed": task.seed,
            "solved": int(recall.solved),
            "steps": recall.steps,
            "mse": recall.mse,
        }
        for task, recall in _in_order(tasks, recalls)
    ]


def seconds_table(tasks: Sequence[Task], recalls: Sequence[Recall]) -> list[Row]:
    """How long each run took, and whether it was done within equal seconds.

    At each lag every model gets the time in which the fastest of them takes all its steps.
    """
    paces: dict[tuple[int, str], list[float]] = {}
    for task, recall in zip(tasks, recalls, strict=True):
        paces.setdefault((task.lag, task.model), []).append(recall.seconds_per_step)
    fastest = {
        lag: min(statistics.median(paces[key]) for key in paces if key[0] == lag)
        for lag, _ in paces
    }
    rows: list[Row] = []
    for task, recall in _in_order(tasks, recalls):
        seconds = recall.steps * recall.seconds_per_step
        budget = task.reach.steps * fastest[task.lag]
        rows.append(
            {
                "model": task.model,
                "lag": task.lag,
                "seed": task.seed,
                "seconds_per_step": recall.seconds_per_step,
                "seconds": seconds,
                "equal_seconds": budget,
                "solved": int(recall.solved and seconds <= budget),
            }
        )
    return rows


def longest_lag_solved(rows: Sequence[Row]) -> dict[str, dict[str, int]]:
    """model -> the longest lag that, like all shorter ones, every seed has solved; 0: none.

    rows: with columns model, lag and solved.
    """
    longest = {row["model"]: 0 for row in rows}
    for model in longest:
        for lag in sorted({row["lag"] for row in rows}):
            if not all(row["solved"] for row in rows if (row["model"], row["lag"]) == (model, lag)):
                break
            longest[model] = lag
    return {model: {"longest_lag_solved": lag} for model, lag in longest.items()}


def _in_order(tasks: Sequence[Task], recalls: Sequence[Recall]) -> list[tuple[Task, Recall]]:
    models = list(dict.fromkeys(task.model for task in tasks))
    return sorted(
        zip(tasks, recalls, strict=True),
        key=lambda pair: (models.index(pair[0].model), pair[0].lag, pair[0].seed),
    )
