"""Scale: seconds and memory of every stage by rows: `python benchmarks/scale.py [ROWS …]`.

Runs the stages on a made-up CSV in a copy of the project, a fifth of its rows as test targets, one
trial of one epoch: what follows training does not depend on how long it took. Prints a table of
seconds and of the peak memory in MB of a stage and its workers; the last column says what share of
training at the epochs of params.yaml the stages after it take.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[1]
ROWS = (1_000, 10_000, 50_000, 200_000)
TRAINING = ("train lstm", "train transformer")
STAGES = ("generate", "split", *TRAINING, "evaluate", "lookback", "claims", "render",
          "render_studies", "report")  # fmt: skip
STUDIES = tuple(f"{study} {model}" for study in ("cost", "adding_problem") for model in
                ("lstm", "transformer"))  # fmt: skip
SMALL_STUDIES: Mapping[str, Mapping[str, Any]] = {
    "cost": {"seq_lens": [4, 8, 16], "repeats": 2, "fit_lengths": 3},
    "adding_problem": {"lags": [2], "steps": 10},
}


def main(rows: Sequence[int]) -> None:
    print("| rows |", " | ".join(STAGES), "| page MB | after / training |")
    print("|---" * (len(STAGES) + 3) + "|")
    for count in rows:
        with tempfile.TemporaryDirectory() as folder:
            project, epochs = new_project(Path(folder), count)
            timed = {stage: run_stage(project, stage) for stage in (*STAGES[:4], *STUDIES)}
            timed |= {stage: run_stage(project, stage) for stage in STAGES[4:]}
            page = (project / "reports/report.html").stat().st_size / 1e6
        training = epochs * sum(timed[stage][0] for stage in TRAINING)
        after = sum(timed[stage][0] for stage in STAGES[4:])
        cells = [f"{timed[stage][0]:.1f} s, {timed[stage][1]:.0f} MB" for stage in STAGES]
        line = " | ".join(cells)
        print(f"| {count:,} | {line} | {page:.1f} | {after / training:.1%} |", flush=True)


def new_project(folder: Path, rows: int) -> tuple[Path, int]:
    """A copy with a series of so many rows and one epoch; and the epochs that there were."""
    ignored = shutil.ignore_patterns(".git", ".dvc", ".venv", ".checkpoints", "reports", "runs")
    project = folder / "project"
    shutil.copytree(ROOT, project, ignore=ignored)
    times = np.arange(rows)
    noise = np.random.default_rng(0).normal(0, 0.2, rows)
    values = np.sin(0.05 * times) + 0.5 * np.sin(0.013 * times) + noise
    series = project / "data/input/scale.csv"
    series.write_text("value\n" + "\n".join(f"{value:.6f}" for value in values) + "\n")
    settings = YAML(typ="safe").load(project / "params.yaml")
    epochs = int(settings["training"]["epochs"])
    settings["data"] |= {"source": "csv", "path": "data/input/scale.csv", "value": "value"}
    settings["data"] |= {"time": None, "period": None}
    settings["split"] |= {"test": rows // 5}
    settings["training"] |= {"epochs": 1}
    settings |= {"seeds": [0], "device": "cpu"}
    for study, changes in SMALL_STUDIES.items():
        settings[study] |= changes
    YAML(typ="safe").dump(settings, project / "params.yaml")
    return project, epochs


def run_stage(project: Path, stage: str) -> tuple[float, float]:
    """Seconds of wall time, and peak MB of the largest process."""
    path = os.pathsep.join((str(project / "src"), str(project)))
    started_at = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", f"stages.{stage.split()[0]}", *stage.split()[1:]],
        cwd=project,
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started_at
    if status:
        sys.exit(f"stage {stage} failed")
    return seconds, used.ru_maxrss * 1024 / 1e6


if __name__ == "__main__":
    main([int(rows) for rows in sys.argv[1:]] or ROWS)
