"""Stages on a real Dask cluster on loopback: the bytes of a local run, whatever is killed."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import Project, new_project
from test_pipeline import small_studies

pytest.importorskip("distributed", reason="pip install '.[cluster]'")
from execution.test_cluster import Loopback

pytestmark = pytest.mark.slow


@pytest.fixture
def loopback(tmp_path: Path) -> Iterator[Loopback]:
    cluster = Loopback(tmp_path)
    cluster.start_scheduler()
    yield cluster
    for process in cluster.processes:
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Both models and a map, trained by processes of this machine."""
    project = new_project(tmp_path_factory.mktemp("local") / "project", training={"epochs": 40})
    small_studies(project)
    for stage in ("generate", "split", "train lstm", "train transformer", "map small"):
        project.run("python3", "-m", *f"stages.{stage}".split())
    return project


def on_the_cluster(local: Project, cluster: Loopback) -> Project:
    """The same project, before it was trained."""
    project = local.copy_to(cluster.folder / "project")
    project.run("rm", "-rf", "data/weights", "reports/studies/maps", ".trials", ".checkpoints")
    project.change_params(executor={"kind": "dask", "address": cluster.address})
    return project


def start(project: Project, stage: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", *f"stages.{stage}".split()],
        cwd=project.path, env=project.environment(), stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def results(project: Project) -> dict[str, bytes]:
    folders = [project.path / "data/weights", project.path / "reports/studies/maps"]
    files = [file for folder in folders for file in folder.rglob("*.*")]
    return {str(file.relative_to(project.path)): file.read_bytes() for file in files}


def test_stages_give_the_same_bytes_on_a_cluster(local: Project, loopback: Loopback) -> None:
    project = on_the_cluster(local, loopback)
    loopback.add_worker()
    loopback.add_worker()
    for stage in ("train lstm", "train transformer", "map small"):
        said = project.run("python3", "-m", *f"stages.{stage}".split()).stderr
        assert f"workers at {loopback.address}" in said
    assert results(project) == results(local)


def test_a_worker_that_is_killed_in_the_middle_changes_no_byte(
    local: Project, loopback: Loopback
) -> None:
    project = on_the_cluster(local, loopback)
    loopback.add_worker()
    loopback.add_worker()
    process = start(project, "train lstm")
    loopback.wait_until(lambda: any((project.path / ".checkpoints").glob("lstm-*")))
    loopback.processes[-1].kill()
    said = process.communicate(timeout=180)[1]
    assert process.returncode == 0, said
    weights = "data/weights/lstm/0001.safetensors"
    assert project.read(weights) == local.read(weights)


def test_a_scheduler_that_is_killed_is_one_line_and_the_next_run_goes_on(
    local: Project, loopback: Loopback
) -> None:
    project = on_the_cluster(local, loopback)
    loopback.add_worker()
    process = start(project, "map small")
    loopback.wait_until(lambda: any((project.path / ".trials").rglob("*")))
    loopback.processes[0].kill()
    said = process.communicate(timeout=180)[1].splitlines()
    if process.returncode:  # it may have been done
        (error,) = [line for line in said if line.startswith("error: ")]
        assert "scheduler" in error
    project.change_params(executor={"kind": "local"})
    project.run("python3", "-m", "stages.map", "small")
    name = "reports/studies/maps/small/trials.csv"
    assert project.read(name) == local.read(name)
