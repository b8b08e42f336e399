"""Results that keep their bytes elsewhere: `python benchmarks/identical.py [fast] [portable]`.

Runs the stages in a copy of the project with small params, once plainly and once for each change,
and prints the table of docs/REPRODUCIBILITY.md.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[1]
NAMES = ("ATEN_", "ONEDNN_", "MKL_", "NPY_", "OPENBLAS_", "OMP_")
CLEAN = {key: value for key, value in os.environ.items() if not key.startswith(NAMES)}
STAGES = ("generate", "split", "train lstm", "train transformer", "evaluate",
          "adding_problem lstm", "adding_problem transformer", "lookback")  # fmt: skip
OUTPUTS = ("data/series.csv", "data/runs", "reports/predictions.csv", "reports/metrics.json",
           "reports/forecast.json", "reports/adding_problem", "reports/lookback.csv")  # fmt: skip
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
        for name, (environment, settings) in CHANGES.items():
            changed = digests(mode, environment, settings)
            same = ["same" if plain[key] == changed[key] else "**differs**" for key in OUTPUTS]
            print(f"| {name} | {mode} |", " | ".join(same), "|", flush=True)


def digests(mode: str, environment: dict[str, str], changes: dict[str, Any]) -> dict[str, str]:
    """Output -> sha256 after all stages."""
    settings = YAML(typ="safe").load(ROOT / "params.yaml")
    settings |= {"reproducibility": mode, "seeds": [0, 1], "device": "cpu"}
    settings["data"]["size"], settings["split"]["test"] = 300, 60
    settings["training"]["epochs"] = 1
    settings["evaluation"] |= {"horizon": 2, "resamples": 200}
    settings["adding_problem"] |= {"lags": [5], "seeds": [0], "steps": 50}
    settings["models"]["transformer"]["dim_feedforward"] = 256
    settings["executor"]["workers"] = 1
    for section, change in changes.items():
        settings[section] |= change
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for name in ("src", "stages", "data/input"):
            shutil.copytree(ROOT / name, copy / name)
        YAML().dump(settings, copy / "params.yaml")
        for stage in STAGES:
            name, *arguments = stage.split()
            command = [sys.executable, "-m", f"stages.{name}", *arguments]
            subprocess.run(
                command, cwd=copy, env=CLEAN | environment, capture_output=True, check=True
            )
        return {output: digest(copy / output) for output in OUTPUTS}


def digest(path: Path) -> str:
    files = [path] if path.is_file() else sorted(path.rglob("*.*"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


if __name__ == "__main__":
    main(sys.argv[1:] or ("fast", "portable"))
