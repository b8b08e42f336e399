"""Clone of a commit with other params, and its stages: what benchmarks run and time."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from seqcompare.core.params import merged
from seqcompare.core.yaml import load_yaml

ROOT = Path(__file__).resolve().parents[1]
AUTHOR = ("-c", "user.name=benchmark", "-c", "user.email=benchmark@localhost")


def clone(folder: Path, changes: Mapping[str, Any], revision: str = "HEAD") -> None:
    """A clone in an empty folder, with these changes of params.yaml committed in it."""
    git("clone", "-q", str(ROOT), str(folder))
    git("checkout", "-q", git("rev-parse", revision).strip(), cwd=folder)
    change_params(folder, changes)
    git(*AUTHOR, "commit", "-q", "--allow-empty", "-a", "-m", "params", cwd=folder)


def git(*words: str, cwd: Path = ROOT) -> str:
    return subprocess.run(
        ["git", *words], cwd=cwd, check=True, capture_output=True, text=True
    ).stdout


def change_params(folder: Path, changes: Mapping[str, Any]) -> None:
    """changes: as in params.yaml; what is not named stays."""
    path = folder / "params.yaml"
    path.write_text(yaml.safe_dump(merged(load_yaml(path), changes), sort_keys=False))


def run_stage(folder: Path, stage: str) -> float:
    """Seconds of one stage's process, like `train lstm`, without DVC."""
    started_at = time.perf_counter()
    command = [sys.executable, "-m", f"stages.{stage.split()[0]}", *stage.split()[1:]]
    subprocess.run(command, cwd=folder, check=True, stderr=subprocess.DEVNULL)
    return time.perf_counter() - started_at


def repro(folder: Path, *options: str) -> dict[str, float]:
    """Seconds of `dvc repro OPTIONS`, by stage in the order in which they ran.

    A stage's time is that until the next one starts: with what DVC hashes and copies after it.
    """
    starts = [("DVC starts", time.perf_counter())]
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    with subprocess.Popen(
        ["dvc", "repro", *options], cwd=folder, env={**os.environ, "PATH": path},
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    ) as dvc:  # fmt: skip
        assert dvc.stdout
        starts += (
            (line.split("'")[1], time.perf_counter())
            for line in dvc.stdout
            if line.startswith("Running stage '")
        )
    if dvc.returncode:
        sys.exit(f"`dvc repro` failed in a clone of {ROOT}")
    ends = [start for _, start in starts[1:]] + [time.perf_counter()]
    return {stage: end - start for (stage, start), end in zip(starts, ends, strict=True)}
