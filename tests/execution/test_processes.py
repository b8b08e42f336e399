"""Calls in worker processes: results, progress, and what happens when a worker is killed."""

import os
import queue
import signal
import subprocess
import sys
import time
from concurrent.futures import wait
from pathlib import Path

import pytest

from seqcompare.core.errors import WorkerDiedError
from seqcompare.execution.processes import LocalProcesses, available_cores, open_processes, report

pytestmark = pytest.mark.filterwarnings("ignore:.*use of fork.*:DeprecationWarning")


def square(number: int) -> int:
    return number * number


def own_pid() -> int:
    return os.getpid()


def count_to(end: int) -> None:
    for number in range(end):
        report(number)


def divide_by_zero() -> float:
    return 1 / 0


def kill_oneself() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def report_and_sleep() -> None:
    report("started")
    time.sleep(60)


def remember() -> None:
    os.environ["REMEMBERED"] = "yes"


def is_remembered() -> bool:
    return "REMEMBERED" in os.environ


def test_results_come_back_in_the_order_of_the_calls() -> None:
    with LocalProcesses(2) as executor:
        assert list(executor.map(square, range(20))) == [n * n for n in range(20)]


@pytest.mark.parametrize(("calls", "parts"), [(1, 1), (2, 1), (3, 2), (4, 1), (5, 2)])
def test_calls_that_would_leave_a_worker_idle_are_to_be_cut(calls: int, parts: int) -> None:
    with LocalProcesses(2) as executor:
        assert executor.parts(calls) == parts


def test_calls_run_in_other_processes() -> None:
    with LocalProcesses(1) as executor:
        assert executor.submit(own_pid).result() != os.getpid()


def test_what_a_call_reports_arrives_before_its_result() -> None:
    events: list[int] = []
    with LocalProcesses(1, events.append) as executor:
        executor.submit(count_to, 3).result()
        assert events == [0, 1, 2]


def test_every_worker_is_initialised_also_one_that_replaces_another() -> None:
    with LocalProcesses(1, initializer=remember) as executor:
        assert executor.submit(is_remembered).result()
        with pytest.raises(WorkerDiedError):
            executor.submit(kill_oneself).result()
        assert executor.submit(is_remembered).result()


def test_a_report_outside_a_worker_does_nothing() -> None:
    count_to(3)


def test_an_exception_in_a_call_is_raised_where_its_result_is_asked_for() -> None:
    with LocalProcesses(1) as executor:
        with pytest.raises(ZeroDivisionError):
            executor.submit(divide_by_zero).result()
        assert executor.submit(square, 3).result() == 9


def test_a_killed_worker_fails_only_the_call_it_was_at() -> None:
    with LocalProcesses(2) as executor:
        futures = [
            executor.submit(square, 2),
            executor.submit(kill_oneself),
            executor.submit(square, 3),
        ]
        wait(futures)
        assert [futures[0].result(), futures[2].result()] == [4, 9]
        with pytest.raises(WorkerDiedError, match=r"signal 9 \(SIGKILL\)"):
            futures[1].result()


def test_an_only_worker_that_is_killed_is_replaced() -> None:
    with LocalProcesses(1) as executor:
        with pytest.raises(WorkerDiedError):
            executor.submit(kill_oneself).result()
        assert executor.submit(square, 3).result() == 9


def test_leaving_by_an_exception_ends_workers_in_the_middle_of_a_call() -> None:
    started_at = time.monotonic()

    def interrupted() -> None:
        with LocalProcesses(1) as executor:
            executor.submit(time.sleep, 60)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert time.monotonic() - started_at < 5


def test_leaving_by_an_exception_replaces_no_worker_and_cancels_calls_that_wait() -> None:
    started: queue.SimpleQueue[str] = queue.SimpleQueue()
    executor = LocalProcesses(2, started.put)
    calls = [executor.submit(report_and_sleep) for _ in range(4)]
    for _ in range(2):
        started.get(timeout=10)
    with pytest.raises(KeyboardInterrupt), executor:
        raise KeyboardInterrupt
    assert len(executor._workers) == 2
    assert [call.cancelled() for call in calls] == [False, False, True, True]
    assert all(isinstance(call.exception(), WorkerDiedError) for call in calls[:2])


def test_workers_end_when_their_parent_is_killed() -> None:
    program = (
        "import time; from seqcompare.execution.processes import LocalProcesses;"
        "executor = LocalProcesses(2);"
        "print(*[w.process.pid for w in executor._workers], flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as p:
        assert p.stdout is not None
        pids = p.stdout.readline().split()
        p.kill()
    deadline = time.monotonic() + 10
    while any(running(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(running(pid) for pid in pids)


def running(pid: str) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except FileNotFoundError:
        return False


def test_auto_is_one_worker_for_each_core() -> None:
    with open_processes("cpu", "auto", calls=1000) as executor:
        assert executor.workers == available_cores()


def test_auto_is_one_worker_on_a_gpu_which_runs_would_only_share() -> None:
    with open_processes("cuda", "auto", calls=1000) as executor:
        assert executor.workers == 1


def test_there_are_no_more_workers_than_calls() -> None:
    for workers, calls in ((3, 2), (2, 3), (4, 1)):
        with open_processes("cpu", workers, calls) as executor:
            assert executor.workers == len(executor._workers) == min(workers, calls)
