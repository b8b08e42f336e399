"""Faults of a cluster, injected: nothing lost, nothing counted twice, the bytes of a local run.

Each is tried in the middle of `train` and of a sweep, which real processes on loopback carry.
"""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from conftest import Project, new_project
from test_dask_cluster import Loopback, needs_dask, running, wait_until

DELIVERS_TWICE = Path(__file__).with_name("delivers_twice.py")
PROGRESS = re.compile(r"1 workers at tcp\S+, see \S+|(lstm|sweep small): .*")
GONE = r"error: the Dask scheduler at \S+ is gone, and with it its workers: start both again, .*"
# Before anything is asked: to load torch may take as long as a silent worker is waited for.
LOADED = ["--preload", "seqcompare.studies.sweep.trials"]


class Work(NamedTuple):
    """A stage, its results that are no times, and what is there as soon as it is in the middle."""

    stage: str
    results: str
    begun: str


WORKS = {
    "train": Work("train lstm", "data/runs/lstm/*", ".checkpoints/lstm-seed-*"),
    "sweep": Work("sweep small", "reports/sweeps/small.*", ".sweep/runs.txt"),
}


def start(project: Project, work: Work) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", *f"stages.{work.stage}".split()],
        cwd=project.path,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process: "subprocess.Popen[str]") -> tuple[int, list[str]]:
    """Its exit code, and what it said beside how far it is."""
    said = process.communicate(timeout=180)[1].splitlines()
    return process.returncode, [line for line in said if not PROGRESS.fullmatch(line)]


def in_the_middle(project: Project, work: Work, there: Loopback) -> "subprocess.Popen[str]":
    """The stage, begun: it is carried by the one worker that there is."""
    there.add_worker(more=LOADED)
    process = start(project, work)
    wait_until(lambda: any(project.path.glob(work.begun)), there.folder / "worker.log")
    return process


def restart_of_the_scheduler(project: Project, work: Work, there: Loopback) -> None:
    process = in_the_middle(project, work, there)
    there.kill_scheduler()
    there.start_scheduler()
    there.add_worker(more=LOADED)
    code, said = ended(process)
    assert code == 1
    assert [bool(re.fullmatch(GONE, line)) for line in said] == [True], said
    assert ended(start(project, work)) == (0, [])


def worker_that_stops_and_comes_back(project: Project, work: Work, there: Loopback) -> None:
    """It goes on with a trial that another one has taken over meanwhile."""
    process, log = in_the_middle(project, work, there), there.folder / "scheduler.log"
    os.kill(there.workers[0].pid, signal.SIGSTOP)
    there.add_worker(more=LOADED)
    wait_until(lambda: "failed to heartbeat" in log.read_text(), log)
    os.kill(there.workers[0].pid, signal.SIGCONT)
    assert ended(process) == (0, [])


def results_delivered_twice(project: Project, work: Work, there: Loopback) -> None:
    there.add_worker(more=LOADED)
    assert ended(start(project, work)) == (0, [])
    assert "heard twice" in (there.folder / "scheduler.log").read_text()


FAULTS = {
    restart_of_the_scheduler: [],
    worker_that_stops_and_comes_back: [],
    results_delivered_twice: ["--preload", str(DELIVERS_TWICE)],
}


def results(project: Project, work: Work) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in project.path.glob(work.results)}


def trials_counted(project: Project) -> list[str]:
    """A key for each line of the ledger, in order."""
    ledger = project.path / ".sweep/runs.txt"
    lines = ledger.read_text().splitlines() if ledger.exists() else []
    return sorted(line.split('"')[1] for line in lines)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_faults_of_a_cluster_lose_nothing_and_count_nothing_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    needs_dask()
    monkeypatch.setenv("DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL", "5s")  # the shortest it takes
    new = new_project(tmp_path / "new")
    new.change_params(training={"epochs": 200})
    new.change_sweeps(
        base={"training": {"epochs": 30}}, sweeps={"small": {"grid": {"seq_len": [4]}}}
    )
    for stage in ("generate", "split"):
        new.run("python3", "-m", f"stages.{stage}")
    tried, problems = 0, []
    for name, work in WORKS.items():
        local = new.copy_to(tmp_path / f"local-{name}")
        assert ended(start(local, work)) == (0, [])
        for fault, options in FAULTS.items():
            tried += 1
            project = new.copy_to(tmp_path / f"{fault.__name__}-{name}")
            with running(project.path.with_suffix(".dask"), [*LOADED, *options]) as there:
                project.change_params(executor={"kind": "dask", "address": there.address})
                try:
                    fault(project, work, there)
                    assert results(project, work) == results(local, work)
                    assert trials_counted(project) == trials_counted(local)
                except AssertionError as error:
                    problems.append(f"{fault.__name__}, {name}: {error}")
    print(f"cluster faults: {tried} tried, {tried - len(problems)} held")
    assert problems == []
