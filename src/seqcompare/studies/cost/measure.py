"""Measurements of a training step and a prediction on this device, by window length.

Every measurement has a process of its own, one after another: neither memory nor time is another's.
"""

import resource
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from seqcompare import models
from seqcompare.core.errors import WorkerDiedError
from seqcompare.core.params import Cost, Setting, Training
from seqcompare.core.types import Floats
from seqcompare.execution.devices import choose_device, clock, device_name, prepare, synchronize
from seqcompare.execution.memory import give_back_freed_memory
from seqcompare.execution.processes import open_processes
from seqcompare.models import count_operations
from seqcompare.models.kernels.dropout import set_generator
from seqcompare.studies.cost.table import CostRow, CostSetting, Measurement, Status, model_rows
from seqcompare.training.optimizer import Adam, training_step

WARM_UP_S = 0.05  # calls are repeated at least so long before any is timed
ENOUGH_S = 0.1  # short calls are timed more often than `repeats`, until they add up to this
STEEPEST = 2  # a longer window is expected to take at most the square of its length longer


@dataclass(frozen=True)
class CostTask:
    """One measurement. Plain data, which travels to any process."""

    model: str
    settings: Mapping[str, Setting]
    seq_len: int
    batch_size: int
    device: str
    repeats: int
    memory_limit_bytes: float
    budget_s: float


class OutOfMemoryError(Exception):
    """The network does not fit into the memory that it may take."""


def measure(task: CostTask) -> Measurement:
    """Prediction first, then training, whose peak is the higher. Runs in a process of its own.

    Raises OutOfMemoryError.
    """
    device = choose_device(task.device)
    prepare(device)
    if device.type == "cpu":
        limit_memory(task.memory_limit_bytes)
    try:
        return _measure(task, device)
    except (MemoryError, RuntimeError) as error:  # torch.OutOfMemoryError is a RuntimeError
        if isinstance(error, MemoryError) or "memory" in str(error) or "alloc" in str(error):
            raise OutOfMemoryError(str(error)) from None
        raise


def _measure(task: CostTask, device: torch.device) -> Measurement:
    started_at = time.perf_counter()
    empty = peak_bytes(device)
    network = models.build(task.model, task.settings, task.seq_len).to(device)
    set_generator(network, torch.Generator(device))
    optimizer = Adam(network.parameters())
    inputs = torch.randn(task.batch_size, task.seq_len).to(device)
    targets = torch.randn(task.batch_size).to(device)

    def predict_batch() -> None:
        with torch.inference_mode():
            network(inputs)

    def train_on_batch() -> None:
        training_step(network, optimizer, inputs, targets, learning_rate=1e-3)

    def timed(call: Callable[[], None]) -> Floats:
        left_s = task.budget_s - (time.perf_counter() - started_at)
        return time_calls(call, device, task.repeats, left_s)

    network.eval()
    predict_seconds, predict_peak = timed(predict_batch), peak_bytes(device)
    network.train()
    train_seconds, train_peak = timed(train_on_batch), peak_bytes(device)
    return Measurement(
        train_seconds,
        predict_seconds,
        None if empty is None or train_peak is None else train_peak - empty,
        None if empty is None or predict_peak is None else predict_peak - empty,
        time.perf_counter() - started_at,
    )


def time_calls(
    call: Callable[[], None], device: torch.device, repeats: int, budget_s: float
) -> Floats:
    """Seconds of each of `repeats` calls or more, after a warm-up; fewer when the budget ends.

    They are those of `devices.clock`.
    """
    now = clock(device)

    def seconds() -> float:
        synchronize(device)
        started_at = now()
        call()
        synchronize(device)
        return now() - started_at

    spent_s = seconds()
    while spent_s < WARM_UP_S:
        spent_s += seconds()
    timed: list[float] = []
    timed_s = 0.0
    while not timed or (
        (len(timed) < repeats or timed_s < ENOUGH_S) and spent_s + timed_s < budget_s
    ):
        timed.append(seconds())
        timed_s += timed[-1]
    return np.array(timed)


def peak_bytes(device: torch.device) -> int | None:
    """The most memory that this process has had at any time; None where nobody counts it."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    if device.type != "cpu":
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak


def limit_memory(limit_bytes: float) -> None:
    """Let an allocation fail that would take this process beyond what it has now by more.

    On Linux only; elsewhere what does not fit fails when the machine says so.
    """
    if sys.platform == "linux":
        with open("/proc/self/status") as status:  # noqa: PTH123 - a kernel's file
            used_kib = next(int(line.split()[1]) for line in status if line.startswith("VmData"))
        limit = 1024 * used_kib + int(limit_bytes)
        resource.setrlimit(
            resource.RLIMIT_DATA, (limit, resource.getrlimit(resource.RLIMIT_DATA)[1])
        )


def measure_model(
    model: str, settings: Mapping[str, Setting], cost: Cost, training: Training, device: str
) -> list[CostRow]:
    """A row for each length, the shortest first; the time budget covers all of them."""
    tasks = [
        CostTask(model, settings, n, training.batch_size, device, cost.repeats,
                 cost.memory_limit_gb * 1e9, cost.time_budget_s)
        for n in cost.seq_lens
    ]  # fmt: skip
    results = within_budget(tasks, in_own_process)
    measured = {task.seq_len: result for task, result in zip(tasks, results, strict=True)}
    counts = count_operations(model, settings)
    setting = CostSetting(device_name(choose_device(device)), training.batch_size)
    return model_rows(model, setting, counts, measured)


def in_own_process(task: CostTask) -> Measurement:
    """Raises OutOfMemoryError, also when the system killed the process."""
    give_back_freed_memory()  # the process begins as a copy of this one, and would use that first
    with open_processes(choose_device(task.device).type, 1, lambda _: None) as runner:
        try:
            return runner.submit(measure, task).result()
        except WorkerDiedError as error:
            raise OutOfMemoryError(str(error)) from None


def within_budget(
    tasks: Sequence[CostTask], measure_one: Callable[[CostTask], Measurement]
) -> Iterator[Measurement | Status]:
    """Each task's measurement, or why there is none.

    tasks: of one model, the shortest windows first. After one that ran out of memory none is tried;
    nor is one that would probably exceed what is left of the budget, or any after it.
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
        try:
            measurement = measure_one(replace(task, budget_s=left_s))
        except OutOfMemoryError:
            ended = "memory"
            yield ended
        else:
            last_n, last_s = task.seq_len, measurement.wall_s
            yield measurement
        left_s -= time.perf_counter() - started_at
