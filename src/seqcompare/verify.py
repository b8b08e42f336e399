"""`make verify`: is every file what DVC recorded, and does every number follow from the weights?

DVC hashes again what it recorded, in both pipelines; its cache, which it trusts, is hashed here
first, since DVC deletes a damaged file of it. Then metrics and tables are computed from the weights
again. The library is imported only when needed, so that damage to it is reported like any other.
"""

from __future__ import annotations

import filecmp
import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dvc.exceptions import DvcException  # type: ignore[import-untyped]
from dvc.repo import Repo  # type: ignore[import-untyped]
from dvc.utils import dict_sha256  # type: ignore[import-untyped]

if TYPE_CHECKING:
    import pandas as pd

RELATIVE, ABSOLUTE = 1e-3, 1e-9  # more than another processor's rounding does to a result
PIPELINES = ("dvc.yaml", "studies/dvc.yaml")
PUBLISHED, MAPS = Path("reports/maps"), Path("reports/studies/maps")


def main() -> None:
    """Print a line for each file that is not as it should be, and what this machine can repeat."""
    try:
        problems = [*damaged_cache(), *changed_files(), *unpublished_maps()]
    except DvcException as error:
        problems = [f"dvc: {' '.join(str(error).split())[:300]}"]
    last = "nothing was computed again"
    try:
        problems += wrong_results()
        last = repeatable_here()
    except Exception as error:  # damaged code raises anything
        reason = " ".join(str(error).split())[:300]
        of_code = "" if type(error).__name__ == "InputError" else f"{type(error).__name__}: "
        problems.append(f"{of_code}{reason}")
    problems = [*dict.fromkeys(problems)]
    print(*problems, f"{len(problems) or 'no'} problems found", last, sep="\n")
    sys.exit(bool(problems))


def changed_files() -> Iterator[str]:
    """What DVC finds changed when it remembers no hash of any file."""
    with tempfile.TemporaryDirectory() as empty:
        os.environ["DVC_SITE_CACHE_DIR"] = empty
        repo = Repo()
        stages = repo.status(
            [name for name in PIPELINES if Path(name).with_suffix(".lock").exists()]
        )
        uncommitted = repo.data_status(granular=True)["uncommitted"]
    inside = [file for files in uncommitted.values() for file in files]
    for stage, changes in stages.items():
        fix = "run `make studies`" if stage.startswith("studies") else "run `dvc repro`"
        for change in changes:
            if isinstance(change, str):
                yield f"stage {stage}: {change} since it ran: {fix}"
                continue
            for path, how in next(iter(change.values())).items():
                if isinstance(how, Mapping):  # keys of a file of params
                    yield f"{path}: {', '.join(how)} is not what results were made with: {fix}"
                    continue
                for file in files_in(path, inside):
                    yield f"{file}: is not what DVC recorded ({how}): {fix}"


def files_in(path: str, changed: list[str]) -> list[str]:
    """The changed files below a path, by DVC or else by Git; the path where neither knows."""
    found = [file for file in changed if file.startswith(f"{path}/") and not file.endswith("/")]
    if not found and Path(path).is_dir():
        git = ["git", "status", "--porcelain", "-z", "--untracked-files=all", "--", path]
        listed = subprocess.run(git, capture_output=True, text=True, check=False).stdout
        found = [line[3:] for line in listed.split("\0") if line[3:]]
    return found or [path]


def damaged_cache() -> Iterator[str]:
    """Files of DVC's cache, and its records of runs, whose name is not their hash."""
    cache = Path(Repo().cache.local.path)  # ends in files/md5
    for file in sorted(cache.glob("??/*")):
        digest = hashlib.md5(file.read_bytes(), usedforsecurity=False).hexdigest()
        if digest != f"{file.parent.name}{file.name}".removesuffix(".dir"):
            yield f"{file}: is damaged, and no longer used: run `dvc repro` or `dvc pull`"
    for file in sorted(cache.parents[1].glob("runs/*/*/*")):
        if record_hash(file) != file.name:
            yield f"{file}: is damaged: delete it"


def record_hash(file: Path) -> str | None:
    """The hash by which DVC names a record of a run; None where it cannot be read."""
    import yaml

    try:
        return str(dict_sha256(yaml.safe_load(file.read_bytes()), exclude=["size", "nfiles"]))
    except Exception:  # of bytes that may be anything
        return None


def unpublished_maps() -> Iterator[str]:
    """Published maps that are not those that the studies have made."""
    for made in sorted(MAPS.glob("*/*")):
        published = PUBLISHED / made.relative_to(MAPS)
        if made.name != "trials.csv" and not (
            published.is_file() and filecmp.cmp(made, published, shallow=False)
        ):
            yield f"{published}: is not the map of {made}: run `make studies`"


def wrong_results() -> Iterator[str]:
    """Models of other code, and results that do not follow from the weights."""
    from seqcompare.execution.runtime import set_up

    set_up()
    from seqcompare.core import paths
    from seqcompare.core.params import load_params
    from seqcompare.core.tables import load_json
    from seqcompare.data.series import load_series
    from seqcompare.data.windows import load_folds
    from seqcompare.evaluation.evaluate import evaluate
    from seqcompare.evaluation.trials import load_trials
    from seqcompare.execution.provenance import trial_code
    from seqcompare.execution.workers import open_local

    params = load_params()
    for model in params.models:
        # DVC hashes the code when a stage has ended, and would miss an edit while it ran.
        trained_on = load_json(paths.of_model(paths.ENVIRONMENT, model, "json"))
        if trained_on.get("code") != trial_code(model):
            fix = f"run `dvc repro -f -s train@{model}`, then `dvc repro`"
            yield f"{paths.WEIGHTS / model}: was trained by other code than is here: {fix}"
    trials = load_trials(params, load_series(), load_folds())
    with open_local(params.executor, len(trials)) as workers:
        results = evaluate(params, trials, workers.map)
    for path, result in results.items():
        yield from difference(path, result)


def difference(path: Path, result: pd.DataFrame | Mapping[str, Any]) -> Iterator[str]:
    """A line when a file does not hold the result, up to another processor's rounding."""
    import numpy as np
    import pandas as pd

    from seqcompare.core.params import flattened
    from seqcompare.core.tables import load_json, load_table

    if isinstance(result, pd.DataFrame):
        old, new = load_table(path), result.reset_index(drop=True)
    else:
        old, new = (pd.DataFrame([flattened(each)]) for each in (load_json(path), result))
    if (list(old), len(old)) != (list(new), len(new)):
        yield f"{path}: has other rows or columns than follow from the weights: run `dvc repro`"
        return
    for column in new:
        was, now = old[column], new[column]
        try:
            numbers = was.astype(float), now.astype(float)
            same = np.isclose(*numbers, rtol=RELATIVE, atol=ABSOLUTE, equal_nan=True)
        except (TypeError, ValueError):
            same = (was.fillna("").astype(str) == now.fillna("").astype(str)).to_numpy()
        if not same.all():
            row = int(np.argmin(same))
            yield f"{path}: {column} is {was[row]}, but {now[row]} follows from the weights"
            return


def repeatable_here() -> str:
    """Which of the results this machine makes again."""
    from seqcompare.core.params import load_params
    from seqcompare.core.paths import EVALUATED_ON
    from seqcompare.core.tables import load_json
    from seqcompare.execution.provenance import difference, environment

    now = environment(load_params().reproducibility)
    reason = difference(now, load_json(EVALUATED_ON))
    return reason or "this machine makes all results again to the byte, but for timings"


if __name__ == "__main__":
    main()
