"""Devices: which one computes, with one thread, and the same bytes every time."""

import os
import time
from collections.abc import Callable, Mapping
from typing import Any, Literal

import torch
from torch import nn

from seqcompare.core.errors import InputError
from seqcompare.execution.runtime import keep_freed_memory


def choose_device(name: str, reproducibility: Literal["fast", "portable"] = "fast") -> torch.device:
    """`auto` is the first of cuda, mps and cpu that this machine has; portable is always the CPU.

    Raises InputError for a device that this machine lacks, or that cannot compute portably.
    """
    if reproducibility == "portable":
        capability = torch.backends.cpu.get_cpu_capability()
        if name not in ("auto", "cpu") or capability != "AVX2":
            raise InputError(
                "params.yaml: reproducibility is portable, which needs a processor with AVX2, but "
                f"device is {name} and this CPU is used as {capability}: set device to cpu, or "
                "reproducibility to fast"
            )
        return torch.device("cpu")
    available = [f"cuda:{index}" for index in range(torch.cuda.device_count())]
    available += ["mps"] if torch.backends.mps.is_available() else []
    available += ["cpu"]
    wanted = {"auto": available[0], "cuda": "cuda:0"}.get(name, name)
    if wanted not in available:
        raise InputError(
            f"params.yaml: device is {name}, but this machine has only {', '.join(available)}: "
            "set one of them, or auto"
        )
    return torch.device(wanted)


def bfloat16_instructions() -> str | None:
    """The instructions with which this CPU multiplies in bfloat16; None if it only mimics that.

    They add up in different orders, so the last digits differ. Where a variable of the environment
    limits what torch or oneDNN may use, none counts.
    """
    limited = os.environ.keys() & {"ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA"}
    if limited or torch.backends.cpu.get_cpu_capability() != "AVX512":
        return None
    has = torch.cpu.get_capabilities()
    return next((name for name in ("amx_bf16", "avx512_bf16") if has.get(name)), None)


def check_precision(precision: str, device: torch.device, key: str) -> None:
    """Raises InputError for a precision in which the device does not compute.

    key: where params.yaml has it. A CPU that mimics bfloat16 is slower than with float32.
    """
    if precision != "bfloat16":
        return
    if device.type == "cuda":
        computes = torch.cuda.is_bf16_supported(False)
    else:
        computes = device.type == "cpu" and bfloat16_instructions() is not None
    if not computes:
        raise InputError(
            f"params.yaml: {key} is bfloat16, in which {device_name(device)} does not compute here "
            "(a CPU needs AVX512-BF16 or AMX, and no ONEDNN_MAX_CPU_ISA): set it to float32"
        )


def check_size(
    build: Callable[[str, Mapping[str, Any], int, str], nn.Module],
    name: str,
    settings: Mapping[str, Any],
    seq_len: int,
    where: str = "params.yaml: models",
) -> None:
    """Raises InputError for a model whose training this machine has no memory for.

    build: `models.build`; where: the file and section that have the model's settings.
    """
    with torch.device("meta"):  # takes no memory
        weights = sum(w.numel() for w in build(name, settings, seq_len, where).parameters())
    bytes_a_weight = 16  # with its gradient and Adam's two moments
    most = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // bytes_a_weight
    if weights > most:
        raise InputError(
            f"{where}.{name} would have {weights:,} weights: use at most {most:,}, "
            "which this machine's memory can train"
        )


def prepare(device: torch.device) -> None:
    """What a process does before it computes on the device."""
    make_deterministic(device)
    keep_freed_memory()


def make_deterministic(device: torch.device) -> None:
    """One thread, and only algorithms that give the same bytes every time."""
    torch.set_num_threads(1)  # two add up in another order, and are slower than two trials
    torch.set_flush_denormal(True)  # vanishing gradients, with which a CPU is ten times slower
    if device.type != "cpu":
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
        torch.use_deterministic_algorithms(True)
        # Else an LSTM multiplies in TF32, of 10 bits, and memory is filled before it is written.
        torch.backends.cudnn.rnn.fp32_precision = "ieee"  # type: ignore[attr-defined]
        torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]


def clock(device: torch.device) -> Callable[[], float]:
    """Returns seconds. On a CPU, waiting for a busy core does not count."""
    return time.process_time if device.type == "cpu" else time.perf_counter


def clock_name(device: torch.device) -> Literal["processor_time", "time_of_day"]:
    """What `clock` reads, as results name it."""
    return "processor_time" if device.type == "cpu" else "time_of_day"


def synchronize(device: torch.device) -> None:
    """Wait for the work that the device still has to do."""
    if device.type != "cpu":
        torch.accelerator.synchronize(device)


def device_name(device: torch.device) -> str:
    """`cpu`, or the device with the name of the GPU."""
    gpu = f" ({torch.cuda.get_device_name(device)})" if device.type == "cuda" else ""
    return f"{device}{gpu}"
