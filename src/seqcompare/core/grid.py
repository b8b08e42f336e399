"""A grid over params: which keys vary, and over what values."""

from collections.abc import Iterator, Mapping
from typing import Any

GridValue = int | float | bool | str | None


def flat_grid(grid: Mapping[str, Any]) -> dict[str, list[GridValue]]:
    """Dotted key -> values. Keys may stand in sections as in params.yaml, or with dots."""
    return dict(_leaves(grid))


def is_list_of_values(values: object) -> bool:
    """Is it a list with something in it, and nothing in it a list or a mapping?"""
    return (
        isinstance(values, list)
        and bool(values)
        and all(isinstance(value, GridValue) for value in values)
    )


def _leaves(grid: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for name, values in grid.items():
        if isinstance(values, dict):
            yield from _leaves(values, f"{above}{name}.")
        else:
            yield f"{above}{name}", values
