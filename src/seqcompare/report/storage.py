"""Files of the report: what it reads of other rooms, and the pictures and page it makes."""

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from seqcompare.core import paths
from seqcompare.core.arrays import Floats
from seqcompare.core.claims import Ruling
from seqcompare.core.comparison import load_comparison
from seqcompare.core.errors import InputError
from seqcompare.core.files import (
    Stored,
    damaged,
    load_csv,
    load_json,
    load_table,
    stored_as,
    write_bytes,
)
from seqcompare.core.schema import shown
from seqcompare.core.sections.data import Data
from seqcompare.core.split import load_split_file
from seqcompare.core.sweep import SweepSummary
from seqcompare.report.claims import Measured
from seqcompare.report.content import PageContent
from seqcompare.report.results import Results, noise_of

FIGURES = paths.REPORTS / "figures"
COMPARISON_FIGURES = FIGURES / "comparison"
STUDY_FIGURES = FIGURES / "studies"
COUNTED = {"cores", "threads_per_trial", "trials_side_by_side"}  # of an environment
WORDS = {"size", "model", "kind", "status"}  # columns of studies that hold no numbers
MAPS = paths.REPORTS / "maps"
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
        histories={model: load_csv(paths.history(model), "epoch", "eval_mse") for model in models},
        timings={model: load_timing(model) for model in models},
        epoch_seconds={
            model: load_csv(paths.epoch_seconds(model))["epoch_seconds"] for model in models
        },
        predictions=load_csv(paths.PREDICTIONS, "time", "truth", *comparison.predictors),
        by_trial=load_predictions_by_trial(seeds, comparison.predictors),
        forecast=load_csv(paths.FORECAST, "time"),
        by_horizon=load_csv(paths.HORIZON, "horizon"),
        forecast_scores=load_json(paths.FORECAST_METRICS),
        noise_std=noise_of(data),
        **names_of_columns(data),
    )


def names_of_columns(data: Data) -> dict[str, Any]:
    """How a CSV file names its values and times, and whether times are dates in it."""
    if data.source != "csv" or data.path is None:
        return {}
    names = {"value_name": data.value, "time_name": data.time or ""}
    return names | {"dated": load_split_file().times == "dates"}


def load_timing(model: str) -> dict[str, Any]:
    """How fast a model trained, and on what."""
    environment, timing = load_environment(model), load_json(paths.timing(model))
    seconds = timing["seconds_per_epoch"]
    if not isinstance(seconds, int | float):
        raise damaged(paths.timing(model), ValueError(f"seconds_per_epoch is {shown(seconds)}"))
    return Stored(paths.environment(model), environment | timing)


def load_environment(model: str) -> dict[str, Any]:
    """What a model was trained with: words and whole numbers."""
    path = paths.environment(model)
    content = load_json(path)
    for key, value in content.items():
        if not isinstance(value, str | int) or isinstance(value, int) != (key in COUNTED):
            raise damaged(path, ValueError(f"{key} is {shown(value)}"))
    return content


def load_claims() -> dict[str, Any]:
    """claims.json: claim -> its ruling."""
    content = load_json(paths.CLAIMS)
    for claim, ruling in content.items():
        stored_as(Ruling, ruling, paths.CLAIMS, claim)
    return content


def load_predictions_by_trial(seeds: Sequence[int], predictors: Iterable[str]) -> dict[str, Floats]:
    """truth and each predictor: [trial, test]. The file has a row for each seed and time."""
    names = ["truth", *predictors]
    columns = load_csv(paths.PREDICTIONS_BY_SEED, "seed", "time", *names)
    found = list(dict.fromkeys(columns["seed"].astype(int).tolist()))
    if found != list(seeds) or columns["seed"].size % len(found):
        error = ValueError(f"its seeds are {found}, those of params.yaml {list(seeds)}")
        raise damaged(paths.PREDICTIONS_BY_SEED, error)
    return {name: columns[name].reshape(len(found), -1) for name in names}


def load_study(path: Path) -> list[dict[str, Any]]:
    """A table of a study: numbers, where they are known, in all columns but those of words."""
    rows = load_table(path)
    for row in rows:
        for column, value in row.items():
            if isinstance(value, str) != (column in WORDS):
                raise damaged(path, ValueError(f"{column} is {shown(value)}"))
    return rows


def save_pictures(folder: Path, pictures: dict[str, bytes]) -> None:
    for name, picture in pictures.items():
        write_bytes(folder / name, picture)


def load_pictures() -> dict[str, str]:
    """Name -> SVG, for every figure there is."""
    files = sorted(FIGURES.glob("*/*.svg"), key=lambda file: file.name)
    return {file.stem: file.read_text(encoding="utf-8") for file in files}


def load_maps() -> dict[str, SweepSummary]:
    """Sweep -> what it found, of the sweeps whose JSON lies in reports/maps/: none need.

    They are copies, which `make sweeps` puts there: the page reads no result of a sweep itself, or
    DVC would train the sweeps for it.
    """
    return {file.stem: _load_map(file) for file in sorted(MAPS.glob("*.json"))}


def _load_map(file: Path) -> SweepSummary:
    content = load_json(file)
    try:
        return SweepSummary.model_validate(content)
    except ValidationError as error:
        place = ".".join(map(str, error.errors()[0]["loc"]))
        again = f"`make sweeps` puts it there again; without {file} the page shows no map"
        raise InputError(f"{file}: is no summary of a sweep ({place}): {again}") from None


def load_content(
    results: Results, settings: dict[str, Any], committed: dict[str, Any]
) -> PageContent:
    """All that the page shows. settings: params.yaml; committed: that of the last commit."""
    models = results.models
    source = settings["data"]["path"] if settings["data"]["source"] == "csv" else None
    train = [row for row in load_study(paths.COST) if row["kind"] == "train"]
    return PageContent(
        results=results,
        settings=settings,
        figures=load_pictures(),
        environments={model: load_environment(model) for model in models},
        hashes=hashes(models),
        claims=load_claims(),
        maps=load_maps(),
        committed=committed,
        data_digest=_digest(Path(source)) if source else "",
        studies={"cost": train, "lookback": load_study(paths.LOOKBACK)},
        measured_on=load_json(paths.COST.with_suffix(".json"))["setting"],
    )


def load_measured() -> Measured:
    """What stands beside the theory in claims.md."""
    return Measured(
        cost=load_json(paths.COST.with_suffix(".json")),
        adding_problem=load_json(paths.ADDING_PROBLEM.with_suffix(".json")),
        operations={
            (row["size"], row["model"]): row for row in load_study(paths.OPERATIONS)
        },  # of each the last row, at the longest window
    )


def hashes(models: Iterable[str]) -> dict[str, str]:
    """Path -> SHA-256 of the results that do not depend on time."""
    results = (paths.SERIES, paths.METRICS, paths.COMPARISON, paths.PREDICTIONS_BY_SEED)
    files = [*results, *map(paths.history, models)]
    return {str(file): _digest(file) for file in files}


def hashes_of(files: Iterable[Path]) -> dict[str, str]:
    """Path -> SHA-256 of those that exist."""
    return {str(file): _digest(file) for file in files if file.exists()}


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
