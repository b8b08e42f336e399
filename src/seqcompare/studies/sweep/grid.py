"""Grid of a sweep: the params that vary, and their values."""

from collections.abc import Iterator

from seqcompare.core.errors import InputError
from seqcompare.core.params import check_each_once
from seqcompare.core.types import Row

GridValue = int | float | bool | str | None


def flatten_grid(grid: Row) -> dict[str, list[GridValue]]:
    """Dotted key -> values. Keys may stand in sections as in params.yaml, or with dots.

    Raises InputError for a key without a list of values that differ.
    """
    return dict(_entries(grid, "sweep.grid"))


def _entries(grid: Row, parent: str) -> Iterator[tuple[str, list[GridValue]]]:
    for name, values in grid.items():
        key = f"{parent}.{name}"
        if isinstance(values, dict):
            yield from _entries(values, key)
            continue
        if not (isinstance(values, list) and values) or any(
            not isinstance(value, GridValue) for value in values
        ):
            raise InputError(
                f"params.yaml: {key} is {values!r:.60}: give a list of values, like [20, 50]"
            )
        check_each_once(key, values)
        yield key.removeprefix("sweep.grid."), values
