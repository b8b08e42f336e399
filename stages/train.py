"""Stage `train MODEL`: series and split -> data/runs/MODEL/ and its timings."""

import sys
from dataclasses import asdict

from seqcompare import artifacts
from seqcompare.cluster import open_engine
from seqcompare.devices import choose_device
from seqcompare.environment import environment
from seqcompare.params import load_params
from seqcompare.progress import Progress
from seqcompare.training import Task, epoch_seconds, forget, history, timing, train_all
from stages import run


def main() -> None:
    params, model = load_params(), sys.argv[1]
    series, split = artifacts.load_series(), artifacts.load_split()
    seen = series.values[: split.test.start]
    device = choose_device(params.device, params.reproducibility)
    settings = params.models[model], params.training
    tasks = [
        Task(model, *settings, seed, params.seq_len, seen, split, str(device))
        for seed in params.seeds
    ]
    with (
        Progress(
            model,
            len(tasks) * params.training.epochs,
            lambda now: artifacts.save_standing(model, asdict(now)),
        ) as progress,
        open_engine(device.type, params.runner, progress) as engine,
    ):
        parts = engine.parts(len(tasks))
        runs = train_all(tasks, engine, artifacts.CHECKPOINTS, parts)
    artifacts.save_runs(model, {run.seed: run.weights for run in runs}, history(runs))
    artifacts.save_timing(model, timing(tasks, runs, engine.workers), epoch_seconds(runs))
    artifacts.save_environment(model, environment(params.reproducibility))
    forget(tasks, artifacts.CHECKPOINTS)


if __name__ == "__main__":
    run(main)
