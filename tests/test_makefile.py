"""Recipes of the Makefile, with a .venv whose python only notes what it is asked to run."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

NOTING = """#!/bin/sh
echo "$*" >> "$(dirname "$0")/../../ran"
case "$*" in *"-m venv "*) mkdir -p .venv/bin && cp "$0" .venv/bin/python ;; esac
"""
PUBLISHED = ("pairs.csv", "params.yaml", "scores.csv")
NAMED = ("-c", "user.name=tester", "-c", "user.email=tester@localhost")
TARGETS = ("run", "studies", "experiments", "test", "test-browser", "lint", "verify")


def new_folder(folder: Path) -> Path:
    """With the Makefile and a python of its own, and without Git."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / "Makefile", folder)
    python = folder / ".venv/bin/python"
    python.parent.mkdir(parents=True)
    python.write_text(NOTING)
    python.chmod(0o755)
    (folder / ".dvc").mkdir()
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = new_folder(tmp_path / "project")
    git(folder, "init", "-q")
    git(folder, "config", "user.email", "tester@localhost")
    return folder


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=folder, check=True)


def make(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    alone = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CEILING_DIRECTORIES": str(folder.parent)}
    names = ("GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL", "EMAIL")
    inherited = {k: v for k, v in os.environ.items() if k not in names}
    command = ["make", "-s", "-o", ".venv/ready", *arguments]
    return subprocess.run(
        command, cwd=folder, env=inherited | alone | variables,
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def ran(folder: Path) -> list[str]:
    file = folder / "ran"
    return file.read_text().splitlines() if file.exists() else []


def test_help_lists_every_target(folder: Path) -> None:
    phony = re.search(r"^\.PHONY:(.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert phony is not None
    listed = {line.split()[0] for line in make(folder, "help").stdout.splitlines()}
    assert listed == {name for name in phony[1].split() if not name.startswith(".")}


@pytest.mark.parametrize(
    "name",
    ["x$(touch PWNED)", "x$(shell touch PWNED)", "x`touch PWNED`", "x;touch PWNED", "a 'b' \"c\""],
)
def test_a_folder_s_name_is_never_run(tmp_path: Path, name: str) -> None:
    folder = new_folder(tmp_path / name)
    for path in ("/usr/bin:/bin", f"{folder}/.venv/bin:/usr/bin:/bin"):
        for target in TARGETS:
            assert make(folder, target, PATH=path).stderr == ""
    assert [*tmp_path.rglob("PWNED")] == []
    assert "-m dvc repro dvc.yaml" in ran(folder)


def test_without_git_experiments_are_switched_off_once(tmp_path: Path) -> None:
    folder = new_folder(tmp_path / "unpacked")
    assert make(folder, "setup").returncode == 0
    assert ran(folder) == ["-m dvc config --local core.no_scm true"]
    (folder / ".dvc/config.local").write_text("[core]\n    no_scm = true\n")
    make(folder, "setup")
    assert len(ran(folder)) == 1


def test_a_clone_that_another_user_owns_is_one_line_and_changes_nothing(folder: Path) -> None:
    done = make(folder, "run", GIT_TEST_ASSUME_DIFFERENT_OWNER="1")
    first, _ = done.stderr.splitlines()  # the second is make's own
    wanted = f"git config --global --add safe.directory {folder.resolve()}"
    assert first == f"error: Git refuses this folder, which another user owns: {wanted}"
    assert ran(folder) == []
    assert make(folder, "run").returncode == 0


@pytest.mark.parametrize("known", ["config", "environment", "nowhere"])
def test_git_gets_a_user_where_it_has_none(folder: Path, known: str) -> None:
    if known != "config":
        git(folder, "config", "--unset", "user.email")
    variables = {"GIT_AUTHOR_EMAIL": "me@localhost"} if known == "environment" else {}
    said = make(folder, "setup", **variables).stdout
    assert ("seqcompare@localhost" in said) == (known == "nowhere")
    assert "seqcompare@localhost" not in make(folder, "setup", **variables).stdout


@pytest.mark.parametrize("shallow", [True, False])
def test_setup_says_of_a_shallow_clone_which_experiments_it_loses(
    folder: Path, tmp_path: Path, shallow: bool
) -> None:
    for name in ("requirements.txt", "pyproject.toml"):
        (folder / name).touch()
    git(folder, "add", "Makefile", "requirements.txt", "pyproject.toml")
    for message in ("first", "second"):
        git(folder, *NAMED, "commit", "-q", "--allow-empty", "-m", message)
    depth = ["--depth=1"] if shallow else []
    git(tmp_path, "clone", "-q", *depth, f"file://{folder}", "clone")
    command = ["make", "-s", "setup", f"PYTHON={folder / '.venv/bin/python'}"]
    said = [subprocess.check_output(command, cwd=tmp_path / "clone", text=True) for _ in range(2)]
    assert ["git fetch --unshallow" in each for each in said] == [shallow, False]


def write_map(folder: Path, content: str, *more: str) -> None:
    folder.mkdir(parents=True)
    for name in (*PUBLISHED, *more):
        (folder / name).write_text(content)


def test_studies_publishes_the_maps_but_for_their_trials(folder: Path) -> None:
    maps = folder / "reports/maps"
    write_map(maps / "settings", "old")
    for name in ("settings", "data_amount"):
        write_map(folder / "reports/studies/maps" / name, "new", "trials.csv")
    done = make(folder, "studies")
    assert (done.returncode, done.stderr) == (0, "")
    assert ran(folder) == ["tools/mend.py", "-m dvc repro studies/dvc.yaml"]
    wanted = {maps / name / file for name in ("settings", "data_amount") for file in PUBLISHED}
    assert {*maps.glob("*/*")} == wanted
    assert {file.read_text() for file in wanted} == {"new"}


def test_nothing_is_published_where_there_is_no_map_and_what_cannot_be_is_an_error(
    folder: Path,
) -> None:
    assert make(folder, "studies").returncode == 0
    assert not (folder / "reports").exists()
    write_map(folder / "reports/studies/maps/settings", "new")
    (folder / "reports/maps").write_text("a file where the folder should be")
    done = make(folder, "studies")
    assert done.returncode != 0
    assert "reports/maps" in done.stderr


def test_a_checkout_with_windows_line_ends_has_the_committed_bytes(
    folder: Path, tmp_path: Path
) -> None:
    files = (".gitattributes", "params.yaml", "tools/ci_summary.sh")
    (folder / "tools").mkdir()
    for name in files:
        shutil.copy(ROOT / name, folder / name)
    git(folder, "add", *files)
    git(folder, *NAMED, "commit", "-q", "-m", "first")
    ends = ["-c", "core.autocrlf=true", "-c", "core.eol=crlf"]
    git(tmp_path, "clone", "-q", *ends, "project", "clone")
    for name in files:
        assert (tmp_path / "clone" / name).read_bytes() == (ROOT / name).read_bytes()


@pytest.mark.parametrize("file", ["dvc.lock", "studies/dvc.lock", ".dvc/tmp/rwlock"])
def test_a_lock_that_a_kill_left_half_written_is_removed(tmp_path: Path, file: str) -> None:
    lock = tmp_path / file
    lock.parent.mkdir(parents=True, exist_ok=True)
    for content in ("", "{\n  'a': [", "schema: '2.0'\nst", '{"stages": {}}'):
        lock.write_text(content)
        subprocess.run([sys.executable, ROOT / "tools/mend.py"], cwd=tmp_path, check=True)
        assert lock.exists() == ("stages" in content)
