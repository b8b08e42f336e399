"""`make verify`: is every file what DVC recorded, and does every number follow from the weights?

DVC hashes again what it recorded, in both pipelines; its cache, which it trusts, is hashed here
first, since DVC deletes a damaged file of it. Then metrics and tables are computed from the weights
again. The library is imported only then, so that damage to it is reported like any other.
"""

import filecmp
import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from io import StringIO
from itertools import chain
from pathlib import Path
from typing import Any

import yaml
from dvc.exceptions import DvcException  # type: ignore[import-untyped]
from dvc.repo import Repo  # type: ignore[import-untyped]
from dvc.utils import dict_sha256  # type: ignore[import-untyped]


def main() -> None:
    """Print a line for each file that is not as it should be, and what this machine can repeat."""
    problems, last = [*unpublished_maps()], "nothing was computed again"
    try:
        problems += damage()
    except DvcException as error:
        problems.append(f"dvc: {' '.join(str(error).split())[:300]}")
    try:
        problems += recomputed()
        last = problems.pop()
    except Exception as error:  # damaged code raises anything
        of_code = "" if type(error).__name__ == "InputError" else f"{type(error).__name__}: "
        problems.append(f"{of_code}{' '.join(str(error).split())[:300]}")
    problems = [*dict.fromkeys(problems)]
    print(*problems, f"{len(problems) or 'no'} problems found", last, sep="\n")
    sys.exit(bool(problems))


def damage() -> Iterator[str]:
    """What is not as DVC recorded it, when it remembers no hash of any file."""
    with tempfile.TemporaryDirectory() as empty:
        os.environ["DVC_SITE_CACHE_DIR"] = empty
        with Repo() as repo:
            yield from damaged_cache(Path(repo.cache.local.path))
            yield from changed_files(repo)


def damaged_cache(cache: Path) -> Iterator[str]:
    """Files of DVC's cache, and its records of runs, whose name is not their hash."""
    for file in sorted(cache.glob("??/*")):
        digest = hashlib.md5(file.read_bytes(), usedforsecurity=False).hexdigest()
        if digest != f"{file.parent.name}{file.name}".removesuffix(".dir"):
            yield f"{file}: is damaged, and no longer used: run `dvc repro` or `dvc pull`"
    for file in sorted(cache.parents[1].glob("runs/*/*/*")):
        with suppress(Exception):  # of bytes that may be anything
            record = yaml.safe_load(file.read_bytes())
            if dict_sha256(record, exclude=["size", "nfiles"]) == file.name:
                continue
        yield f"{file}: is damaged: delete it"


def changed_files(repo: Any) -> Iterator[str]:
    """Files, code and params that are not those of a lock."""
    pipelines = ("dvc.yaml", "studies/dvc.yaml")
    locked = [name for name in pipelines if Path(name).with_suffix(".lock").exists()]
    below = [*chain(*repo.data_status(granular=True)["uncommitted"].values())]
    for stage, changes in repo.status(locked).items():
        fix = "run `make studies`" if stage.startswith("studies") else "run `dvc repro`"
        for change in changes:
            if isinstance(change, str):  # its command is another one
                change = {"": {f"stage {stage}": change}}
            for path, how in next(iter(change.values())).items():
                if isinstance(how, Mapping):  # keys of a file of params
                    yield f"{path}: {', '.join(how)} is not what results were made with: {fix}"
                else:
                    for file in files_in(path, below):
                        yield f"{file}: is not what DVC recorded ({how}): {fix}"


def files_in(path: str, changed: list[str]) -> list[str]:
    """The changed files below a path, by DVC or else by Git; the path where neither knows."""
    found = [file for file in changed if file.startswith(f"{path}/") and not file.endswith("/")]
    if not found:
        git = ["git", "status", "--porcelain", "-z", "--untracked-files=all", "--", path]
        listed = subprocess.run(git, capture_output=True, text=True, check=False).stdout
        found = [line[3:] for line in listed.split("\0") if line[3:]]
    return found or [path]


def unpublished_maps() -> Iterator[str]:
    """Published maps that are not those that the studies have made."""
    for made in sorted(Path("reports/studies/maps").glob("*/*")):
        published = Path("reports/maps", *made.parts[-2:])
        same = published.is_file() and filecmp.cmp(made, published, shallow=False)
        if made.name != "trials.csv" and not same:
            yield f"{published}: is not the map of {made}: run `make studies`"


def recomputed() -> Iterator[str]:
    """Models of other code, results of other weights; the last line: what this machine repeats."""
    from seqcompare.execution.runtime import set_up

    set_up()
    from seqcompare.core import paths
    from seqcompare.core.params import load_params
    from seqcompare.core.tables import load_json
    from seqcompare.execution.provenance import difference, environment, trial_code
    from stages.evaluate import results_of

    params = load_params()
    for model in params.models:
        # DVC hashes the code when a stage has ended, and would miss an edit while it ran.
        trained_on = load_json(paths.of_model(paths.ENVIRONMENT, model, "json"))
        if trained_on.get("code") != trial_code(model):
            fix = f"run `dvc repro -f -s train@{model}`, then `dvc repro`"
            yield f"{paths.WEIGHTS / model}: was trained by other code than is here: {fix}"
    for path, result in results_of(params).items():
        yield from wrong_content(path, result)
    reason = difference(environment(params.reproducibility), load_json(paths.EVALUATED_ON))
    yield reason or "this machine makes all results again to the byte, but for timings"


def wrong_content(path: Path, result: Any) -> Iterator[str]:
    """A line when a file does not hold the result, up to another processor's rounding."""
    import pandas as pd

    from seqcompare.core.tables import load_json, load_table

    if path.suffix == ".csv":
        frames = [load_table(path), result]
    else:
        frames = [pd.json_normalize(each) for each in (load_json(path), result)]
    # through CSV both, so that equal numbers and equal words are of equal types
    old, new = (pd.read_csv(StringIO(each.to_csv(index=False))) for each in frames)
    try:  # another processor's rounding does less than this
        pd.testing.assert_frame_equal(old, new, check_dtype=False, rtol=1e-3, atol=1e-9)
    except AssertionError as error:
        first, *_, last = str(error).splitlines()
        line = f"{first}: {last} (file != computed)"
        yield f"{path}: does not follow from the weights: {line}: run `dvc repro -f -s evaluate`"


if __name__ == "__main__":
    main()
