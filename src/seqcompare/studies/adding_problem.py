"""Adding problem (Hochreiter & Schmidhuber 1997, section 5.4): which lags a network can bridge.

Two of a sequence's numbers, each uniform in [0, 1], are marked; the target is their sum. The best
prediction that knows neither has a mean squared error of 1/6, one that knows the nearer alone 1/12.
The original marks them in a second channel; here marked numbers are positive, all others negative.
The older one is the first of the window, `lag` steps back; the other lies anywhere after it.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, as_completed
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import torch
from torch import Generator, Tensor
from torch.nn.functional import mse_loss

from seqcompare import models
from seqcompare.core.paths import STUDY_PARAMS
from seqcompare.core.study_params import AddingProblem
from seqcompare.core.types import Setting
from seqcompare.models.kernels.dropout import set_generator
from seqcompare.training.step import Adam, make_step

CONSTANT_MSE = 1 / 6  # of the best constant prediction, 1
TEST_SEQUENCES = 500
STEPS_PER_TEST = 50


class AddingTask(NamedTuple):
    """One trial of the adding problem. Plain data, which travels to any worker."""

    model: str
    settings: Mapping[str, Setting]
    problem: AddingProblem
    lag: int
    seed: int
    device: str

    @property
    def work(self) -> float:
        """About in proportion to its time, if it takes all its steps."""
        return 50 + self.lag + self.lag**2 / 200


def tasks_for(
    model: str, settings: Mapping[str, Setting], problem: AddingProblem, device: str
) -> list[AddingTask]:
    """The longest lags first, so that no core waits for them. settings: as in params.yaml.

    Raises InputError for settings with which the model cannot be built.
    """
    changed = {**settings, **problem.models.get(model, {})}
    with torch.device("meta"):  # without memory for any weight
        models.build(model, changed, max(problem.lags), f"{STUDY_PARAMS}: adding_problem.models")
    each = ((lag, seed) for lag in sorted(problem.lags, reverse=True) for seed in problem.seeds)
    return [AddingTask(model, changed, problem, *one, device) for one in each]


def draw_sequences(count: int, lag: int, generator: Generator) -> tuple[Tensor, Tensor]:
    """Sequences [count, lag] and the sums of their two positive numbers [count]."""
    numbers = torch.rand(count, lag, generator=generator)
    second = torch.randint(1, lag, (count, 1), generator=generator)
    sign = torch.full_like(numbers, -1.0)
    sign[:, 0] = 1.0
    sign.scatter_(1, second, 1.0)
    return numbers * sign, (numbers * sign).clamp(min=0).sum(dim=1)


def solve(task: AddingTask) -> dict[str, Any]:
    """Train on fresh sequences until the test error is low enough or the steps are used up."""
    device, problem = torch.device(task.device), task.problem
    weights, training, test, dropout = np.random.SeedSequence(task.seed).generate_state(4)
    torch.manual_seed(int(weights))
    network = models.build(task.model, task.settings, seq_len=task.lag).to(device)
    dropped = Generator(device).manual_seed(int(dropout))
    set_generator(network, dropped)
    step = make_step(network, Adam(network.parameters()), dropped)
    sequences = Generator().manual_seed(int(training))
    held_out = draw_sequences(TEST_SEQUENCES, task.lag, Generator().manual_seed(int(test)))
    test_inputs, test_sums = (part.to(device) for part in held_out)
    mse, steps = float("inf"), 0
    while steps < problem.steps and not mse < problem.solved_below * CONSTANT_MSE:
        network.train()
        chunk = min(STEPS_PER_TEST, problem.steps - steps)
        for _ in range(chunk):
            batch, sums = draw_sequences(problem.batch_size, task.lag, sequences)
            step(batch.to(device), sums.to(device), problem.learning_rate)
        steps += chunk
        mse = mse_loss(models.predict(network, test_inputs), test_sums).item()
    return {
        "model": task.model, "lag": task.lag, "seed": task.seed,
        "solved": int(mse < problem.solved_below * CONSTANT_MSE), "steps": steps, "mse": mse,
        "parameters": sum(weight.numel() for weight in network.parameters()),
    }  # fmt: skip


def solve_all(
    tasks: Sequence[AddingTask],
    submit: Callable[..., "Future[dict[str, Any]]"],
    on_done: Callable[[str, float], object],
) -> pd.DataFrame:
    """Columns: model, lag, seed, solved (0 or 1), steps (until it was solved, or all), mse (of the
    last test), parameters. on_done: called with each trial's name and work as it ends.
    """
    futures = {submit(solve, task): task for task in tasks}
    for future in as_completed(futures):
        future.result()
        on_done(f"lag {futures[future].lag}", futures[future].work)
    rows = pd.DataFrame([future.result() for future in futures])
    return rows.sort_values(["lag", "seed"], ignore_index=True)
