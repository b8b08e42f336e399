"""Recipes of the Makefile, as far as they do more than call the commands that have tests."""

import shutil
import subprocess
from pathlib import Path

import pytest
from conftest import ROOT

MAP, COPIES = Path("reports/sweeps/settings.json"), Path("reports/maps")


@pytest.fixture(autouse=True)
def with_commands_that_do_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in ("dvc", "python3"):
        command = tmp_path / ".venv/bin" / name
        command.parent.mkdir(parents=True, exist_ok=True)
        command.write_text("#!/bin/sh\n")
        command.chmod(0o755)


def make_sweeps() -> subprocess.CompletedProcess[str]:
    command = ("make", "-s", "-o", ".venv/ready", "sweeps")
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_sweeps_puts_the_map_where_the_page_reads_it() -> None:
    MAP.parent.mkdir(parents=True)
    MAP.write_text("new")
    COPIES.mkdir()
    (COPIES / MAP.name).write_text("old")
    assert make_sweeps().returncode == 0
    assert (COPIES / MAP.name).read_text() == "new"


def test_without_the_sweep_of_settings_there_is_nothing_to_put_there() -> None:
    COPIES.mkdir(parents=True)
    done = make_sweeps()
    assert (done.returncode, done.stderr) == (0, "")
    assert list(COPIES.iterdir()) == []


def test_a_map_that_cannot_be_put_there_ends_in_an_error() -> None:
    MAP.parent.mkdir(parents=True)
    MAP.write_text("new")
    done = make_sweeps()
    assert done.returncode != 0
    assert "reports/maps" in done.stderr
