"""Rounds of the cost study: every point once in each, so that a machine's drift hits all alike.

A point is one model with one size's settings at one window length. The rounds run one after
another and every second one backwards; within a round, lengths and models alternate.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
import torch

from seqcompare.core.sections.cost import Cost
from seqcompare.core.types import Models, Setting
from seqcompare.execution.devices import clock_name, device_name
from seqcompare.studies.cost.measure import CostTask, Measurement, OutOfMemoryError
from seqcompare.studies.cost.table import CostSetting, Status, Timing

STEEPEST = 2  # a longer window is expected to take at most the square of its length longer

Measure = Callable[[CostTask], Measurement]


def plan(
    sizes: Mapping[str, Models], cost: Cost, batch_size: int, device: str
) -> list[list[CostTask]]:
    """Each network's tasks, the shortest windows first. A network that two sizes share is one."""
    shared: dict[tuple[str, frozenset[tuple[str, Setting]]], list[str]] = {}  # -> sizes
    for size, models in sizes.items():
        for model, settings in models.items():
            shared.setdefault((model, frozenset(settings.items())), []).append(size)
    budget_s = cost.time_budget_s / cost.processes
    return [
        [
            CostTask(tuple(those), model, dict(settings), n, batch_size, device, cost.repeats,
                     cost.memory_limit_gb * 1e9, budget_s)
            for n in cost.seq_lens
        ]
        for (model, settings), those in shared.items()
    ]  # fmt: skip


def measure_in_rounds(
    networks: Sequence[Sequence[CostTask]],
    rounds: int,
    measure_one: Measure,
    on_done: Callable[[str, int], None],
) -> Iterator[Timing]:
    """The rows of all processes; networks: each one's tasks, the shortest windows first.

    The first round finds out what fits into memory and time; the others measure only that.
    on_done: told of each point and its work.
    """
    kept: list[CostTask] = []
    first = zip(*(within_budget(tasks, measure_one) for tasks in networks), strict=True)
    for tasks, results in zip(zip(*networks, strict=True), first, strict=True):
        for task, result in zip(tasks, results, strict=True):
            on_done(f"{task.model}, n = {task.seq_len}", work_of(task))
            yield from rows(task, 0, result)
            if isinstance(result, Measurement):
                kept.append(task)
    for number in range(1, rounds):
        kept.reverse()
        for task in kept:
            result = attempt(task, measure_one)
            on_done(f"{task.model}, n = {task.seq_len}", work_of(task))
            yield from rows(task, number, result)


def work_of(task: CostTask) -> int:
    """About in proportion to its time: the process's own, and what grows with the window."""
    return 500 + task.seq_len + task.seq_len**2 // 200


def expected_work(networks: Sequence[Sequence[CostTask]], rounds: int) -> list[int]:
    return [work_of(task) for tasks in networks for task in tasks] * rounds


def setting_of(device: torch.device, batch_size: int) -> CostSetting:
    return CostSetting(device_name(device), clock_name(device), batch_size)


def within_budget(
    tasks: Sequence[CostTask], measure_one: Measure
) -> Iterator[Measurement | Status]:
    """Each task's measurement, or why there is none.

    tasks: of one network, the shortest windows first. After one that ran out of memory none is
    tried; nor is one that would probably exceed what is left of the budget, or any after it.
    """
    left_s = tasks[0].budget_s
    last_n, last_s = tasks[0].seq_len, 0.0
    ended: Status | None = None
    for task in tasks:
        if ended is None and last_s * (task.seq_len / last_n) ** STEEPEST > left_s:
            ended = "time"
        if ended is not None:
            yield ended
            continue
        started_at = time.perf_counter()
        result = attempt(replace(task, budget_s=left_s), measure_one)
        left_s -= time.perf_counter() - started_at
        if isinstance(result, Measurement):
            last_n, last_s = task.seq_len, result.wall_s
        else:
            ended = result
        yield result


def attempt(task: CostTask, measure_one: Measure) -> Measurement | Status:
    try:
        return measure_one(task)
    except OutOfMemoryError:
        return "memory"


def rows(task: CostTask, number: int, result: Measurement | Status) -> Iterator[Timing]:
    """A row for each size that has the network, and each kind of step."""
    for size in task.sizes:
        if not isinstance(result, Measurement):
            yield Timing(size, task.model, task.seq_len, number, "train", result)
            continue
        for kind, step in result.steps.items():
            yield Timing(
                size, task.model, task.seq_len, number, kind, "measured",
                seconds=float(np.median(step.seconds)),
                calls=len(step.seconds),
                macs=step.macs,
                peak_mb=None if step.peak_bytes is None else step.peak_bytes / 1e6,
            )  # fmt: skip
