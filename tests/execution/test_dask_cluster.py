"""Runs on a Dask cluster: a real scheduler and real workers on loopback give the local bytes."""

import contextlib
import dataclasses
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, SMALL, SMALL_SWEEPS, default_sweeps, merged, new_project
from recipes import run_printed
from test_remotes import installed, needs

from seqcompare.core.errors import InputError
from seqcompare.core.schema import checked
from seqcompare.core.sections.executor import Executor
from seqcompare.core.sweep_params import Sweeps
from seqcompare.execution import dask_cluster
from seqcompare.execution.executor import open_executor
from seqcompare.execution.processes import LocalProcesses
from seqcompare.studies.sweep.cells import make_cells
from seqcompare.studies.sweep.ledger import Ledger
from seqcompare.studies.sweep.plan import Choice, final_trials
from seqcompare.studies.sweep.trials import SweepTrial, run_trials
from seqcompare.training.trial import EpochDone, train
from seqcompare.training.trials import train_all

pytestmark = pytest.mark.usefixtures("torch_as_it_was")

LOCAL = ["--host", "127.0.0.1", "--no-dashboard"]
NOBODY = "tcp://127.0.0.1:9"  # the discard port


@dataclasses.dataclass
class Loopback:
    """A scheduler, and workers that can be killed one by one.

    options: of `dask scheduler`, beside those that all have.
    """

    folder: Path
    options: Sequence[str] = ()
    address: str = ""
    scheduler: "subprocess.Popen[bytes] | None" = None
    workers: list["subprocess.Popen[bytes]"] = dataclasses.field(default_factory=list)

    def start_scheduler(self) -> None:
        """At the address of the one before, if there was one."""
        file = self.folder / "scheduler.json"
        file.unlink(missing_ok=True)
        options = [*LOCAL, "--port", self.address.rpartition(":")[2] or "0", *self.options]
        self.scheduler = started(
            "scheduler", *options, "--scheduler-file", str(file), cwd=self.folder
        )
        wait_until(file.exists, self.folder / "scheduler.log")
        self.address = json.loads(file.read_text())["address"]

    def add_worker(
        self, threads: int = 1, source: Path = ROOT / "src", more: Sequence[str] = ()
    ) -> None:
        options = [*LOCAL, "--nthreads", str(threads), "--no-nanny", *more]
        self.workers.append(started("worker", self.address, *options, cwd=self.folder, src=source))

    def kill_scheduler(self) -> None:
        assert self.scheduler is not None
        self.scheduler.kill()
        self.scheduler.wait()

    def end(self) -> None:
        for process in self.workers:
            process.kill()
            process.wait()
        self.kill_scheduler()


def trials_of(seeds: Sequence[int] = (0, 1), epochs: int = 2) -> list[SweepTrial]:
    """Of a sweep over two window lengths, small enough for seconds."""
    sweep = {
        "seeds": list(seeds),
        "base": {"training": {"epochs": epochs}},
        "settings": {"tutorial": {}, "tuned": None},
    }
    settings = merged(merged(default_sweeps(), SMALL_SWEEPS), {"sweeps": {"small": sweep}})
    wanted = checked(Sweeps, settings, "sweeps/params.yaml")
    return [
        trial
        for cell in make_cells("small", wanted.base, wanted.sweeps["small"])
        for trial in final_trials(
            cell, {model: Choice() for model in cell.params.models}, seeds, "cpu"
        )
    ]


def started(*arguments: str, cwd: Path, src: Path = ROOT / "src") -> "subprocess.Popen[bytes]":
    with (cwd / f"{arguments[0]}.log").open("ab") as log:
        return subprocess.Popen(
            [str(Path(sys.executable).parent / "dask"), *arguments],
            cwd=cwd,
            env={**os.environ, "PYTHONPATH": str(src)},
            stdout=log,
            stderr=log,
        )


def needs_dask() -> None:
    needs(installed("distributed"), "pip install '.[cluster]'")


def wait_until(happened: Callable[[], object], log: Path) -> None:
    """For a minute at most: then it fails with what the log says."""
    deadline = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.05)


@contextlib.contextmanager
def running(folder: Path, options: Sequence[str] = ()) -> Iterator[Loopback]:
    needs_dask()
    folder.mkdir(exist_ok=True)
    there = Loopback(folder, options)
    there.start_scheduler()
    try:
        yield there
    finally:
        there.end()


@pytest.fixture
def loopback(tmp_path: Path) -> Iterator[Loopback]:
    with running(tmp_path) as there:
        yield there


def opened(address: str, on_event: Callable[[EpochDone], None] | None = None) -> Any:
    dask = Executor(kind="dask", workers="auto", address=address)
    return open_executor("cpu", dask, 1000, on_event)


def test_the_executor_is_local_unless_params_say_otherwise() -> None:
    with open_executor("cpu", Executor(kind="local", workers=1, address=None), 1) as executor:
        assert isinstance(executor, LocalProcesses)


def test_dask_without_an_address_is_refused() -> None:
    with pytest.raises(InputError, match=r"executor.address is null, but executor.kind is dask"):
        Executor(kind="dask", workers=1, address=None)


def test_dask_that_is_not_installed_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError, match=r"not installed: pip install '\.\[cluster\]'$"):
        opened(NOBODY)


@pytest.mark.slow
@pytest.mark.parametrize("address", [NOBODY, "nonsense://there", "no.such.host.invalid:8786"])
def test_an_address_that_does_not_answer_is_one_line(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    needs_dask()
    monkeypatch.setattr(dask_cluster, "CONNECT_S", 1.0)
    with pytest.raises(InputError, match=r"no Dask scheduler answers there within 1 s") as error:
        opened(address)
    assert address in str(error.value)
    assert "\n" not in str(error.value)


def test_a_worker_on_a_machine_without_the_project_keeps_checkpoints_to_itself(
    tmp_path: Path,
) -> None:
    task = trials_of()[0].task
    elsewhere = train(task, tmp_path / "no" / "such" / ".checkpoints", task.training.epochs)
    assert not (tmp_path / "no").exists()
    here = train(task, tmp_path / ".checkpoints", task.training.epochs)
    assert elsewhere.train_mse == here.train_mse


@pytest.mark.slow
def test_a_killed_worker_changes_nothing_in_the_results(loopback: Loopback, tmp_path: Path) -> None:
    trials = trials_of((0, 1, 2), epochs=60)
    with LocalProcesses(1) as executor:
        expected = run_trials(trials, executor, tmp_path / "l", Ledger(tmp_path / "local.txt"))
    loopback.add_worker()
    loopback.add_worker()
    done: list[str] = []

    def kill_one_in_the_middle(trial: str, *_: object) -> None:
        done.append(trial)
        if len(done) == 3:
            loopback.workers[0].kill()

    ledger = Ledger(tmp_path / "cluster.txt")
    with opened(loopback.address) as executor:
        executor._client.wait_for_workers(2)
        results = run_trials(trials, executor, tmp_path / "c", ledger, kill_one_in_the_middle)
    assert without_seconds(results) == without_seconds(expected)
    assert loopback.workers[0].wait() == -9
    assert sorted(done) == sorted(trial.name() for trial in trials)  # each once
    assert len(ledger.path.read_text().splitlines()) == len(trials)


def without_seconds(results: list[Any]) -> list[dict[str, Any]]:
    return [{**dataclasses.asdict(result), "train_seconds": 0} for result in results]


@pytest.mark.slow
def test_the_pipeline_gives_the_same_bytes_on_a_cluster(loopback: Loopback) -> None:
    loopback.add_worker()
    loopback.add_worker()
    results = {}
    on_dask = (
        "dvc exp run sweeps/dvc.yaml -S executor.kind=dask -S executor.address=tcp://HOST:8786",
        {"tcp://HOST:8786": loopback.address},
    )
    locally = (
        "dvc exp run sweeps/dvc.yaml -S 'sweeps/params.yaml:sweeps.settings.grid.seq_len=[20,400]'",
        {"20,400": "4,8", "settings": "small"},
    )
    for kind, recipe in (("local", locally), ("dask", on_dask)):
        project = new_project(loopback.folder / kind)
        swept = run_printed(project, "docs/SCALING.md", *recipe)  # params.yaml keeps its changes
        trained = project.run("dvc", "repro", "train")
        for said in (swept.stderr, trained.stderr):
            assert ("workers at" in said) == (kind == "dask")
        weights = sorted((project.path / "data/runs").rglob("*.*"))
        swept_to = [project.path / f"reports/sweeps/small.{kind}" for kind in ("csv", "json")]
        files = [*weights, *swept_to]
        results[kind] = [(path.name, path.read_bytes()) for path in files]
    assert len(results["dask"]) == 2 * (len(SMALL["seeds"]) + 1) + 2
    assert results["dask"] == results["local"]


@pytest.mark.slow
def test_every_epoch_on_the_cluster_is_told_to_who_asks_for_them(
    loopback: Loopback, tmp_path: Path
) -> None:
    loopback.add_worker()
    tasks = [trial.task for trial in trials_of()]
    told: list[EpochDone] = []  # as plain tuples: the scheduler knows no other
    with opened(loopback.address, told.append) as executor:
        train_all(tasks, executor, tmp_path / ".checkpoints")
    epochs = range(1, tasks[0].training.epochs + 1)
    expected = sorted((f"seed {task.seed}", epoch) for task in tasks for epoch in epochs)
    assert sorted(EpochDone(*event)[:2] for event in told) == expected


def add_nobody(_: Loopback) -> None:
    pass


def add_one_with_threads(loopback: Loopback) -> None:
    loopback.add_worker(threads=2)


def add_one_without_the_package(loopback: Loopback) -> None:
    (loopback.folder / "seqcompare").mkdir()
    (loopback.folder / "seqcompare/__init__.py").write_text("raise ImportError('none here')\n")
    loopback.add_worker(source=loopback.folder)


def add_one_with_other_code(loopback: Loopback) -> None:
    source = loopback.folder / "src"
    subprocess.run(["cp", "-r", str(ROOT / "src"), str(source)], check=True)
    errors = source / "seqcompare/core/errors.py"
    errors.write_text(errors.read_text() + "# changed\n")
    loopback.add_worker(source=source)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("add", "says"),
    [
        (add_nobody, r"has no worker: start some with `dask worker tcp://\S+ --nthreads 1`$"),
        (add_one_with_threads, r"has 2 threads, of which a trial uses one: start it with"),
        (add_one_without_the_package, r"cannot import seqcompare \(none here\): install this"),
        (add_one_with_other_code, r"has seqcompare \w{12}, here it is \w{12}: results would"),
    ],
)
def test_a_cluster_that_cannot_do_the_work_is_one_line(
    loopback: Loopback,
    add: Callable[[Loopback], None],
    says: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    add(loopback)
    monkeypatch.setattr(dask_cluster, "CONNECT_S", 1.0 if add is add_nobody else 30.0)
    with pytest.raises(InputError, match=says):
        opened(loopback.address)


@pytest.mark.slow
def test_a_scheduler_that_goes_away_ends_the_sweep_in_one_line(
    loopback: Loopback, tmp_path: Path
) -> None:
    trials = trials_of(epochs=60)
    ledger = Ledger(tmp_path / "runs.txt")
    loopback.add_worker()
    with pytest.raises(InputError, match="is gone, and with it its"), opened(loopback.address) as e:
        run_trials(trials, e, tmp_path / "c", ledger, lambda *_: loopback.kill_scheduler())
    assert 1 <= len(ledger.load()) < len(trials)
