"""Cost of a training step: seconds, memory and operations, by window length.

A point is one model with one size's settings at one window length. Each process measures one point,
so that neither memory nor time is another point's. Rounds of all points follow one another, and
every second one runs backwards, so that a drift of the machine hits all points alike.
"""

import resource
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from statistics import median
from typing import Any, NamedTuple

import pandas as pd
import torch
import torch.fx.experimental.symbolic_shapes  # or each process loads it: 0.5 s

from seqcompare import models
from seqcompare.core.paths import STUDY_PARAMS
from seqcompare.core.study_params import Cost
from seqcompare.core.types import Models, Setting
from seqcompare.execution.devices import clock, clock_name, device_name, synchronize
from seqcompare.execution.runtime import is_out_of_memory
from seqcompare.execution.workers import WorkerDiedError, own_process
from seqcompare.models.kernels.dropout import set_generator
from seqcompare.training.step import Adam, make_step

WARM_UP_S = 0.03  # steps are repeated at least so long before any is timed
ENOUGH_S = 0.06  # short calls are timed more often than asked for, until they add up to this
MOST_S = 0.5  # long calls are timed less often: after this none starts, once one is timed
STEEPEST = 2  # a longer window is expected to take at most the square of its length longer


class CostTask(NamedTuple):
    """One point. Plain data, which travels to any process."""

    sizes: tuple[str, ...]  # those that have the model with these settings
    model: str
    settings: Mapping[str, Setting]
    seq_len: int
    batch_size: int
    device: str
    calls: int
    memory_limit_bytes: float

    @property
    def work(self) -> float:
        """About in proportion to its time: starting a process, and what grows with the window."""
        return 500 + self.seq_len + self.seq_len**2 / 200


class Measurement(NamedTuple):
    """What one process measured of one point; status: or what the point needed too much of."""

    seconds: Mapping[str, float | None]  # kind of step -> median over calls
    peak_bytes: int | None = None  # above an empty process; None where the device does not tell
    status: str = "measured"


TOO_LARGE, TOO_SLOW = (Measurement({"train": None}, status=what) for what in ("memory", "time"))


def plan(cost: Cost, configured: Models, batch_size: int, device: str) -> list[list[CostTask]]:
    """Each network's tasks, the shortest windows first. A network that two sizes share is one.

    Raises InputError for settings with which a model cannot be built.
    """
    shared: dict[tuple[str, frozenset[tuple[str, Setting]]], list[str]] = {}  # -> sizes
    for size, of_size in cost.settings_of(configured).items():
        for model, settings in of_size.items():
            with torch.device("meta"):  # without memory for any weight
                models.build(
                    model, settings, cost.seq_lens[-1], f"{STUDY_PARAMS}: cost.sizes.{size}"
                )
            shared.setdefault((model, frozenset(settings.items())), []).append(size)
    same = batch_size, device, cost.calls, cost.memory_limit_gb * 1e9
    return [
        [CostTask(tuple(sizes), model, dict(settings), n, *same) for n in cost.seq_lens]
        for (model, settings), sizes in shared.items()
    ]


def measure_in_own_process(task: CostTask) -> Measurement:
    """`measure` in a fresh process; TOO_LARGE also when the system killed it."""
    try:
        return own_process(measure, task, device_type=torch.device(task.device).type)
    except Exception as error:
        if isinstance(error, WorkerDiedError) or is_out_of_memory(error):
            return TOO_LARGE
        raise


def measure_in_rounds(
    networks: Sequence[Sequence[CostTask]],
    cost: Cost,
    on_done: Callable[[str, float], object],
    measure_one: Callable[[CostTask], Measurement] = measure_in_own_process,
) -> pd.DataFrame:
    """The table of reports/studies/cost.csv: a row a kind of step of one point in one process.

    on_done: called with the name and work of each point. Columns: size, model, seq_len, kind
    (train, or attention of one layer alone), round, status (measured, or memory or time: what the
    point needed too much of), seconds and macs (counted multiply-adds) of a batch, peak_mb, device,
    clock, batch_size. The first round finds out what fits; the others measure only that.
    """

    def measured() -> Iterator[tuple[int, CostTask, Measurement]]:
        budget_s = cost.time_budget_s / cost.processes
        first = (within_budget(tasks, budget_s, measure_one) for tasks in networks)
        kept: list[CostTask] = []
        for task, result in chain.from_iterable(zip(*first, strict=True)):  # length by length
            yield 0, task, result
            kept += [task] if result.status == "measured" else []
        for number in range(1, cost.processes):
            kept.reverse()
            yield from ((number, task, measure_one(task)) for task in kept)

    rows: list[dict[str, Any]] = []
    for number, task, result in measured():
        on_done(f"{task.model}, seq_len {task.seq_len}", task.work)
        rows += _rows(task, number, result)
    return pd.DataFrame(rows)


def within_budget(
    tasks: Sequence[CostTask], left_s: float, measure_one: Callable[[CostTask], Measurement]
) -> Iterator[tuple[CostTask, Measurement]]:
    """Each task with its measurement. After one that does not fit into memory, or would probably
    exceed what is left of the budget, none is tried.
    """
    last_n, last_s = tasks[0].seq_len, 0.0
    result: Measurement | None = None
    for task in tasks:
        if result is None or result.status == "measured":
            if last_s * (task.seq_len / last_n) ** STEEPEST > left_s:
                result = TOO_SLOW
            else:
                started_at = time.perf_counter()
                result = measure_one(task)
                last_n, last_s = task.seq_len, time.perf_counter() - started_at
                left_s -= last_s
        yield task, result


def measure(task: CostTask) -> Measurement:
    """Training steps first, whose peak is that of the process, then attention alone."""
    device = torch.device(task.device)
    if device.type == "cpu":
        limit_memory(task.memory_limit_bytes)
    empty = peak_bytes(device)
    network: Any = models.build(task.model, task.settings, task.seq_len).to(device).train()
    dropout = torch.Generator(device)
    set_generator(network, dropout)
    step = make_step(network, Adam(network.parameters()), dropout)
    inputs = torch.randn(task.batch_size, task.seq_len).to(device)
    targets = torch.randn(task.batch_size).to(device)
    timed = time_calls(lambda: step(inputs, targets, 1e-3), device, task.calls)
    seconds, peak = {"train": median(timed)}, peak_bytes(device)
    if hasattr(network, "attention_step"):
        attention_step = network.attention_step(task.batch_size, task.seq_len)
        seconds["attention"] = median(time_calls(attention_step, device, task.calls, 0.0))
    return Measurement(seconds, None if empty is None or peak is None else peak - empty)


def time_calls(
    call: Callable[[], object], device: torch.device, calls: int, warm_up_s: float = WARM_UP_S
) -> list[float]:
    """Seconds of `calls` calls after a warm-up: more of short ones, fewer of long ones."""
    now = clock(device)

    def seconds() -> float:
        synchronize(device)
        started_at = now()
        call()
        synchronize(device)
        return now() - started_at

    warm_s = 0.0
    while warm_s < warm_up_s:
        warm_s += seconds()
    timed = [seconds()]
    while (len(timed) < calls or sum(timed) < ENOUGH_S) and warm_s + sum(timed) < MOST_S:
        timed.append(seconds())
    return timed


def peak_bytes(device: torch.device) -> int | None:
    """The most memory that this process has had at any time; None where nobody counts it."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    if device.type != "cpu":
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak


def limit_memory(limit_bytes: float) -> None:
    """On Linux, let an allocation fail that takes this process beyond what it has now by more."""
    if sys.platform == "linux":
        with open("/proc/self/status") as status:  # noqa: PTH123 - a kernel's file
            used_kib = next(int(line.split()[1]) for line in status if line.startswith("VmData"))
        limit = 1024 * used_kib + int(limit_bytes)
        hard_limit = resource.getrlimit(resource.RLIMIT_DATA)[1]
        resource.setrlimit(resource.RLIMIT_DATA, (limit, hard_limit))


def _rows(task: CostTask, number: int, result: Measurement) -> list[dict[str, Any]]:
    """A row for each size that has the network, and each kind of step."""
    device = torch.device(task.device)
    counted = models.count_operations(task.model, task.settings)
    macs = task.batch_size * counted.train.at(task.seq_len) if counted else None
    peak_mb = None if result.peak_bytes is None else result.peak_bytes / 1e6
    return [
        {
            "size": size, "model": task.model, "seq_len": task.seq_len, "kind": kind,
            "round": number, "status": result.status, "seconds": seconds,
            "macs": macs if kind == "train" else None,
            "peak_mb": peak_mb if kind == "train" else None,
            "device": device_name(device), "clock": clock_name(device),
            "batch_size": task.batch_size,
        }
        for size in task.sizes
        for kind, seconds in result.seconds.items()
    ]  # fmt: skip
