"""Devices: which one computes, with how many threads, and the same bytes every time."""

import os
import time
from collections.abc import Callable, Mapping
from typing import Any, Literal

import torch
from torch import nn

from seqcompare.core.errors import ParamsError
from seqcompare.execution.memory import keep_freed_memory


def choose_device(name: str, reproducibility: Literal["fast", "portable"] = "fast") -> torch.device:
    """`auto` is the first of cuda, mps and cpu that is there; portably computes the CPU alone.

    Raises InputError for a device that is not there, or does not compute as asked.
    """
    if reproducibility == "portable":
        check_portable(name)
        return torch.device("cpu")
    there = [f"cuda:{index}" for index in range(torch.cuda.device_count())]
    there += ["mps"] if torch.backends.mps.is_available() else []
    there += ["cpu"]
    if name == "auto":
        return torch.device(there[0])
    wanted = "cuda:0" if name == "cuda" else name
    if wanted not in there:
        raise ParamsError(
            f"device is {name}, but this machine has only {', '.join(there)}: "
            "set one of them, or auto"
        )
    return torch.device(wanted)


def check_portable(device: str) -> None:
    """Raises InputError when `reproducibility: portable` cannot be kept here."""
    if device not in ("auto", "cpu"):
        raise ParamsError(
            f"reproducibility is portable, but device is {device}: set device to cpu, "
            "or reproducibility to fast"
        )
    capability = torch.backends.cpu.get_cpu_capability()
    if capability != "AVX2":
        raise ParamsError(
            f"reproducibility is portable, which needs a processor with AVX2, but "
            f"this one is used as {capability}: set it to fast"
        )


def bfloat16_instructions() -> str | None:
    """With which of its instructions this CPU multiplies in bfloat16; None if it only mimics that.

    They add up in different orders, so the last digits differ.
    """
    if torch.backends.cpu.get_cpu_capability() != "AVX512":  # or it may not use what it has
        return None
    has = torch.cpu.get_capabilities()
    return next((name for name in ("amx_bf16", "avx512_bf16") if has.get(name)), None)


def check_precision(precision: str, device: torch.device, key: str) -> None:
    """Raises InputError for a precision in which the device does not compute; key: where it stands.

    A CPU without the instructions would mimic it, slower than float32.
    """
    if device.type == "cuda":
        computes: bool = torch.cuda.is_bf16_supported(False)
    else:
        computes = device.type == "cpu" and bfloat16_instructions() is not None
    if precision == "bfloat16" and not computes:
        raise ParamsError(
            f"{key} is bfloat16, in which {device_name(device)} does not compute here (a CPU needs "
            "AVX512-BF16 or AMX): set it to float32"
        )


def check_size(
    build: Callable[[str, Mapping[str, Any], int, str], nn.Module],
    name: str,
    settings: Mapping[str, Any],
    seq_len: int,
    where: str = "models",
) -> None:
    """Raises InputError for a model whose training this machine has no memory for.

    where: the section of params.yaml that its settings stand in.
    Weights, gradients and Adam's two moments take 16 bytes a weight; on torch's meta device the
    network is built without any.
    """
    with torch.device("meta"):
        network = build(name, settings, seq_len, where)
    weights = sum(weight.numel() for weight in network.parameters())
    most = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 16
    if weights > most:
        raise ParamsError(
            f"{where}.{name} would have {weights:,} weights: at most {most:,} can be "
            "trained in this machine's memory"
        )


def prepare(device: torch.device) -> None:
    """What a process does before it computes on the device: same bytes, memory that is kept."""
    make_deterministic(device)
    keep_freed_memory()


def make_deterministic(device: torch.device) -> None:
    """One thread, and only algorithms that give the same bytes every time.

    Two threads add up in another order, and are slower than two trials side by side. One thread of
    a CPU has no other algorithms; a GPU has. Gradients that vanish over a long window end as
    denormal numbers, on which a CPU is ten times slower: they count as 0. On a GPU, torch would
    else fill memory that is then written, and multiply in TF32 within an LSTM, which keeps 10 bits
    of what it multiplies.
    """
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    if device.type != "cpu":
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
        torch.use_deterministic_algorithms(True)
        torch.backends.cudnn.rnn.fp32_precision = "ieee"  # type: ignore[attr-defined]
        torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]


def clock(device: torch.device) -> Callable[[], float]:
    """Seconds, of which differences count.

    On a CPU those that this process, which has one thread, spent computing: what other programs
    take of its core while it waits does not count. Elsewhere the time of day, and the device must
    be waited for (`synchronize`) before it is read.
    """
    return time.process_time if device.type == "cpu" else time.perf_counter


def clock_name(device: torch.device) -> Literal["processor_time", "time_of_day"]:
    """What `clock` reads, as results name it."""
    return "processor_time" if device.type == "cpu" else "time_of_day"


def synchronize(device: torch.device) -> None:
    """Wait for what the device still has to do."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()


def device_name(device: torch.device) -> str:
    """As a report names it: `cpu`, or the kind of device and its maker's name for it."""
    if device.type == "cuda":
        return f"{device} ({torch.cuda.get_device_name(device)})"
    return str(device)
