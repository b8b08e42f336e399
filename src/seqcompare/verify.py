"""Verification: every file holds what dvc.lock says, every number follows from what made it.

`make verify`. It reads what the pipeline has made, and changes nothing. DVC itself does not notice
a flipped byte in its cache: objects are read-only, so it trusts them.
"""

import hashlib
import json
import math
import subprocess
import sys
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from seqcompare.core.errors import InputError
from seqcompare.core.schema import load_yaml
from seqcompare.execution.code_identity import trial_code
from seqcompare.execution.main_process import run, set_up

FOLDER = ".dir"  # ends the hash of a folder: its object lists the files in it
IGNORED = {"__pycache__", ".DS_Store"}  # of a folder's content, as .dvcignore says
LARGEST_LOCK = 10_000_000  # bytes
TOLERANCE = 1e-3  # relative: more than another processor's rounding does to a score


def main() -> None:
    """With --sweeps, of them alone."""
    if sys.argv[1:] == ["--sweeps"]:
        findings = Findings()
        check_sweeps(findings)
        held = "all hold" if not findings.problems else f"{len(findings.problems)} do not hold"
        print(*findings.problems, f"verified {findings.sweeps} sweeps: {held}", sep="\n")
        sys.exit(bool(findings.problems))
    recorded = read_lock(Path("dvc.lock"), ask_dvc("stage", "list", "--name-only").splitlines())
    findings = check_files(Path(), Path(ask_dvc("cache", "dir")), recorded)
    damaged = bool(findings.problems)
    try:
        check_results(findings)
        check_sweeps(findings)
    except Exception as error:  # damaged code, which is named already, may end in anything
        if not (damaged or isinstance(error, InputError)):
            raise
        findings.problems.append(" ".join(str(error).split()))
    print(*findings.problems, findings, sep="\n")
    sys.exit(bool(findings.problems))


@dataclass
class Findings:
    """What was looked at, and what does not hold: a line for each, which names the file."""

    workspace: int = 0
    cached: int = 0
    followed: int = 0
    sweeps: int = 0
    problems: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        held = "all hold" if not self.problems else f"{len(self.problems)} do not hold"
        return (
            f"verified {self.workspace} files of dvc.lock, {self.cached} objects in the cache, "
            f"{self.followed} results that follow from others, {self.sweeps} sweeps: {held}"
        )


def check_files(root: Path, cache: Path, recorded: Mapping[str, str]) -> Findings:
    """Hash again what dvc.lock records in the workspace, and every object in the cache.

    root: the project's folder; cache: DVC's; recorded: path -> MD5, from `read_lock`.
    """
    findings = Findings()
    for path, digest in sorted(recorded.items()):
        for file, wanted in _files(root / path, digest, cache):
            findings.workspace += 1
            _compare(findings, file, file.relative_to(root), wanted, "run `dvc repro`")
    objects = cache / "files/md5"
    for file in sorted(objects.glob("*/*")):
        findings.cached += 1
        wanted = f"{file.parent.name}{file.name}".removesuffix(FOLDER)
        _compare(findings, file, file, wanted, "delete it, then `dvc repro` or `dvc fetch`")
    return findings


def _compare(findings: Findings, file: Path, name: Path, wanted: str, mend: str) -> None:
    try:
        found = _md5(file)
    except OSError as error:
        findings.problems.append(f"{name}: cannot be read: {error.strerror}: {mend}")
        return
    if found != wanted:
        findings.problems.append(f"{name}: its MD5 is {found}, recorded is {wanted}: {mend}")


def read_lock(lock: Path, stages: Collection[str]) -> dict[str, str]:
    """path -> MD5 of all dependencies and outputs of these stages.

    DVC leaves in dvc.lock also what it recorded of stages that dvc.yaml no longer has.
    Raises InputError when dvc.lock cannot be read.
    """
    content = load_yaml(lock, LARGEST_LOCK)
    try:
        entries = [
            entry
            for name, stage in content["stages"].items()
            if name in stages
            for entry in (*stage.get("deps", ()), *stage.get("outs", ()))
        ]
        return {str(entry["path"]): str(entry["md5"]) for entry in entries}
    except (AttributeError, LookupError, TypeError):
        raise InputError(f"{lock}: names no stages with MD5 sums: run `dvc repro`") from None


def _files(path: Path, digest: str, cache: Path) -> Iterator[tuple[Path, str]]:
    """Each file below a path with its recorded MD5. A folder's are listed by its object.

    Without that object, sound, in the cache (of folders that are dependencies alone, or on a fresh
    clone) the list is made from what is there, and hashed as DVC does.
    """
    if not digest.endswith(FOLDER):
        yield path, digest
        return
    listing = cache / "files/md5" / digest[:2] / digest[2:]
    if not listing.is_file() or _md5(listing) + FOLDER != digest:
        yield path, digest
        return
    listed = {entry["relpath"]: entry["md5"] for entry in json.loads(listing.read_bytes())}
    there = {str(file.relative_to(path)) for file in _content(path)}
    for name in sorted(there | set(listed)):
        yield path / name, listed.get(name, "none")


def _md5(path: Path) -> str:
    """As DVC computes it: of a file's bytes, or of the list of a folder's files."""
    if not path.is_dir():
        return hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
    listing = [
        {"md5": _md5(file), "relpath": file.relative_to(path).as_posix()}
        for file in sorted(_content(path), key=lambda file: file.relative_to(path).parts)
    ]
    return hashlib.md5(json.dumps(listing).encode(), usedforsecurity=False).hexdigest() + FOLDER


def _content(folder: Path) -> list[Path]:
    """All files below a folder but those that DVC ignores."""
    files = [file for file in folder.rglob("*") if file.is_file()]
    return [file for file in files if not IGNORED & set(file.relative_to(folder).parts)]


def check_results(findings: Findings) -> None:
    """Are the models of the present code, and do scores and forecasts follow from their weights?

    Raises InputError for params or results that cannot be read.
    """
    # Loaded only here: all of it is hashed by now.
    from seqcompare.core import paths
    from seqcompare.core.files import load, load_json, rounded
    from seqcompare.core.params import load_params
    from seqcompare.data.storage import load_series, load_split
    from seqcompare.evaluation.results import evaluate, load_trials
    from seqcompare.execution.environment import environment, explain
    from seqcompare.execution.executor import open_local
    from seqcompare.execution.git import committed_json

    params = load_params()
    for model in params.models:
        check_code(findings, model, load_json(paths.environment(model)))
    draws, folds = load_series(), load_split()
    trials = load_trials(params.models, params.seq_len, params.seeds, draws, folds)
    with open_local(params.executor) as processes:
        made_again = evaluate(
            params.models, params.seq_len, trials, draws, params.data, params.evaluation,
            processes.map,
        )  # fmt: skip
    for path, made in made_again.items():
        check_follows(findings, path, load(path), rounded(made))
    if findings.problems:
        explain(environment(params.reproducibility), committed_json(paths.EVALUATED_ON))


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


def check_sweeps(findings: Findings) -> None:
    """Were the sweeps that are there made from the params, code and data that are here now?

    DVC cannot tell: `dvc exp save` records whatever lies there as made from what is there now.
    """
    from seqcompare.core import paths
    from seqcompare.core.params import load_params
    from seqcompare.core.sweep_params import load_sweeps
    from seqcompare.studies.sweep.identity import made_from
    from seqcompare.studies.sweep.storage import load_summary

    params, wanted = load_params(), load_sweeps()
    for name, sweep in wanted.sweeps.items():
        if not paths.sweep_summary(name).exists():  # sweeps are made when one wants them
            continue
        findings.sweeps += 1
        now = made_from(wanted.base, sweep, params.reproducibility, params.device)
        try:
            load_summary(name, now)
        except InputError as error:
            findings.problems.append(str(error))


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


def ask_dvc(*arguments: str) -> str:
    """What it answers. Raises InputError with its words when it has no answer."""
    command = [sys.executable, "-m", "dvc", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise InputError(f"dvc {' '.join(arguments)}: {' '.join(done.stderr.split())}")
    return done.stdout.strip()


if __name__ == "__main__":
    set_up()
    run(main)
