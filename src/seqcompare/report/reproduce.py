"""Reproduction: the commands that make a run's results again in a fresh clone."""

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from seqcompare.core.nested import flattened
from seqcompare.report.content import PageContent

WITHOUT_EFFECT = ("executor",)  # changes how long a run takes, no number of it
PLAIN = re.compile(r"[A-Za-z_/][\w./-]*", re.ASCII)  # a string that -S takes without quotes
WORDS_OF_YAML = ("null", "true", "false", "nan", "inf")


def commands(content: PageContent) -> str:
    """For a shell. Settings that differ from the last commit's are named one by one."""
    changes = list(overrides(_effective(content.committed), _effective(content.settings)))
    lines = ["git clone REPOSITORY seqcompare && cd seqcompare"]
    if content.data_digest:
        path = shlex.quote(content.settings["data"]["path"])
        lines.append(f"echo '{content.data_digest}  '{path} | sha256sum --check")
    if changes:
        lines.append("make setup && source .venv/bin/activate")
        lines.append(" \\\n  ".join(["dvc exp run", *(f"-S {shlex.quote(c)}" for c in changes)]))
    else:
        lines.append("make run")
    lines.append(" ".join(["sha256sum", *content.hashes]))
    return "\n".join(lines)


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
            flat = flattened(value, f"{parent}{key}.")
            yield from (f"++{name}={_written(each)}" for name, each in flat.items())
        elif key not in old or _written(before) != _written(value):
            yield f"{'' if key in old else '++'}{parent}{key}={_written(value)}"


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
