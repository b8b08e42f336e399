"""Where every result lies and in which format. Nothing else knows a path.

Files are written beside their place and renamed, so that none is ever half there.
Floats in CSV are the shortest text that reads back as the same number.
"""

import csv
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy
from numpy.typing import NDArray

from seqcompare.arrays import Floats
from seqcompare.errors import InputError
from seqcompare.series import Series
from seqcompare.windows import Scale, Split

SERIES = Path("data/series.csv")
SPLIT = Path("data/split.json")
CHECKED = Path("data/checked")
RUNS = Path("data/runs")
EPOCH_SECONDS = Path("data/timing")
REPORTS = Path("reports")
TIMING = REPORTS / "timing"
METRICS = REPORTS / "metrics.json"
PREDICTIONS = REPORTS / "predictions.csv"
FORECAST_METRICS = REPORTS / "forecast.json"
HORIZON = REPORTS / "horizon.csv"
FORECAST = REPORTS / "forecast.csv"
PREDICTIONS_BY_SEED = REPORTS / "predictions_by_seed.csv"
LEARNING_CURVES = REPORTS / "learning_curves.csv"
ENVIRONMENT = Path("data/environment")
FIGURES = REPORTS / "figures"
PAGE = REPORTS / "report.html"
SUMMARY = REPORTS / "summary.md"
CLAIMS = REPORTS / "claims.json"
STUDIES = {"cost": REPORTS / "cost.csv", "reach": REPORTS / "reach.csv", "forecast": FORECAST}

# Not among DVC's outputs, which it removes before a stage runs. Temporary copies of the project
# (`dvc exp run --temp`) share the main one's.
CHECKPOINTS = Path(os.environ.get("DVC_ROOT", ".")) / ".checkpoints"

Weights = dict[str, NDArray[np.float32]]
Columns = Mapping[str, Sequence[Any] | NDArray[Any]]
Rows = Sequence[Mapping[str, Any]]


def weights_path(model: str, seed: int) -> Path:
    return RUNS / model / f"seed-{seed}.safetensors"


def history_path(model: str) -> Path:
    return RUNS / model / "history.csv"


def write_bytes(path: Path, content: bytes) -> None:
    """All of the content, or the file as it was."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            os.fchmod(descriptor, 0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def save_csv(path: Path, columns: Columns) -> None:
    """A header of the keys, then a row for each position of the columns."""
    rows = zip(*(np.asarray(column).tolist() for column in columns.values()), strict=True)
    lines = [",".join(columns), *(",".join(map(str, row)) for row in rows)]
    write_bytes(path, ("\n".join(lines) + "\n").encode())


def load_csv(path: Path) -> dict[str, Floats]:
    """Every column as floats. Raises InputError when the file is missing or no table of numbers."""
    try:
        with path.open(newline="") as file:
            header, *rows = csv.reader(file)
        table = np.array(rows, dtype=np.float64).reshape(len(rows), len(header))
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read ({error}): run `dvc repro`") from None
    return dict(zip(header, table.T, strict=True))


def save_table(path: Path, rows: Rows) -> None:
    """A header of the first row's keys, then every row; None is an empty cell."""
    header = list(rows[0])
    cells = [["" if row[key] is None else str(row[key]) for key in header] for row in rows]
    write_bytes(path, "".join(",".join(line) + "\n" for line in [header, *cells]).encode())


def load_table(path: Path) -> list[dict[str, Any]]:
    """The rows: numbers as floats, other text as it is, empty cells as None.

    Raises InputError when the file is missing.
    """
    try:
        with path.open(newline="") as file:
            return [{key: _cell(text) for key, text in row.items()} for row in csv.DictReader(file)]
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read ({error}): run `dvc repro`") from None


def _cell(text: str) -> float | str | None:
    try:
        return float(text) if text else None
    except ValueError:
        return text


def save_json(path: Path, content: Mapping[str, Any]) -> None:
    write_bytes(path, (json.dumps(content, indent=2, allow_nan=False) + "\n").encode())


def load_json(path: Path) -> dict[str, Any]:
    """Raises InputError when the file is missing or no JSON mapping."""
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read ({error}): run `dvc repro`") from None
    if not isinstance(content, dict):
        raise InputError(f"{path}: holds no mapping: run `dvc repro`")
    return content


def save_series(series: Series) -> None:
    save_csv(SERIES, {"time": series.times, "value": series.values})


def load_series() -> Series:
    columns = load_csv(SERIES)
    return Series(columns["time"], columns["value"])


def save_split(split: Split) -> None:
    parts = {"train": split.train, "validation": split.validation, "test": split.test}
    targets = {name: [part.start, part.stop] for name, part in parts.items()}
    scale = {"mean": split.scale.mean, "std": split.scale.std}
    save_json(SPLIT, {"targets": targets, "scale": scale})
    write_bytes(CHECKED, b"params.yaml\n")


def load_split() -> Split:
    content = load_json(SPLIT)
    parts = {name: range(*bounds) for name, bounds in content["targets"].items()}
    return Split(**parts, scale=Scale(**content["scale"]))


def save_runs(model: str, weights: Mapping[int, Weights], history: Columns) -> None:
    """The weights of every seed, and how they came about; runs of other seeds are removed."""
    shutil.rmtree(RUNS / model, ignore_errors=True)
    for seed, tensors in weights.items():
        write_bytes(weights_path(model, seed), safetensors.numpy.save(tensors))
    save_csv(history_path(model), history)


def load_history(model: str) -> dict[str, Floats]:
    """Columns seed, epoch, train_mse and perhaps validation_mse, each [seed x epoch]."""
    return load_csv(history_path(model))


def save_metrics(metrics: Mapping[str, Any]) -> None:
    """Rounded to 6 significant digits, so that a difference between commits means something."""
    save_json(METRICS, _rounded(metrics))


def save_predictions(columns: Columns) -> None:
    save_csv(PREDICTIONS, columns)


def load_predictions() -> dict[str, Floats]:
    return load_csv(PREDICTIONS)


def save_predictions_by_seed(columns: Columns) -> None:
    """Column time, and MODEL_seed_N for each run: [test]."""
    save_csv(PREDICTIONS_BY_SEED, columns)


def load_predictions_by_seed(
    models: Iterable[str], seeds: Iterable[int]
) -> dict[str, dict[int, Floats]]:
    """model -> seed -> [test]"""
    columns, seeds = load_csv(PREDICTIONS_BY_SEED), list(seeds)
    return {name: {seed: columns[f"{name}_seed_{seed}"] for seed in seeds} for name in models}


def save_learning_curves(columns: Columns) -> None:
    save_csv(LEARNING_CURVES, columns)


def save_forecasts(metrics: Mapping[str, Any], horizon: Columns, forecast: Columns) -> None:
    save_json(FORECAST_METRICS, _rounded(metrics))
    save_csv(HORIZON, horizon)
    save_csv(FORECAST, forecast)


def load_metrics() -> dict[str, Any]:
    return load_json(METRICS)


def load_timing(model: str) -> dict[str, Any]:
    return load_json(TIMING / f"{model}.json")


def load_epoch_seconds(model: str) -> Floats:
    """[seed x epoch]"""
    return load_csv(EPOCH_SECONDS / f"{model}.csv")["epoch_seconds"]


def save_picture(name: str, picture: bytes) -> None:
    write_bytes(FIGURES / name, picture)


def _rounded(content: Any) -> Any:
    if isinstance(content, Mapping):
        return {key: _rounded(value) for key, value in content.items()}
    return float(f"{content:.6g}") if isinstance(content, float) else content


def save_timing(model: str, summary: Mapping[str, Any], epochs: Columns) -> None:
    save_json(TIMING / f"{model}.json", _rounded(summary))
    save_csv(EPOCH_SECONDS / f"{model}.csv", epochs)


def save_environment(model: str, facts: Mapping[str, Any]) -> None:
    save_json(ENVIRONMENT / f"{model}.json", facts)


def load_environment(model: str) -> dict[str, Any]:
    return load_json(ENVIRONMENT / f"{model}.json")


def load_forecast() -> dict[str, Floats]:
    """Columns time, MODEL, MODEL_low and MODEL_high."""
    return load_csv(FORECAST)


def load_claims() -> list[dict[str, Any]]:
    """Rows of id, claim, measurement, value, low, high and verdict."""
    claims = load_json(CLAIMS)
    return [{"id": name, "measurement": row["measured"], **row} for name, row in claims.items()]


def load_studies() -> dict[str, list[dict[str, str]]]:
    """Study -> its table as it stands in the file: rows of column -> text."""

    def rows(file: Path) -> list[dict[str, str]]:
        with file.open(newline="") as table:
            return list(csv.DictReader(table))

    return {name: rows(file) for name, file in STUDIES.items()}


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


def save_standing(model: str, standing: Mapping[str, Any]) -> None:
    """While a model trains, where `dvc exp show` will look for its timing afterwards."""
    save_json(TIMING / f"{model}.json", _rounded(standing))


def load_runs(model: str, seeds: Iterable[int]) -> dict[int, Weights]:
    """The weights of every seed. Raises InputError for a file that is missing or damaged."""
    return {seed: _load_weights(weights_path(model, seed)) for seed in seeds}


def _load_weights(path: Path) -> Weights:
    try:
        return safetensors.numpy.load(path.read_bytes())
    except (OSError, safetensors.SafetensorError) as error:
        raise InputError(f"{path}: cannot be read ({error}): run `dvc repro`") from None


def remove_other_runs(models: Iterable[str]) -> None:
    """Drop the results of models that params.yaml no longer names."""
    kept = set(models)
    for folder in RUNS.glob("*"):
        if folder.name not in kept:
            shutil.rmtree(folder)
    for file in [*TIMING.glob("*"), *EPOCH_SECONDS.glob("*"), *ENVIRONMENT.glob("*")]:
        if file.stem not in kept:
            file.unlink()


def save_study(name: str, rows: Rows, summary: Mapping[str, Any]) -> None:
    """A table in reports/NAME.csv, and what it comes to in reports/NAME.json."""
    save_table(REPORTS / f"{name}.csv", rows)
    save_json(REPORTS / f"{name}.json", _rounded(summary))


def save_claims(claims: Mapping[str, Any], page: str) -> None:
    save_json(REPORTS / "claims.json", _rounded(claims))
    write_bytes(REPORTS / "claims.md", page.encode())


def load_rows(name: str) -> list[dict[str, Any]]:
    """A table of reports/, for example `cost` for reports/cost.csv."""
    return load_table(REPORTS / f"{name}.csv")


def load_summary(name: str) -> dict[str, Any]:
    """A mapping of reports/, for example `cost` for reports/cost.json."""
    return load_json(REPORTS / f"{name}.json")
