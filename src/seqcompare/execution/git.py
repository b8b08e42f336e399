"""Git: what the last commit holds, for results to be compared with."""

import json
import subprocess
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError


def committed_json(path: Path) -> dict[str, Any]:
    """What the last commit holds, empty where there is nothing that can be read."""
    try:
        content = json.loads(_committed(path) or b"{}")
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def committed_yaml(path: Path) -> dict[str, Any]:
    """The same of a YAML file."""
    try:
        content = YAML(typ="safe", pure=True).load(_committed(path) or b"{}")
    except YAMLError:
        return {}
    return content if isinstance(content, dict) else {}


def differs_from_commit(path: Path) -> bool:
    """Does a file differ from the last commit's, where that has one?"""
    return _committed(path) not in (None, path.read_bytes())


def _committed(path: Path) -> bytes | None:
    """None without Git or the file."""
    try:
        done = subprocess.run(["git", "show", f"HEAD:./{path}"], capture_output=True, check=False)
    except OSError:
        return None
    return done.stdout if done.returncode == 0 else None
