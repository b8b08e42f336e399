"""Verification, second part: every number follows from what made it. `make verify`.

tools/verify.py comes first, and hashes: what is read here is what dvc.lock records. Whoever changes
a number and its hash together is found here, where the number follows from others.
"""

import hashlib
import json
import math
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from seqcompare.execution.main_process import run, set_up

if __name__ == "__main__":  # before any library is loaded that computes
    set_up()

from seqcompare.core import paths
from seqcompare.core.errors import InputError
from seqcompare.core.files import load, load_csv, load_json, rounded
from seqcompare.core.params import Params, load_params
from seqcompare.core.schema import load_yaml
from seqcompare.core.sweep_params import load_sweeps
from seqcompare.data.storage import load_split
from seqcompare.evaluation.results import evaluate_trained
from seqcompare.execution.code_identity import trial_code
from seqcompare.execution.environment import environment, explain, reproducible_here
from seqcompare.execution.git import committed_json
from seqcompare.studies.claims.evidence import gather_evidence
from seqcompare.studies.claims.results import conclude
from seqcompare.studies.sweep.identity import made_from
from seqcompare.studies.sweep.storage import load_summary

TOLERANCE = 1e-3  # relative: more than another processor's rounding does to a score
NO_IDENTITY = {"size", "nfiles"}  # of a record of DVC's: its name does not depend on them


def main() -> None:
    """Called with DVC's cache, or with --sweeps for those alone."""
    params = load_params()
    findings = Findings()
    if sys.argv[1:] == ["--sweeps"]:
        check_sweeps(findings, params)
        print(*findings.problems, f"verified {findings.sweeps} sweeps: {findings.held}", sep="\n")
        sys.exit(bool(findings.problems))
    check_results(findings, params)
    check_sweeps(findings, params)
    check_run_cache(findings, Path(sys.argv[1]) / "runs")
    now = environment(params.reproducibility)
    if findings.problems:
        explain(now, committed_json(paths.EVALUATED_ON))
    print(*findings.problems, findings, sep="\n")
    print(reproducible_here(now, load_json(paths.EVALUATED_ON)))
    sys.exit(bool(findings.problems))


@dataclass
class Findings:
    """What was looked at, and what does not hold: a line for each, which names the file."""

    followed: int = 0
    sweeps: int = 0
    runs: int = 0
    problems: list[str] = field(default_factory=list)

    @property
    def held(self) -> str:
        return "all hold" if not self.problems else f"{len(self.problems)} do not hold"

    def __str__(self) -> str:
        return (
            f"verified {self.followed} results that follow from others, {self.sweeps} sweeps, "
            f"{self.runs} records of runs: {self.held}"
        )


def check_results(findings: Findings, params: Params) -> None:
    """Are the models of the present code, and do results follow from their weights and tables?

    Raises InputError for results that cannot be read.
    """
    for model in params.models:
        check_code(findings, model, load_json(paths.environment(model)))
    whole = [check_epochs(findings, model, params) for model in params.models]
    if not all(whole):
        return  # what is computed of such tables says nothing
    made_again = evaluate_trained(
        params.models, params.seq_len, params.seeds, params.data, params.evaluation, params.executor
    )
    found = gather_evidence(
        params.models, params.seq_len, params.data, params.adding_problem, params.evaluation
    )
    for path, made in (made_again | conclude(found, params.evaluation)).items():
        check_follows(findings, path, load(path), rounded(made))


def check_code(findings: Findings, model: str, trained_on: Mapping[str, Any]) -> None:
    """Was a model trained by the code that is here now?

    DVC cannot tell: it hashes a stage's code when the stage has ended, and takes what was edited
    meanwhile for what ran.
    """
    if trained_on.get("code") != trial_code(model):
        findings.problems.append(
            f"data/runs/{model}: was trained by other code than is here now: "
            f"run `dvc repro -f -s train@{model}`, then `dvc repro`"
        )


def check_epochs(findings: Findings, model: str, params: Params) -> bool:
    """Do history and timings have a row for every seed, fold and epoch, in their order?"""
    held = True
    folds = range(len(load_split().targets))
    epochs = range(1, params.training.of(model).epochs + 1)
    wanted = [(seed, fold, epoch) for seed in params.seeds for fold in folds for epoch in epochs]
    for path in (paths.history(model), paths.epoch_seconds(model)):
        findings.followed += 1
        columns = load_csv(path, "seed", "fold", "epoch")
        found = zip(columns["seed"], columns["fold"], columns["epoch"], strict=True)
        if list(found) != wanted:
            held = False
            findings.problems.append(
                f"{path}: its rows are not of the seeds, folds and epochs of params.yaml: "
                f"run `dvc repro -f -s train@{model}`, then `dvc repro`"
            )
    return held


def check_sweeps(findings: Findings, params: Params) -> None:
    """Were the sweeps that are there made from the params, code and data that are here now?

    DVC cannot tell: `dvc exp save` records whatever lies there as made from what is there now.
    """
    wanted = load_sweeps()
    for name, sweep in wanted.sweeps.items():
        if not paths.sweep_summary(name).exists():  # sweeps are made when one wants them
            continue
        findings.sweeps += 1
        now = made_from(wanted.base, sweep, params.reproducibility, params.device)
        try:
            load_summary(name, now)
        except InputError as error:
            findings.problems.append(str(error))


def check_run_cache(findings: Findings, records: Path) -> None:
    """Is each record of what a stage has made before named by the hash of what it says?"""
    for file in sorted(records.glob("*/*/*")):
        findings.runs += 1
        try:
            said = json.dumps(_identity(load_yaml(file)), sort_keys=True)
        except InputError as error:
            findings.problems.append(f"{error}: delete it")
            continue
        if hashlib.sha256(said.encode()).hexdigest() != file.name:
            findings.problems.append(f"{file}: its SHA-256 is not its name: delete it")


def _identity(record: Any) -> Any:
    """What DVC hashes of a record."""
    if isinstance(record, list):
        return [_identity(each) for each in record]
    if isinstance(record, dict):
        return {key: _identity(each) for key, each in record.items() if key not in NO_IDENTITY}
    return record


def check_follows(
    findings: Findings, name: Path, stored: Mapping[str, Any], made: Mapping[str, Any]
) -> None:
    """Do stored numbers equal those that were made again, up to another processor's rounding?"""
    findings.followed += 1
    old, new = _leaves(stored), _leaves(made)
    for key in sorted(old.keys() | new.keys()):
        if not _close(old.get(key), new.get(key)):
            findings.problems.append(
                f"{name}: {key} is {old.get(key)}, but {new.get(key)} follows from the weights"
            )
            return


def _leaves(content: Any, key: str = "") -> dict[str, Any]:
    """Dotted key -> number or word."""
    if isinstance(content, Mapping):
        inner = [
            _leaves(value, f"{key}.{name}" if key else str(name)) for name, value in content.items()
        ]
    elif hasattr(content, "__len__") and not isinstance(content, str):
        inner = [_leaves(value, f"{key}[{row}]") for row, value in enumerate(content)]
    else:
        return {key: content}
    return {name: value for each in inner for name, value in each.items()}


def _close(old: Any, new: Any) -> bool:
    numbers = isinstance(old, int | float) and isinstance(new, int | float)
    return math.isclose(old, new, rel_tol=TOLERANCE, abs_tol=1e-9) if numbers else old == new


if __name__ == "__main__":
    run(main)
