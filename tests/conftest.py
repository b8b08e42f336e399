"""What several test files need: small params, and projects of one's own for the real `dvc`."""

import os

# As in the stages. On a busy machine more threads would wait for one another for minutes.
os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
os.environ.pop("MAKEFLAGS", None)  # of `make test`: recipes under test run their own make

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from filelock import FileLock
from hypothesis import HealthCheck, settings

from seqcompare.core.params import Params, checked, load_params, merged
from seqcompare.core.yaml import load_yaml

ROOT = Path(__file__).resolve().parents[1]
MODELS = ("lstm", "transformer")
SMALL: dict[str, Any] = {
    "data": {"size": 120},
    "split": {"test": 40},
    "training": {"epochs": 2},
    "seeds": [0, 1],
    "device": "cpu",  # also where there is a GPU, which takes longer to start than all of this
    "evaluation": {"horizon": 2},
    "models": {
        "lstm": {"hidden_size": 8},
        "transformer": {"d_model": 8, "nhead": 2, "dim_feedforward": 16},
    },
}
MAKE = ("make", "-s", "-o", ".venv/ready")  # as if the set-up were done

# No deadline: a busy machine is no failure. The same examples on every run.
settings.register_profile(
    "seqcompare", deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
settings.load_profile("seqcompare")
settings.register_profile("full", max_examples=2000)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--full", action="store_true", help="tests that sample try all there is")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--full"):
        settings.load_profile("full")


def default_settings() -> dict[str, Any]:
    """Those of the committed params.yaml."""
    return load_yaml(ROOT / "params.yaml")


def small_params(**changes: Any) -> Params:
    """Params of a run that takes seconds, with some changes in their sections."""
    return checked(Params, merged(merged(default_settings(), SMALL), changes), "params.yaml: ")


@pytest.fixture
def in_tmp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory of the test's own."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def write_params(tmp_path: Path) -> Callable[..., Path]:
    """Writes the committed params with some changes, and returns where."""

    def write(**changes: Any) -> Path:
        path = tmp_path / "params.yaml"
        path.write_text(yaml.safe_dump(merged(default_settings(), changes)))
        return path

    return write


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20240601)


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


@dataclass(frozen=True)
class Project:
    """A Git repository of its own with this project's files, for the real `dvc`."""

    path: Path

    def environment(self) -> dict[str, str]:
        """This one's, with the tests' Python first and a name for Git."""
        names = {f"GIT_{role}_NAME": "tester" for role in ("AUTHOR", "COMMITTER")}
        mails = {f"GIT_{role}_EMAIL": "tester@localhost" for role in ("AUTHOR", "COMMITTER")}
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        return {**os.environ, **names, **mails, "PATH": path}

    def run(
        self, *command: str, check: bool = True, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            command, cwd=self.path, env={**self.environment(), **variables},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert not check or done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return done

    def start(self, *command: str) -> "subprocess.Popen[str]":
        """In a process group of its own, as a terminal starts it."""
        return subprocess.Popen(
            command, cwd=self.path, env=self.environment(), text=True, start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        )  # fmt: skip

    def change_params(self, file: str = "params.yaml", **changes: Any) -> None:
        path = self.path / file
        path.write_text(yaml.safe_dump(merged(load_yaml(path), changes), sort_keys=False))

    def params(self) -> Params:
        return load_params(self.path / "params.yaml")

    def read(self, file: str) -> bytes:
        return (self.path / file).read_bytes()

    def metrics(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads(self.read("reports/metrics.json"))
        return content

    def commit(self, message: str) -> None:
        self.run("git", "add", ".")
        self.run("git", "commit", "-q", "--allow-empty", "-m", message)

    def copy_to(self, path: Path) -> "Project":
        shutil.copytree(self.path, path, symlinks=True)
        return Project(path)

    def clone_to(self, path: Path, *options: str) -> "Project":
        """As a colleague gets it: what is committed, and an empty cache."""
        self.run("git", "clone", "-q", *options, f"file://{self.path}", str(path))
        (path / ".venv").symlink_to(sys.prefix)
        return Project(path)


def ran(output: str) -> set[str]:
    """The stages that a `dvc repro` or `dvc exp run` says it ran."""
    lines = output.splitlines()
    return {line.split("'")[1] for line in lines if line.startswith("Running stage '")}


def new_project(path: Path, **changes: Any) -> Project:
    """This working tree without results, committed, with params for a run in seconds."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, check=True,
    )  # fmt: skip
    left_out = ("tests/", "benchmarks/", "docs/", "reports/", "dvc.lock", "studies/dvc.lock")
    for name in listed.stdout.decode().split("\0"):
        if name and (ROOT / name).is_file() and not name.startswith(left_out):
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, path / name)
    (path / "reports/maps").mkdir(parents=True)
    (path / "reports/maps/README.md").write_text("Maps that `make studies` publishes.\n")
    (path / ".venv").symlink_to(sys.prefix)
    project = Project(path)
    project.change_params(**merged(SMALL, changes))
    project.run("git", "init", "-q", "-b", "main")
    project.commit("small params")
    return project


@pytest.fixture(scope="session")
def finished_project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project after `dvc repro`, committed: one for all processes, which no test may change."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    folder, done = shared / "finished_project", shared / "finished_project.done"
    with FileLock(shared / "finished_project.lock"):
        if not done.exists():
            project = new_project(folder)
            project.run("dvc", "repro")
            project.commit("results")
            done.touch()
    return Project(folder)


@pytest.fixture
def project(finished_project: Project, tmp_path: Path) -> Project:
    """A finished project of the test's own."""
    return finished_project.copy_to(tmp_path / "project")


@pytest.fixture
def fresh_project(tmp_path: Path) -> Project:
    """A project that has not been run."""
    return new_project(tmp_path / "project")


def run_stages(folder: Path, *stages: str, **changes: Any) -> None:
    """Run stages in this process, in a folder with small params and these changes."""
    settings_ = merged(merged(default_settings(), SMALL), changes)
    (folder / "params.yaml").write_text(yaml.safe_dump(settings_, sort_keys=False))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr("seqcompare.core.paths.CHECKPOINTS", folder / ".checkpoints")
        for stage in stages:
            name, *arguments = stage.split()
            patch.setattr(sys, "argv", [name, *arguments])
            if finish := import_module(f"stages.{name}").main():
                finish()
