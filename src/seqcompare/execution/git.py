"""Git: what the last commit has. Loads no torch."""

import json
import subprocess
from pathlib import Path
from typing import Any

from seqcompare.core.yaml import parse_yaml


def committed(path: Path) -> bytes | None:
    """The file in the last commit; None without Git or the file. path: relative to here."""
    try:
        done = subprocess.run(["git", "show", f"HEAD:./{path}"], capture_output=True, check=False)
    except OSError:
        return None
    return done.stdout if done.returncode == 0 else None


def committed_json(path: Path) -> dict[str, Any]:
    """A JSON mapping in the last commit; empty where it has none that can be read."""
    try:
        return dict(json.loads(committed(path) or b"{}"))
    except (TypeError, ValueError):
        return {}


def committed_yaml(path: Path) -> dict[str, Any]:
    """The same of a YAML mapping."""
    try:
        return parse_yaml(committed(path) or b"{}", str(path))
    except ValueError:
        return {}
