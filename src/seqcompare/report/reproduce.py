"""Reproduction: the commands that make a run's results again in a fresh clone."""

import hashlib
import json
import re
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from seqcompare.core import paths

EXECUTOR = "executor"  # changes how long a run takes, no number of it
PLAIN = re.compile(r"[A-Za-z_/][\w./-]*", re.ASCII)  # a string that -S takes without quotes
WORDS_OF_YAML = ("null", "true", "false", "nan", "inf")


def commands(settings: Mapping[str, Any], committed: Mapping[str, Any]) -> str:
    """For a shell. settings, committed: params.yaml of the run, and of the last commit.

    Settings that differ are named one by one, as `dvc params diff` does. The last line compares the
    numbers; a CSV, which Git does not hold, is compared first.
    """
    lines = ["git clone REPOSITORY seqcompare && cd seqcompare"]
    if settings["data"]["source"] == "csv":
        lines.append(_check(Path(settings["data"]["path"])))
    old, new = ({k: v for k, v in each.items() if k != EXECUTOR} for each in (committed, settings))
    changes = [f"-S {shlex.quote(change)}" for change in overrides(old, new)]
    if changes:
        lines.append("make setup && source .venv/bin/activate")
        lines.append(" \\\n  ".join(["dvc exp run", *changes]))
    else:
        lines.append("make run")
    return "\n".join([*lines, _check(paths.SCORES)])


def overrides(old: Mapping[str, Any], new: Mapping[str, Any], above: str = "") -> Iterator[str]:
    """What makes the new settings of the old ones, each as `dvc exp run -S` takes it."""
    yield from (f"~{above}{key}" for key in old if key not in new)
    for key, value in new.items():
        before = old.get(key)
        if isinstance(value, Mapping) and (value or before):
            yield from overrides(before or {}, value, f"{above}{key}.")
        elif key not in old or _written(before) != _written(value):
            yield f"{'' if key in old else '++'}{above}{key}={_written(value)}"


def _check(file: Path) -> str:
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    return f"echo '{digest}  '{shlex.quote(str(file))} | sha256sum --check"


def _written(value: object) -> str:
    """A value in Hydra's grammar, which -S reads: strings quoted where they might be another."""
    if isinstance(value, str):
        plain = PLAIN.fullmatch(value) and value.lower() not in WORDS_OF_YAML
        return value if plain else json.dumps(value, ensure_ascii=False)
    if isinstance(value, list | tuple):
        return f"[{','.join(map(_written, value))}]"
    return json.dumps(value)
