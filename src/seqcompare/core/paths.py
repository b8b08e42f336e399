"""Paths of the results that more than one room or stage reads. Formats are in files.py."""

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

INPUT = Path("data/input")  # a dependency of the first stage, which so sees every change of a CSV
SERIES = Path("data/series.csv")
SPLIT = Path("data/split.json")
CHECKED = Path("data/checked")
RUNS = Path("data/runs")
EPOCH_SECONDS = Path("data/timing")
ENVIRONMENT = Path("data/environment")
REPORTS = Path("reports")
TIMING = REPORTS / "timing"
METRICS = REPORTS / "metrics.json"
COMPARISON = REPORTS / "comparison.json"
PREDICTIONS = REPORTS / "predictions.csv"
PREDICTIONS_BY_SEED = REPORTS / "predictions_by_seed.csv"
TRAINING_REFERENCE = REPORTS / "training_reference.csv"
# Of `dvc plots`: one file a model.
LOSS_PLOTS = REPORTS / "plots/loss"
PREDICTION_PLOTS = REPORTS / "plots/predictions"
EVALUATED_ON = REPORTS / "environment.json"
FORECAST_METRICS = REPORTS / "forecast.json"
HORIZON = REPORTS / "horizon.csv"
FORECAST = REPORTS / "forecast.csv"
LOOKBACK = REPORTS / "lookback.csv"
CONVERGENCE = REPORTS / "convergence.csv"
CLAIMS = REPORTS / "claims.json"
# What took time is never in one file with what does not depend on it.
OPERATIONS = REPORTS / "operations.csv"
COST = REPORTS / "cost.csv"  # a row a point, made of those of its processes
COST_TIMINGS = REPORTS / "cost_timings.csv"
# One file a model.
ADDING_PROBLEM = REPORTS / "adding_problem"
ADDING_PROBLEM_SECONDS = REPORTS / "adding_problem_seconds"
SWEEPS = REPORTS / "sweeps"

# Temporary copies of the project (`dvc exp run --temp`) share the main one's.
MAIN_PROJECT = Path(os.environ.get("DVC_ROOT", Path.cwd()))


def weights(model: str, seed: int, fold: int = 0) -> Path:
    """fold: counted from 0; the first has the name that it would have alone."""
    return RUNS / model / f"seed-{seed}{f'-fold-{fold}' if fold else ''}.safetensors"


def history(model: str) -> Path:
    """Columns seed, fold, epoch, train_mse, eval_mse and perhaps validation_mse.

    [seed x fold x epoch]
    """
    return RUNS / model / "history.csv"


def timing(model: str) -> Path:
    return TIMING / f"{model}.json"


def epoch_seconds(model: str) -> Path:
    """Columns seed, fold, epoch and epoch_seconds: [seed x fold x epoch]."""
    return EPOCH_SECONDS / f"{model}.csv"


def environment(model: str) -> Path:
    """What a model was trained with."""
    return ENVIRONMENT / f"{model}.json"


def of_model(folder: Path, model: str) -> Path:
    """A model's part of a study, a table."""
    return folder / f"{model}.csv"


def sweep_table(name: str) -> Path:
    return SWEEPS / f"{name}.csv"


def sweep_seconds(name: str) -> Path:
    return SWEEPS / f"{name}_seconds.csv"


def sweep_summary(name: str) -> Path:
    return SWEEPS / f"{name}.json"


def remove_other_models(models: Iterable[str]) -> None:
    """Drop the results of models that params.yaml no longer names."""
    kept = set(models)
    for folder in RUNS.glob("*"):
        if folder.name not in kept:
            shutil.rmtree(folder)
    one_file_a_model = (
        TIMING, EPOCH_SECONDS, ENVIRONMENT, ADDING_PROBLEM, ADDING_PROBLEM_SECONDS,
    )  # fmt: skip
    for file in (file for folder in one_file_a_model for file in folder.glob("*")):
        if file.stem not in kept:
            file.unlink()
