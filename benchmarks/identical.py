"""Results that keep their bytes elsewhere: `python benchmarks/identical.py [fast] [portable]`.

Runs the stages in a clone of the last commit with small params, once plainly and once for each
change, and prints the table of docs/REPRODUCIBILITY.md.
"""

import hashlib
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from clone import clone, run_stage, settings

NAMES = ("ATEN_", "ONEDNN_", "MKL_", "NPY_", "OPENBLAS_", "OMP_")
CLEAN = {key: value for key, value in os.environ.items() if not key.startswith(NAMES)}
STAGES = ("generate", "split", "train lstm", "train transformer", "evaluate",
          "adding_problem lstm", "adding_problem transformer", "lookback")  # fmt: skip
OUTPUTS = ("data/series.csv", "data/runs", "reports/predictions.csv", "reports/metrics.json",
           "reports/forecast.json", "reports/adding_problem", "reports/lookback.csv")  # fmt: skip
WIDE = settings()["models"]["transformer"] | {"dim_feedforward": 256}
SMALL = {
    "seeds": [0, 1],
    "device": "cpu",
    "data": {"size": 300},
    "split": {"test": 60},
    "training": {"epochs": 1},
    "evaluation": {"horizon": 2},
    "adding_problem": {"lags": [5], "seeds": [0], "steps": 50},
    "models": {"transformer": WIDE},
    "executor": {"workers": 1},
}
CHANGES: dict[str, tuple[dict[str, str], dict[str, Any]]] = {
    "the same again": ({}, {}),
    "1 worker, 2 workers": ({}, {"executor": {"workers": 2}}),
    "OMP_NUM_THREADS=2": ({"OMP_NUM_THREADS": "2", "MKL_NUM_THREADS": "2"}, {}),
    "ATEN_CPU_CAPABILITY=avx2": ({"ATEN_CPU_CAPABILITY": "avx2"}, {}),
    "ATEN_CPU_CAPABILITY=default": ({"ATEN_CPU_CAPABILITY": "default"}, {}),
    "ONEDNN_MAX_CPU_ISA=AVX2": ({"ONEDNN_MAX_CPU_ISA": "AVX2"}, {}),
    "MKL_CBWR=COMPATIBLE": ({"MKL_CBWR": "COMPATIBLE"}, {}),
    "MKL_CBWR=AVX2": ({"MKL_CBWR": "AVX2"}, {}),
    "NPY_DISABLE_CPU_FEATURES=X86_V4": ({"NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL"}, {}),
    "OPENBLAS_CORETYPE=Haswell": ({"OPENBLAS_CORETYPE": "Haswell"}, {}),
}


def main(modes: Sequence[str]) -> None:
    print("| change | reproducibility |", " | ".join(f"`{output}`" for output in OUTPUTS), "|")
    print("|---" * (len(OUTPUTS) + 2) + "|")
    for mode in modes:
        plain = digests(mode, {}, {})
        for name, (environment, changes) in CHANGES.items():
            changed = digests(mode, environment, changes)
            same = ["same" if plain[key] == changed[key] else "**differs**" for key in OUTPUTS]
            print(f"| {name} | {mode} |", " | ".join(same), "|", flush=True)


def digests(mode: str, environment: dict[str, str], changes: dict[str, Any]) -> dict[str, str]:
    """Output -> sha256 after all stages."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        clone(copy, {**SMALL, "reproducibility": mode, **changes})
        for stage in STAGES:
            run_stage(copy, stage, CLEAN | environment)
        return {output: digest(copy / output) for output in OUTPUTS}


def digest(path: Path) -> str:
    files = [path] if path.is_file() else sorted(path.rglob("*.*"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


if __name__ == "__main__":
    main(sys.argv[1:] or ("fast", "portable"))
