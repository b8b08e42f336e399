"""Before `make run`: what DVC cannot say in one line is said before it starts."""

import shutil
import sys
from pathlib import Path

import pytest
from conftest import ROOT, Project


@pytest.fixture
def copy(tmp_path: Path) -> Project:
    """What the check looks at."""
    shutil.copytree(ROOT / "src", tmp_path / "src")
    shutil.copy(ROOT / "params.yaml", tmp_path)
    (tmp_path / "data/input").mkdir(parents=True)
    return Project(tmp_path)


def check(copy: Project) -> str:
    done = copy.run(sys.executable, str(ROOT / "tools/check.py"), check=False)
    assert done.stdout == ""
    assert done.returncode == bool(done.stderr)
    return done.stderr


def test_of_what_is_sound_nothing_is_said(copy: Project) -> None:
    (copy.path / "data/input/mine.csv").write_text("value\n1\n")
    (copy.path / "data/input/nowhere").symlink_to("nowhere")  # the stage names it, if it is meant
    assert check(copy) == ""


def test_a_link_to_an_endless_device_is_named(copy: Project) -> None:
    (copy.path / "data/input/zero.csv").symlink_to("/dev/zero")
    assert check(copy) == "error: data/input/zero.csv: is no file that ends: remove it\n"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "error: params.yaml: holds no settings"),
        ("models: null\n", "error: params.yaml: "),
        ("a: &a [1]\nmodels: [*a, *a]\n", "error: params.yaml: not valid YAML: aliases like *this"),
    ],
)
def test_params_that_dvc_cannot_fill_in_are_one_line(copy: Project, text: str, says: str) -> None:
    (copy.path / "params.yaml").write_text(text)
    said = check(copy)
    assert said.startswith(says)
    assert len(said.splitlines()) == 1
