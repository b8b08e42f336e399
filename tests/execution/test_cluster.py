"""A Dask cluster as workers: what is refused in one line, and faults that lose nothing.

Slow tests start a real scheduler and real workers on loopback.
"""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import torch
from conftest import ROOT, Project, new_project
from test_pipeline import small_studies

from seqcompare.core.errors import InputError
from seqcompare.core.params import Executor
from seqcompare.execution.provenance import trial_code
from seqcompare.execution.runtime import PORTABLE, UNSET
from seqcompare.execution.workers import WorkerDiedError, open_workers, report

pytest.importorskip("distributed", reason="pip install '.[cluster]'")
from seqcompare.execution import cluster

LOCAL = ("--host", "127.0.0.1", "--no-dashboard")


def opened(address: str, on_event: Callable[[tuple[Any, ...]], object] | None = None) -> Any:
    settings = Executor(kind="dask", workers="auto", address=address)
    return open_workers(settings, "cpu", 100, on_event)


def report_and_wait(number: int, seconds: float) -> tuple[int, int]:
    for part in range(3):
        report(("trial", number, float(part)))
        time.sleep(seconds / 3)
    return number, torch.get_num_threads()


def fail() -> None:
    raise RuntimeError("a bug in trial 7")


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("127.0.0.1", "missing port number .*"),
        ("tcp://", "missing port number .*"),
        ("127.0.0.1:9", "no answer"),
        ("http://127.0.0.1:8786", "unknown address scheme .*"),
        ("tls://127.0.0.1:9", "TLS .*"),
        ("no.host.invalid:8786", "no answer"),
    ],
)
def test_an_address_of_no_scheduler_is_one_line(
    monkeypatch: pytest.MonkeyPatch, address: str, reason: str
) -> None:
    monkeypatch.setattr(cluster, "CONNECT_S", 0.5)
    with pytest.raises(InputError) as caught, opened(address):
        pass
    assert re.fullmatch(
        rf"params\.yaml: executor\.address is '{address}', but no Dask scheduler answers there "
        rf"within 0 s \({reason}\): write the address that .*, like tcp://10\.0\.0\.1:8786",
        str(caught.value),
    )


@pytest.mark.parametrize("name", ["code", "torch", "processor"])
def test_a_worker_that_would_give_other_bytes_is_refused_in_one_line(name: str) -> None:
    mine = cluster.must_match("cpu")
    with pytest.raises(InputError, match=rf"^the Dask worker tcp://w has {name} 0, here it is "):
        cluster._refuse_other("tcp://w", mine | {name: "0"}, mine)
    cluster._refuse_other("tcp://w", mine, mine)


def test_a_server_that_is_no_scheduler_is_one_line_in_time(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cluster, "CONNECT_S", 0.5)
    with (
        closing(socket.create_server(("127.0.0.1", 0))) as silent,
        pytest.raises(InputError, match=r"within 0 s \(no answer\): write"),
    ):
        opened(f"tcp://127.0.0.1:{silent.getsockname()[1]}").__enter__()
    assert capfd.readouterr().err == ""


def test_dask_that_is_not_installed_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    monkeypatch.delitem(sys.modules, "seqcompare.execution.cluster")
    with pytest.raises(InputError, match=r"not installed: pip install '\.\[cluster\]'$"):
        opened("tcp://127.0.0.1:9").__enter__()


@dataclass
class Loopback:
    """A scheduler, and workers that can be killed one by one."""

    folder: Path
    address: str = ""
    processes: list["subprocess.Popen[bytes]"] = field(default_factory=list)

    def start_scheduler(self) -> None:
        file = self.folder / "scheduler.json"
        self.start("scheduler", *LOCAL, "--port", "0", "--scheduler-file", str(file))
        self.wait_until(file.exists)
        self.address = json.loads(file.read_text())["address"]

    def add_worker(self, source: Path = ROOT / "src") -> None:
        options = ("--no-nanny", "--nthreads", "1")
        self.start("worker", self.address, *LOCAL, *options, source=source)

    def start(self, *command: str, source: Path = ROOT / "src") -> None:
        path = os.pathsep.join([str(source), str(Path(__file__).parent), str(ROOT / "tests")])
        with (self.folder / "log").open("ab") as log:
            self.processes.append(subprocess.Popen(
                [f"{Path(sys.executable).parent}/dask", *command], cwd=self.folder, stdout=log,
                stderr=log, env=os.environ | {"PYTHONPATH": path},
            ))  # fmt: skip

    def kill(self, position: int) -> None:
        self.processes[position].kill()
        self.processes[position].wait()

    def wait_until(self, happened: Callable[[], object]) -> None:
        deadline = time.monotonic() + 60
        while not happened():
            assert time.monotonic() < deadline, (self.folder / "log").read_text()
            time.sleep(0.05)


@pytest.fixture
def loopback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Loopback]:
    monkeypatch.setattr(cluster, "CONNECT_S", 60.0)  # a busy machine takes long to load torch
    monkeypatch.setenv("DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES", "1")  # of one call
    trial_code.cache_clear()
    cluster.must_match.cache_clear()
    here = Loopback(tmp_path)
    here.start_scheduler()
    yield here
    for position in reversed(range(len(here.processes))):
        here.kill(position)
    cluster.must_match.cache_clear()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("call", "error", "line"),
    [
        (lambda _: (fail,), RuntimeError, "a bug in trial 7"),
        (lambda _: (report_and_wait, 1, 60.0), OSError, "No space left on device"),
        (lambda _: (os._exit, 3), WorkerDiedError, "a call ended every Dask worker"),
        (lambda it: (os.kill, it.processes[0].pid, signal.SIGKILL), InputError,
         "no longer answers: start it and its workers again"),
    ],
)  # fmt: skip
def test_what_goes_wrong_on_the_cluster_ends_the_run_as_it_does_here(
    loopback: Loopback, call: Callable[[Loopback], Any], error: type[Exception], line: str
) -> None:
    loopback.add_worker()
    loopback.add_worker()

    def disk_is_full(_: tuple[Any, ...]) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(error, match=line), opened(loopback.address, disk_is_full) as workers:
        workers.submit(*call(loopback)).result()


def add_none(_: Loopback) -> None:
    cluster.CONNECT_S = 1.0  # after which none has come


def add_one_without_the_package(loopback: Loopback) -> None:
    (loopback.folder / "seqcompare").mkdir()
    (loopback.folder / "seqcompare/__init__.py").write_text("raise ImportError('none here')\n")
    loopback.add_worker(source=loopback.folder)


def add_one_with_other_code(loopback: Loopback) -> None:
    source = loopback.folder / "src"
    shutil.copytree(ROOT / "src", source)
    with (source / "seqcompare/core/errors.py").open("a") as errors:
        errors.write("# changed\n")
    loopback.add_worker(source=source)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("add", "line"),
    [
        (add_none, r"has no worker: start some with `dask worker tcp://\S+ --nthreads 1`$"),
        (add_one_without_the_package, r"has code none \(none here\), here .*: install this"),
        (add_one_with_other_code, r"has code \w{12}, here it is \w{12}, so results would"),
    ],
)
def test_a_cluster_that_does_not_fit_is_one_line(
    loopback: Loopback, add: Callable[[Loopback], None], line: str
) -> None:
    add(loopback)
    with pytest.raises(InputError, match=line):
        opened(loopback.address).__enter__()


@pytest.mark.slow
def test_a_worker_that_comes_later_with_other_code_is_refused(loopback: Loopback) -> None:
    loopback.add_worker()

    def add_another() -> None:
        with opened(loopback.address) as workers:
            add_one_with_other_code(loopback)
            list(workers.map(report_and_wait, range(200), [0.5] * 200))

    with pytest.raises(InputError, match=r"the Dask worker on \S+ has code \w{12}, here it is"):
        add_another()


@pytest.mark.slow
def test_a_portable_run_takes_only_workers_with_the_pinned_variables(
    loopback: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (*PORTABLE, *UNSET):
        monkeypatch.delenv(name, raising=False)
    loopback.add_worker()
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: "AVX2")
    for name, value in PORTABLE.items():
        monkeypatch.setenv(name, value)
    refusal = r"has variables unset, here it is ATEN_CPU_CAPABILITY=avx2 .*: use this processor"
    with pytest.raises(InputError, match=refusal):
        opened(loopback.address).__enter__()
    loopback.kill(1)
    loopback.add_worker()
    time.sleep(1)
    with opened(loopback.address) as workers:
        assert workers.parts(5) == 1
        assert workers.submit(report_and_wait, 1, 0.0).result() == (1, 1)


# Stages on a cluster: the bytes of a local run, whatever is killed


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


def results(project: Project) -> dict[str, bytes]:
    folders = [project.path / "data/weights", project.path / "reports/studies/maps"]
    files = [file for folder in folders for file in folder.rglob("*.*")]
    return {str(file.relative_to(project.path)): file.read_bytes() for file in files}


@pytest.mark.slow
def test_stages_give_the_same_bytes_on_a_cluster(local: Project, loopback: Loopback) -> None:
    project = on_the_cluster(local, loopback)
    loopback.add_worker()
    loopback.add_worker()
    for stage in ("train lstm", "train transformer", "map small"):
        said = project.run("python3", "-m", *f"stages.{stage}".split()).stderr
        assert f"workers at {loopback.address}" in said
    assert results(project) == results(local)


@pytest.mark.slow
def test_a_worker_that_is_killed_in_the_middle_changes_no_byte(
    local: Project, loopback: Loopback
) -> None:
    project = on_the_cluster(local, loopback)
    loopback.add_worker()
    loopback.add_worker()
    process = project.start("python3", "-m", "stages.train", "lstm")
    loopback.wait_until(lambda: any((project.path / ".checkpoints").glob("lstm-*")))
    loopback.processes[-1].kill()
    said = process.communicate(timeout=180)[1]
    assert process.returncode == 0, said
    weights = "data/weights/lstm/0001.safetensors"
    assert project.read(weights) == local.read(weights)


@pytest.mark.slow
def test_a_scheduler_that_is_killed_is_one_line_and_the_next_run_goes_on(
    local: Project, loopback: Loopback
) -> None:
    project = on_the_cluster(local, loopback)
    loopback.add_worker()
    process = project.start("python3", "-m", "stages.map", "small")
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
