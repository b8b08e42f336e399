"""Files of the series and its split are read back as they were."""

from pathlib import Path

import numpy as np
import pytest

from seqcompare.core.paths import SERIES
from seqcompare.data.series import Series
from seqcompare.data.storage import load_split, save_series, save_split
from seqcompare.data.windows import Parts, Scale


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_series_is_a_csv_with_time_and_value() -> None:
    save_series(Series(np.array([0.0, 0.5]), np.array([1.25, -1.0])))
    assert SERIES.read_text() == "time,value\n0.0,1.25\n0.5,-1.0\n"


def test_a_split_is_read_back_as_it_was() -> None:
    parts = Parts(range(2, 5), range(5, 5), range(5, 9), Scale(0.5, 2.0))
    save_split(parts)
    assert load_split() == parts
