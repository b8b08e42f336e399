"""The training engine against the tutorial's program, on the same work, in one run.

    python benchmarks/compare.py [--rounds N] [--only steps|stages|pipeline]
                                 [--model NAME] [--seq-len N] [--device NAME]

Both sides train the same networks on the same windows, with the same batch size and number of
optimiser steps. Each measurement is a process of its own, the two sides in turn, so that neither's
memory settings help the other and a drift of the machine meets both. Prints Markdown. Stages and
pipeline are those of the last commit. Trials and, for the pipeline, epochs are as many as
params.yaml has; a round of the pipeline at seq_len 200 takes ten to twenty minutes on two cores.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

from clone import ROOT, clone, repro, run_stage, settings


@dataclass(frozen=True)
class Case:
    model: str
    seq_len: int
    step_epochs: int  # enough for a steady median, few enough to wait for
    stage_epochs: int

    def __str__(self) -> str:
        return f"{self.model}, seq_len {self.seq_len}"


@dataclass(frozen=True)
class Work:
    """What a child process is to do."""

    case: Case
    epochs: int = 0
    seeds: int = 0
    threads: int | None = None  # None: torch's own choice
    device: str = "cpu"


CASES = [
    Case("lstm", 20, 6, 20),
    Case("lstm", 200, 3, 10),
    Case("transformer", 20, 3, 20),
    Case("transformer", 200, 2, 2),
]
SOURCE = str(ROOT / "src")
SEQ_LENS = sorted({case.seq_len for case in CASES})
PRODUCTS = 20  # timed, of which the median is the machine's speed
FLOPS_PER_MAC = 2


# ---- what a child process does ----------------------------------------------------------------


def reference(work: Work) -> dict[str, Any]:
    import resource

    import torch
    from reference import noisy_sine, train

    from seqcompare.core.params import load_params

    if work.threads:
        torch.set_num_threads(work.threads)
    positions = load_params(ROOT / "params.yaml").models["transformer"]["positions"]
    of_case = work.case.model, noisy_sine(), work.case.seq_len
    results = [
        train(*of_case, seed, positions, work.epochs, device=work.device)
        for seed in range(work.seeds)
    ]
    return {
        "epoch_seconds": [r.seconds_per_epoch for r in results],
        "train_mse": [r.train_loss[-1] for r in results],
        "test_mse": [r.test_mse for r in results],
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def engine(work: Work) -> dict[str, Any]:
    import resource

    import torch

    from seqcompare.core.params import load_params
    from seqcompare.data.series import make_draws
    from seqcompare.data.windows import cut_folds
    from seqcompare.execution.executor import open_executor
    from seqcompare.training.trials import plan_trials, train_all

    case, seeds, device = work.case, range(work.seeds), torch.device(work.device)
    params = load_params(ROOT / "params.yaml")
    draws = make_draws(params.data, seeds)
    data = params.data
    folds = cut_folds(draws.times.size, case.seq_len, params.split, data.scaling, data.centre)
    training = params.training.model_copy(update={"epochs": work.epochs})
    tasks = plan_trials(
        case.model, params.models[case.model], training, case.seq_len, seeds, draws, folds,
        work.device,
    )  # fmt: skip
    alone = params.executor.model_copy(update={"kind": "local", "workers": 1})
    with (
        tempfile.TemporaryDirectory() as checkpoints,
        open_executor(device.type, alone, len(tasks)) as executor,
    ):
        runs = train_all(tasks, executor, Path(checkpoints))
    return {
        "epoch_seconds": [run.epoch_seconds for run in runs],
        "peak_mb": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024,
    }


def trained(work: Work) -> dict[str, Any]:
    """What the stage `train` left in the project that is the working directory."""
    import numpy as np

    from seqcompare.core import paths
    from seqcompare.core.files import load_csv
    from seqcompare.core.params import load_params
    from seqcompare.data.storage import load_series, load_split
    from seqcompare.evaluation.results import load_trials
    from seqcompare.evaluation.trials import predict_trial

    case, params = work.case, load_params()
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


def arithmetic(work: Work) -> dict[str, Any]:
    """What training would take if every worker computed its products as fast as one alone does."""
    import math

    import torch

    from seqcompare.core.params import load_params
    from seqcompare.execution.devices import prepare
    from seqcompare.execution.processes import available_cores
    from seqcompare.models import count_operations
    from seqcompare.studies.cost.measure import PRODUCT_SIDE, plain_product, time_calls

    case, device = work.case, torch.device(work.device)
    params = load_params(ROOT / "params.yaml")
    prepare(device)
    seconds = time_calls(plain_product(device), device, PRODUCTS, math.inf)
    speed = FLOPS_PER_MAC * PRODUCT_SIDE**3 / statistics.median(seconds)
    counted = count_operations(case.model, params.models[case.model])
    assert counted
    folds = params.split.targets(params.data.size, case.seq_len)
    windows = work.epochs * work.seeds * sum(len(train) for train, _, _ in folds)
    asked = params.executor.workers
    workers = available_cores() if asked == "auto" else asked
    flops = FLOPS_PER_MAC * counted.train.at(case.seq_len) * windows
    return {"seconds": flops / speed / workers, "gflops": speed / 1e9, "workers": workers}


SIDES = ("reference", "engine")
CHILDREN: dict[str, Callable[[Work], dict[str, Any]]] = {
    "reference": reference,
    "engine": engine,
    "trained": trained,
    "arithmetic": arithmetic,
}


# ---- what the parent does ---------------------------------------------------------------------


def measure(side: str, work: Work, folder: Path = ROOT) -> dict[str, Any]:
    """One child process; its result, and the seconds that the whole process took."""
    job = json.dumps([side, CASES.index(work.case), *astuple(work)[1:]])
    inherited = os.environ.get("PYTHONPATH")
    started_at = time.perf_counter()
    done = subprocess.run(
        [sys.executable, str(Path(__file__).resolve()), "--child", job],
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [SOURCE, inherited]))},
    )
    result: dict[str, Any] = json.loads(done.stdout)
    return result | {"process_seconds": time.perf_counter() - started_at}


def in_turn(rounds: int, work: Work) -> dict[str, list[dict[str, Any]]]:
    results: dict[str, list[dict[str, Any]]] = {side: [] for side in SIDES}
    for _ in range(rounds):
        for side in SIDES:
            results[side].append(measure(side, work))
    return results


def row(name: object, slow: list[float], fast: list[float], unit: str) -> str:
    ratios = [a / b for a, b in zip(slow, fast, strict=True)]
    spread = f"{min(ratios):.2f}-{max(ratios):.2f}"
    a, b = statistics.median(slow), statistics.median(fast)
    return (
        f"| {name} | {a:.4g} {unit} | {b:.4g} {unit} | {statistics.median(ratios):.2f} | {spread} |"
    )


HEAD = "| | reference | engine | ratio (median) | min-max |\n|---|---|---|---|---|"


def compare_steps(rounds: int, cases: list[Case], device: str) -> None:
    print("\n## Milliseconds per optimiser step, one thread each\n")
    print("Median over the epochs of a run but the first.\n")
    print(HEAD)
    peaks = []
    for case in cases:
        results = in_turn(rounds, Work(case, case.step_epochs, seeds=1, threads=1, device=device))
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


def project_for(case: Case, device: str, folder: Path) -> None:
    """A clone whose next step is to train this case, on the reference's one draw of the noise."""
    changes = {"seq_len": case.seq_len, "training": {"epochs": case.stage_epochs}}
    clone(folder, {**changes, "data": {"seed": 0}, "device": device})
    for stage in ("generate", "split"):
        run_stage(folder, stage)


def train_in(folder: Path, case: Case) -> dict[str, Any]:
    """The stage `train` of that clone; its results, and the seconds that its process took."""
    took_s = run_stage(folder, f"train {case.model}")
    return measure("trained", Work(case), folder) | {"process_seconds": took_s}


def compare_stages(rounds: int, cases: list[Case], device: str) -> None:
    trials = len(settings()["seeds"])
    print(f"\n## All {trials} trials: seconds of the whole process\n")
    print("The reference trains one seed after another with its default threads; the stage `train`")
    print("trains all side by side with one thread each. Starting Python and PyTorch is in both.\n")
    print(HEAD)
    results: dict[Case, dict[str, list[dict[str, Any]]]] = {}
    for case in cases:
        found = results[case] = {side: [] for side in SIDES}
        with tempfile.TemporaryDirectory() as folder:
            project_for(case, device, Path(folder))
            work = Work(case, case.stage_epochs, trials, device=device)
            for _ in range(rounds):
                found["reference"].append(measure("reference", work))
                found["engine"].append(train_in(Path(folder), case))
        seconds = {side: [r["process_seconds"] for r in each] for side, each in found.items()}
        name = f"{case}, {case.stage_epochs} epochs"
        print(row(name, seconds["reference"], seconds["engine"], "s"), flush=True)
    print("\n## The same quality\n")
    print(f"Mean and standard deviation over {trials} seeds on one draw, after 20 epochs.\n")
    print("| | reference | engine | difference in standard errors |\n|---|---|---|---|")
    for case in (case for case in cases if case.stage_epochs == 20):
        for name, key in (("test MSE", "test_mse"), ("final training MSE", "train_mse")):
            a, b = (results[case][side][0][key] for side in SIDES)
            error = ((statistics.variance(a) + statistics.variance(b)) / trials) ** 0.5
            apart = (statistics.mean(b) - statistics.mean(a)) / error
            cells = [f"{statistics.mean(x):.5f} +- {statistics.stdev(x):.5f}" for x in (a, b)]
            print(f"| {case}: {name} | {cells[0]} | {cells[1]} | {apart:+.1f} |")


def compare_pipeline(rounds: int, seq_lens: list[int], device: str) -> None:
    trials, epochs = len(settings()["seeds"]), settings()["training"]["epochs"]
    print("\n## The whole pipeline: seconds\n")
    print("`dvc repro --force render` in a fresh clone: all stages of the main comparison, with")
    print(f"{trials} trials of each model, each on a draw of its own, against the reference")
    print(f"training one seed of each. {epochs} epochs on both sides.\n")
    print(f"| | reference, 1 seed | `dvc repro`, {trials} trials | ratio (median) | min-max |")
    print("|---|---|---|---|---|")
    by_stage: dict[int, list[dict[str, float]]] = {}
    alone: dict[Case, list[dict[str, Any]]] = {}
    for seq_len in seq_lens:
        slow: list[float] = []
        runs = by_stage[seq_len] = []
        cases = [case for case in CASES if case.seq_len == seq_len]
        for _ in range(rounds):
            one_seed = [Work(case, epochs, seeds=1, device=device) for case in cases]
            slow.append(sum(measure("reference", work)["process_seconds"] for work in one_seed))
            with tempfile.TemporaryDirectory() as folder:
                clone(Path(folder), {"seq_len": seq_len, "device": device})
                runs.append(repro(Path(folder), "render"))
            for case in cases:
                products = measure("arithmetic", Work(case, epochs, trials, device=device))
                alone.setdefault(case, []).append(products)
        print(row(f"seq_len {seq_len}", slow, [sum(run.values()) for run in runs], "s"), flush=True)
    for seq_len, runs in by_stage.items():
        print_stages(seq_len, runs, {c: of for c, of in alone.items() if c.seq_len == seq_len})


def print_stages(
    seq_len: int, runs: list[dict[str, float]], alone: dict[Case, list[dict[str, Any]]]
) -> None:
    """runs: seconds by stage, in each round; alone: of training its products, in each round."""
    speeds = [each["gflops"] for of_case in alone.values() for each in of_case]
    workers = next(iter(alone.values()))[0]["workers"]
    least = {f"train@{case.model}": statistics.median(each["seconds"] for each in of_case)
             for case, of_case in alone.items()}  # fmt: skip
    print(f"\n### By stage, seq_len {seq_len}: median seconds\n")
    print("A stage with what DVC does after it. Its arithmetic alone: the multiply-accumulates of")
    print("all training steps at the speed of one plain product of matrices, measured in between:")
    print(f"{statistics.median(speeds):.0f} GFLOP/s a worker, {workers} workers.\n")
    print("| stage | took | its arithmetic alone | ratio |\n|---|---|---|---|")
    took = {stage: statistics.median(run[stage] for run in runs) for stage in runs[0]}
    for stage, seconds in took.items():
        own = f"{least[stage]:.3g} s | {seconds / least[stage]:.2f}" if stage in least else "| "
        print(f"| {stage} | {seconds:.3g} s | {own} |")
    print(f"| all | {sum(took.values()):.3g} s | {sum(least.values()):.3g} s | |")


def machine(device: str) -> str:
    import torch

    from seqcompare.execution.devices import device_name

    model = platform.processor() or platform.machine()
    if Path("/proc/cpuinfo").exists():
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next((x.split(": ")[1] for x in lines if x.startswith("model name")), model)
    capability = torch.backends.cpu.get_cpu_capability()
    used = "" if device == "cpu" else f"{device_name(torch.device(device))}, "
    return f"{used}{model}, {os.cpu_count()} cores, {capability}, torch {torch.__version__}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", choices=["steps", "stages", "pipeline"])
    parser.add_argument("--model", choices=sorted({case.model for case in CASES}))
    parser.add_argument("--seq-len", type=int, choices=SEQ_LENS)
    parser.add_argument("--device", default="cpu", help="of both sides: cpu, or cuda:0")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        side, index, *rest = json.loads(arguments.child)
        print(json.dumps(CHILDREN[side](Work(CASES[index], *rest))))
        return
    command = " ".join(["python", Path(__file__).name, *sys.argv[1:]])
    print(f"# Results\n\n`{command}`, on {machine(arguments.device)}.")
    lengths = [n for n in SEQ_LENS if arguments.seq_len in (None, n)]
    cases = [c for c in CASES if arguments.model in (None, c.model) and c.seq_len in lengths]
    if arguments.only in (None, "steps"):
        compare_steps(arguments.rounds, cases, arguments.device)
    if arguments.only in (None, "stages"):
        compare_stages(arguments.rounds, cases, arguments.device)
    if arguments.only in (None, "pipeline"):  # which trains all models
        compare_pipeline(arguments.rounds, lengths, arguments.device)


if __name__ == "__main__":
    main()
