"""Files: written whole or not at all, read back as they were."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqcompare import artifacts
from seqcompare.core.errors import InputError
from seqcompare.core.files import load_csv, save_csv, save_json, write_bytes
from seqcompare.data.series import Series
from seqcompare.data.windows import Scale, Split


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_a_column_of_floats_is_read_back_bit_by_bit(values: list[float]) -> None:
    save_csv(Path("table.csv"), {"value": values})
    assert load_csv(Path("table.csv"))["value"].tolist() == values


def test_a_series_is_a_csv_with_time_and_value() -> None:
    artifacts.save_series(Series(np.array([0.0, 0.5]), np.array([1.25, -1.0])))
    assert artifacts.SERIES.read_text() == "time,value\n0.0,1.25\n0.5,-1.0\n"


def test_a_split_is_read_back_as_it_was() -> None:
    split = Split(range(2, 5), range(5, 5), range(5, 9), Scale(0.5, 2.0))
    artifacts.save_split(split)
    assert artifacts.load_split() == split


def test_weights_are_read_back_as_they_were() -> None:
    weights = {seed: {"w": np.full((2, 3), seed, dtype=np.float32)} for seed in (0, 7)}
    artifacts.save_runs("lstm", weights, {"seed": [0, 7]})
    loaded = artifacts.load_runs("lstm", [0, 7])
    assert loaded.keys() == weights.keys()
    assert all((loaded[seed]["w"] == weights[seed]["w"]).all() for seed in weights)


def test_runs_of_seeds_that_are_no_longer_asked_for_are_removed() -> None:
    artifacts.save_runs("lstm", {1: {"w": np.zeros(1, np.float32)}}, {"seed": [1]})
    artifacts.save_runs("lstm", {2: {"w": np.zeros(1, np.float32)}}, {"seed": [2]})
    assert not artifacts.weights_path("lstm", 1).exists()


def test_metrics_have_six_significant_digits() -> None:
    artifacts.save_results(
        {artifacts.METRICS: {"lstm": {"mse": 0.0123456789, "parameters": 12345678}}}
    )
    assert artifacts.load_metrics() == {"lstm": {"mse": 0.0123457, "parameters": 12345678}}


def test_a_number_that_json_has_no_word_for_is_refused() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        save_json(Path("x.json"), {"mse": float("nan")})


def test_a_write_that_fails_leaves_the_file_as_it_was_and_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    write_bytes(path, b"before")

    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        write_bytes(path, b"after")
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("content", ["", "time,value\n1,x\n", "time,value\n1\n"])
def test_a_damaged_table_is_one_line_that_names_the_file(content: str) -> None:
    Path("table.csv").write_text(content)
    with pytest.raises(InputError, match=r"^table\.csv: cannot be read .*dvc repro"):
        load_csv(Path("table.csv"))


def test_damaged_weights_are_one_line_that_names_the_file() -> None:
    write_bytes(artifacts.weights_path("lstm", 0), b"\xff" * 20)
    with pytest.raises(InputError, match=r"^data/runs/lstm/seed-0\.safetensors: cannot be read"):
        artifacts.load_runs("lstm", [0])


def test_results_of_models_that_are_gone_are_removed() -> None:
    for model in ("lstm", "gru"):
        artifacts.save_runs(model, {}, {"seed": [0]})
        artifacts.save_timing(model, {}, {"seed": [0]})
    artifacts.remove_other_runs(["lstm"])
    left = {path.stem for path in Path().rglob("*") if path.is_file()}
    assert left == {"history", "lstm"}
    assert not (artifacts.RUNS / "gru").exists()
