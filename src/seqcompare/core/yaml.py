"""YAML as DVC writes it: version 1.2, in which 1e-05 is a number, and no and on are words."""

import re
from pathlib import Path
from typing import Any

import yaml

from seqcompare.core.errors import InputError


class _Loader(yaml.CSafeLoader):
    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """PyYAML takes the last of two equal keys."""
        keys = [str(key.value) for key, _ in node.value]
        if twice := [key for key in keys if keys.count(key) > 1]:
            raise yaml.YAMLError(f"{twice[0]:.60} stands there twice")
        return super().construct_mapping(node, deep)


# PyYAML reads YAML 1.1: these are the numbers and booleans of YAML 1.2's core schema.
_CHANGED = ("bool", "float", "int", "timestamp")
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag.split(":")[-1] not in _CHANGED]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}
for _name, _pattern, _first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?[0-9]+", "-+0123456789"),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", "-+.0123456789"),
    ("float", r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)", "-+."),
):
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_name}", re.compile(f"^({_pattern})$"), list(_first)
    )
_Loader.add_constructor("tag:yaml.org,2002:int", lambda _, node: int(node.value))


def load_yaml(path: Path) -> dict[str, Any]:
    """A mapping of plain values. Raises InputError for a file that is missing or holds none."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None
    return parse_yaml(content, str(path))


def _check_depth(content: bytes) -> None:
    """Raises YAMLError where PyYAML, in C, would overflow its stack and end the process."""
    depth = 0
    for event in yaml.parse(content, _Loader):
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > 100:
            raise yaml.YAMLError("its mappings and lists are more than 100 deep")


def parse_yaml(content: bytes, name: str) -> dict[str, Any]:
    """The same of a file's content. name: of the file, for errors."""
    try:
        _check_depth(content)
        found = yaml.load(content, _Loader)  # a subclass of CSafeLoader
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        reason = " ".join(str(error).split())
        raise InputError(f"{name}: not valid YAML: {reason[:300]}") from None
    if not isinstance(found, dict):
        raise InputError(f"{name}: holds no settings: it must be a mapping like `seq_len: 20`")
    return found
