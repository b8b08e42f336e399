"""Training against the tutorial's program, and the pipeline against another commit, in turns.

    python benchmarks/compare.py steps|stages [--model NAME] [--seq-len N] [--rounds N] [--device D]
    python benchmarks/compare.py pipeline [--against REV] [-S KEY=VALUE ...] [--rounds N]

steps: milliseconds per optimiser step, one thread each. stages: seconds per trial of the whole
process: the stage `train` with all trials of params.yaml, and the tutorial's program with one after
another. pipeline: `dvc repro` in fresh clones of the last commit and of another one, by stage.
Both sides do the same work; each measurement is a process of its own, and the sides alternate, so
that a drift of the machine meets both. Prints Markdown.
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
from pathlib import Path
from typing import Any

from clone import ROOT, clone, repro, run_stage

from seqcompare.core.params import load_params
from seqcompare.core.yaml import parse_yaml

# enough for a steady median, few enough to wait for
EPOCHS = {("lstm", 20): 20, ("lstm", 200): 10, ("transformer", 20): 20, ("transformer", 200): 2}
SIDES = ("reference", "engine")


# ---- what a child process does ----------------------------------------------------------------


def reference_child(work: dict[str, Any]) -> list[list[float]]:
    """Seconds of each epoch of each trial: [trial][epoch]."""
    import torch
    from reference import noisy_sine, train

    if work["threads"]:
        torch.set_num_threads(work["threads"])
    positions = load_params(ROOT / "params.yaml").models["transformer"]["positions"]
    case = work["model"], noisy_sine(), work["seq_len"]
    return [
        train(*case, seed, positions, work["epochs"], device=work["device"]).seconds_per_epoch
        for seed in range(work["trials"])
    ]


def engine_child(work: dict[str, Any]) -> list[list[float]]:
    """The same of one worker of the stage `train`."""
    import torch

    from seqcompare.core.params import Params, checked, merged
    from seqcompare.core.yaml import load_yaml
    from seqcompare.data.series import make_series, series_from
    from seqcompare.data.windows import make_folds
    from seqcompare.execution.workers import open_workers
    from seqcompare.training.trials import plan_trials, train_all

    changes = {
        "seq_len": work["seq_len"],
        "seeds": list(range(work["trials"])),
        "training": {"epochs": work["epochs"], "tested_epochs": 1},
        "executor": {"kind": "local", "workers": 1},
    }
    params = checked(Params, merged(load_yaml(ROOT / "params.yaml"), changes), "params.yaml: ")
    series = series_from(make_series(params.data, params.seeds)[0])
    folds = {name: make_folds(each.values, params) for name, each in series.items()}
    tasks = plan_trials(work["model"], params, series, folds, work["device"])
    device = torch.device(work["device"]).type
    with (
        tempfile.TemporaryDirectory() as checkpoints,
        open_workers(params.executor, device, len(tasks)) as workers,
    ):
        trained = train_all(tasks, workers, Path(checkpoints))
    return [each.epoch_seconds for each in trained]


# ---- what the parent does ---------------------------------------------------------------------


def child(side: str, **work: Any) -> tuple[list[list[float]], float]:
    """Its result, and the seconds of the whole process."""
    path = os.pathsep.join(filter(None, [str(ROOT / "src"), os.environ.get("PYTHONPATH")]))
    started_at = time.perf_counter()
    done = subprocess.run(
        [sys.executable, __file__, "--child", json.dumps([side, work])],
        check=True, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": path},
    )  # fmt: skip
    return json.loads(done.stdout), time.perf_counter() - started_at


def row(name: str, slow: list[float], fast: list[float], unit: str) -> str:
    """Medians, and the ratio fast / slow of each round: median and range."""
    ratios = [b / a for a, b in zip(slow, fast, strict=True)]
    a, b = statistics.median(slow), statistics.median(fast)
    spread = f"{min(ratios):.2f} to {max(ratios):.2f}"
    return (
        f"| {name} | {a:.4g} {unit} | {b:.4g} {unit} | {statistics.median(ratios):.2f} | {spread} |"
    )


def head(first: str, second: str) -> None:
    print(f"| | {first} | {second} | ratio (median) | range |\n|---|---|---|---|---|")


def compare_steps(options: argparse.Namespace, cases: list[tuple[str, int]]) -> None:
    head("reference, ms a step", "engine, ms a step")
    for model, seq_len in cases:
        epochs = max(2, EPOCHS[model, seq_len] // 5)
        steps = -(-(820 - seq_len) // 32)
        ms: dict[str, list[float]] = {side: [] for side in SIDES}
        for _ in range(options.rounds):
            for side in SIDES:
                seconds, _ = child(side, model=model, seq_len=seq_len, epochs=epochs, trials=1,
                                   threads=1, device=options.device)  # fmt: skip
                ms[side].append(1000 * statistics.median(seconds[0][1:]) / steps)
        print(row(f"{model}, seq_len {seq_len}", ms["reference"], ms["engine"], "ms"), flush=True)


def compare_stages(options: argparse.Namespace, cases: list[tuple[str, int]]) -> None:
    trials = len(load_params(ROOT / "params.yaml").seeds)
    head("reference, s a trial", f"stage `train`, s a trial of {trials}")
    for model, seq_len in cases:
        epochs = EPOCHS[model, seq_len]
        changes = {"seq_len": seq_len, "training": {"epochs": epochs, "tested_epochs": 1},
                   "data": {"seed": 0}, "device": options.device}  # fmt: skip
        slow, fast = [], []
        with tempfile.TemporaryDirectory() as folder:
            clone(Path(folder), changes)
            for stage in ("generate", "split"):
                run_stage(Path(folder), stage)
            for _ in range(options.rounds):
                _, took_s = child("reference", model=model, seq_len=seq_len, epochs=epochs,
                                  trials=2, threads=None, device=options.device)  # fmt: skip
                slow.append(took_s / 2)
                fast.append(run_stage(Path(folder), f"train {model}") / trials)
        print(row(f"{model}, seq_len {seq_len}, {epochs} epochs", slow, fast, "s"), flush=True)


def compare_pipeline(options: argparse.Namespace) -> None:
    changes: dict[str, Any] = {}
    for setting in options.S:
        key, _, value = setting.partition("=")
        *above, last = key.split(".")
        section = changes
        for part in above:
            section = section.setdefault(part, {})
        section[last] = parse_yaml(f"value: {value}".encode(), "-S")["value"]
    runs: dict[str, list[dict[str, float]]] = {}
    revisions = [options.against, "HEAD"] if options.against else ["HEAD"]
    for _ in range(options.rounds):
        for revision in revisions:
            with tempfile.TemporaryDirectory() as folder:
                clone(Path(folder), changes, revision)
                runs.setdefault(revision, []).append(repro(Path(folder)))
    for revision, each in runs.items():
        print(f"\n`dvc repro` at {revision}, median seconds of {len(each)} by stage\n")
        print("| stage | s |\n|---|---|")
        for stage in each[0]:
            print(f"| {stage} | {statistics.median(run[stage] for run in each):.3g} |")
        print(f"| all | {statistics.median(sum(run.values()) for run in each):.3g} |")


def machine(device: str) -> str:
    cpuinfo = Path("/proc/cpuinfo")
    names = [line.split(": ")[1] for line in cpuinfo.read_text().splitlines()
             if line.startswith(("model name", "cpu family", "model\t"))]  # fmt: skip
    kind = ", family/model/name " + "/".join(names[:3]) if names else platform.processor()
    return f"{device}{kind}, {os.cpu_count()} cores"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", nargs="?", choices=["steps", "stages", "pipeline"], default="steps")
    parser.add_argument("--model", choices=["lstm", "transformer"])
    parser.add_argument("--seq-len", type=int, choices=[20, 200])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--against", help="a commit to compare the pipeline with")
    parser.add_argument(
        "-S", action="append", default=[], help="a setting, as dvc exp run takes it"
    )
    parser.add_argument("--child", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        side, work = json.loads(options.child)
        run = {"reference": reference_child, "engine": engine_child}[side]
        print(json.dumps(run(work)))
        return
    cases = [
        (model, seq_len)
        for model, seq_len in EPOCHS
        if options.model in (None, model) and options.seq_len in (None, seq_len)
    ]
    print(f"{machine(options.device)}; {options.rounds} rounds\n")
    if options.what == "pipeline":
        compare_pipeline(options)
    else:
        {"steps": compare_steps, "stages": compare_stages}[options.what](options, cases)


if __name__ == "__main__":
    main()
