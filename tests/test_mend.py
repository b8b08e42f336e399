"""Before `make run`: a torn dvc.lock is restored; one that a merge has left in conflict is kept."""

import sys
from pathlib import Path

import pytest
from conftest import ROOT, Project

LOCK = """schema: '2.0'
stages:
  generate:
    cmd: python3 -m stages.generate
    outs:
    - path: data/series.csv
      md5: {md5}
"""


@pytest.fixture
def repository(tmp_path: Path) -> Project:
    """Two branches whose dvc.lock names another series each."""
    project = Project(tmp_path)
    project.run("git", "init", "-q", "-b", "main")
    commit_lock(project, "0" * 32)
    project.run("git", "checkout", "-q", "-b", "other")
    commit_lock(project, "1" * 32)
    project.run("git", "checkout", "-q", "main")
    commit_lock(project, "2" * 32)
    return project


def commit_lock(project: Project, md5: str) -> None:
    (project.path / "dvc.lock").write_text(LOCK.format(md5=md5))
    project.run("git", "add", "dvc.lock")
    project.run("git", "commit", "-q", "-m", md5)


def mend(project: Project) -> tuple[int, str]:
    done = project.run(sys.executable, str(ROOT / "tools/mend.py"), check=False)
    return done.returncode, done.stdout + done.stderr


def test_a_lock_in_the_middle_of_a_merge_is_left_as_it_is_and_said_in_one_line(
    repository: Project,
) -> None:
    assert repository.run("git", "merge", "other", check=False).returncode != 0
    conflict = repository.read("dvc.lock")
    assert b"<<<<<<<" in conflict
    code, said = mend(repository)
    assert code == 1
    assert said.startswith("error: dvc.lock is in the middle of a merge: ")
    assert len(said.splitlines()) == 1
    assert repository.read("dvc.lock") == conflict


def test_the_way_out_that_is_named_ends_the_merge(repository: Project) -> None:
    repository.run("git", "merge", "other", check=False)
    repository.run("git", "checkout", "--ours", "dvc.lock")
    repository.run("git", "add", "dvc.lock")
    assert mend(repository) == (0, "")
    assert "2" * 32 in repository.read("dvc.lock").decode()


def test_a_torn_lock_is_as_committed_again(repository: Project) -> None:
    whole = repository.read("dvc.lock")
    (repository.path / "dvc.lock").write_bytes(whole[: whole.index(b"cmd:") + 2])
    code, said = mend(repository)
    assert code == 0
    assert "as committed again" in said
    assert repository.read("dvc.lock") == whole


def test_a_torn_lock_that_git_does_not_have_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "dvc.lock").write_text("schema: '2.0'\nstages: [")
    code, said = mend(Project(tmp_path))
    assert code == 1
    assert said.startswith("error: dvc.lock cannot be read, and Git has no other: move it away")
    assert (tmp_path / "dvc.lock").exists()
