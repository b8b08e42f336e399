"""Measurement of a training step and a prediction at one window length, on this device.

Every measurement has a process of its own: neither memory nor time is another's.
"""

import resource
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from seqcompare import models
from seqcompare.core.arrays import Floats
from seqcompare.core.errors import WorkerDiedError
from seqcompare.core.operations import Polynomial
from seqcompare.core.types import Setting
from seqcompare.execution.devices import choose_device, clock, prepare, synchronize
from seqcompare.execution.memory import give_back_freed_memory, is_out_of_memory
from seqcompare.execution.processes import open_processes
from seqcompare.models.kernels.products import product
from seqcompare.studies.cost.table import Kind
from seqcompare.training.optimizer import Adam
from seqcompare.training.step import make_step

WARM_UP_S = 0.03  # calls are repeated at least so long before any is timed
ENOUGH_S = 0.06  # short calls are timed more often than `repeats`, until they add up to this
PRODUCT_SIDE = 1024  # of the square matrices whose product is the machine's speed: 12 MB in all


@dataclass(frozen=True)
class CostTask:
    """One measurement. Plain data, which travels to any process."""

    sizes: tuple[str, ...]  # those that have the model with these settings
    model: str
    settings: Mapping[str, Setting]
    seq_len: int
    batch_size: int
    device: str
    repeats: int
    memory_limit_bytes: float
    budget_s: float


@dataclass(frozen=True)
class StepTime:
    """One kind of step on one batch."""

    seconds: Floats  # of each timed call: [call]
    macs: float | None = None  # of a call; None where nobody counts
    peak_bytes: int | None = None  # above an empty process; None where the device does not tell


@dataclass(frozen=True)
class Measurement:
    steps: Mapping[Kind, StepTime]
    wall_s: float  # of all of it


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
    except Exception as error:
        if is_out_of_memory(error):
            raise OutOfMemoryError(str(error)) from None
        raise


def _measure(task: CostTask, device: torch.device) -> Measurement:
    started_at = time.perf_counter()
    empty = peak_bytes(device)
    n, batch_size = task.seq_len, task.batch_size
    network = models.build(task.model, task.settings, n).to(device)
    predict_batch, train_on_batch = calls_on_a_batch(network, batch_size, n, device)
    counted = network.operations() if isinstance(network, models.CountsOperations) else None

    def timed(call: Callable[[], None]) -> Floats:
        left_s = task.budget_s - (time.perf_counter() - started_at)
        return time_calls(call, device, task.repeats, left_s)

    def step(call: Callable[[], None], per_window: Polynomial | None) -> StepTime:
        seconds, peak = timed(call), peak_bytes(device)
        return StepTime(
            seconds,
            batch_size * per_window.at(n) if per_window else None,
            None if empty is None or peak is None else peak - empty,
        )

    network.eval()
    steps: dict[Kind, StepTime] = {
        "predict": step(predict_batch, counted.predict if counted else None)
    }
    network.train()
    steps["train"] = step(train_on_batch, counted.train if counted else None)
    if isinstance(network, models.TimesAttention):
        steps["attention"] = StepTime(timed(network.attention_step(batch_size, n)))
    steps["product"] = StepTime(timed(plain_product(device)), PRODUCT_SIDE**3)
    return Measurement(steps, time.perf_counter() - started_at)


def calls_on_a_batch(
    network: nn.Module, batch_size: int, seq_len: int, device: torch.device
) -> tuple[Callable[[], None], Callable[[], None]]:
    """A prediction and a training step, each on the same random windows at every call."""
    step = make_step(network, Adam(network.parameters()), torch.Generator(device))
    inputs = torch.randn(batch_size, seq_len).to(device)
    targets = torch.randn(batch_size).to(device)

    def predict_batch() -> None:
        with torch.inference_mode():
            network(inputs)

    def train_on_batch() -> None:
        step(inputs, targets, 1e-3)

    return predict_batch, train_on_batch


def plain_product(device: torch.device) -> Callable[[], None]:
    """Multiplies two square matrices at each call: as fast as this machine computes."""
    a, b = (torch.randn(PRODUCT_SIDE, PRODUCT_SIDE).to(device) for _ in range(2))

    def multiply() -> None:
        product(a, b)

    return multiply


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


def in_own_process(task: CostTask) -> Measurement:
    """Raises OutOfMemoryError, also when the system killed the process."""
    give_back_freed_memory()  # the process begins as a copy of this one, and would use that first
    with open_processes(choose_device(task.device).type, workers=1, calls=1) as runner:
        try:
            return runner.submit(measure, task).result()
        except WorkerDiedError as error:
            raise OutOfMemoryError(str(error)) from None
