"""Nested mappings, as settings and texts are written, with their keys joined by dots."""

from collections.abc import Mapping
from typing import Any


def flattened(content: Mapping[str, Any], parent: str = "") -> dict[str, Any]:
    """`{"a": {"b": 1}}` as `{"a.b": 1}`."""
    flat: dict[str, Any] = {}
    for key, value in content.items():
        if isinstance(value, Mapping):
            flat |= flattened(value, f"{parent}{key}.")
        else:
            flat[f"{parent}{key}"] = value
    return flat
