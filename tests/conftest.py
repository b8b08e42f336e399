"""What several test files need: small params, small series, a project of one's own."""

import os

# As in the stages. On a busy machine more threads would wait for one another for minutes.
os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import settings
from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[1]
SMALL_SERIES = {"data": {"size": 120}, "split": {"test": 40}, "training": {"epochs": 2}}
SMALL_MODELS = {
    "lstm": {"hidden_size": 8},
    "transformer": {"d_model": 8, "nhead": 2, "dim_feedforward": 16},
}
CHOOSE = {"validation": 0.2, "seeds": 1, "training": {"learning_rate": [0.001, 0.01]}}
SMALL: dict[str, Any] = {
    **SMALL_SERIES,
    "seeds": [0, 1],
    "device": "cpu",  # also where there is a GPU, which takes longer to start than all of this
    "evaluation": {"horizon": 2},
    "cost": {
        "seq_lens": [4, 8],
        "processes": 2,
        "sizes": {"equal_size": {"transformer": {"dim_feedforward": 8}}},
    },
    "adding_problem": {"lags": [2, 3], "seeds": [0], "steps": 30},
    "models": SMALL_MODELS,
}
SMALL_SWEEPS: dict[str, Any] = {
    "base": {**SMALL_SERIES, "models": SMALL_MODELS},
    "sweeps": {
        "settings": None,
        "data_amount": None,
        "small": {
            "seeds": [0, 1],
            "grid": {"seq_len": [4, 8]},
            "settings": {"tutorial": {}, "tuned": {"choose": CHOOSE}},
        },
    },
}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--full", action="store_true", help="tests that sample try all there is")


def merged(settings: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """The settings with the changes made in their sections; None removes a key."""
    result = dict(settings)
    for key, value in changes.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, dict) and isinstance(result.get(key), dict):
            result[key] = merged(result[key], value)
        else:
            result[key] = value
    return result


def default_settings() -> dict[str, Any]:
    settings: dict[str, Any] = YAML(typ="safe").load(ROOT / "params.yaml")
    return settings


def default_sweeps() -> dict[str, Any]:
    settings: dict[str, Any] = YAML(typ="safe").load(ROOT / "sweeps/params.yaml")
    return settings


# No deadline: a busy machine is no failure.
settings.register_profile("seqcompare", deadline=None)
settings.load_profile("seqcompare")


@pytest.fixture(autouse=True)
def denormals_as_they_were() -> Iterator[None]:
    """Training flushes them to 0 for the whole process; other tests look at such numbers."""
    yield
    if torch := sys.modules.get("torch"):
        torch.set_flush_denormal(False)


@pytest.fixture
def torch_as_it_was() -> Iterator[None]:
    """For tests that train in this process."""
    import torch

    threads = torch.get_num_threads()
    with torch.random.fork_rng():
        yield
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(False)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20240601)


@pytest.fixture
def write_params(tmp_path: Path) -> Callable[..., Path]:
    """Writes the committed params with some changes, and says where."""

    def write(**changes: Any) -> Path:
        path = tmp_path / "params.yaml"
        YAML(typ="safe").dump(merged(default_settings(), changes), path)
        return path

    return write


@dataclass(frozen=True)
class Project:
    """A Git repository of its own with this project's files, for the real `dvc`."""

    path: Path

    def run(self, *command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        identity = {
            f"GIT_{role}_{part}": f"tester{'@localhost' * (part == 'EMAIL')}"
            for role in ("AUTHOR", "COMMITTER")
            for part in ("NAME", "EMAIL")
        }
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            command,
            cwd=self.path,
            env={**os.environ, **identity, "PATH": path},
            capture_output=True,
            text=True,
            check=False,
        )
        assert not check or done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return done

    def change_params(self, file: str = "params.yaml", **changes: Any) -> None:
        path = self.path / file
        content = YAML(typ="safe").load(path)
        yaml = YAML()
        yaml.dump(merged(content, changes), path)

    def change_sweeps(self, **changes: Any) -> None:
        self.change_params("sweeps/params.yaml", **changes)

    def read(self, file: str) -> bytes:
        return (self.path / file).read_bytes()

    def copy_to(self, path: Path) -> "Project":
        shutil.copytree(self.path, path, symlinks=True)
        return Project(path)


def new_project(path: Path) -> Project:
    """This working tree, committed, with params small enough for a run in seconds."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    for name in listed.stdout.decode().split("\0"):
        if name and (ROOT / name).is_file():
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, path / name)
    project = Project(path)
    project.change_params(**SMALL)
    project.change_sweeps(**SMALL_SWEEPS)
    project.run("git", "init", "-q", "-b", "main")
    project.run("git", "add", ".")
    project.run("git", "commit", "-q", "-m", "small params")
    return project


@pytest.fixture(scope="session")
def finished_project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project after `dvc repro`, committed. Tests that change it take a copy."""
    project = new_project(tmp_path_factory.mktemp("finished"))
    project.run("dvc", "repro")
    project.run("git", "add", ".")
    project.run("git", "commit", "-q", "-m", "results")
    return project


@pytest.fixture
def project(finished_project: Project, tmp_path: Path) -> Project:
    return finished_project.copy_to(tmp_path / "project")
