"""Clone of the last commit with other params, and its stages: what benchmarks run and time."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[1]
DVC_STARTS = "DVC starts"
AUTHOR = ("-c", "user.name=benchmark", "-c", "user.email=benchmark@localhost")


def settings() -> dict[str, Any]:
    """params.yaml as it is here."""
    found: dict[str, Any] = YAML(typ="safe").load(ROOT / "params.yaml")
    return found


def clone(folder: Path, changes: Mapping[str, Any]) -> None:
    """A clone in an empty folder, with these changes of params.yaml committed in it."""
    subprocess.run(["git", "clone", "-q", str(ROOT), str(folder)], check=True)
    change_params(folder, changes)
    commit = ["git", *AUTHOR, "commit", "-q", "--allow-empty", "-a", "-m", "params"]
    subprocess.run(commit, cwd=folder, check=True)


def change_params(folder: Path, changes: Mapping[str, Any]) -> None:
    """changes: a value for each key; a section's are a mapping, and leave its other keys alone."""
    yaml, path = YAML(), folder / "params.yaml"
    params = yaml.load(path)
    for key, value in changes.items():
        if isinstance(value, Mapping):
            params[key].update(value)
        else:
            params[key] = value
    yaml.dump(params, path)


def run_stage(folder: Path, stage: str, environment: Mapping[str, str] | None = None) -> float:
    """Seconds of one stage's process, like `train lstm`, without DVC.

    environment: of the process, if not that of this one.
    """
    started_at = time.perf_counter()
    command = [sys.executable, "-m", f"stages.{stage.split()[0]}", *stage.split()[1:]]
    subprocess.run(command, cwd=folder, env=environment, check=True, stderr=subprocess.DEVNULL)
    return time.perf_counter() - started_at


def repro(folder: Path, target: str) -> dict[str, float]:
    """Seconds of `dvc repro --force TARGET`, by stage in the order in which they ran.

    A stage's time is that until the next one starts: with what DVC hashes and copies after it.
    """
    started_at = time.perf_counter()
    starts = [(DVC_STARTS, started_at)]
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    with subprocess.Popen(
        ["dvc", "repro", "--force", target],
        cwd=folder,
        env={**os.environ, "PATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as dvc:
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
