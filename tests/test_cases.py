"""Bug reports of other projects, tried here with the inputs in tests/cases/."""

import re
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from conftest import MAKE, ROOT, Project, run_stages

from seqcompare.core.errors import InputError

CASES = ROOT / "tests/cases"
QUICK: dict[str, Any] = {"seeds": [0], "training": {"epochs": 1}}
TRAIN = ("generate", "split", "train lstm", "train transformer")
ALL = (*TRAIN, "evaluate", "render")


def with_case(folder: Path, file: str, name: str | None = None) -> str:
    """Copy a case's file to where a series belongs. Returns its path for params.yaml."""
    target = folder / "data/input" / (name or file)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(CASES / file, target)
    return f"data/input/{target.name}"


def of_csv(path: str, value: str, time: str | None, **more: Any) -> dict[str, Any]:
    return {"data": {"source": "csv", "path": path, "value": value, "time": time, **more}}


def run_csv(folder: Path, file: str, value: str, time: str | None, **changes: Any) -> Path:
    path = with_case(folder, file)
    run_stages(folder, *ALL, **of_csv(path, value, time), **QUICK, **changes)
    return folder


def test_a_column_s_name_is_shown_as_it_stands_also_in_a_notebook(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    name = "a $\\frac b$ of Rev_$_Q1_$ & <b>"
    table = pd.read_csv(CASES / "spend.csv").rename(columns={"spend_$_per_click_$": name})
    (tmp_path / "data/input").mkdir(parents=True)
    table.to_csv(tmp_path / "data/input/own.csv", index=False)
    run_stages(tmp_path, *ALL, **of_csv("data/input/own.csv", name, "date"), **QUICK)
    page = (tmp_path / "reports/report.html").read_text()
    assert name.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") in page


@pytest.mark.parametrize(
    ("file", "value", "time", "seq_len"),
    [
        ("monthly.csv", "#Passengers", "Month", 12),
        pytest.param("load.csv", "load", "time", 24, marks=pytest.mark.slow),
    ],
)
def test_hourly_and_monthly_times_are_drawn_without_a_warning(
    tmp_path: Path, file: str, value: str, time: str, seq_len: int
) -> None:
    run_csv(tmp_path, file, value, time, seq_len=seq_len)  # pytest makes a warning an error
    first = pd.read_csv(tmp_path / "reports/forecast.csv")["time"][0]
    assert first == ("2023-01-21 20:00:00" if file == "load.csv" else "1961-01")


@pytest.mark.slow
def test_no_map_of_the_sine_is_shown_as_one_of_a_csv(tmp_path: Path) -> None:
    published = tmp_path / "reports/maps"
    if (ROOT / "reports/maps/settings").is_dir():
        shutil.copytree(ROOT / "reports/maps/settings", published / "settings")
    else:
        pytest.skip("needs the published map of reports/maps/settings")
    run_csv(tmp_path, "sales.csv", "y", "ds", seq_len=8)
    page = (tmp_path / "reports/report.html").read_text()
    assert "sine" in re.sub(r"<[^>]*>", " ", page)


@pytest.mark.parametrize(
    "value",
    [
        "温度",
        "T (degC)",
        "Wert [%]",
        "#Passengers",
        "EUR/MWh: spot",
        "cost & fee $#$",
        "0",
        "value|x",
    ],
)
@pytest.mark.slow
def test_names_that_need_quotes_for_hydra(fresh_project: Project, value: str) -> None:
    path = with_case(fresh_project.path, "names.csv", "sales (1).csv")
    options = [f'data.path="{path}"', f'data.value="{value}"', "data.source=csv", "data.time=date"]
    changes = [part for option in options for part in ("-S", option)]
    fresh_project.run("dvc", "exp", "run", *changes, "split")
    assert fresh_project.params().data.value == value


def test_a_header_of_0_is_a_column(tmp_path: Path) -> None:
    path = with_case(tmp_path, "series_header_0.csv")
    run_stages(tmp_path, "generate", "split", **of_csv(path, "0", None))


def test_the_horizon_that_fits_is_named(tmp_path: Path) -> None:
    changes = of_csv(with_case(tmp_path, "monthly.csv"), "#Passengers", "Month", period=12)
    changes |= {"seq_len": 12, "split": {"test": 36}}
    with pytest.raises(InputError) as caught:
        run_stages(tmp_path, "generate", **changes, evaluation={"horizon": 20})
    most = re.search(r"use at most (\d+)", str(caught.value))
    assert most is not None
    run_stages(tmp_path, "generate", "split", **changes, evaluation={"horizon": int(most[1])})
    one_more = {"horizon": int(most[1]) + 1}
    with pytest.raises(InputError, match=r"evaluation\.horizon"):
        run_stages(tmp_path, "generate", "split", **changes, evaluation=one_more)


def test_a_zone_is_kept(tmp_path: Path) -> None:
    run_csv(tmp_path, "price.csv", "price", "ts", seq_len=24)
    given = pd.read_csv(CASES / "price.csv")["ts"].iloc[-1]
    first = pd.read_csv(tmp_path / "reports/forecast.csv")["time"][0]
    assert pd.Timestamp(first) - pd.Timestamp(given) == pd.Timedelta(hours=1)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["Pröj", "a b", "x#y", "x$(touch PWNED)"])
def test_a_folder_of_any_name(fresh_project: Project, tmp_path: Path, name: str) -> None:
    project = fresh_project.copy_to(tmp_path / name)
    said = project.run(*MAKE, "run").stdout
    assert (project.path / "reports/report.html").resolve().as_uri() in said
    assert [*tmp_path.rglob("PWNED")] == []
