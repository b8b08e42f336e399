"""The training engine against the tutorial's program, on the same work, in one run.

    python benchmarks/compare.py [--rounds N] [--only steps|stages|pipeline] [--model NAME]

Both sides train the same networks on the same windows, with the same batch size and number of
optimiser steps. Each measurement is a process of its own, the two sides in turn, so that neither's
memory settings help the other and a drift of the machine meets both. Prints Markdown. Stages and
pipeline are those of the last commit.
"""

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SEEDS = range(5)


@dataclass(frozen=True)
class Case:
    model: str
    seq_len: int
    step_epochs: int  # enough for a steady median, few enough to wait for
    stage_epochs: int

    def __str__(self) -> str:
        return f"{self.model}, seq_len {self.seq_len}"


CASES = [
    Case("lstm", 20, 6, 20),
    Case("lstm", 200, 3, 10),
    Case("transformer", 20, 3, 20),
    Case("transformer", 200, 2, 2),
]


# ---- what a child process does ----------------------------------------------------------------


def reference(case: Case, epochs: int, seeds: int, threads: int | None) -> dict[str, Any]:
    import resource

    import torch

    sys.path.insert(0, str(ROOT / "benchmarks"))
    from reference import noisy_sine, train

    from seqcompare.core.params import load_params

    if threads:
        torch.set_num_threads(threads)
    positions = load_params(ROOT / "params.yaml").models["transformer"]["positions"]
    results = [
        train(case.model, noisy_sine(), case.seq_len, s, positions, epochs) for s in SEEDS[:seeds]
    ]
    return {
        "epoch_seconds": [r.seconds_per_epoch for r in results],
        "train_mse": [r.train_loss[-1] for r in results],
        "test_mse": [r.test_mse for r in results],
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def engine(case: Case, epochs: int, seeds: int, _: int | None) -> dict[str, Any]:
    import resource

    from seqcompare.core.params import load_params
    from seqcompare.data.series import make_draws
    from seqcompare.data.windows import cut_folds
    from seqcompare.execution.processes import LocalProcesses
    from seqcompare.training.trials import plan_trials, train_all

    params = load_params(ROOT / "params.yaml")
    draws = make_draws(params.data, SEEDS[:seeds])
    data = params.data
    folds = cut_folds(draws.times.size, case.seq_len, params.split, data.scaling, data.centre)
    training = params.training.model_copy(update={"epochs": epochs})
    settings = params.models[case.model]
    tasks = plan_trials(
        case.model, settings, training, case.seq_len, SEEDS[:seeds], draws, folds, "cpu"
    )
    with (
        tempfile.TemporaryDirectory() as checkpoints,
        LocalProcesses(1) as executor,
    ):
        runs = train_all(tasks, executor, Path(checkpoints))
    return {
        "epoch_seconds": [run.epoch_seconds for run in runs],
        "peak_mb": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024,
    }


def trained(case: Case, *_: Any) -> dict[str, Any]:
    """What the stage `train` left in the project that is the working directory."""
    import numpy as np

    from seqcompare.core import paths
    from seqcompare.core.files import load_csv
    from seqcompare.core.params import load_params
    from seqcompare.data.storage import load_series, load_split
    from seqcompare.evaluation.results import load_trials
    from seqcompare.evaluation.trials import predict_trial

    params = load_params()
    models = {case.model: params.models[case.model]}
    trials = load_trials(models, case.seq_len, params.seeds, load_series(), load_split())
    predicted = [
        predict_trial(trial, case.seq_len, params.data, params.evaluation) for trial in trials
    ]
    history = load_csv(paths.history(case.model))
    return {
        "train_mse": history["train_mse"][history["epoch"] == history["epoch"].max()].tolist(),
        "test_mse": [
            float(np.mean((each.predictions[case.model] - each.truth) ** 2)) for each in predicted
        ],
    }


SIDES = ("reference", "engine")
CHILDREN: dict[str, Callable[[Case, int, int, int | None], dict[str, Any]]] = {
    "reference": reference,
    "engine": engine,
    "trained": trained,
}


# ---- what the parent does ---------------------------------------------------------------------


def measure(
    side: str,
    case: Case,
    epochs: int = 0,
    seeds: int = 0,
    threads: int | None = None,
    folder: Path = ROOT,
) -> dict[str, Any]:
    """One child process; its result, and the seconds that the whole process took."""
    job = json.dumps([side, CASES.index(case), epochs, seeds, threads])
    started_at = time.perf_counter()
    done = subprocess.run(
        [sys.executable, str(Path(__file__).resolve()), "--child", job],
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
    )
    result: dict[str, Any] = json.loads(done.stdout)
    return result | {"process_seconds": time.perf_counter() - started_at}


def in_turn(rounds: int, case: Case) -> dict[str, list[dict[str, Any]]]:
    """One seed with one thread."""
    results: dict[str, list[dict[str, Any]]] = {side: [] for side in SIDES}
    for _ in range(rounds):
        for side in SIDES:
            results[side].append(measure(side, case, case.step_epochs, seeds=1, threads=1))
    return results


def row(name: object, slow: list[float], fast: list[float], unit: str) -> str:
    ratios = [a / b for a, b in zip(slow, fast, strict=True)]
    spread = f"{min(ratios):.2f}-{max(ratios):.2f}"
    a, b = statistics.median(slow), statistics.median(fast)
    return (
        f"| {name} | {a:.4g} {unit} | {b:.4g} {unit} | {statistics.median(ratios):.2f} | {spread} |"
    )


HEAD = "| | reference | engine | ratio (median) | min-max |\n|---|---|---|---|---|"


def compare_steps(rounds: int, cases: list[Case]) -> None:
    print("\n## Milliseconds per optimiser step, one thread each\n")
    print("Median over the epochs of a run but the first.\n")
    print(HEAD)
    peaks = []
    for case in cases:
        results = in_turn(rounds, case)
        steps = -(-(820 - case.seq_len) // 32)
        ms = {
            side: [1000 * statistics.median(r["epoch_seconds"][0][1:]) / steps for r in each]
            for side, each in results.items()
        }
        print(row(case, ms["reference"], ms["engine"], "ms"), flush=True)
        peaks.append((case, {s: max(r["peak_mb"] for r in each) for s, each in results.items()}))
    print("\n## Peak memory of the training process\n\n| | reference | engine |\n|---|---|---|")
    for case, peak in peaks:
        print(f"| {case} | {peak['reference']:.0f} MB | {peak['engine']:.0f} MB |")


def project_for(case: Case, folder: Path) -> None:
    """A clone whose next step is to train this case."""
    from ruamel.yaml import YAML

    subprocess.run(["git", "clone", "-q", str(ROOT), str(folder)], check=True)
    yaml, path = YAML(), folder / "params.yaml"
    params = yaml.load(path)
    params["seq_len"], params["training"]["epochs"] = case.seq_len, case.stage_epochs
    yaml.dump(params, path)
    for stage in ("generate", "split"):
        subprocess.run([sys.executable, "-m", f"stages.{stage}"], cwd=folder, check=True)


def run_stage(case: Case, folder: Path) -> dict[str, Any]:
    """The stage `train` of that clone; its results, and the seconds that its process took."""
    started_at = time.perf_counter()
    command = [sys.executable, "-m", "stages.train", case.model]
    subprocess.run(command, cwd=folder, check=True, stderr=subprocess.DEVNULL)
    took_s = time.perf_counter() - started_at
    return measure("trained", case, folder=folder) | {"process_seconds": took_s}


def compare_stages(rounds: int, cases: list[Case]) -> None:
    print("\n## Five seeds: seconds of the whole process\n")
    print("The reference trains one seed after another with its default threads; the stage `train`")
    print("trains all side by side with one thread each. Starting Python and PyTorch is in both.\n")
    print(HEAD)
    results: dict[Case, dict[str, list[dict[str, Any]]]] = {}
    for case in cases:
        found = results[case] = {side: [] for side in SIDES}
        with tempfile.TemporaryDirectory() as folder:
            project_for(case, Path(folder))
            for _ in range(rounds):
                found["reference"].append(measure("reference", case, case.stage_epochs, len(SEEDS)))
                found["engine"].append(run_stage(case, Path(folder)))
        seconds = {side: [r["process_seconds"] for r in each] for side, each in found.items()}
        name = f"{case}, {case.stage_epochs} epochs"
        print(row(name, seconds["reference"], seconds["engine"], "s"), flush=True)
    print(
        "\n## The same quality\n\nMean and standard deviation over five seeds, after 20 epochs.\n"
    )
    print("| | reference | engine | difference in standard errors |\n|---|---|---|---|")
    for case in (case for case in cases if case.stage_epochs == 20):
        for name, key in (("test MSE", "test_mse"), ("final training MSE", "train_mse")):
            a, b = (results[case][side][0][key] for side in SIDES)
            error = ((statistics.variance(a) + statistics.variance(b)) / len(SEEDS)) ** 0.5
            apart = (statistics.mean(b) - statistics.mean(a)) / error
            cells = [f"{statistics.mean(x):.5f} +- {statistics.stdev(x):.5f}" for x in (a, b)]
            print(f"| {case}: {name} | {cells[0]} | {cells[1]} | {apart:+.1f} |")


def compare_pipeline(rounds: int) -> None:
    print("\n## The whole pipeline: seconds\n")
    print("`dvc repro --force render` in a fresh clone: all stages of the main comparison, five")
    print("seeds of each model, against the reference training one seed of each.\n")
    print("| | reference, 1 seed | `dvc repro`, all trials | ratio (median) | min-max |")
    print("|---|---|---|---|---|")
    slow, fast = [], []
    for _ in range(rounds):
        short = [case for case in CASES if case.seq_len == 20]
        slow.append(sum(measure("reference", c, 20, 1)["process_seconds"] for c in short))
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(["git", "clone", "-q", str(ROOT), folder], check=True)
            started_at = time.perf_counter()
            dvc = shutil.which("dvc") or "dvc"
            subprocess.run([dvc, "repro", "-q", "--force", "render"], cwd=folder, check=True)
            fast.append(time.perf_counter() - started_at)
    print(row("default params", slow, fast, "s"))


def machine() -> str:
    import torch

    model = platform.processor() or platform.machine()
    if Path("/proc/cpuinfo").exists():
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next((x.split(": ")[1] for x in lines if x.startswith("model name")), model)
    capability = torch.backends.cpu.get_cpu_capability()
    return f"{model}, {os.cpu_count()} cores, {capability}, torch {torch.__version__}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", choices=["steps", "stages", "pipeline"])
    parser.add_argument("--model", choices=sorted({case.model for case in CASES}))
    parser.add_argument("--child", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        side, index, epochs, seeds, threads = json.loads(arguments.child)
        print(json.dumps(CHILDREN[side](CASES[index], epochs, seeds, threads)))
        return
    print(
        f"# Results\n\n`python {' '.join([Path(__file__).name, *sys.argv[1:]])}`, on {machine()}."
    )
    cases = [case for case in CASES if arguments.model in (None, case.model)]
    if arguments.only in (None, "steps"):
        compare_steps(arguments.rounds, cases)
    if arguments.only in (None, "stages"):
        compare_stages(arguments.rounds, cases)
    if arguments.only in (None, "pipeline"):  # which trains all models
        compare_pipeline(arguments.rounds)


if __name__ == "__main__":
    main()
