"""Stages as DVC starts them: one line, exit code 1, and earlier outputs as they were."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import Project, new_project

SETTING = {"seq_len": 10**30}
AS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project with a series and a split, and no more."""
    project = new_project(tmp_path_factory.mktemp("fresh"))
    for stage in ("generate", "split"):
        project.run("python3", "-m", f"stages.{stage}")
    return project


@pytest.fixture
def project(fresh: Project, tmp_path: Path) -> Project:
    return fresh.copy_to(tmp_path / "project")


def fails(project: Project, *stage: str) -> str:
    """The one line that a stage ends in."""
    before = contents(project)
    done = project.run("python3", "-m", f"stages.{stage[0]}", *stage[1:], check=False)
    assert done.returncode == 1, done.stderr
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: ")
    assert contents(project) == before
    return line


def contents(project: Project) -> dict[Path, bytes]:
    folders = [project.path / name for name in ("data", "reports")]
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return {path: path.read_bytes() for path in files}


@pytest.mark.parametrize("stage", ["generate", "render"])
def test_a_bad_setting(project: Project, stage: str) -> None:
    project.change_params(**SETTING)
    assert "params.yaml: seq_len is 1000000000000000000000000000000:" in fails(project, stage)


def test_a_model_that_no_memory_holds(project: Project) -> None:
    project.change_params(models={"lstm": {"hidden_size": 65_536, "num_layers": 100}})
    assert "params.yaml: models.lstm would have 3,4" in fails(project, "split")


def test_a_worker_that_is_killed(project: Project) -> None:
    script = """
import os
from seqcompare.execution.processes import LocalProcesses
from seqcompare.execution.main_process import run

def main():
    with LocalProcesses(1) as executor:
        executor.submit(os.abort).result()

run(main)
"""
    done = project.run("python3", "-c", script, check=False)
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "error: a worker: its process ended by signal 6 (SIGABRT): `dvc repro` tries again"
    ]


def test_a_python_that_has_only_some_of_the_packages(project: Project, tmp_path: Path) -> None:
    (tmp_path / "pydantic.py").touch()
    done = subprocess.run(
        [sys.executable, "-S", "-m", "stages.generate"],
        cwd=project.path,
        env={"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.endswith("lacks the project's packages: run `make setup` first")


@pytest.mark.slow
def test_weights_that_were_cut(project: Project) -> None:
    path = project.path / "data/runs/lstm/seed-0.safetensors"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"\x10\0\0\0\0\0\0\0{")
    line = fails(project, "evaluate")
    assert line.startswith("error: data/runs/lstm/seed-0.safetensors: cannot be read (")


@pytest.mark.slow
def test_a_split_of_another_series(project: Project) -> None:
    path = project.path / "data/split.json"
    path.write_text(path.read_text().replace("80", "999").replace("120", "1200"))
    assert "targets 20 to 999 do not fit 120 values" in fails(project, "train", "lstm")


@pytest.fixture
def read_only(project: Project) -> Iterator[Path]:
    """The project's folder of data, in which nothing may be written."""
    folder = project.path / "data"
    if AS_ROOT:
        if subprocess.run(["chattr", "+i", folder], capture_output=True).returncode:
            pytest.skip("root may write everywhere, and this file system has no chattr +i")
        yield folder
        subprocess.run(["chattr", "-i", folder], check=True)
    else:
        folder.chmod(0o555)
        yield folder
        folder.chmod(0o755)


def test_a_folder_that_may_not_be_written_to(project: Project, read_only: Path) -> None:
    line = fails(project, "generate")
    assert line.startswith(f"error: {read_only.name}/.series.csv.tmp: ")
    assert "ermitted" in line or "denied" in line


@pytest.fixture
def full_disk(project: Project) -> Iterator[Path]:
    """data/ on a disk of 64 KB, with what was there."""
    folder = project.path / "data"
    kept = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    options = ["-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)]
    if not AS_ROOT or subprocess.run(["mount", *options], capture_output=True).returncode:
        pytest.skip("only root can make a small disk to fill")
    for name, content in kept.items():
        (folder / name).write_bytes(content)
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_full_disk(project: Project, full_disk: Path) -> None:
    project.change_params(data={"size": 100_000})
    assert "No space left on device" in fails(project, "generate")
    assert not list(full_disk.glob(".*"))


@pytest.mark.skipif(sys.platform != "linux", reason="/dev/full is Linux's")
def test_a_folder_in_place_of_an_output(project: Project) -> None:
    (project.path / "data/series.csv").unlink()
    (project.path / "data/series.csv").mkdir()
    (project.path / "data/series.csv/mine").touch()
    assert "data/.series.csv.tmp: Is a directory" in fails(project, "generate")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "dvc.lock"),
        ("schema: '2.0'\nstages: [", "dvc.lock"),
        ("schema: '2.0'\nstages: 3\n", "dvc.lock"),
        ("\0\0\0", "dvc.lock"),
        ("schema: '9.0'\n", "dvc.lock"),
        ("stages: !!python/object/apply:os.system [touch made]\n", "dvc.lock"),
    ],
)
def test_a_damaged_dvc_lock_is_named_by_dvc(project: Project, text: str, says: str) -> None:
    (project.path / "dvc.lock").write_text(text)
    before = contents(project)
    done = project.run("dvc", "status", check=False)
    assert "Traceback" not in done.stderr
    assert done.returncode != 0
    assert says in done.stderr
    assert contents(project) == before
    assert not (project.path / "made").exists()
