"""The series: a seeded noisy sine or a CSV's; its file is read back as it was."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
import pytest
from conftest import default_settings, small_params
from hypothesis import given
from hypothesis import strategies as st

from seqcompare.core.errors import InputError
from seqcompare.core.params import Data
from seqcompare.core.paths import SERIES
from seqcompare.data.series import Series, load_series, make_series, save_series, trials_of
from stages import generate

CSV = {"source": "csv", "path": "data/input/own.csv", "time": "t"}


def data(**changes: Any) -> Data:
    return Data(**{**default_settings()["data"], **changes})


def plain(seed: int) -> np.ndarray:
    """The tutorial's series."""
    noise = np.random.default_rng(seed).normal(0, 0.1, 1000)
    return np.sin(np.linspace(0, 50, 1000)) + noise


def test_each_seed_has_a_noisy_sine_of_its_own() -> None:
    series = make_series(data(seed="each"), (0, 7))[0]
    assert series["series"].unique().tolist() == ["0", "7"]
    assert np.array_equal(series["value"], [*plain(0), *plain(7)])
    assert np.array_equal(series["time"], [*np.linspace(0, 50, 1000)] * 2)
    assert np.array_equal(make_series(data(seed=7), (0,))[0]["value"], plain(7))


def test_more_values_than_memory_holds_are_refused_with_the_size_that_fits() -> None:
    with pytest.raises(InputError, match="for each of 100 seeds: use at most 2500000, or give"):
        make_series(data(seed="each", size=10**7), range(100))


@pytest.mark.parametrize(
    ("settings", "names", "trials"),
    [
        ({"seed": "each"}, ["0", "1"], [("0", 0), ("1", 1)]),
        ({"seed": 3}, ["3"], [("3", 0), ("3", 1)]),
        (CSV, ["load"], [("load", 0), ("load", 1)]),
        (CSV | {"id": "i"}, ["a", "b"], [("a", 0), ("a", 1), ("b", 0), ("b", 1)]),
    ],
)
def test_a_trial_is_a_series_and_a_seed(
    settings: dict[str, Any], names: list[str], trials: list[tuple[str, int]]
) -> None:
    assert trials_of(names, small_params(data=settings)) == trials


def test_filled_values_are_no_targets() -> None:
    filled = np.array([False, True, False, True, True])
    series = Series("a", np.arange(5.0), np.arange(5.0), filled)
    assert series.measured(range(1, 5)).tolist() == [2]
    with pytest.raises(InputError, match="series a: all values of rows 4 to 5 were missing"):
        series.measured(range(3, 5))


names = st.text(st.characters(codec="utf-8", exclude_characters="\0\r\n"), min_size=1, max_size=8)
times = st.sampled_from([[0.0, 0.1, 0.3], ["2024-05", "2024-06", "2024-07"]])


@given(names, st.lists(st.floats(-1e15, 1e15), min_size=3, max_size=3), times, st.booleans())
def test_a_series_is_read_back_as_it_was(
    name: str, values: list[float], times: list[Any], filled: bool
) -> None:
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        frame = pd.DataFrame({"series": [name] * 3, "time": times, "value": values})
        save_series(frame.assign(filled=[0, 1, 0]) if filled else frame)
        (series,) = load_series().values()
    assert (series.name, series.times.tolist(), series.values.tolist()) == (name, times, values)
    assert series.filled.tolist() == [False, filled, False]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("time,value\n1,1\n", "no column series"),
        ("series,time,value\na,1,x\n", ""),
        ("series,time,value\na,1,\n", "it holds values that are not finite, or of no series"),
        ("series,time,value\n,1,1\n", "it holds values that are not finite, or of no series"),
        ("series,time,value\na,,1\n", "its times are neither numbers nor dates"),
    ],
)
def test_a_damaged_file_is_one_line_that_names_it(in_tmp: Path, text: str, says: str) -> None:
    (in_tmp / SERIES).parent.mkdir()
    (in_tmp / SERIES).write_text(text)
    match = rf"^{SERIES}: cannot be read \({says}.*\): run `dvc repro`$"
    with pytest.raises(InputError, match=match):
        load_series()


def test_generate_writes_the_series_and_prints_notes(
    in_tmp: Path, write_params: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    write_params(data=CSV)
    (in_tmp / "data/input").mkdir(parents=True)
    (in_tmp / CSV["path"]).write_text(
        "t,value\n2024-01-04,1.5\n2024-01-05,2\n2024-01-08,3\n2024-01-09,4\n"
    )
    generate.main()
    assert SERIES.read_text().startswith("series,time,value\nvalue,2024-01-04,1.5\n")
    assert capsys.readouterr().err == (
        f"note: {CSV['path']}: row 3, column t: '2024-01-08' comes 3 median steps after the time "
        "before: 1 of 3 steps are that large, and models take all as one step\n"
    )
