"""Reproduction: the commands that make a run's results, or a sweep's, again in a fresh clone."""

import json
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from seqcompare.core.sweep_params import SWEEP_PARAMS
from seqcompare.report.content import PageContent
from seqcompare.report.texts import Texts

WITHOUT_EFFECT = ("executor",)  # changes how long a run takes, no number of it
OF_SWEEPS = ("device", "reproducibility")  # what a sweep takes of params.yaml
Files: TypeAlias = tuple[Mapping[str, Any], Mapping[str, Any]]  # params.yaml, sweeps/params.yaml
CLONE = "git clone REPOSITORY seqcompare && cd seqcompare"
SET_UP = "make setup && source .venv/bin/activate"
PLAIN = re.compile(r"[A-Za-z_/][\w./-]*", re.ASCII)  # a string that -S takes without quotes
WORDS_OF_YAML = ("null", "true", "false", "nan", "inf")


def commands(content: PageContent) -> str:
    """For a shell. Settings that differ from the last commit's are named one by one."""
    changes = list(overrides(_effective(content.committed), _effective(content.settings)))
    lines = [CLONE]
    if content.data_digest:
        lines.append(_check(content.settings["data"]["path"], content.data_digest))
    if changes:
        lines += [SET_UP, _experiment("dvc exp run", changes)]
    else:
        lines.append("make run")
    lines.append(" ".join(["sha256sum", *content.hashes]))
    return "\n".join(lines)


def sweep_commands(
    name: str, changes: Sequence[str], inputs: Mapping[str, str], table: Mapping[str, str]
) -> str:
    """The same of one sweep. inputs, table: its CSV files and its table, path -> SHA-256.

    Forced: the results that a clone brings along would pass for made.
    """
    target = f"sweeps/dvc.yaml:render_sweep@{name}"
    made = f"dvc repro -f {target}"
    if changes:
        made = _experiment(f"dvc exp run -f {target}", changes)
    checks = [_check(path, digest) for path, digest in inputs.items()]
    return "\n".join([CLONE, *checks, SET_UP, made, *(_check(*each) for each in table.items())])


def sweep_changes(name: str, committed: Files, settings: Files) -> list[str]:
    """What differs for that sweep, as -S takes it."""
    (old, old_sweeps), (new, new_sweeps) = (
        _of_sweep(name, *each) for each in (committed, settings)
    )
    of_sweeps = (f"{SWEEP_PARAMS}:{change}" for change in overrides(old_sweeps, new_sweeps))
    return [*overrides(old, new), *of_sweeps]


def reproduce_markdown(commands: str, texts: Texts) -> str:
    """A section of a sweep's table."""
    title, explained = texts("section.reproduce"), texts("sweep.reproduce")
    return f"\n## {title}\n\n{explained}\n\n```sh\n{commands}\n```\n"


def overrides(old: Mapping[str, Any], new: Mapping[str, Any], parent: str = "") -> Iterator[str]:
    """What makes the new settings of the old ones, each as `dvc exp run -S` takes it."""
    for key in old:
        if key not in new:
            yield f"~{parent}{key}"
    for key, value in new.items():
        before = old.get(key)
        if isinstance(before, Mapping) and isinstance(value, Mapping):
            yield from overrides(before, value, f"{parent}{key}.")
        elif key not in old and isinstance(value, Mapping) and value:
            yield from overrides({}, value, f"{parent}{key}.")
        elif key not in old or _written(before) != _written(value):
            yield f"{'' if key in old else '++'}{parent}{key}={_written(value)}"


def _of_sweep(
    name: str, params: Mapping[str, Any], sweeps: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What its results depend on, of both files."""
    own = {key: each for key, each in sweeps.get("sweeps", {}).items() if key == name}
    of_params = {key: params[key] for key in OF_SWEEPS if key in params}
    return of_params, {"base": sweeps.get("base", {}), "sweeps": own}


def _check(path: str, digest: str) -> str:
    return f"echo '{digest}  '{shlex.quote(path)} | sha256sum --check"


def _experiment(command: str, changes: Sequence[str]) -> str:
    return " \\\n  ".join([command, *(f"-S {shlex.quote(change)}" for change in changes)])


def _effective(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in settings.items() if key not in WITHOUT_EFFECT}


def _written(value: object) -> str:
    """A value in Hydra's grammar, which -S reads: strings quoted where they might be another."""
    if isinstance(value, str):
        plain = PLAIN.fullmatch(value) and value.lower() not in WORDS_OF_YAML
        return value if plain else json.dumps(value, ensure_ascii=False)
    if isinstance(value, list | tuple):
        return f"[{','.join(map(_written, value))}]"
    if isinstance(value, Mapping):
        return f"{{{','.join(f'{key}:{_written(each)}' for key, each in value.items())}}}"
    return json.dumps(value)
