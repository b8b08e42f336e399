"""Paths of the files that more than one room or stage reads."""

import os
from pathlib import Path

PARAMS = Path("params.yaml")
STUDY_PARAMS = Path("studies/params.yaml")
INPUT = Path("data/input")  # a dependency of the first stage, which so sees every change of a CSV

SERIES = Path("data/series.csv")
SPLIT = Path("data/split.csv")
WEIGHTS = Path("data/weights")  # MODEL/TRIAL.safetensors
TRAINING = Path("data/training")  # MODEL.csv, a row an epoch of a trial
EPOCH_SECONDS = Path("data/timing")  # MODEL.csv: apart from what does not depend on time
ENVIRONMENT = Path("data/environment")  # MODEL.json: what it was trained with

REPORTS = Path("reports")
TIMING = REPORTS / "timing"  # MODEL.json, a metric
METRICS = REPORTS / "metrics.json"
SCORES = REPORTS / "scores.csv"
PAIRS = REPORTS / "pairs.csv"
ERRORS = REPORTS / "errors.csv"
PREDICTIONS = REPORTS / "predictions.csv"
HORIZON = REPORTS / "horizon.csv"
FORECAST = REPORTS / "forecast.csv"
EVALUATED_ON = REPORTS / "environment.json"
LOSS_PLOTS = REPORTS / "plots/loss"  # MODEL.csv, of `dvc plots`
PREDICTION_PLOTS = REPORTS / "plots/predictions"
FIGURES = REPORTS / "figures"
PAGE = REPORTS / "report.html"
SUMMARY = REPORTS / "summary.md"

STUDIES = REPORTS / "studies"
COST = STUDIES / "cost.csv"
ADDING_PROBLEM = STUDIES / "adding_problem"  # MODEL.csv
MAP_TRIALS = STUDIES / "maps"  # NAME/: trials.csv, scores.csv, pairs.csv, params.yaml
CLAIMS = STUDIES / "claims.csv"
STUDIES_PAGE = REPORTS / "studies.html"
MAPS = REPORTS / "maps"  # NAME/, published by `make studies`: no output of a stage

# What a killed run goes on from: no output, which DVC would remove; temporary copies share it.
MAIN_PROJECT = Path(os.environ.get("DVC_ROOT", Path.cwd()))
CHECKPOINTS = MAIN_PROJECT / ".checkpoints"
FINISHED_TRIALS = MAIN_PROJECT / ".trials"


def of_model(folder: Path, model: str, kind: str = "csv") -> Path:
    return folder / f"{model}.{kind}"


def weights(model: str, trial: int) -> Path:
    return WEIGHTS / model / f"{trial:04d}.safetensors"
