"""Bug reports of other projects, tried here with the inputs in tests/cases/."""

import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from conftest import MAKE, ROOT, Project, run_stages

CASES = ROOT / "tests/cases"
QUICK: dict[str, Any] = {"seeds": [0], "training": {"epochs": 1}}
ALL = ("generate", "split", "train lstm", "train transformer", "evaluate", "render")


def with_case(folder: Path, file: str, name: str | None = None) -> str:
    """Copy a case's file to where a series belongs. Returns its path for params.yaml."""
    target = folder / "data/input" / (name or file)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(CASES / file, target)
    return f"data/input/{target.name}"


def of_csv(path: str, value: str, time: str | None, **more: Any) -> dict[str, Any]:
    return {"data": {"source": "csv", "path": path, "value": value, "time": time, **more}}


def test_a_column_s_name_is_shown_as_it_stands(tmp_path: Path) -> None:
    path, name = with_case(tmp_path, "spend.csv"), "Rev_$_Q1_$ & <b>"
    own = tmp_path / path
    own.write_text(own.read_text().replace("spend_$_per_click_$", name))
    run_stages(tmp_path, *ALL, **of_csv(path, name, "date"), **QUICK)
    page = (tmp_path / "reports/report.html").read_text()
    assert "Rev_$_Q1_$ &amp; &lt;b&gt;" in page


@pytest.mark.parametrize(
    ("file", "value", "time", "seq_len", "first"),
    [
        ("monthly.csv", "#Passengers", "Month", 12, "1961-01"),
        ("price.csv", "price", "ts", 24, "2024-10-30 21:00:00+01:00"),
    ],
)
def test_monthly_and_hourly_times_are_drawn_without_a_warning_and_a_zone_is_kept(
    tmp_path: Path, file: str, value: str, time: str, seq_len: int, first: str
) -> None:
    changes = of_csv(with_case(tmp_path, file), value, time) | {"seq_len": seq_len}
    run_stages(tmp_path, *ALL, **changes, **QUICK)  # pytest makes a warning an error
    assert pd.read_csv(tmp_path / "reports/forecast.csv")["time"][0] == first


@pytest.mark.slow
def test_names_that_need_quotes_for_hydra(fresh_project: Project) -> None:
    path = with_case(fresh_project.path, "names.csv", "sales (1).csv")
    given = ["-S", f'data.path="{path}"', "-S", "data.source=csv", "-S", "data.time=date"]
    for value in ("T (degC)", "温度", "Wert [%]", "#Passengers", "EUR/MWh: spot", "A$1=US$", "0"):
        fresh_project.run("dvc", "exp", "run", *given, "-S", f'data.value="{value}"', "split")
        assert fresh_project.params().data.value == value


def test_a_header_of_0_is_a_column(tmp_path: Path) -> None:
    path = with_case(tmp_path, "series_header_0.csv")
    run_stages(tmp_path, "generate", "split", **of_csv(path, "0", None))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["Pröj", "a b", "x#y", "x$(touch PWNED)"])
def test_a_folder_of_any_name(fresh_project: Project, tmp_path: Path, name: str) -> None:
    project = fresh_project.copy_to(tmp_path / name)
    said = project.run(*MAKE, "run").stdout
    assert (project.path / "reports/report.html").resolve().as_uri() in said
    assert [*tmp_path.rglob("PWNED")] == []
