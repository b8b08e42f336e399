"""Growth: seconds and memory of every stage by rows, trials or seq_len.

    python benchmarks/scale.py rows|trials|seq_len [N ...]

Runs the stages in a copy of the project, one after another without DVC. Prints a table of seconds
and of the peak memory of a stage's largest process, with the slopes of both on a log-log plot from
the last but one N to the last, and the steepest slope that their mathematics allows. A slope that
is steeper by more than STEEPER is bold; a machine that others use shows such, too. The last line:
what share of training at the epochs of params.yaml the stages after it take.

Scaled down, for time: training is one epoch; the study of cost times two lengths twice, the adding
problem takes 10 steps at one lag. By rows: one trial, on a made-up CSV, a fifth of it test targets.
By trials: 40 origins of forecasts, 20 windows of lookback. By seq_len: those, one trial, and 320
training windows at every length. An axis takes 2 to 5 minutes on two idle cores; seq_len, 3 GB.
"""

import argparse
import math
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from clone import ROOT, change_params, settings

TRAINING = ("train lstm", "train transformer")
STUDIES = ("cost", "adding_problem lstm", "adding_problem transformer")
AFTER = ("evaluate", "lookback", "claims", "render", "render_studies", "report")
STAGES = ("generate", "split", *TRAINING, *STUDIES, *AFTER)
STEEPER = 0.2
LEAST_TEST = {"origins": 40, "lookback_windows": 20}  # 19 of 40 calibrate and do not overlap
SMALL: Mapping[str, Mapping[str, Any]] = {
    "training": {"epochs": 1},
    "cost": {"seq_lens": [4, 8], "processes": 2},
    "adding_problem": {"lags": [2], "seeds": [0], "steps": 10},
}
Usage = tuple[float, float]  # seconds, and peak MB


def by_rows(rows: int) -> dict[str, Any]:
    file = {"source": "csv", "path": "data/input/scale.csv", "value": "value", "time": None}
    return {**SMALL, "seeds": [0], "data": file, "split": {"test": rows // 5}}


def by_trials(trials: int) -> dict[str, Any]:
    adding = {**SMALL["adding_problem"], "seeds": [*range(trials)]}
    return {**SMALL, "seeds": [*range(trials)], "adding_problem": adding, "evaluation": LEAST_TEST}


def by_seq_len(seq_len: int) -> dict[str, Any]:
    return {
        "seq_len": seq_len,
        "seeds": [0],
        "data": {"size": 2000, "x_max": 100.0},
        "split": {"train": 320},
        "training": {"epochs": 1},
        "evaluation": LEAST_TEST,
        "cost": {"seq_lens": [max(1, seq_len // 4), seq_len], "processes": 2},
        "adding_problem": {"lags": [seq_len], "seeds": [0], "steps": 10},
    }


@dataclass(frozen=True)
class Axis:
    """What grows: the params at N, and stage -> the exponent of N that bounds both its costs."""

    counts: Sequence[int]
    params: Callable[[int], dict[str, Any]]
    bounds: Mapping[str, int]


# Of seq_len: a Transformer's attention is quadratic, an LSTM linear, a linear model's singular
# values quadratic; lookback has a row for every lag. The studies know no other axis but their own.
AXES = {
    "rows": Axis((1_000, 10_000, 50_000, 200_000), by_rows,
                 {stage: int(stage not in STUDIES) for stage in STAGES}),
    "trials": Axis((1, 10, 100), by_trials, {stage: int(stage != "cost") for stage in STAGES}),
    "seq_len": Axis((20, 80, 320, 1280), by_seq_len, {
        "generate": 0, "split": 0, "train lstm": 1, "train transformer": 2, "cost": 2,
        "adding_problem lstm": 1, "adding_problem transformer": 2, "evaluate": 2, "lookback": 2,
        "claims": 1, "render": 0, "render_studies": 1, "report": 1,
    }),
}  # fmt: skip


def measure(params: Mapping[str, Any], rows: int | None) -> dict[str, Usage]:
    """Of every stage, and of the page that the last one wrote. rows: of a CSV, if one is read."""
    with tempfile.TemporaryDirectory() as folder:
        project = new_project(Path(folder), rows)
        change_params(project, {**params, "device": "cpu"})
        used = {stage: run_stage(project, stage) for stage in STAGES}
        page = project / "reports/report.html"
        return used | {"page": (math.nan, page.stat().st_size / 1e6)}


def new_project(folder: Path, rows: int | None) -> Path:
    """A copy without results, and with a series of so many rows."""
    ignored = shutil.ignore_patterns(".git", ".dvc", ".venv", ".checkpoints", "reports", "runs")
    project = folder / "project"
    shutil.copytree(ROOT, project, ignore=ignored)
    if rows:
        times = np.arange(rows)
        noise = np.random.default_rng(0).normal(0, 0.2, rows)
        values = np.sin(0.05 * times) + 0.5 * np.sin(0.013 * times) + noise
        series = project / "data/input/scale.csv"
        series.write_text("value\n" + "\n".join(f"{value:.6f}" for value in values) + "\n")
    return project


def run_stage(project: Path, stage: str) -> Usage:
    path = os.pathsep.join((str(project / "src"), str(project)))
    said = project / "stage.log"
    with said.open("w") as log:
        started_at = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", f"stages.{stage.split()[0]}", *stage.split()[1:]],
            cwd=project,
            env={**os.environ, "PYTHONPATH": path},
            stdout=subprocess.DEVNULL,
            stderr=log,
        )
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started_at
    if status:
        sys.exit(f"stage {stage} failed:\n{said.read_text()}")
    return seconds, used.ru_maxrss * 1024 / 1e6


def slope(counts: Sequence[int], costs: Sequence[float]) -> float:
    """The p of cost ~ N^p, from the last but one N to the last."""
    return math.log(costs[-1] / costs[-2]) / math.log(counts[-1] / counts[-2])


def table(counts: Sequence[int], found: Sequence[Mapping[str, Usage]], axis: Axis) -> list[str]:
    """Lines of Markdown. found: of each N."""
    lines = [
        "| | " + " | ".join(f"{n:,}" for n in counts) + " | slope: s | MB | at most |",
        "|---" * (len(counts) + 4) + "|",
    ]
    for stage in found[0]:
        seconds, megabytes = zip(*(used[stage] for used in found), strict=True)
        cells = [
            f"{mb:.1f} MB" if math.isnan(s) else f"{s:.2f} s, {mb:.0f} MB"
            for s, mb in zip(seconds, megabytes, strict=True)
        ]
        most = axis.bounds.get(stage, 1)
        slopes = [shown(costs, counts, most) for costs in (seconds, megabytes)]
        lines.append(f"| {stage} | {' | '.join([*cells, *slopes, str(most)])} |")
    return lines


def shown(costs: Sequence[float], counts: Sequence[int], most: int) -> str:
    if len(counts) < 2 or math.isnan(costs[0]):
        return ""
    found = slope(counts, costs)
    return f"**{found:.2f}**" if found > most + STEEPER else f"{found:.2f}"


def after_training(used: Mapping[str, Usage], epochs: int) -> float:
    """Seconds of the stages after training, as a share of those that so many epochs would take."""
    trained = epochs * sum(used[stage][0] for stage in TRAINING)
    return sum(used[stage][0] for stage in AFTER) / trained


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("axis", choices=AXES)
    parser.add_argument("counts", type=int, nargs="*")
    options = parser.parse_args()
    axis = AXES[options.axis]
    counts = options.counts or axis.counts
    found = []
    for n in counts:
        print(f"{options.axis} {n:,} ...", file=sys.stderr, flush=True)
        found.append(measure(axis.params(n), n if options.axis == "rows" else None))
    print("\n".join(table(counts, found, axis)))
    epochs = settings()["training"]["epochs"]
    shares = " | ".join(f"{after_training(used, epochs):.1%}" for used in found)
    print(f"| after / training | {shares} | | | |")


if __name__ == "__main__":
    main()
