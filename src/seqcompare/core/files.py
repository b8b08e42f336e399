"""Files: the formats that results are written and read in, each the same way.

A file is written beside its place and renamed, so that none is ever half there. One that is
missing or damaged ends in one line which names it. Floats in CSV are the shortest text that reads
back as the same number.
"""

import csv
import json
import os
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy
from numpy.typing import NDArray
from pydantic import ValidationError

from seqcompare.core.arrays import Floats
from seqcompare.core.errors import InputError
from seqcompare.core.schema import S

Weights = dict[str, NDArray[np.float32]]
Columns = Mapping[str, Sequence[Any] | NDArray[Any]]
Rows = Sequence[Mapping[str, Any]]


class Stored(dict[str, Any]):
    """What a file holds under its keys. Raises InputError that names file and key for others."""

    def __init__(self, path: Path, content: Mapping[str, Any]) -> None:
        super().__init__(content)
        self._path = path

    def __missing__(self, key: str) -> Any:
        raise damaged(self._path, LookupError(f"no entry {key}"))

    def __reduce__(self) -> tuple[Any, ...]:
        return Stored, (self._path, dict(self))


def write_bytes(path: Path, content: bytes) -> None:
    """All of the content, or the file as it was. Raises OSError that names the file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.unlink(missing_ok=True)  # of a stage that was killed
    try:
        with temporary.open("xb") as file:
            file.write(content)
            os.fchmod(file.fileno(), 0o644)
        temporary.replace(path)
    except BaseException as error:
        temporary.unlink(missing_ok=True)
        if isinstance(error, OSError):
            error.filename = error.filename or str(path)
        raise


def save_csv(path: Path, columns: Columns) -> None:
    write_bytes(path, csv_bytes(columns))


def csv_bytes(columns: Columns) -> bytes:
    """A header of the keys, then a row for each position of the columns."""
    rows = zip(*(np.asarray(column).tolist() for column in columns.values()), strict=True)
    lines = [",".join(columns), *(",".join(map(str, row)) for row in rows)]
    return ("\n".join(lines) + "\n").encode()


def load_csv(path: Path, *needed: str) -> dict[str, Floats]:
    """Every column as finite floats.

    Raises InputError when the file is missing, no table of numbers, or lacks rows or a column
    needed.
    """
    try:
        with path.open(newline="") as file:
            header, *rows = csv.reader(file)
        table = np.array(rows, dtype=np.float64).reshape(len(rows), len(header))
        if not rows:
            raise ValueError("it has no rows")
        if missing := set(needed) - set(header):
            raise ValueError(f"no column {', '.join(sorted(missing))}")
        if not np.isfinite(table).all():
            raise ValueError("a number in it is not finite")
    except (OSError, ValueError, csv.Error) as error:
        raise damaged(path, error) from None
    return Stored(path, dict(zip(header, table.T, strict=True)))


def save_table(path: Path, rows: Rows) -> None:
    """A header of the first row's keys, then every row; None is an empty cell."""
    header = list(rows[0])
    cells = [["" if row[key] is None else str(row[key]) for key in header] for row in rows]
    write_bytes(path, "".join(",".join(line) + "\n" for line in [header, *cells]).encode())


def load_table(path: Path) -> list[dict[str, Any]]:
    """The rows: numbers as floats, other text as it is, empty cells as None.

    Raises InputError when the file is missing, no table or without rows.
    """
    try:
        with path.open(newline="") as file:
            header, *rows = csv.reader(file)
        if not rows:
            raise ValueError("it has no rows")
        return [Stored(path, dict(zip(header, map(_cell, row), strict=True))) for row in rows]
    except (OSError, ValueError, csv.Error) as error:
        raise damaged(path, error) from None


def _cell(text: str) -> float | str | None:
    try:
        return float(text) if text else None
    except ValueError:
        return text


def save_json(path: Path, content: Mapping[str, Any]) -> None:
    write_bytes(path, (json.dumps(content, indent=2, allow_nan=False) + "\n").encode())


def load_json(path: Path) -> dict[str, Any]:
    """Raises InputError when the file is missing or no JSON mapping."""
    try:
        content = json.loads(path.read_bytes(), object_hook=partial(Stored, path))
    except (OSError, ValueError, RecursionError) as error:
        raise damaged(path, error) from None
    if not isinstance(content, dict):
        raise InputError(f"{path}: holds no mapping: run `dvc repro`")
    return content


def save_weights(path: Path, weights: Weights) -> None:
    write_bytes(path, safetensors.numpy.save(weights))


def load_weights(path: Path) -> Weights:
    """Raises InputError when the file is missing or holds other than finite 32-bit floats."""
    try:
        weights = safetensors.numpy.load(path.read_bytes())
    except (OSError, safetensors.SafetensorError, ValueError, LookupError) as error:
        raise damaged(path, error) from None
    for name, tensor in weights.items():
        if tensor.dtype != np.float32 or not np.isfinite(tensor).all():
            raise damaged(path, ValueError(f"{name} holds other than finite 32-bit floats"))
    return weights


def save(path: Path, content: Mapping[str, Any]) -> None:
    """A JSON's content, its floats rounded, or a CSV's columns."""
    if path.suffix == ".json":
        save_json(path, rounded(content))
    else:
        save_csv(path, content)


def load(path: Path) -> dict[str, Any]:
    """What `save` wrote."""
    return load_json(path) if path.suffix == ".json" else load_csv(path)


def rounded(content: Any) -> Any:
    """Floats with 6 significant digits: a difference between commits then means something."""
    if isinstance(content, Mapping):
        return {key: rounded(value) for key, value in content.items()}
    if isinstance(content, list | tuple):
        return [rounded(value) for value in content]
    return float(f"{content:.6g}") if isinstance(content, float) else content


def stored_as(kind: type[S], content: Any, path: Path, *above: str) -> S:
    """What a file holds, or what stands there below some keys, as a `kind`.

    Raises InputError that names the file and the first entry which is not as it must be.
    """
    try:
        return kind.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, (*above, *first["loc"])))
        raise damaged(path, ValueError(f"{place}: {first['msg']}")) from None


def damaged(path: Path, error: Exception) -> InputError:
    reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return InputError(f"{path}: cannot be read ({' '.join(reason.split())}): run `dvc repro`")
