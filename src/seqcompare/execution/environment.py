"""Environment of a result, beside params, data and code: bytes and times depend on it."""

import os
import platform
import sys
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

from seqcompare.core.params import PORTABLE
from seqcompare.execution import arithmetic

PACKAGES = ("torch", "numpy", "scipy", "dvc")
# The others change how long a trial takes, or nothing.
CHANGE_BYTES = (
    "reproducibility",
    "python",
    "torch",
    "numpy",
    "scipy",
    "processor",
    "cpu_capability",
    "variables",
)
MACHINE = {"processor", "cpu_capability", "variables"}  # which no series depends on


def environment(reproducibility: str) -> dict[str, str | int]:
    """Versions, system and processor; without names of people or machines."""
    variables = arithmetic.variables(os.environ)
    return {
        "python": platform.python_version(),
        **{package: version(package) for package in PACKAGES},
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "processor": _processor(),
        "cores": os.cpu_count() or 1,
        "reproducibility": reproducibility,
        "cpu_capability": torch.backends.cpu.get_cpu_capability(),
        "variables": " ".join(f"{name}={value}" for name, value in variables.items()),
    }


def difference(now: Mapping[str, Any], before: Mapping[str, Any]) -> str | None:
    """One line that says why hashes may differ from the committed ones, or None."""
    found = [
        f"{name} is {now.get(name)}, was {before.get(name)}"
        for name in CHANGE_BYTES
        if now.get(name) != before.get(name)
    ]
    if not found:
        return None
    return (
        "this environment is not the committed one, so hashes may differ "
        f"({'; '.join(found)}): `reproducibility: portable` avoids what processors add"
    )


def reproducible_here(now: Mapping[str, Any], recorded: Mapping[str, Any]) -> str:
    """One line: which of the recorded results this machine makes again to the bit, and why.

    now, recorded: from `environment`, of this machine and of the one that results come from.
    Times are no such results. docs/REPRODUCIBILITY.md has the measurements behind it.
    """
    portable = now.get("reproducibility") == recorded.get("reproducibility") == PORTABLE
    differ = [
        name
        for name in CHANGE_BYTES
        if now.get(name) != recorded.get(name) and not (portable and name == "processor")
    ]
    if not differ:
        return "this machine makes all results again to the bit, but for times"
    why = "; ".join(f"{name} is {now.get(name)}, was {recorded.get(name)}" for name in differ)
    if set(differ) <= MACHINE:
        return (
            "this machine makes series and split again to the bit, but models, and what follows "
            f"from them, only up to rounding: {why}"
        )
    return f"no result is sure to be made again to the bit here: {why}"


def explain(now: Mapping[str, Any], committed: Mapping[str, Any]) -> None:
    """Say what of a difference to committed results the machine explains, if anything."""
    line = difference(now, committed) if committed else None
    if line:
        print(f"note: {line}", file=sys.stderr)


def _processor() -> str:
    """Its maker's name for it, where the system tells."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()
