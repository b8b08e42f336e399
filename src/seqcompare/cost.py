"""What a training step and a prediction cost on this device: seconds and memory, by window length.

Every measurement has a process of its own, one after another: neither memory nor time is another's.
"""

import resource
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any, Literal

import numpy as np
import torch
from torch.nn.functional import mse_loss

from seqcompare import models
from seqcompare.allocator import keep_freed_memory
from seqcompare.arrays import Floats
from seqcompare.complexity import complexity_of
from seqcompare.devices import choose_device, device_name, make_deterministic
from seqcompare.estimates import described
from seqcompare.models.dropout import set_generator
from seqcompare.optimizer import Adam
from seqcompare.params import Cost, Setting, Training
from seqcompare.runs import WorkerDiedError, open_runner
from seqcompare.scaling import crossover, fit_exponent, fit_polynomial, local_exponents

WARM_UP_S = 0.1  # calls are repeated at least so long before any is timed
ENOUGH_S = 0.2  # short calls are timed more often than `repeats`, until they add up to this
FLOPS_PER_MAC = 2
STEEPEST = 2  # a longer window is expected to take at most the square of its length longer

Status = Literal["measured", "memory", "time"]  # or what it would have needed more of
Row = dict[str, Any]


@dataclass(frozen=True)
class Task:
    """One measurement. Plain data, which travels to any process."""

    model: str
    settings: Mapping[str, Setting]
    seq_len: int
    batch_size: int
    device: str
    repeats: int
    memory_limit_bytes: float
    budget_s: float


@dataclass(frozen=True)
class Measurement:
    """Seconds of each timed call on one batch: [repeat]. Peaks in bytes above an empty process."""

    train_seconds: Floats
    predict_seconds: Floats
    train_peak: int | None  # None where the device does not tell
    predict_peak: int | None
    wall_s: float  # of the whole measurement


class OutOfMemoryError(Exception):
    """The network does not fit into the memory that it may take."""


def measure(task: Task) -> Measurement:
    """Prediction first, then training, whose peak is the higher. Runs in a process of its own.

    Raises OutOfMemoryError.
    """
    make_deterministic()
    keep_freed_memory()
    device = choose_device(task.device)
    if device.type == "cpu":
        limit_memory(task.memory_limit_bytes)
    try:
        return _measure(task, device)
    except (MemoryError, RuntimeError) as error:  # torch.OutOfMemoryError is a RuntimeError
        if isinstance(error, MemoryError) or "memory" in str(error) or "alloc" in str(error):
            raise OutOfMemoryError(str(error)) from None
        raise


def _measure(task: Task, device: torch.device) -> Measurement:
    started_at = time.perf_counter()
    empty = peak_bytes(device)
    network = models.build(task.model, task.settings).to(device)
    set_generator(network, torch.Generator(device))
    optimizer = Adam(network.parameters(), learning_rate=1e-3)
    inputs = torch.randn(task.batch_size, task.seq_len).to(device)
    targets = torch.randn(task.batch_size).to(device)

    def predict_batch() -> None:
        with torch.inference_mode():
            network(inputs)

    def train_step() -> None:
        loss = mse_loss(network(inputs), targets)
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        optimizer.step()

    def timed(call: Callable[[], None]) -> Floats:
        left_s = task.budget_s - (time.perf_counter() - started_at)
        return time_calls(call, device, task.repeats, left_s)

    network.eval()
    predict_seconds, predict_peak = timed(predict_batch), peak_bytes(device)
    network.train()
    train_seconds, train_peak = timed(train_step), peak_bytes(device)
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
    """Seconds of each of `repeats` calls or more, after a warm-up; fewer when the budget ends."""

    def seconds() -> float:
        synchronize(device)
        started_at = time.perf_counter()
        call()
        synchronize(device)
        return time.perf_counter() - started_at

    spent_s = seconds()
    while spent_s < WARM_UP_S:
        spent_s += seconds()
    timed = [seconds()]
    while (len(timed) < repeats or sum(timed) < ENOUGH_S) and spent_s + sum(timed) < budget_s:
        timed.append(seconds())
    return np.array(timed)


def synchronize(device: torch.device) -> None:
    """Wait for what the device still has to do."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()


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


def study(
    settings: Mapping[str, Mapping[str, Setting]], cost: Cost, training: Training, device: str
) -> list[Row]:
    """A row for each model and length, the shortest first; the time budget covers all of them."""
    tasks = [
        Task(model, kind, n, training.batch_size, device, cost.repeats,
             cost.memory_limit_gb * 1e9, cost.time_budget_s)
        for n in cost.seq_lens
        for model, kind in settings.items()
    ]  # fmt: skip
    measured: dict[str, dict[int, Measurement | Status]] = {model: {} for model in settings}
    for task, result in zip(tasks, within_budget(tasks, in_own_process), strict=True):
        measured[task.model][task.seq_len] = result
    return [
        row
        for model, kind in settings.items()
        for row in model_rows(model, kind, training.batch_size, measured[model])
    ]


def in_own_process(task: Task) -> Measurement:
    """Raises OutOfMemoryError, also when the system killed the process."""
    with open_runner(choose_device(task.device).type, 1, lambda _: None) as runner:
        try:
            return runner.submit(measure, task).result()
        except WorkerDiedError as error:
            raise OutOfMemoryError(str(error)) from None


def within_budget(
    tasks: Sequence[Task], measure_one: Callable[[Task], Measurement]
) -> Iterator[Measurement | Status]:
    """Each task's measurement, or why there is none.

    tasks: the shortest windows first. A model that ran out of memory is not tried with a longer
    window; one whose next length would probably exceed what is left of the budget neither.
    """
    left_s = tasks[0].budget_s
    last: dict[str, tuple[int, float]] = {}
    ended: dict[str, Status] = {}
    for task in tasks:
        n, wall_s = last.get(task.model, (task.seq_len, 0.0))
        if task.model not in ended and wall_s * (task.seq_len / n) ** STEEPEST > left_s:
            ended[task.model] = "time"
        if task.model in ended:
            yield ended[task.model]
            continue
        started_at = time.perf_counter()
        try:
            measurement = measure_one(replace(task, budget_s=left_s))
        except OutOfMemoryError:
            yield ended.setdefault(task.model, "memory")
        else:
            last[task.model] = task.seq_len, measurement.wall_s
            yield measurement
        left_s -= time.perf_counter() - started_at


def model_rows(
    model: str,
    settings: Mapping[str, Setting],
    batch_size: int,
    measured: Mapping[int, Measurement | Status],
) -> list[Row]:
    """The rows of cost.csv for one model. Seconds are of one batch; q1 and q3 are quartiles.

    measured: window length -> measurement. `flops` are those achieved: those that the formulas of
    complexity.py ask for, by the seconds that they took. `train_exponent` is the slope from the
    length before.
    """
    known = complexity_of(model, settings)
    rows: list[Row] = []
    for n, result in measured.items():
        row: Row = {"model": model, "seq_len": n, "status": "measured"}
        if isinstance(result, str):
            rows.append({**dict.fromkeys(COLUMNS), **row, "status": result})
            continue
        for name, seconds, counts, peak in (
            ("train", result.train_seconds, known and known.train, result.train_peak),
            ("predict", result.predict_seconds, known and known.predict, result.predict_peak),
        ):
            q1, median, q3 = (float(q) for q in np.quantile(seconds, [0.25, 0.5, 0.75]))
            row[f"{name}_seconds"], row[f"{name}_q1"], row[f"{name}_q3"] = median, q1, q3
            row[f"{name}_windows_per_second"] = batch_size / median
            flops = FLOPS_PER_MAC * batch_size * counts.at(n) / median if counts else None
            row[f"{name}_flops"] = flops
            row[f"{name}_peak_mb"] = None if peak is None else peak / 1e6
        rows.append({**dict.fromkeys(COLUMNS), **row})
    done = [row for row in rows if row["status"] == "measured"]
    for row, slope in zip(done[1:], local_exponents(*_curve(done)), strict=False):
        row["train_exponent"] = float(slope)
    return rows


COLUMNS = (
    "model", "seq_len", "status",
    *(f"{name}_{column}" for name in ("train", "predict")
      for column in ("seconds", "q1", "q3", "windows_per_second", "flops", "peak_mb")),
    "train_exponent",
)  # fmt: skip


def summary(
    rows: Sequence[Row], cost: Cost, training: Training, device: str, confidence: float
) -> dict[str, Any]:
    """cost.json: for each model how its time grows, for each pair where they cross."""
    done: dict[str, dict[int, Row]] = {row["model"]: {} for row in rows}
    for row in rows:
        if row["status"] == "measured":
            done[row["model"]][int(row["seq_len"])] = row
    found: dict[str, Any] = {
        model: growth(list(measured.values()), cost.fit_lengths, confidence)
        for model, measured in done.items()
    }
    found["comparison"] = {
        f"{first}_vs_{second}": compare(done[first], done[second])
        for first, second in combinations(done, 2)
    }
    found["setting"] = {
        "device": device_name(choose_device(device)),
        "threads": 1,
        "batch_size": training.batch_size,
        "confidence": confidence,
    }
    return found


def growth(rows: Sequence[Row], fit_lengths: int, confidence: float) -> Row:
    """Exponents over the longest lengths, and where the clock sees the n^2 part take over."""
    result: Row = {"longest_seq_len": rows[-1]["seq_len"] if rows else None}
    for name in ("train", "predict"):
        lengths, seconds = _curve(rows, f"{name}_seconds")
        exponent = (
            fit_exponent(lengths[-fit_lengths:], seconds[-fit_lengths:], confidence)
            if len(rows) > 1
            else None
        )
        result |= described(f"{name}_exponent", exponent)
    fitted = fit_polynomial(*_curve(rows)) if len(rows) > 2 else None
    return result | {"takeover_seq_len": fitted.takeover() if fitted else None}


def compare(first: Mapping[int, Row], second: Mapping[int, Row]) -> Row:
    """Training steps of two models: who is faster at the longest common length, and since when.

    The interval of the ratio first / second is what the quartiles of both allow.
    """
    common = sorted(first.keys() & second.keys())
    if not common:
        return dict.fromkeys(
            ("crossover_seq_len", "seq_len", "time_ratio", "time_ratio_low", "time_ratio_high")
        )
    (lengths, ours), (_, theirs) = (_curve([of[n] for n in common]) for of in (first, second))
    us, them = first[common[-1]], second[common[-1]]
    return {
        "crossover_seq_len": crossover(lengths, ours, theirs),
        "seq_len": common[-1],
        "time_ratio": us["train_seconds"] / them["train_seconds"],
        "time_ratio_low": us["train_q1"] / them["train_q3"],
        "time_ratio_high": us["train_q3"] / them["train_q1"],
    }


def _curve(rows: Sequence[Row], column: str = "train_seconds") -> tuple[Floats, Floats]:
    """Lengths and seconds: [length] each."""
    return np.array([float(row["seq_len"]) for row in rows]), np.array(
        [row[column] for row in rows]
    )
