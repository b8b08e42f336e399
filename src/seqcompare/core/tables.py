"""Files of results: tables as CSV, metrics as JSON, weights as safetensors.

Each is written whole or not at all; one that is missing or damaged ends in a line that names it.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import safetensors.numpy
from numpy.typing import NDArray

from seqcompare.core.errors import InputError

Weights = dict[str, NDArray[np.float32]]
DIGITS = "%.6g"  # where people read the difference between two commits


def write_bytes(path: Path, content: bytes) -> None:
    """Raises OSError that names the file, which then stays as it was."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")  # of this process alone
    try:
        temporary.write_bytes(content)
        temporary.replace(path)
    except BaseException as error:
        temporary.unlink(missing_ok=True)
        if isinstance(error, OSError):
            error.filename = str(path)
        raise


def save_table(path: Path, table: pd.DataFrame, digits: str | None = DIGITS) -> None:
    """Without its index. digits: format of floats; None: the shortest that reads back equal."""
    write_bytes(path, table.to_csv(index=False, float_format=digits, lineterminator="\n").encode())


def load_table(path: Path, *needed: str, text: tuple[str, ...] = ()) -> pd.DataFrame:
    """text: columns that stay text, such as names and ISO times.

    Raises InputError when the file is missing, no table, without rows or without a column needed.
    """
    types = dict.fromkeys(text, str)
    try:
        table = pd.read_csv(path, keep_default_na=False, na_values=[""], dtype=types)
        if table.empty:
            raise ValueError("it has no rows")
        if not isinstance(table.index, pd.RangeIndex):  # pandas takes the first column for it
            raise ValueError("it has rows longer than its header")
        if missing := {*needed, *text} - set(table.columns):
            raise ValueError(f"no column {', '.join(sorted(missing))}")
    except (OSError, ValueError) as error:
        raise damaged(path, error) from None
    return table


def save_json(path: Path, content: Mapping[str, Any]) -> None:
    write_bytes(path, (json.dumps(content, indent=2, allow_nan=False) + "\n").encode())


def load_json(path: Path) -> dict[str, Any]:
    """Raises InputError when the file is missing or no JSON mapping."""
    try:
        content = json.loads(path.read_bytes())
        if not isinstance(content, dict):
            raise ValueError("it holds no mapping")
    except (OSError, ValueError, RecursionError) as error:
        raise damaged(path, error) from None
    return content


def save_weights(path: Path, weights: Weights, trained_with: Mapping[str, Any]) -> None:
    """trained_with: what decides the weights, which whoever loads them compares."""
    # one key alone: safetensors writes several in random order
    note = {"trained_with": json.dumps(trained_with, sort_keys=True)}
    write_bytes(path, safetensors.numpy.save(weights, note))


def load_weights(path: Path) -> tuple[Weights, dict[str, Any]]:
    """The same back. Raises InputError when the file is missing or its floats are not finite."""
    try:
        content = path.read_bytes()
        weights = safetensors.numpy.load(content)
        length = int.from_bytes(content[:8], "little")
        note = json.loads(json.loads(content[8 : 8 + length])["__metadata__"]["trained_with"])
    except (OSError, safetensors.SafetensorError, ValueError, LookupError, TypeError) as error:
        raise damaged(path, error) from None
    for name, tensor in weights.items():  # nn.BatchNorm1d counts its batches in an integer
        if tensor.dtype.kind == "f" and not (tensor.dtype == "f4" and np.isfinite(tensor).all()):
            raise damaged(path, ValueError(f"{name} holds other than finite 32-bit floats"))
    return weights, note


def rounded(content: Any) -> Any:
    """Floats with 6 significant digits."""
    if isinstance(content, Mapping):
        return {key: rounded(value) for key, value in content.items()}
    if isinstance(content, list | tuple):
        return [rounded(value) for value in content]
    return float(DIGITS % content) if isinstance(content, float) else content


def damaged(path: Path, error: Exception) -> InputError:
    reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return InputError(f"{path}: cannot be read ({' '.join(reason.split())}): run `dvc repro`")
