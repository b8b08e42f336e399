"""Files of the report: what it reads of other rooms, and the pictures and page it makes."""

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from seqcompare.core import paths
from seqcompare.core.comparison import Comparison
from seqcompare.core.files import damaged, load_csv, load_json, load_table, write_bytes
from seqcompare.core.params import Data
from seqcompare.core.types import Floats
from seqcompare.report.claims import Measured
from seqcompare.report.content import PageContent
from seqcompare.report.results import Results, noise_of

FIGURES = paths.REPORTS / "figures"
COMPARISON_FIGURES = FIGURES / "comparison"
STUDY_FIGURES = FIGURES / "studies"
PAGE = paths.REPORTS / "report.html"
SUMMARY = paths.REPORTS / "summary.md"
CLAIMS_PAGE = paths.REPORTS / "claims.md"


def sweep_file(name: str, kind: str) -> Path:
    """The picture or page of a sweep."""
    return paths.SWEEPS / f"{name}.{kind}"


def load_results(seq_len: int, seeds: Sequence[int], models: Iterable[str], data: Data) -> Results:
    """All that the main comparison found out."""
    models = list(models)
    comparison = load_comparison(models)
    return Results(
        seq_len=seq_len,
        seeds=list(seeds),
        comparison=comparison,
        histories={model: load_csv(paths.history(model)) for model in models},
        timings={model: load_timing(model) for model in models},
        epoch_seconds={
            model: load_csv(paths.epoch_seconds(model))["epoch_seconds"] for model in models
        },
        predictions=load_csv(paths.PREDICTIONS, "time", "truth", *comparison.predictors),
        by_trial=load_predictions_by_trial(seeds, comparison.predictors),
        forecast=load_csv(paths.FORECAST, "time"),
        by_horizon=load_csv(paths.HORIZON, "horizon"),
        noise_std=noise_of(data),
    )


def load_comparison(models: Sequence[str]) -> Comparison:
    """Raises InputError when the file is missing, not as it must be, or lacks a model."""
    content = load_json(paths.COMPARISON)
    try:
        comparison = Comparison.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise damaged(paths.COMPARISON, ValueError(f"{place}: {first['msg']}")) from None
    if missing := [model for model in models if model not in comparison.predictors]:
        raise damaged(paths.COMPARISON, ValueError(f"no {', '.join(missing)}"))
    return comparison


def load_timing(model: str) -> dict[str, Any]:
    """How fast a model trained, and on what."""
    return load_json(paths.environment(model)) | load_json(paths.timing(model))


def load_predictions_by_trial(seeds: Sequence[int], predictors: Iterable[str]) -> dict[str, Floats]:
    """truth and each predictor: [trial, test]. The file has a row for each seed and time."""
    names = ["truth", *predictors]
    columns = load_csv(paths.PREDICTIONS_BY_SEED, "seed", "time", *names)
    found = list(dict.fromkeys(columns["seed"].astype(int).tolist()))
    if found != list(seeds) or columns["seed"].size % len(found):
        error = ValueError(f"its seeds are {found}, those of params.yaml {list(seeds)}")
        raise damaged(paths.PREDICTIONS_BY_SEED, error)
    return {name: columns[name].reshape(len(found), -1) for name in names}


def load_rows(folder: Path, models: Iterable[str]) -> list[dict[str, Any]]:
    """The tables of all models, one after another."""
    return [row for model in models for row in load_table(paths.of_model(folder, model))]


def save_pictures(folder: Path, pictures: dict[str, bytes]) -> None:
    for name, picture in pictures.items():
        write_bytes(folder / name, picture)


def load_pictures() -> dict[str, str]:
    """Name -> SVG, for every figure there is."""
    files = sorted(FIGURES.glob("*/*.svg"), key=lambda file: file.name)
    return {file.stem: file.read_text(encoding="utf-8") for file in files}


def load_content(results: Results, settings: dict[str, Any]) -> PageContent:
    """All that the page shows. settings: params.yaml."""
    models = results.models
    train = [row for row in load_table(paths.COST) if row["kind"] == "train"]
    return PageContent(
        results=results,
        settings=settings,
        figures=load_pictures(),
        environments={model: load_json(paths.environment(model)) for model in models},
        hashes=hashes(models),
        claims=load_json(paths.CLAIMS),
        studies={"cost": train, "lookback": load_table(paths.LOOKBACK)},
        measured_on=load_json(paths.COST.with_suffix(".json"))["setting"],
    )


def load_measured() -> Measured:
    """What stands beside the theory in claims.md."""
    return Measured(
        cost=load_json(paths.COST.with_suffix(".json")),
        adding_problem=load_json(paths.ADDING_PROBLEM.with_suffix(".json")),
        operations={
            (row["size"], row["model"]): row for row in load_table(paths.OPERATIONS)
        },  # of each the last row, at the longest window
    )


def hashes(models: Iterable[str]) -> dict[str, str]:
    """Path -> SHA-256 of the results that do not depend on time."""
    results = (paths.SERIES, paths.METRICS, paths.COMPARISON, paths.PREDICTIONS_BY_SEED)
    files = [*results, *map(paths.history, models)]
    return {str(file): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}
