"""Provenance: what a result was computed with, as far as its bytes or its times depend on it."""

import hashlib
import os
import platform
import re
import shlex
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

from seqcompare.execution.devices import bfloat16_instructions, device_name
from seqcompare.execution.runtime import PORTABLE, UNSET

PACKAGE = Path(__file__).resolve().parents[1]
PROCESSOR = {"processor", "cpu_capability", "bfloat16", "variables"}
# What trains any model; each has its own file beside these.
TRAINING = (
    "core/**/*", "data/**/*", "execution/**/*", "training/**/*", "models/kernels/**/*",
    "models/__init__", "models/operations",
)  # fmt: skip


def environment(reproducibility: str, device: torch.device | None = None) -> dict[str, Any]:
    """Versions, system, processor, arithmetic and GPU; no names of people or machines."""
    values = {name: os.environ[name] for name in (*PORTABLE, *UNSET) if name in os.environ}
    gpu = {"gpu": device_name(device)} if device is not None and device.type != "cpu" else {}
    return {
        "python": platform.python_version(),
        **{package: version(package) for package in ("torch", "numpy", "pandas", "scipy", "dvc")},
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "processor": _processor(),
        "cores": os.cpu_count() or 1,
        "reproducibility": reproducibility,
        "cpu_capability": torch.backends.cpu.get_cpu_capability(),
        "bfloat16": bfloat16_instructions() or "none",
        "variables": " ".join(f"{name}={shlex.quote(value)}" for name, value in values.items()),
        **gpu,
    }


def decides_bytes(record: Mapping[str, Any]) -> dict[str, Any]:
    """The part that the bytes of a trial depend on: without the processor if it is portable."""
    names = ["variables", "reproducibility", "torch", "numpy", "pandas", "scipy", "cpu_capability"]
    if record.get("reproducibility") != "portable":
        names += ["processor", "bfloat16"]
    python = ".".join(str(record.get("python")).split(".")[:2])
    system = str(record.get("system")).split()
    part = {name: record.get(name) for name in names}
    part |= {"python": python, "system": f"{system[0]} {system[-1]}"}
    return part | ({"gpu": record["gpu"]} if "gpu" in record else {})


def difference(now: Mapping[str, Any], before: Mapping[str, Any]) -> str | None:
    """One line on why the same code may give other bytes now; None where it gives the same."""
    here, recorded = decides_bytes(now), decides_bytes(before)
    differ = [name for name in here | recorded if here.get(name) != recorded.get(name)]
    if not differ:
        return None
    changes = "; ".join(
        f"{name} is {here.get(name) or 'unset'}, was {recorded.get(name) or 'unset'}"
        for name in differ
    )
    fix = ": `reproducibility: portable` avoids that" if {*differ} <= PROCESSOR else ""
    return (
        f"this environment is not the recorded one ({changes}), so results may differ in their "
        f"last digits{fix}"
    )


@cache
def trial_code(model: str) -> str:
    """SHA-256 of the code that trains the model (`*`: any), as it was at the first call."""
    return _digest(*TRAINING, f"models/{model}")


@cache
def rooms_code(*rooms: str) -> str:
    """SHA-256 of the code of these rooms, each given by its path below the package."""
    return _digest(*(f"{room}/**/*" for room in rooms))


def _digest(*patterns: str) -> str:
    total = hashlib.sha256()
    for file in sorted({file for each in patterns for file in PACKAGE.glob(f"{each}.py")}):
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        total.update(f"{file.relative_to(PACKAGE).as_posix()} {digest}\n".encode())
    return total.hexdigest()


def _processor() -> str:
    """Its name, with family, model and stepping, by which one "AMD EPYC" differs from another."""
    try:
        first = Path("/proc/cpuinfo").read_text(encoding="utf-8").split("\n\n")[0]
    except OSError:
        return platform.processor() or platform.machine()
    fields = dict(re.findall(r"^(.*?)\s*: (.*)$", first, re.MULTILINE))
    numbers = [
        f"{key} {fields[key]}" for key in ("cpu family", "model", "stepping") if key in fields
    ]
    return ", ".join([fields.get("model name", platform.machine()), *numbers])
