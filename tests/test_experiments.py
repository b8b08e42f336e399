"""The recipes for experiments in docs/SHARING.md, as printed there."""

import json
import subprocess
import time

import pytest
from conftest import Project
from recipes import run_printed
from test_pipeline import ran

pytestmark = pytest.mark.slow
SHARING = "docs/SHARING.md"
MAKE = ("make", "-s", "-o", ".venv/ready")  # as if the set-up were done


def recipe(
    project: Project, command: str, filled: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return run_printed(project, SHARING, command, filled)


def table(project: Project) -> list[list[str]]:
    """Rows of `make experiments`, a list of cells each, the rules left out."""
    lines = project.run(*MAKE, "experiments").stdout.splitlines()
    return [line.split() for line in lines if line.strip(" \u2500")]


def test_a_queue_of_experiments_becomes_a_table_and_branches(project: Project) -> None:
    before = project.read("dvc.lock")
    queued = "dvc exp run -S seq_len=20,50,100,200 --queue"
    recipe(project, queued, {"20,50,100,200": "4,8"})
    recipe(project, "dvc queue start")
    while {"Running", "Queued"} & set((status := queue(project)).split()):
        time.sleep(1)
    assert status.count("Success") == 2
    assert project.read("dvc.lock") == before  # the workspace stays as it is
    header, *rows = table(project)
    assert header[0] == "Experiment"
    assert {"lstm.mse", "transformer.mse", "seq_len"} <= set(header)
    assert len(header) < 10
    assert sorted(row[-1] for row in rows) == ["20", "4", "8"]

    name = next(line.split()[1] for line in status.splitlines() if "Success" in line)
    recipe(project, "dvc exp apply NAME", {"NAME": name})
    assert ran(project.run("dvc", "repro").stdout) == set()
    project.run("git", "checkout", "-q", ".")
    recipe(project, "dvc exp branch NAME longer-windows", {"NAME": name})
    assert "longer-windows" in project.run("git", "branch").stdout


def queue(project: Project) -> str:
    return recipe(project, "dvc queue status").stdout


def test_an_experiment_in_a_temporary_copy_leaves_the_workspace_alone(project: Project) -> None:
    recipe(project, "dvc exp run --temp -S seq_len=80", {"seq_len=80": "seq_len=8 --name eight"})
    assert project.run("git", "status", "--porcelain").stdout == ""
    shown = project.run("dvc", "metrics", "diff", "HEAD", "eight", "--json").stdout
    assert "lstm.mse" in json.loads(shown)["reports/metrics.json"]
