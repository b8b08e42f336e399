"""Adding problem (Hochreiter & Schmidhuber 1997, section 5.4): trials of one-channel networks.

Two of a sequence's numbers are marked; the target is their sum. Each number is uniform in [0, 1],
so the best prediction that knows neither scores exactly 1/6 in mean squared error (the variance of
their sum), and one that knows the nearer alone 1/12. The original marks them in a second channel.
Here the sign does: marked numbers are positive, all others negative, which leaves the numbers'
distribution and the 1/6 as they are. The older marked number is the first of the window, exactly
`lag` steps back from the prediction; the other lies anywhere after it.
"""

import statistics
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, as_completed
from dataclasses import dataclass

import numpy as np
import torch
from torch import Generator, Tensor, nn
from torch.nn.functional import mse_loss

from seqcompare import models
from seqcompare.core.sections.adding_problem import AddingProblem
from seqcompare.core.types import Row, Setting
from seqcompare.execution.devices import choose_device, clock, synchronize
from seqcompare.execution.processes import do_nothing
from seqcompare.training.optimizer import Adam
from seqcompare.training.step import Step, make_step

CONSTANT_MSE = 1 / 6  # of the best constant prediction, 1
TEST_SEQUENCES = 500
STEPS_PER_TEST = 50


@dataclass(frozen=True)
class AddingTask:
    """One trial of the adding problem. Plain data, which travels to any worker."""

    model: str
    settings: Mapping[str, Setting]
    problem: AddingProblem
    lag: int
    seed: int
    device: str


@dataclass(frozen=True)
class AddingResult:
    """How a trial ended. mse: of the last test; steps: until then, all of them unless solved."""

    mse: float
    steps: int
    solved: bool
    parameters: int
    seconds_per_step: float


def draw_sequences(count: int, lag: int, generator: Generator) -> tuple[Tensor, Tensor]:
    """Sequences [count, lag] and the sums of their two positive numbers [count]."""
    numbers = torch.rand(count, lag, generator=generator)
    second = torch.randint(1, lag, (count, 1), generator=generator)
    sign = torch.full_like(numbers, -1.0)
    sign[:, 0] = 1.0
    sign.scatter_(1, second, 1.0)
    sequences = numbers * sign
    return sequences, sequences.clamp(min=0).sum(dim=1)


def solve(task: AddingTask) -> AddingResult:
    """Train on fresh sequences until the test error is low enough or the steps are used up.

    What comes out depends on the task alone, but for the seconds. This is what workers run.
    """
    device = choose_device(task.device)
    weights, training, test, dropout = np.random.SeedSequence(task.seed).generate_state(4)
    network, step = _new_network(task, device, int(weights), int(dropout))
    sequences = Generator().manual_seed(int(training))
    held_out = draw_sequences(TEST_SEQUENCES, task.lag, Generator().manual_seed(int(test)))
    inputs, targets = (part.to(device) for part in held_out)
    solved_below = task.problem.solved_below * CONSTANT_MSE
    now, steps, chunks = clock(device), 0, []
    while True:
        chunk = min(STEPS_PER_TEST, task.problem.steps - steps)
        started_at = now()
        _take_steps(network, step, task, chunk, sequences)
        mse = mse_loss(models.predict(network, inputs), targets).item()
        synchronize(device)
        chunks.append((now() - started_at) / chunk)
        steps += chunk
        if mse < solved_below or steps == task.problem.steps:
            parameters = sum(weight.numel() for weight in network.parameters())
            pace = statistics.median(chunks)
            return AddingResult(mse, steps, mse < solved_below, parameters, pace)


def time_step(task: AddingTask) -> float:
    """Seconds of a step of the optimiser, the second of two. Workers run it too."""
    device = choose_device(task.device)
    network, step = _new_network(task, device, 0, 0)
    sequences = Generator().manual_seed(0)
    _take_steps(network, step, task, 1, sequences)
    synchronize(device)
    now = clock(device)
    started_at = now()
    _take_steps(network, step, task, 1, sequences)
    synchronize(device)
    return now() - started_at


def _new_network(
    task: AddingTask, device: torch.device, weights: int, dropout: int
) -> tuple[nn.Module, Step]:
    """And a step of its training. weights, dropout: the seeds of both."""
    torch.manual_seed(weights)
    network = models.build(task.model, task.settings, seq_len=task.lag).to(device)
    own = Generator(device).manual_seed(dropout)
    return network, make_step(network, Adam(network.parameters()), own)


def _take_steps(
    network: nn.Module, step: Step, task: AddingTask, steps: int, sequences: Generator
) -> None:
    problem, device = task.problem, choose_device(task.device)
    network.train()
    for _ in range(steps):
        batch, sums = draw_sequences(problem.batch_size, task.lag, sequences)
        step(batch.to(device), sums.to(device), problem.learning_rate)


def tasks_for(
    model: str, settings: Mapping[str, Setting], problem: AddingProblem, device: str
) -> list[AddingTask]:
    """Each lag and seed; the longest lags first, so that no core waits for them.

    settings: of the model in params.yaml, which `problem` may override.
    """
    return [
        AddingTask(model, problem.settings_of(model, settings), problem, lag, seed, device)
        for lag in sorted(problem.lags, reverse=True)
        for seed in problem.seeds
    ]


def longest_seconds(tasks: Sequence[AddingTask], executor: Executor) -> dict[int, float]:
    """lag -> how long a trial takes at most: all its steps, of which one is timed."""
    by_lag = {task.lag: task for task in tasks}
    timed = {lag: executor.submit(time_step, task) for lag, task in by_lag.items()}
    return {lag: by_lag[lag].problem.steps * step.result() for lag, step in timed.items()}


def solve_all(
    tasks: Sequence[AddingTask],
    executor: Executor,
    on_done: Callable[[AddingTask], None] = do_nothing,
) -> list[AddingResult]:
    """In the order of the tasks. on_done: called with each as it ends."""
    futures = {executor.submit(solve, task): task for task in tasks}
    for future in as_completed(futures):
        future.result()
        on_done(futures[future])
    return [future.result() for future in futures]


def results_table(tasks: Sequence[AddingTask], results: Sequence[AddingResult]) -> list[Row]:
    """A row for each lag and seed, the shortest lag first."""
    return [
        {
            "model": task.model,
            "lag": task.lag,
            "seed": task.seed,
            "solved": int(result.solved),
            "steps": result.steps,
            "mse": result.mse,
            "parameters": result.parameters,
        }
        for task, result in _by_lag(tasks, results)
    ]


def seconds_table(tasks: Sequence[AddingTask], results: Sequence[AddingResult]) -> list[Row]:
    """How long a step took, in the order of `results_table`."""
    return [
        {
            "model": task.model,
            "lag": task.lag,
            "seed": task.seed,
            "device": task.device,
            "seconds_per_step": result.seconds_per_step,
        }
        for task, result in _by_lag(tasks, results)
    ]


def _by_lag(
    tasks: Sequence[AddingTask], results: Sequence[AddingResult]
) -> list[tuple[AddingTask, AddingResult]]:
    return sorted(zip(tasks, results, strict=True), key=lambda pair: (pair[0].lag, pair[0].seed))
