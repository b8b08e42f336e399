"""Where every result lies. Nothing else knows a path; files.py knows the formats."""

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, Strict

from seqcompare.arrays import Floats
from seqcompare.errors import InputError
from seqcompare.files import (
    Columns,
    Rows,
    Weights,
    load_csv,
    load_json,
    load_table,
    load_weights,
    save_csv,
    save_json,
    save_table,
    save_weights,
    write_bytes,
)
from seqcompare.series import Series
from seqcompare.strict import Section, checked
from seqcompare.windows import Scale, Split

SERIES = Path("data/series.csv")
SPLIT = Path("data/split.json")
CHECKED = Path("data/checked")
RUNS = Path("data/runs")
EPOCH_SECONDS = Path("data/timing")
ENVIRONMENT = Path("data/environment")
REPORTS = Path("reports")
TIMING = REPORTS / "timing"
METRICS = REPORTS / "metrics.json"
PREDICTIONS = REPORTS / "predictions.csv"
PREDICTIONS_BY_SEED = REPORTS / "predictions_by_seed.csv"
LEARNING_CURVES = REPORTS / "learning_curves.csv"
EVALUATED_ON = REPORTS / "environment.json"
FORECAST_METRICS = REPORTS / "forecast.json"
HORIZON = REPORTS / "horizon.csv"
FORECAST = REPORTS / "forecast.csv"
FIGURES = REPORTS / "figures"
PAGE = REPORTS / "report.html"
SUMMARY = REPORTS / "summary.md"
CLAIMS = REPORTS / "claims.json"
STUDIES = {"cost": REPORTS / "cost.csv", "reach": REPORTS / "reach.csv"}

# Not among DVC's outputs, which it removes before a stage runs. Temporary copies of the project
# (`dvc exp run --temp`) share the main one's.
MAIN_PROJECT = Path(os.environ.get("DVC_ROOT", Path.cwd()))
CHECKPOINTS = MAIN_PROJECT / ".checkpoints"
SWEEP_LEDGER = MAIN_PROJECT / ".sweep" / "runs.txt"

Position = Annotated[int, Field(ge=0)]
Bounds = Annotated[tuple[Position, Position], Strict(False)]
# What is computed from the weights: a CSV's columns or a JSON's content by its file.
Results = dict[Path, Mapping[str, Any]]


class Targets(Section):
    """The positions in the series that each part begins and ends at."""

    train: Bounds
    validation: Bounds
    test: Bounds


class ScaleFile(Section):
    mean: float
    std: Annotated[float, Field(gt=0)]


class SplitFile(Section):
    """data/split.json"""

    targets: Targets
    scale: ScaleFile


def weights_path(model: str, seed: int) -> Path:
    return RUNS / model / f"seed-{seed}.safetensors"


def history_path(model: str) -> Path:
    return RUNS / model / "history.csv"


def save_series(series: Series) -> None:
    save_csv(SERIES, {"time": series.times, "value": series.values})


def load_series() -> Series:
    columns = load_csv(SERIES, "time", "value")
    return Series(columns["time"], columns["value"])


def save_split(split: Split) -> None:
    parts = {"train": split.train, "validation": split.validation, "test": split.test}
    targets = {name: [part.start, part.stop] for name, part in parts.items()}
    scale = {"mean": split.scale.mean, "std": split.scale.std}
    save_json(SPLIT, {"targets": targets, "scale": scale})
    write_bytes(CHECKED, b"params.yaml\n")


def load_split() -> Split:
    content = checked(SplitFile, load_json(SPLIT), str(SPLIT))
    parts = {name: range(*bounds) for name, bounds in content.targets.model_dump().items()}
    if not (parts["train"] and parts["test"]):
        raise InputError(f"{SPLIT}: its train or test part is empty: run `dvc repro`")
    return Split(**parts, scale=Scale(content.scale.mean, content.scale.std))


def save_runs(model: str, weights: Mapping[int, Weights], history: Columns) -> None:
    """The weights of every seed, and how they came about; runs of other seeds are removed."""
    folder = RUNS / model
    if folder.is_symlink():
        folder.unlink()
    shutil.rmtree(folder, ignore_errors=True)
    for seed, tensors in weights.items():
        save_weights(weights_path(model, seed), tensors)
    save_csv(history_path(model), history)


def load_runs(model: str, seeds: Iterable[int]) -> dict[int, Weights]:
    """The weights of every seed."""
    return {seed: load_weights(weights_path(model, seed)) for seed in seeds}


def load_history(model: str) -> dict[str, Floats]:
    """Columns seed, epoch, train_mse and perhaps validation_mse, each [seed x epoch]."""
    return load_csv(history_path(model), "seed", "epoch", "train_mse")


def remove_other_runs(models: Iterable[str]) -> None:
    """Drop the results of models that params.yaml no longer names."""
    kept = set(models)
    for folder in RUNS.glob("*"):
        if folder.name not in kept:
            shutil.rmtree(folder)
    for file in [*TIMING.glob("*"), *EPOCH_SECONDS.glob("*"), *ENVIRONMENT.glob("*")]:
        if file.stem not in kept:
            file.unlink()


def save_results(results: Results) -> None:
    for path, content in results.items():
        if path.suffix == ".json":
            save_json(path, rounded(content))
        else:
            save_csv(path, content)


def load_result(path: Path) -> dict[str, Any]:
    return load_json(path) if path.suffix == ".json" else load_csv(path)


def rounded(content: Any) -> Any:
    """Floats with 6 significant digits: a difference between commits then means something."""
    if isinstance(content, Mapping):
        return {key: rounded(value) for key, value in content.items()}
    return float(f"{content:.6g}") if isinstance(content, float) else content


def load_metrics() -> dict[str, Any]:
    return load_json(METRICS)


def load_predictions() -> dict[str, Floats]:
    return load_csv(PREDICTIONS, "time", "truth")


def load_predictions_by_seed(
    models: Iterable[str], seeds: Iterable[int]
) -> dict[str, dict[int, Floats]]:
    """model -> seed -> [test]"""
    models, seeds = list(models), list(seeds)
    needed = [f"{name}_seed_{seed}" for name in models for seed in seeds]
    columns = load_csv(PREDICTIONS_BY_SEED, *needed)
    return {name: {seed: columns[f"{name}_seed_{seed}"] for seed in seeds} for name in models}


def load_horizon() -> dict[str, Floats]:
    """Columns horizon (steps ahead) and the MSE of each predictor."""
    return load_csv(HORIZON, "horizon")


def load_forecast() -> dict[str, Floats]:
    """Columns time, MODEL, MODEL_low and MODEL_high."""
    return load_csv(FORECAST, "time")


def save_timing(model: str, summary: Mapping[str, Any], epochs: Columns) -> None:
    save_json(TIMING / f"{model}.json", rounded(summary))
    save_csv(EPOCH_SECONDS / f"{model}.csv", epochs)


def save_standing(model: str, standing: Mapping[str, Any]) -> None:
    """While a model trains, where `dvc exp show` will look for its timing afterwards."""
    save_json(TIMING / f"{model}.json", rounded(standing))


def load_timing(model: str) -> dict[str, Any]:
    return load_json(TIMING / f"{model}.json")


def load_epoch_seconds(model: str) -> Floats:
    """[seed x epoch]"""
    return load_csv(EPOCH_SECONDS / f"{model}.csv", "epoch_seconds")["epoch_seconds"]


def save_sweep(results: Columns, seconds: Columns) -> None:
    save_csv(REPORTS / "sweep.csv", results)
    save_csv(REPORTS / "sweep_seconds.csv", seconds)


def save_sweep_picture(picture: bytes) -> None:
    """Apart from FIGURES, which the page shows: a sweep is no part of `dvc repro`."""
    write_bytes(REPORTS / "sweep.png", picture)


def save_environment(model: str, facts: Mapping[str, Any]) -> None:
    """What a model was trained with."""
    save_json(ENVIRONMENT / f"{model}.json", facts)


def load_environment(model: str) -> dict[str, Any]:
    return load_json(ENVIRONMENT / f"{model}.json")


def committed_environment() -> dict[str, Any]:
    """The last commit's, empty where there is none that can be read."""
    try:
        content = json.loads(_committed(EVALUATED_ON) or b"{}")
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def differs_from_commit(path: Path) -> bool:
    """Does a file differ from the last commit's, where that has one?"""
    return _committed(path) not in (None, path.read_bytes())


def _committed(path: Path) -> bytes | None:
    """What Git's last commit holds of a file, or None without Git or the file."""
    try:
        done = subprocess.run(["git", "show", f"HEAD:./{path}"], capture_output=True, check=False)
    except OSError:
        return None
    return done.stdout if done.returncode == 0 else None


def save_study(name: str, rows: Rows, summary: Mapping[str, Any]) -> None:
    """A table in reports/NAME.csv, and what it comes to in reports/NAME.json."""
    save_table(REPORTS / f"{name}.csv", rows)
    save_json(REPORTS / f"{name}.json", rounded(summary))


def load_rows(name: str) -> list[dict[str, Any]]:
    """A table of reports/, for example `cost` for reports/cost.csv."""
    return load_table(REPORTS / f"{name}.csv")


def load_summary(name: str) -> dict[str, Any]:
    """A mapping of reports/, for example `cost` for reports/cost.json."""
    return load_json(REPORTS / f"{name}.json")


def load_studies() -> dict[str, list[dict[str, Any]]]:
    """Study -> the rows of its table."""
    return {name: load_table(file) for name, file in STUDIES.items()}


def save_claims(claims: Mapping[str, Any], page: str) -> None:
    save_json(CLAIMS, rounded(claims))
    write_bytes(CLAIMS.with_suffix(".md"), page.encode())


def load_claims() -> dict[str, dict[str, Any]]:
    """Claim -> its verdict, value, low, high and details."""
    return load_json(CLAIMS)


def save_picture(name: str, picture: bytes) -> None:
    write_bytes(FIGURES / name, picture)


def load_pictures() -> dict[str, str]:
    """Name -> SVG, for every figure there is."""
    return {file.stem: file.read_text(encoding="utf-8") for file in sorted(FIGURES.glob("*.svg"))}


def hashes(models: Iterable[str]) -> dict[str, str]:
    """Path -> SHA-256 of the results that do not depend on time."""
    files = [SERIES, METRICS, PREDICTIONS_BY_SEED, *map(history_path, models)]
    return {str(file): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def save_page(page: bytes, summary: bytes) -> None:
    write_bytes(PAGE, page)
    write_bytes(SUMMARY, summary)
