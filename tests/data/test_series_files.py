"""Files of the series and its split are read back as they were, or refused in one line."""

from pathlib import Path

import numpy as np
import pytest

from seqcompare.core.errors import InputError
from seqcompare.core.paths import SERIES, SPLIT
from seqcompare.core.sections.split import Split
from seqcompare.core.split import load_split_file
from seqcompare.data.series import Draws
from seqcompare.data.storage import load_series, load_split, save_series, save_split
from seqcompare.data.windows import Folds, cut_folds


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_series_is_a_csv_with_time_and_value() -> None:
    save_series(Draws(np.array([0.0, 0.5]), {None: np.array([1.25, -1.0])}))
    assert SERIES.read_text() == "time,value\n0.0,1.25\n0.5,-1.0\n"


def test_draws_are_a_csv_with_time_and_a_column_for_each_seed() -> None:
    save_series(Draws(np.array([0.0, 0.5]), {0: np.array([1.25, -1.0]), 7: np.array([2.0, 3.0])}))
    assert SERIES.read_text() == "time,draw_0,draw_7\n0.0,1.25,2.0\n0.5,-1.0,3.0\n"


@pytest.mark.parametrize(
    ("header", "says"),
    [
        ("time,value,draw_0", "data/series.csv: has other columns than draws: run `dvc repro`"),
        ("time,draw_,draw_0", "data/series.csv: has other columns than draws: run `dvc repro`"),
        ("time", "data/series.csv: has no column of values: run `dvc repro`"),
    ],
)
def test_a_series_of_other_columns_is_refused(header: str, says: str) -> None:
    SERIES.parent.mkdir()
    row = ",".join("1" for _ in header.split(","))
    SERIES.write_text(f"{header}\n{row}\n")
    with pytest.raises(InputError) as caught:
        load_series()
    assert str(caught.value) == says


@pytest.mark.parametrize(
    "folds",
    [
        Folds(((range(2, 5), range(5, 5), range(5, 9)),), "standard"),
        cut_folds(60, 4, Split(train=None, validation=3, test=20, folds=3), "none", "last"),
    ],
    ids=["one fold", "three folds"],
)
def test_a_split_is_read_back_as_it_was(folds: Folds) -> None:
    save_split(folds, dated=False)
    assert load_split() == folds


@pytest.mark.parametrize("dated", [True, False])
def test_the_files_of_series_and_split_say_whether_times_are_dates(dated: bool) -> None:
    save_series(Draws(np.array([2024.0, 2024.5]), {None: np.array([1.0, 2])}, dated=dated))
    assert SERIES.read_text().startswith("decimal_year,value\n" if dated else "time,value\n")
    read = load_series()
    assert (read.dated, read.times.tolist()) == (dated, [2024.0, 2024.5])
    save_split(cut_folds(60, 4, Split(train=None, validation=0, test=20, folds=1), "none"), dated)
    assert load_split_file().times == ("dates" if dated else "numbers")
    assert ("times" in SPLIT.read_text()) == dated
