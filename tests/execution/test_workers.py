"""Calls in worker processes: results, events, and what happens when something dies or fails."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
import torch
from conftest import ROOT

from seqcompare.core.errors import InputError
from seqcompare.core.params import Executor
from seqcompare.execution.runtime import available_cores
from seqcompare.execution.workers import (
    WorkerDiedError,
    local_workers,
    open_local,
    open_workers,
    own_process,
    report,
)

pytestmark = pytest.mark.filterwarnings("ignore:.*use of fork.*:DeprecationWarning")
AUTO = Executor(kind="local", workers="auto", address=None)


def square(number: int) -> int:
    return number * number


def count_to(end: int) -> int:
    for number in range(end):
        report(("trial", number, float("nan") if number == 1 else 0.5))
    return end


def report_then_sleep(seconds: float) -> None:
    report(("trial", 1, 0.5))
    time.sleep(seconds)


def use_bad_code(kind: str) -> Any:
    if kind == "result without pickle":
        return lambda: None
    raise RuntimeError("a memory cell of mine")


def end_by(number: int) -> None:
    if number > 0:
        os.kill(os.getpid(), number)
    os._exit(-number)


def threads_and_denormals() -> tuple[int, float]:
    return torch.get_num_threads(), (torch.tensor(1e-38) * 1e-3).item()


def test_results_come_in_the_order_of_the_calls() -> None:
    with local_workers(2) as workers:
        assert list(workers.map(square, range(20))) == [n * n for n in range(20)]


@pytest.mark.parametrize("device_type", ["cpu", "cuda"])
def test_workers_are_prepared_for_the_device(device_type: str) -> None:
    """`cuda`: new processes, as a GPU needs; no GPU is used."""
    with local_workers(1, device_type) as workers:
        assert workers.submit(threads_and_denormals).result() == (1, 0.0)


def test_calls_that_would_leave_a_worker_idle_are_to_be_cut() -> None:
    with local_workers(2) as workers:
        assert [workers.parts(calls) for calls in (1, 2, 3, 4, 5)] == [1, 1, 2, 1, 2]


@pytest.mark.parametrize(
    ("settings", "device_type", "calls", "count"),
    [("auto", "cpu", 1000, available_cores()), ("auto", "cuda", 1000, 1), (3, "cpu", 2, 2)],
)
def test_there_are_as_many_workers_as_cores_or_settings_or_calls(
    settings: Any, device_type: str, calls: int, count: int
) -> None:
    executor = AUTO.model_copy(update={"workers": settings})
    with open_workers(executor, device_type, calls) as workers:
        assert workers.count == count


def test_local_workers_are_opened_here_also_where_a_cluster_trains() -> None:
    dask = Executor(kind="dask", workers=1, address="tcp://127.0.0.1:9")
    with open_local(dask, 5) as workers:
        assert workers.submit(square, 2).result() == 4


def test_every_event_arrives_in_one_thread_before_the_context_is_left() -> None:
    events: list[tuple[Any, ...]] = []
    threads = set()

    def hear(event: tuple[Any, ...]) -> None:
        events.append(event)
        threads.add(threading.get_ident())

    with open_workers(AUTO, "cpu", 2, hear) as workers:
        assert list(workers.map(count_to, [100, 100])) == [100, 100]
        list(workers.map(report, [("温" * 10_000 + "\n, seed 1", n, 0.5) for n in range(50)]))
    numbers = sorted(number for _, number, _ in events)
    assert numbers == sorted([*range(100), *range(100), *range(50)])
    assert {name[-9:] for name, _, _ in events} == {"trial", "\n, seed 1"}
    assert sum(mse != mse for _, _, mse in events) == 2
    assert len(threads) == 1


@pytest.mark.parametrize("error", [BrokenPipeError(32, "Broken pipe"), KeyError()])
def test_the_first_error_in_showing_progress_ends_the_run(error: Exception) -> None:
    heard = []

    def fail(event: tuple[Any, ...]) -> None:
        heard.append(event)
        raise error

    with pytest.raises(type(error)), open_workers(AUTO, "cpu", 2, fail) as workers:
        list(workers.map(report_then_sleep, [600, 600]))
    assert len(heard) == 1


def test_an_error_in_showing_progress_never_mixes_up_results() -> None:
    def fail_at_last(event: tuple[Any, ...]) -> None:
        if event[1] == 2:
            raise OSError(28, "No space left on device")

    results: list[int] = []

    def run_all() -> None:
        with local_workers(1, "cpu", fail_at_last) as workers:
            results.extend(workers.map(count_to, (1, 2, 3, 4)))

    with pytest.raises(OSError, match="No space"):
        run_all()
    assert results == [1, 2, 3, 4][: len(results)]


def test_a_stage_whose_stderr_is_closed_ends() -> None:
    """`python3 -m stages.train lstm 2>&1 | head -1`."""
    program = f"""
import sys; sys.path[:0] = [{str(ROOT / "src")!r}, {str(Path(__file__).parent)!r}]
import test_workers as t
from seqcompare.execution.runtime import run
def show(event): print(event, file=sys.stderr, flush=True)
def main():
    with t.local_workers(2, "cpu", show) as workers:
        list(workers.map(t.count_to, [3000] * 20))
run(main)
"""
    variables = os.environ | {"PYTHONPATH": str(ROOT / "tests")}
    python = subprocess.Popen(
        [sys.executable, "-c", program], stderr=subprocess.PIPE, env=variables, text=True
    )
    assert python.stderr is not None
    assert python.stderr.readline() == "('trial', 0, 0.5)\n"
    python.stderr.close()
    assert python.wait(timeout=30) != 0


def test_an_exception_of_a_call_arrives_with_its_traceback() -> None:
    with pytest.raises(RuntimeError, match="a memory cell") as caught, local_workers(1) as workers:
        workers.submit(use_bad_code, "a bug").result()
    assert "in use_bad_code" in str(caught.value.__cause__)
    with pytest.raises(AttributeError, match="use_bad_code"), local_workers(1) as workers:
        workers.submit(use_bad_code, "result without pickle").result()


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (signal.SIGKILL, r"signal 9 \(SIGKILL\), which systems send when memory runs out: "),
        (signal.SIGTERM, r"signal 15 \(SIGTERM\)"),
        (-3, "exit code 3"),
    ],
)
def test_a_worker_that_ends_is_one_line_that_says_by_what(number: int, reason: str) -> None:
    def run_all() -> None:
        with local_workers(2) as workers:
            ends = workers.submit(end_by, number)
            workers.map(len, [b"x" * 10**6] * 10)
            ends.result()

    with pytest.raises(InputError, match=reason) as caught:
        run_all()
    assert str(caught.value).endswith("what finished is kept, and `dvc repro` goes on")
    assert "\n" not in str(caught.value)


def test_leaving_by_an_exception_ends_workers_at_once() -> None:
    def run_all() -> None:
        with local_workers(2) as workers:
            workers.submit(time.sleep, 600)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_all()


@pytest.mark.skipif(sys.platform != "linux", reason="prctl is Linux's")
def test_workers_end_when_their_parent_is_killed() -> None:
    program = f"""
import sys; sys.path[:0] = [{str(ROOT / "src")!r}]
import time
from seqcompare.execution.workers import local_workers
with local_workers(2) as workers:
    workers.submit(time.sleep, 60)
    print("started", flush=True)
    time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as p:
        assert p.stdout is not None
        p.stdout.readline()
        p.kill()
        assert p.communicate(timeout=10) == ("", None)  # its output ends with its last worker


def test_a_call_in_its_own_process_returns_its_result_or_says_that_it_was_killed() -> None:
    assert own_process(square, 4, device_type="cpu") == 16
    with pytest.raises(WorkerDiedError, match="signal 9"):
        own_process(end_by, signal.SIGKILL, device_type="cpu")
