"""Experiments beside the workspace: queue, temporary copies, files of `dvc add`, shallow clones."""

import random
import shutil
import time
from pathlib import Path

import pytest
from conftest import MAKE, ROOT, Project, ran

pytestmark = pytest.mark.slow
LOAD = ["-S", "data.source=csv", "-S", "data.path=data/input/load.csv", "-S", "data.value=load",
        "-S", "data.time=time"]  # fmt: skip


def test_a_queue_of_experiments_becomes_a_table_and_branches(project: Project) -> None:
    before = project.read("dvc.lock")
    project.run("dvc", "exp", "run", "-S", "seq_len=4,8", "--queue")
    project.run("dvc", "queue", "start")
    while (status := project.run("dvc", "queue", "status").stdout).count("Success") < 2:
        assert "Failed" not in status
        time.sleep(1)
    assert project.read("dvc.lock") == before  # the workspace stays as it is
    lines = project.run(*MAKE, "experiments").stdout.splitlines()
    header, *rows = [line.split() for line in lines if line.strip(" \u2500")]  # without the rules
    assert header[0] == "Experiment"
    assert {"lstm.mse", "transformer.mse", "seq_len"} <= set(header)
    assert len(header) < 10
    assert sorted(row[-1] for row in rows) == ["20", "4", "8"]

    name = next(line.split()[1] for line in status.splitlines() if "Success" in line)
    project.run("dvc", "exp", "apply", name)
    assert ran(project.run("dvc", "repro").stdout) == set()
    project.run("git", "checkout", "-q", ".")
    project.run("dvc", "exp", "branch", name, "longer-windows")
    assert "longer-windows" in project.run("git", "branch").stdout


def test_a_file_of_dvc_add_is_in_a_copy_once_git_knows_it(project: Project) -> None:
    shutil.copy(ROOT / "tests/cases/load.csv", project.path / "data/input")
    project.run("dvc", "add", "data/input/load.csv")
    here = project.run("dvc", "exp", "run", *LOAD)
    assert "train@lstm" in ran(here.stdout)
    project.run("git", "checkout", "params.yaml")
    in_a_copy = ["dvc", "exp", "run", "--temp", *LOAD, "-S", "seq_len=24"]
    failed = project.run(*in_a_copy, check=False)
    assert failed.returncode != 0
    (line,) = [line for line in failed.stderr.splitlines() if line.startswith("error: ")]
    fix = "git add data/input/load.csv.dvc data/input/.gitignore"
    assert f"`{fix}`" in line
    project.run(*fix.split())
    assert "train@lstm" in ran(project.run(*in_a_copy).stdout)


def test_a_shallow_clone_runs_experiments_once_it_is_deep(
    finished_project: Project, tmp_path: Path
) -> None:
    clone = finished_project.clone_to(tmp_path / "clone", "--depth=1")
    clone.run("git", "fetch", "-q", "--unshallow")
    clone.run("dvc", "exp", "run", "--temp", "-S", "report.language=zh", "--name", "chinese")
    assert "chinese" in clone.run("dvc", "exp", "list").stdout


def test_two_runs_at_once_in_one_clone_never_mix_their_params(
    project: Project, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """A stage whose params.yaml changed while it ran is refused; so are weights of other params,
    which DVC records as those of the new ones where it changes just when the stage has ended.
    """
    moments = random.Random(0)
    for number in range(10 if request.config.getoption("--full") else 1):
        here = project.copy_to(tmp_path / str(number))
        changes = ("-S", "seeds=[0,1,2,3]", "-S", "training.epochs=300")
        first = here.start("dvc", "exp", "run", *changes)
        time.sleep(moments.uniform(3, 12))
        assert first.poll() is None  # it runs still
        here.run("dvc", "exp", "run", "-S", "training.epochs=3", check=False)
        assert "Traceback" not in first.communicate(timeout=300)[1]
        done = here.run("dvc", "repro", "dvc.yaml", check=False)
        if done.returncode:
            assert "was trained with training.epochs" in done.stderr
            here.run("dvc", "repro", "-f", "dvc.yaml")
        assert here.run(*MAKE, "verify").returncode == 0
