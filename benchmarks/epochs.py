"""How many late epochs a trial's error should average, and how many trials a verdict takes.

    python benchmarks/epochs.py measure FILE.csv [--seq-len N ...] [--seeds N]
    python benchmarks/epochs.py summarise FILE.csv

measure: tests every epoch of every trial, and the mean weights of the last 2, 3, 5 and 8 epochs, of
the tutorial's and the equal-size models, at a constant and a cosine learning rate. A row a trial
and epoch. summarise: for each number of late epochs the ratio LSTM / Transformer, the half-width of
its interval and the standard deviation of its logarithm; the verdicts after 17, 20 and 25 epochs;
and the outcomes of disjoint sets of trials.
"""

import argparse
import itertools
import sys
from concurrent.futures import as_completed
from pathlib import Path
from tempfile import gettempdir
from typing import Any

import numpy as np
import pandas as pd
from clone import ROOT

from seqcompare.core.params import Params, checked, merged
from seqcompare.core.yaml import load_yaml
from seqcompare.data.series import make_series, series_from
from seqcompare.data.windows import Fold, make_folds
from seqcompare.evaluation.predictors import predictors_of_epochs
from seqcompare.evaluation.trials import HeldOutTrial, test_trial
from seqcompare.execution.workers import open_local
from seqcompare.statistics.ratios import outcome, ratio_over_series
from seqcompare.training.trial import TrialTask, train
from seqcompare.training.trials import plan_trials

SETTINGS: dict[str, Any] = {
    "tutorial": {},
    "equal_size": {"transformer": {"positions": "sinusoidal", "dim_feedforward": 64}},
}
SCHEDULES = ("constant", "cosine")
EPOCHS, MORE = 20, 5
MEANS = (2, 3, 5, 8)
LATE = (1, 2, 3, 5, 8, 10)


def test_epochs(
    task: TrialTask, series: Any, folds: list[Fold], params: Params
) -> dict[str, float]:
    """ "1" to "25": test MSE after that epoch; "mean 3": of the mean weights of epochs 18 to 20."""
    weights = train(task, Path(gettempdir()) / "epochs", task.recipe.epochs).weights
    means = {f"mean {k}": {n: w[EPOCHS - k : EPOCHS].mean(axis=0, keepdims=True)
                           for n, w in weights.items()} for k in MEANS}  # fmt: skip
    errors: dict[str, float] = {}
    for name, stacked in {"": weights, **means}.items():
        predictors = predictors_of_epochs(
            task.model, task.settings, task.seq_len, stacked, folds[0].scale
        )
        tested = test_trial(
            HeldOutTrial(series, task.seed, folds, {task.model: [predictors]}), params
        )
        mse = np.mean((tested.predictions[task.model] - tested.truth) ** 2, axis=1)
        errors |= {name or str(epoch): float(e) for epoch, e in enumerate(mse, start=1)}
    return errors


def measure(
    seq_lens: list[int], seeds: int, settings: list[str], schedules: list[str]
) -> pd.DataFrame:
    """A row a trial and epoch: seq_len, setting, schedule, model, seed, epoch, mse."""
    jobs = []
    for seq_len, setting, schedule in itertools.product(seq_lens, settings, schedules):
        epochs = EPOCHS + (MORE if schedule == "constant" else 0)
        here = {
            "seq_len": seq_len,
            "seeds": [*range(seeds)],
            "models": SETTINGS[setting],
            "device": "cpu",
            "training": {"epochs": epochs, "tested_epochs": epochs, "schedule": schedule},
        }
        params = checked(Params, merged(load_yaml(ROOT / "params.yaml"), here), "params: ")
        series = series_from(make_series(params.data, params.seeds)[0])
        folds = {name: make_folds(each.values, params) for name, each in series.items()}
        for model in params.models:
            for task in plan_trials(model, params, series, folds, "cpu"):
                place = {"seq_len": seq_len, "setting": setting, "schedule": schedule,
                         "model": model, "seed": task.seed}  # fmt: skip
                jobs.append((place, (task, series[task.series], folds[task.series], params)))
    rows = []
    with open_local(params.executor, len(jobs)) as workers:
        futures = {workers.submit(test_epochs, *job): place for place, job in jobs}
        for number, future in enumerate(as_completed(futures), start=1):
            rows += [
                {**futures[future], "epoch": e, "mse": mse} for e, mse in future.result().items()
            ]
            print(f"{number} of {len(jobs)}", file=sys.stderr, flush=True)
    return pd.DataFrame(rows)


def late_errors(trials: pd.DataFrame, last: int, late: int) -> pd.DataFrame:
    """Mean over the late epochs before and with `last`: index seed, a column a model."""
    names = [str(epoch) for epoch in range(last - late + 1, last + 1)]
    chosen = trials[trials["epoch"].isin(names)]
    return chosen.pivot_table(index="seed", columns="model", values="mse", aggfunc="mean")


def verdict(errors: pd.DataFrame) -> tuple[float, float, str]:
    """Ratio LSTM / Transformer, half-width of its interval, and the winner or outcome."""
    found = ratio_over_series(errors["lstm"].to_numpy(), errors["transformer"].to_numpy(), 0.95)
    decided = outcome(found, 0.05)
    winner = "LSTM" if found.value < 1 else "Transformer"
    return found.value, (found.high - found.low) / 2, winner if decided == "better" else decided


def summarise(table: pd.DataFrame, trials: int = 10) -> pd.DataFrame:
    rows = []
    for place, case in table.groupby(["seq_len", "setting", "schedule"]):
        for late in LATE:
            errors = late_errors(case, EPOCHS, late)
            sets = [
                verdict(errors.iloc[i : i + trials])[2] for i in range(0, len(errors) - 1, trials)
            ]
            ratio, half, decided = verdict(errors.iloc[:trials])
            ends = [EPOCHS - 3, EPOCHS] + [EPOCHS + MORE] * (place[2] == "constant")
            by_end = [verdict(late_errors(case, end, late).iloc[:trials])[2] for end in ends]
            logs = np.log(errors["lstm"] / errors["transformer"])
            rows.append({**dict(zip(("seq_len", "setting", "schedule"), place, strict=True)),
                         "late epochs": late, "ratio": ratio, "half-width": half, "sd": logs.std(),
                         "verdict": decided, "at other ends": ", ".join(by_end),
                         "sets of trials": ", ".join(sets)})  # fmt: skip
    return pd.DataFrame(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["measure", "summarise"])
    parser.add_argument("file", type=Path)
    parser.add_argument("--seq-len", type=int, nargs="+", default=[20, 50, 200])
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--settings", nargs="+", choices=SETTINGS, default=[*SETTINGS])
    parser.add_argument("--schedules", nargs="+", choices=SCHEDULES, default=[*SCHEDULES])
    parser.add_argument("--trials", type=int, default=10)
    options = parser.parse_args()
    if options.what == "measure":
        measure(options.seq_len, options.seeds, options.settings, options.schedules).to_csv(
            options.file, index=False
        )
    else:
        print(
            summarise(pd.read_csv(options.file), options.trials).to_markdown(
                index=False, floatfmt=".3g"
            )
        )


if __name__ == "__main__":
    main()
