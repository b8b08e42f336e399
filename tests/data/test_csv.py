"""CSV files: each is read as docs/DATA.md says, or ends in one line that says where and why."""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import ROOT, default_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from seqcompare.core.errors import InputError
from seqcompare.core.limits import LARGEST_SERIES
from seqcompare.core.sections.data import Data
from seqcompare.data import csv_file, csv_times, csv_values
from seqcompare.data.series import Draws, make_draws
from seqcompare.data.storage import load_series, save_series
from stages import generate

OWN = Path("data/input/own.csv")
Case = dict[str, Any]
CASES: list[Case] = YAML(typ="safe", pure=True).load(ROOT / "tests/data/csv_cases.yaml")


def named(cases: list[Case]) -> Any:
    return pytest.mark.parametrize("case", [pytest.param(each, id=each["name"]) for each in cases])


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    OWN.parent.mkdir(parents=True)


def data(**changes: Any) -> Data:
    return Data(**{**default_settings()["data"], "source": "csv", "path": str(OWN), **changes})


def write(case: Case) -> Data:
    """The case's file, and the settings that name its columns."""
    if "hex" in case:
        OWN.write_bytes(bytes.fromhex(case["hex"]))
    else:
        text = case.get("head", "") + case["text"] * case.get("repeat", 1)
        OWN.write_bytes(text.encode())
    return data(**{key: case[key] for key in ("value", "time", "missing") if key in case})


def the_line(action: Callable[[], object]) -> str:
    with pytest.raises(InputError) as caught:
        action()
    message = str(caught.value)
    assert message.isprintable()
    assert len(message) < 700
    return message


@named([case for case in CASES if "says" in case or "says_among" in case])
def test_a_bad_file_ends_in_one_line_that_says_where(case: Case) -> None:
    message = the_line(lambda: make_draws(write(case), [0]))
    if "says" in case:
        assert message == f"{OWN}: {case['says']}"
    else:
        assert message.startswith(f"{OWN}: ")
        assert case["says_among"] in message


@named([case for case in CASES if "says" not in case and "says_among" not in case])
def test_an_odd_file_is_read_as_documented(case: Case) -> None:
    draws = make_draws(write(case), [0])
    if "values" in case:
        assert draws.of_trial(0).tolist() == case["values"]
    if "times" in case:
        assert np.allclose(draws.times, case["times"], rtol=1e-15, atol=0)
    assert draws.interpolated == tuple(case.get("interpolated", ()))
    if "note" in case:
        (note,) = draws.notes
        assert note.startswith(f"{OWN}: ")
        assert case["note"] in note
    elif not draws.interpolated:
        assert draws.notes == ()


@pytest.mark.parametrize(("rest", "dated"), [("", False), ("-01", True)])
def test_a_series_knows_whether_its_times_are_dates(rest: str, dated: bool) -> None:
    OWN.write_text("t,value\n" + "".join(f"{2020 + row}{rest},{row}\n" for row in range(3)))
    assert make_draws(data(time="t"), [0]).dated == dated
    assert not make_draws(data(time=None), [0]).dated


def test_numbers_are_read_to_the_last_bit() -> None:
    values = np.random.default_rng(0).normal(size=1000)
    OWN.write_text("value\n" + "".join(f"{value!r}\n" for value in values.tolist()))
    assert np.array_equal(make_draws(data(), [0]).of_trial(0), values)


cells = st.text("0123456789.-+e,\"'\n\r\tx;:/ TZ٣\0", max_size=60)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    content=st.binary(max_size=80) | cells.map(lambda text: f"t,value\n{text}".encode()),
    time=st.sampled_from([None, "t"]),
    missing=st.sampled_from(["refuse", "interpolate"]),
)
def test_no_bytes_end_in_anything_but_a_finite_series_or_one_line(
    content: bytes, time: str | None, missing: str
) -> None:
    OWN.write_bytes(content)
    with suppress(InputError):
        draws = make_draws(data(time=time, missing=missing), [0])
        assert np.isfinite([draws.times, draws.of_trial(0)]).all()


# --- gaps -------------------------------------------------------------------------------------


def test_interpolated_positions_are_read_back() -> None:
    OWN.write_text("value\n1\nNA\n2\n4\n")
    draws = make_draws(data(missing="interpolate"), [0])
    save_series(draws)
    assert Path("data/series.csv").read_text().splitlines() == [
        "time,value,interpolated",
        "0.0,1.0,0",
        "1.0,1.5,1",
        "2.0,2.0,0",
        "3.0,4.0,0",
    ]
    loaded = load_series()
    assert loaded.interpolated == (1,)
    assert np.array_equal(loaded.of_trial(0), draws.of_trial(0))


def test_a_series_without_gaps_has_no_column_of_them() -> None:
    OWN.write_text("value\n1\n2\n4\n")
    save_series(make_draws(data(missing="interpolate"), [0]))
    assert Path("data/series.csv").read_text().startswith("time,value\n")
    assert load_series().interpolated == ()


def test_a_series_file_with_other_marks_is_refused() -> None:
    Path("data/series.csv").write_text("time,value,interpolated\n0,1,0\n1,2,2\n")
    assert the_line(load_series) == (
        "data/series.csv: its column interpolated is not of 0 and 1: run `dvc repro`"
    )


# --- notes ------------------------------------------------------------------------------------


def test_generate_notes_an_uneven_step_on_stderr(
    write_params: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    write_params(data={"source": "csv", "path": str(OWN), "time": "t"})
    OWN.write_text("t,value\n2024-01-04,1\n2024-01-05,2\n2024-01-08,3\n2024-01-09,4\n")
    generate.main()
    assert Path("data/series.csv").exists()
    assert capsys.readouterr().err == (
        f"note: {OWN}: row 3 (line 4), column t: '2024-01-08' comes 3 days after the row above, "
        "but the median step is 1 day: 1 of 3 steps are that large, and models take all as one "
        "step\n"
    )


def test_a_note_steers_no_terminal() -> None:
    OWN.write_text("\x1b[31m,value\n1,1\n2,2\n3,3\n9,4\n")
    (note,) = make_draws(data(time="\x1b[31m"), [0]).notes
    assert r"column \x1b[31m: '9' comes 6 after" in note


# --- the path ---------------------------------------------------------------------------------


def good(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("value\n1\n2\n4\n")
    return path


def values(draws: Draws) -> list[float]:
    return [float(value) for value in draws.of_trial(0)]


def test_a_file_that_is_not_there() -> None:
    assert the_line(lambda: make_draws(data(), [0])) == (
        f"{OWN}: cannot be read: No such file or directory"
    )


def test_a_folder() -> None:
    OWN.mkdir()
    assert "is no regular file: give the path of a CSV file" in the_line(
        lambda: make_draws(data(), [0])
    )


def test_a_link_is_followed_inside_data_input() -> None:
    OWN.symlink_to(good(Path("data/input/deep/other.csv")).resolve())
    assert values(make_draws(data(), [0])) == [1, 2, 4]


def test_a_link_into_the_cache_of_dvc_is_followed() -> None:
    OWN.symlink_to(good(Path(f".dvc/cache/files/md5/0a/{'b' * 30}")).resolve())
    assert values(make_draws(data(), [0])) == [1, 2, 4]


@pytest.mark.parametrize("target", ["data/other.csv", "data/input2/own.csv", "/etc/passwd"])
def test_a_link_that_leads_out_of_data_input_is_refused(target: str) -> None:
    if not target.startswith("/"):
        good(Path(target))
    OWN.symlink_to(Path(target).resolve())
    assert the_line(lambda: make_draws(data(), [0])) == (
        f"{OWN}: leads out of data/input/ by a link: put a copy of the file there instead"
    )


def test_a_linked_folder_that_leads_out_of_data_input_is_refused() -> None:
    good(Path("elsewhere/own.csv"))
    Path("data/input/folder").symlink_to(Path("elsewhere").resolve())
    path = "data/input/folder/own.csv"
    assert "leads out of data/input/ by a link" in the_line(lambda: make_draws(data(path=path), []))


def test_a_link_to_an_endless_device_is_refused_without_reading() -> None:
    OWN.symlink_to("/dev/zero")
    assert "leads out of data/input/" in the_line(lambda: make_draws(data(), [0]))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no such files on this system")
def test_a_pipe_is_refused_without_reading() -> None:
    os.mkfifo(OWN)
    assert "is no regular file" in the_line(lambda: make_draws(data(), [0]))


def test_links_in_a_circle() -> None:
    OWN.symlink_to(OWN.resolve())
    assert the_line(lambda: make_draws(data(), [0])).startswith(f"{OWN}: cannot be read: ")


def test_a_path_with_a_zero_byte() -> None:
    line = the_line(lambda: make_draws(data(path="data/input/a\0.csv"), [0]))
    assert line.startswith(r"data/input/a\x00.csv: cannot be read: ")


def test_a_file_that_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    good(OWN)
    monkeypatch.setattr(csv_file, "LARGEST_FILE", 10)
    assert the_line(lambda: make_draws(data(), [0])) == (
        f"{OWN}: has 12 bytes: at most 10 are read: keep the columns that you need"
    )


def test_a_file_of_too_many_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    good(OWN)
    monkeypatch.setattr(csv_file, "LARGEST_SERIES", 2)
    assert the_line(lambda: make_draws(data(), [0])) == (
        f"{OWN}: row 3 (line 4) is one too many: at most 2 are read"
    )


# --- the settings -----------------------------------------------------------------------------


def test_values_and_times_are_two_columns() -> None:
    assert the_line(lambda: data(value="t", time="t")) == (
        "params.yaml: data.value and data.time are both 't': name two columns, or set data.time "
        "to null"
    )


@pytest.mark.parametrize(
    ("source", "scale", "scaling"),
    [
        ("sine", "auto", "none"),
        ("csv", "auto", "standard"),
        ("sine", "standard", "standard"),
        ("csv", "none", "none"),
    ],
)
def test_auto_scales_a_csv_alone(source: str, scale: str, scaling: str) -> None:
    assert data(source=source, scale=scale).scaling == scaling


def test_the_committed_params_refuse_gaps_and_leave_the_sine_as_it_is() -> None:
    committed = Data(**default_settings()["data"])
    assert (committed.missing, committed.scale, committed.scaling) == ("refuse", "auto", "none")


def test_the_page_on_files_names_the_bounds_that_hold() -> None:
    page = (ROOT / "docs/DATA.md").read_text()
    assert f"more than {csv_values.LONGEST_GAP} values in a row" in page
    assert f"within ±{csv_values.LARGEST:g}".replace("+", "") in page
    assert f"within ±{csv_times.LARGEST:g}".replace("+", "") in page
    assert f"more than {csv_times.UNEVEN} times the median" in page
    assert f"{csv_file.LARGEST_FILE / 1e9:g} GB and {LARGEST_SERIES / 1e6:g} million rows" in page
