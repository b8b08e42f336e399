"""Files of results: written whole or not at all, read back as they were, or refused in one line."""

import errno
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqcompare.core.errors import InputError
from seqcompare.core.tables import (
    load_json,
    load_table,
    load_weights,
    rounded,
    save_json,
    save_table,
    save_weights,
    write_bytes,
)

pytestmark = pytest.mark.usefixtures("in_tmp")
TABLE, JSON, WEIGHTS = Path("data/x.csv"), Path("x.json"), Path("w/0000.safetensors")
TENSORS = {"a.b": np.arange(6, dtype=np.float32).reshape(2, 3), "c": np.ones((2, 1), np.float32)}


def save_all() -> None:
    save_table(TABLE, pd.DataFrame({"name": ["1", "NA"], "value": [0.5, 1e-300]}), digits=None)
    save_json(JSON, {"lstm": {"mse": 0.5}})
    save_weights(WEIGHTS, TENSORS, {"epochs": 3, "scale": [0.1, "last"]})


LOADERS: dict[Path, Callable[[], Any]] = {
    TABLE: lambda: load_table(TABLE, "value", text=("name",)),
    JSON: lambda: load_json(JSON),
    WEIGHTS: lambda: load_weights(WEIGHTS),
}


def the_line(action: Callable[[], object]) -> str:
    with pytest.raises(InputError) as caught:
        action()
    assert str(caught.value).isprintable()
    return str(caught.value)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_floats_are_read_back_bit_by_bit(values: list[float]) -> None:
    save_table(TABLE, pd.DataFrame({"value": values}), digits=None)
    assert load_table(TABLE)["value"].astype(float).tolist() == values


def test_text_stays_text_and_what_people_compare_has_six_digits() -> None:
    save_table(TABLE, pd.DataFrame({"name": ["007", "NA"], "mse": [0.0123456789, np.nan]}))
    assert TABLE.read_text() == "name,mse\n007,0.0123457\nNA,\n"
    table = load_table(TABLE, "mse", text=("name",))
    assert table["name"].tolist() == ["007", "NA"]
    assert table["mse"].isna().tolist() == [False, True]
    assert rounded({"a": [0.0123456789, 12345678, "x"]}) == {"a": [0.0123457, 12345678, "x"]}


def test_weights_are_read_back_with_what_they_were_trained_with() -> None:
    save_all()
    first = WEIGHTS.read_bytes()
    tensors, trained_with = load_weights(WEIGHTS)
    assert {name: tensor.tolist() for name, tensor in tensors.items()} == {
        name: tensor.tolist() for name, tensor in TENSORS.items()
    }
    assert trained_with == {"epochs": 3, "scale": [0.1, "last"]}
    save_all()
    assert WEIGHTS.read_bytes() == first


def test_a_number_that_json_has_no_word_for_is_refused() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        save_json(JSON, {"mse": float("nan")})


def test_a_write_that_fails_leaves_the_file_as_it_was_and_nothing_beside_it(
    monkeypatch: pytest.MonkeyPatch, in_tmp: Path
) -> None:
    path = in_tmp / "file"
    write_bytes(path, b"before")

    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, "disk full")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match=rf"disk full: '{path}'"):
        write_bytes(path, b"after")
    assert [each.read_bytes() for each in in_tmp.iterdir()] == [b"before"]


@pytest.mark.parametrize("path", LOADERS, ids=str)
@pytest.mark.parametrize("kind", ["missing", "a folder"])
def test_what_is_no_file_is_one_line_that_names_it(path: Path, kind: str) -> None:
    save_all()
    path.unlink()
    if kind == "a folder":
        path.mkdir()
    line = the_line(LOADERS[path])
    assert line.startswith(f"{path}: cannot be read (")
    assert line.endswith("): run `dvc repro`")


def tensor(dtype: str, content: bytes) -> bytes:
    """A safetensors file of one tensor."""
    header = {"w": {"dtype": dtype, "shape": [1], "data_offsets": [0, len(content)]},
              "__metadata__": {"trained_with": "{}"}}  # fmt: skip
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + content


@pytest.mark.parametrize(
    ("path", "content", "says"),
    [
        (TABLE, b"", "No columns to parse from file"),
        (TABLE, b"name,value\n", "it has no rows"),
        (TABLE, b"name\na\n", "no column value"),
        (TABLE, b"name,value\na,1,2\n", "it has rows longer than its header"),
        (JSON, b"", "Expecting value"),
        (JSON, b"[1]", "it holds no mapping"),
        (WEIGHTS, b"", "Error while deserializing"),
        (WEIGHTS, tensor("F64", b"\0" * 8), "w holds other than finite 32-bit floats"),
        (WEIGHTS, tensor("F32", b"\0\0\xc0\x7f"), "w holds other than finite 32-bit floats"),
    ],
)
def test_a_damaged_file_is_one_line_that_names_it(path: Path, content: bytes, says: str) -> None:
    write_bytes(path, content)
    line = the_line(LOADERS[path])
    assert line.startswith(f"{path}: cannot be read ({says}")
