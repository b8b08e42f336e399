"""The built-in series is the same for the same seed; a CSV file is checked at the door."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT

from seqcompare.core.errors import InputError
from seqcompare.core.params import Data, load_params
from seqcompare.data.series import Series, make_series

ReadText = Callable[..., Series]


@pytest.fixture
def data() -> Data:
    return load_params(ROOT / "params.yaml").data


def test_the_series_is_a_sine_with_noise_of_the_given_spread(data: Data) -> None:
    series = make_series(data)
    noise = series.values - np.sin(series.times)
    assert (len(series.times), series.times[0], series.times[-1]) == (1000, 0, 50)
    assert noise.std() == pytest.approx(0.1, rel=0.05)


def test_the_same_seed_gives_the_same_series(data: Data) -> None:
    assert (make_series(data).values == make_series(data).values).all()


def test_another_seed_gives_other_noise(data: Data) -> None:
    other = data.model_copy(update={"seed": 1})
    assert (make_series(data).values != make_series(other).values).any()


def test_no_noise_gives_the_sine_itself(data: Data) -> None:
    clean = make_series(data.model_copy(update={"noise": 0.0}))
    assert (clean.values == np.sin(clean.times)).all()


@pytest.fixture
def read(data: Data, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ReadText:
    """Reads a text, or bytes, as data/input/own.csv."""
    monkeypatch.chdir(tmp_path)
    path = Path("data/input/own.csv")
    path.parent.mkdir(parents=True)

    def read(content: str | bytes, value: str = "value", time: str | None = None) -> Series:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        own = {"source": "csv", "path": str(path), "value": value, "time": time}
        return make_series(data.model_copy(update=own))

    return read


def test_rows_are_counted_where_there_is_no_time(read: ReadText) -> None:
    series = read("name,value\na,1\nb,2.5\nc,-3e-1\n")
    assert series.times.tolist() == [0, 1, 2]
    assert series.values.tolist() == [1, 2.5, -0.3]


def test_times_that_are_numbers_are_kept(read: ReadText) -> None:
    assert read("year,value\n1700,1\n1701,2\n1702,3\n", time="year").times.tolist() == [
        1700,
        1701,
        1702,
    ]


def test_dates_become_decimal_years(read: ReadText) -> None:
    series = read("day,value\n2023-01-01,1\n2023-07-02 12:00,2\n2024-01-01,3\n", time="day")
    assert series.times.tolist() == [2023.0, 2023.5, 2024.0]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("value\n1\n\n3\n4\n", None),  # a blank line is no row
        ("value,b\n1,\n,2\n3,3\n", "row 2, column value: '' is not a finite number"),
        ("value\n1\nx\n3\n", "row 2, column value: 'x' is not a finite number"),
        ("value\n1\ninf\n3\n", "row 2, column value: 'inf' is not a finite number"),
        ("value\n1\nnan\n3\n", "row 2, column value: 'nan' is not a finite number"),
        ("value\n1\n2\n", "has 2 rows: at least 3 are needed"),
        ("value\n", "has 0 rows"),
        ("value\n5\n5\n5\n", "every value of column value is 5"),
        ("a,b\n1,2\n", "has no column value: its columns are a, b"),
        ("", "not a CSV table: it is empty"),
        ('value\n"1\n2\n', "not a CSV table"),
        (b"value\n1\n2\n\xff\n", "is no UTF-8"),
    ],
)
def test_a_bad_file_is_one_line_with_its_row_and_column(
    read: ReadText, content: str | bytes, says: str | None
) -> None:
    if says is None:
        assert len(read(content).values) == 3
        return
    with pytest.raises(InputError) as caught:
        read(content)
    assert str(caught.value).startswith("data/input/own.csv: ")
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("times", "says"),
    [
        (["1", "1", "2"], "row 2, column t: '1' is not later than the row above"),
        (["1", "3", "2"], "row 3, column t: '2' is not later than the row above"),
        (["1", "x", "2"], "row 2, column t: 'x' is not a finite number"),
        (["2024-01-01", "soon", "2024-01-03"], "column t: 'soon' is not a number or a date"),
    ],
)
def test_bad_times_are_one_line_with_its_row_and_column(
    read: ReadText, times: list[str], says: str
) -> None:
    rows = "".join(f"{time},{value}\n" for value, time in enumerate(times))
    with pytest.raises(InputError) as caught:
        read(f"t,value\n{rows}", time="t")
    assert says in str(caught.value)


def test_a_file_that_is_not_there_is_one_line(data: Data) -> None:
    own = data.model_copy(update={"source": "csv", "path": "data/input/none.csv"})
    with pytest.raises(InputError, match=r"^data/input/none\.csv: cannot be read: No such file"):
        make_series(own)
