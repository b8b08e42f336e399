"""Evidence on the claims: what the files of all studies come to, together."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seqcompare.core import paths
from seqcompare.core.files import load_csv, load_json, load_table
from seqcompare.core.params import AddingProblem, Cost
from seqcompare.studies.adding_problem.summary import summarise_adding_problem
from seqcompare.studies.claims.convergence import convergence_summary, convergence_table
from seqcompare.studies.claims.rules import Evidence
from seqcompare.studies.cost.table import summarise_cost


@dataclass(frozen=True)
class Gathered:
    """evidence: for the rules; summaries: by the file that keeps each; rows: of convergence.csv."""

    evidence: Evidence
    summaries: Mapping[Path, Mapping[str, Any]]
    convergence_rows: list[dict[str, Any]]


def gather_evidence(
    models: Iterable[str], cost: Cost, problem: AddingProblem, confidence: float
) -> Gathered:
    """Read and summarise. Raises InputError for a file that is missing or damaged."""
    models = list(models)
    cost_summary = summarise_cost(_rows(paths.COST, models), cost, confidence)
    adding_summary = summarise_adding_problem(
        _rows(paths.ADDING_PROBLEM, models),
        _rows(paths.ADDING_PROBLEM_SECONDS, models),
        problem.steps,
    )
    histories = {model: load_csv(paths.history(model)) for model in models}
    seconds = {model: load_csv(paths.epoch_seconds(model))["epoch_seconds"] for model in models}
    rows = convergence_table(histories)
    convergence = convergence_summary(rows, seconds, confidence)
    evidence = Evidence(
        cost=cost_summary,
        operations={
            model: load_table(paths.of_model(paths.OPERATIONS, model))[-1] for model in models
        },
        lookback=load_json(paths.LOOKBACK.with_suffix(".json")),
        adding_problem=adding_summary,
        convergence=convergence,
        metrics=load_json(paths.METRICS),
        predictions=load_csv(paths.PREDICTIONS, "time", "truth"),
    )
    summaries = {
        paths.COST.with_suffix(".json"): cost_summary,
        paths.ADDING_PROBLEM.with_suffix(".json"): adding_summary,
        paths.CONVERGENCE.with_suffix(".json"): convergence,
    }
    return Gathered(evidence, summaries, rows)


def _rows(folder: Path, models: Iterable[str]) -> list[dict[str, Any]]:
    return [row for model in models for row in load_table(paths.of_model(folder, model))]
