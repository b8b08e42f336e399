"""Growth: seconds and peak memory of every stage by rows, trials, series or seq_len.

    python benchmarks/scale.py rows|trials|series|seq_len [N ...]

Runs the stages in a copy of the project, one after another, without DVC. Prints a table with the
slopes of both on a log-log plot from the last but one N to the last. Scaled down, for time:
training is one epoch, forecasts start from 40 points. rows, series: a made-up CSV, a fifth of it
test targets.
"""

import argparse
import math
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from clone import ROOT, change_params

STAGES = ("generate", "split", "train lstm", "train transformer", "evaluate", "render")
SMALL = {
    "training": {"epochs": 1, "tested_epochs": 1},
    "evaluation": {"origins": 40},
    "device": "cpu",
}
CSV = {"source": "csv", "path": "data/input/scale.csv", "value": "value", "time": None}
Usage = tuple[float, float]  # seconds, and peak MB

AXES: dict[str, tuple[tuple[int, ...], Callable[[int], dict[str, Any]]]] = {
    "rows": (
        (1_000, 10_000, 50_000, 200_000),
        lambda n: {"seeds": [0], "data": CSV, "split": {"test": n // 5}},
    ),
    "trials": ((1, 10, 100), lambda n: {"seeds": [*range(n)]}),
    "series": (
        (1, 10, 100),
        lambda _: {"seeds": [0], "data": {**CSV, "id": "series"}, "split": {"test": 200}},
    ),
    "seq_len": (
        (20, 80, 320, 1280),
        lambda n: {"seq_len": n, "seeds": [0], "data": {"size": 2000, "x_max": 100.0},
                   "split": {"train": 320}},
    ),
}  # fmt: skip


def measure(axis: str, n: int) -> dict[str, Usage]:
    """Of every stage, and of the page that the last one wrote."""
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder) / "project"
        ignored = shutil.ignore_patterns(
            ".git", ".dvc", ".venv", ".checkpoints", "weights", "tests"
        )
        shutil.copytree(ROOT, project, ignore=ignored)
        if axis in ("rows", "series"):
            write_series(project, *((n, 1) if axis == "rows" else (1_000, n)))
        change_params(project, SMALL)
        change_params(project, AXES[axis][1](n))
        used = {stage: run_stage(project, stage) for stage in STAGES}
        return used | {"page": (math.nan, (project / "reports/report.html").stat().st_size / 1e6)}


def write_series(project: Path, rows: int, count: int) -> None:
    times = np.arange(rows)
    clean = np.sin(0.05 * times) + 0.5 * np.sin(0.013 * times)
    frames = [
        pd.DataFrame(
            {"series": f"s{i}", "value": clean + np.random.default_rng(i).normal(0, 0.2, rows)}
        )
        for i in range(count)
    ]
    pd.concat(frames).to_csv(project / "data/input/scale.csv", index=False)


def run_stage(project: Path, stage: str) -> Usage:
    log = project / "stage.log"
    with log.open("w") as output:
        started_at = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", f"stages.{stage.split()[0]}", *stage.split()[1:]],
            cwd=project, stdout=subprocess.DEVNULL, stderr=output,
        )  # fmt: skip
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started_at
    if status:
        sys.exit(f"stage {stage} failed:\n{log.read_text()}")
    return seconds, used.ru_maxrss * 1024 / 1e6


def table(counts: tuple[int, ...], results: list[dict[str, Usage]]) -> pd.DataFrame:
    """A row a stage: seconds and MB at each N, then the slopes of both."""
    rows = {}
    for stage in results[0]:
        seconds, megabytes = zip(*(used[stage] for used in results), strict=True)
        cells = {f"{n:,}": f"{s:.2f} s, {mb:.0f} MB"
                 for n, s, mb in zip(counts, seconds, megabytes, strict=True)}  # fmt: skip
        for name, costs in (("slope: s", seconds), ("MB", megabytes)):
            if len(counts) > 1:
                slope = math.log(costs[-1] / costs[-2]) / math.log(counts[-1] / counts[-2])
                cells[name] = f"{slope:.2f}"
        rows[stage] = cells
    return pd.DataFrame(rows).T


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("axis", choices=AXES)
    parser.add_argument("counts", type=int, nargs="*")
    options = parser.parse_args()
    counts = tuple(options.counts) or AXES[options.axis][0]
    results = []
    for n in counts:
        print(f"{options.axis} {n:,} ...", file=sys.stderr, flush=True)
        results.append(measure(options.axis, n))
    print(table(counts, results).to_markdown())


if __name__ == "__main__":
    main()
