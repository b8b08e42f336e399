"""Files: written whole or not at all, read back as they were."""

import errno
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqcompare.core.errors import InputError
from seqcompare.core.files import (
    load,
    load_csv,
    load_weights,
    save,
    save_csv,
    save_json,
    write_bytes,
)


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_a_column_of_floats_is_read_back_bit_by_bit(values: list[float]) -> None:
    save_csv(Path("table.csv"), {"value": values})
    assert load_csv(Path("table.csv"))["value"].tolist() == values


def test_metrics_have_six_significant_digits() -> None:
    path = Path("metrics.json")
    save(path, {"lstm": {"mse": 0.0123456789, "parameters": 12345678}})
    assert load(path) == {"lstm": {"mse": 0.0123457, "parameters": 12345678}}


def test_a_number_that_json_has_no_word_for_is_refused() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        save_json(Path("x.json"), {"mse": float("nan")})


def test_a_write_that_fails_leaves_the_file_as_it_was_and_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    write_bytes(path, b"before")

    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, "disk full")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match=rf"disk full: '{path}'"):
        write_bytes(path, b"after")
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("content", ["", "time,value\n1,x\n", "time,value\n1\n"])
def test_a_damaged_table_is_one_line_that_names_the_file(content: str) -> None:
    Path("table.csv").write_text(content)
    with pytest.raises(InputError, match=r"^table\.csv: cannot be read .*dvc repro"):
        load_csv(Path("table.csv"))


def test_damaged_weights_are_one_line_that_names_the_file() -> None:
    write_bytes(Path("seed-0.safetensors"), b"\xff" * 20)
    with pytest.raises(InputError, match=r"^seed-0\.safetensors: cannot be read"):
        load_weights(Path("seed-0.safetensors"))
