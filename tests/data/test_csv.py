"""CSV files: each is read as docs/DATA.md says, or ends in one line that says where and why."""

import os
from collections.abc import Callable
from contextlib import suppress
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from conftest import ROOT, default_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seqcompare.core.errors import InputError
from seqcompare.core.params import LARGEST_SERIES, Data
from seqcompare.data import csv, times
from seqcompare.data.csv import read_csv
from seqcompare.data.series import Series, series_from

OWN = Path("data/input/own.csv")
Case = dict[str, Any]
CASES: list[Case] = yaml.load(
    (ROOT / "tests/data/csv_cases.yaml").read_text(encoding="utf-8"), yaml.CSafeLoader
)
NAME = itemgetter("name")
pytestmark = pytest.mark.usefixtures("in_tmp")
quick = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(autouse=True)
def input_folder(in_tmp: Path) -> None:
    (in_tmp / OWN).parent.mkdir(parents=True)


def data(**changes: Any) -> Data:
    return Data(**{**default_settings()["data"], "source": "csv", "path": str(OWN), **changes})


def write(case: Case) -> Data:
    """The case's file, and the settings that name its columns."""
    if "hex" in case:
        OWN.write_bytes(bytes.fromhex(case["hex"]))
    else:
        text = case.get("head", "") + case["text"] * case.get("repeat", 1)
        OWN.write_bytes(text.encode())
    return data(**{key: case[key] for key in ("value", "time", "id", "missing") if key in case})


def read(settings: Data) -> dict[str, Series]:
    return series_from(read_csv(settings)[0])


def values(settings: Data) -> list[float]:
    return read(settings)["value"].values.tolist()


def the_line(action: Callable[[], object]) -> str:
    with pytest.raises(InputError) as caught:
        action()
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 700
    return str(caught.value)


@pytest.mark.parametrize("case", [each for each in CASES if "says" in each], ids=NAME)
def test_a_bad_file_ends_in_one_line_that_says_where(case: Case) -> None:
    assert the_line(lambda: read_csv(write(case))) == f"{OWN}: {case['says']}"


@pytest.mark.parametrize("case", [each for each in CASES if "says" not in each], ids=NAME)
def test_an_odd_file_is_read_as_documented(case: Case) -> None:
    frame, notes = read_csv(write(case))
    assert frame["value"].tolist() == case.get("values", frame["value"].tolist())
    assert frame["time"].tolist() == case.get("times", frame["time"].tolist())
    filled = frame.get("filled", pd.Series(0, frame.index))
    assert np.flatnonzero(filled).tolist() == case.get("filled", [])
    assert len(notes) == ("note" in case)
    for note in notes:
        assert note.startswith(f"{OWN}: ")
        assert case["note"] in note


cells = st.text("0123456789.-+e,\"'\n\r\tx;:/ TZ٣\0\x1c\x0b\u2028", max_size=60)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    content=st.binary(max_size=80) | cells.map(lambda text: f"t,value\n{text}".encode()),
    time=st.sampled_from([None, "t"]),
    missing=st.sampled_from(["refuse", "ffill"]),
)
def test_no_bytes_end_in_anything_but_finite_series_or_one_line(
    content: bytes, time: str | None, missing: str
) -> None:
    OWN.write_bytes(content)
    with suppress(InputError):
        for series in read(data(time=time, missing=missing)).values():
            assert np.isfinite(series.values).all()


def test_rows_of_several_series_may_stand_in_any_order_and_fill_their_series_alone() -> None:
    OWN.write_text("t,id,value\n1,b,1\n5,07,2\n2,b,\n6,07,4\n3,b,5\n")
    series = read(data(time="t", id="id", missing="ffill"))
    assert [(name, each.values.tolist()) for name, each in series.items()] == [
        ("b", [1, 1, 5]), ("07", [2, 4])
    ]  # fmt: skip
    assert [each.filled.tolist() for each in series.values()] == [[False, True, False], [False] * 2]
    assert series["07"].times.tolist() == [5, 6]


@quick
@given(st.lists(st.sampled_from([None, 1.0, 2.0, 3.0]), min_size=6, max_size=40), st.data())
def test_changing_a_later_value_never_changes_an_earlier_one(
    cells: list[float | None], drawn: st.DataObject
) -> None:
    cells = [0.0, *cells, 0.0]
    at = drawn.draw(st.integers(1, len(cells) - 1))

    def filled(later: float) -> list[float]:
        row = [later if n >= at and cell is not None else cell for n, cell in enumerate(cells)]
        OWN.write_text("value\n" + "".join(f"{'NA' if v is None else v}\n" for v in row))
        return values(data(missing="ffill"))

    with suppress(InputError):  # more missing in a row than are filled
        assert filled(7.0)[:at] == filled(-7.0)[:at]


def good(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("value\n1\n2\n4\n")
    return path


def linked(target: str) -> None:
    OWN.symlink_to(Path(target).resolve())


@pytest.mark.parametrize("target", ["data/input/a/b.csv", f".dvc/cache/files/md5/0a/{'b' * 30}"])
def test_a_link_inside_data_input_or_into_the_cache_of_dvc_is_followed(target: str) -> None:
    good(Path(target))
    linked(target)
    assert values(data()) == [1, 2, 4]


OUTSIDE = "is not in data/input/, or a link that leads out of it: put a copy there"


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: None, "cannot be read: No such file or directory"),
        (lambda: os.mkfifo(OWN), "is no regular file: give the path of a CSV file"),
        (lambda: linked(str(good(Path("data/input2/own.csv")))), OUTSIDE),
        (lambda: linked("/dev/zero"), OUTSIDE),
        (lambda: linked(str(OWN)), "cannot be read: Too many levels of symbolic links"),
    ],
)
def test_what_is_no_file_of_data_input_is_refused(make: Callable[[], None], says: str) -> None:
    make()
    assert the_line(lambda: read_csv(data())).startswith(f"{OWN}: {says}")


def test_a_path_outside_data_input_is_read_by_the_command_alone() -> None:
    path = good(Path("elsewhere/own.csv"))
    outside = data().model_copy(update={"path": str(path)})
    assert the_line(lambda: read_csv(outside)) == f"{path}: {OUTSIDE}"
    assert len(read_csv(outside, anywhere=True)[0]) == 3


def test_the_page_on_files_names_the_bounds_that_hold() -> None:
    page = (ROOT / "docs/DATA.md").read_text(encoding="utf-8")
    assert f"more than {csv.LONGEST_GAP} in a row" in page
    assert f"within ±{csv.LARGEST:g}".replace("+", "") in page
    assert f"within ±{csv.LARGEST_TIME:g}".replace("+", "") in page
    assert f"exceeds {times.UNEVEN} median steps" in page
    assert f"at most {LARGEST_SERIES / 1e6:g} million rows" in page
