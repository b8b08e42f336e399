"""Calls in worker processes: results, events, and what happens when something dies or fails."""

import operator
import os
import signal
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
import torch

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


def use_bad_code(returns: bool) -> Any:
    if returns:
        return lambda: None  # no pickle holds it
    raise RuntimeError("a memory cell of mine")


def kill_itself(number: int) -> None:
    os.kill(os.getpid(), number)


def threads_and_denormals() -> tuple[int, float]:
    return torch.get_num_threads(), (torch.tensor(1e-38) * 1e-3).item()


@pytest.mark.parametrize("device_type", ["cpu", "cuda"])
def test_workers_are_prepared_for_the_device(device_type: str) -> None:
    """`cuda`: new processes, as a GPU needs; no GPU is used."""
    with local_workers(1, device_type) as workers:
        assert workers.submit(threads_and_denormals).result() == (1, 0.0)


def test_results_come_in_order_and_calls_that_would_leave_a_worker_idle_are_to_be_cut() -> None:
    with local_workers(2) as workers:
        assert list(workers.map(square, range(20))) == [n * n for n in range(20)]
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
    with open_local(Executor(kind="dask", workers=1, address="tcp://127.0.0.1:9"), 5) as workers:
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


@pytest.mark.parametrize("error", [BrokenPipeError(32, "Broken pipe"), OSError(28), KeyError()])
def test_the_first_error_in_showing_progress_ends_the_run_and_mixes_up_no_results(
    error: Exception,
) -> None:
    heard, results = [], []

    def fail(event: tuple[Any, ...]) -> None:
        if event[1] >= 2:
            heard.append(event)
            raise error

    calls = [(count_to, 1), (count_to, 2), (count_to, 100), (time.sleep, 600)]
    with pytest.raises(type(error)), local_workers(1, "cpu", fail) as workers:
        results.extend(workers.map(operator.call, *zip(*calls, strict=True)))
    assert results == [1, 2, 100][: len(results)]
    assert len(heard) == 1


def test_an_exception_of_a_call_arrives_with_its_traceback() -> None:
    with pytest.raises(RuntimeError, match="a memory cell") as caught, local_workers(1) as workers:
        workers.submit(use_bad_code, False).result()
    assert "in use_bad_code" in str(caught.value.__cause__)
    with pytest.raises(AttributeError, match="use_bad_code"), local_workers(1) as workers:
        workers.submit(use_bad_code, True).result()


@pytest.mark.parametrize(
    ("end", "number", "reason"),
    [
        (kill_itself, signal.SIGKILL, r"9 \(SIGKILL\), which systems send when memory runs out: "),
        (kill_itself, signal.SIGTERM, r"signal 15 \(SIGTERM\)"),
        (os._exit, 3, "exit code 3"),
    ],
)
def test_a_worker_that_ends_is_one_line_that_says_by_what(
    end: Callable[[int], None], number: int, reason: str
) -> None:
    with pytest.raises(InputError, match=reason) as caught, local_workers(2) as workers:
        next(workers.map(operator.call, [end, *[str] * 9], [number, *[b"x" * 10**6] * 9]))
    assert str(caught.value).endswith("what finished is kept, and `dvc repro` goes on")
    assert "\n" not in str(caught.value)


def test_a_call_in_its_own_process_returns_its_result_or_says_that_it_was_killed() -> None:
    assert own_process(square, 4, device_type="cpu") == 16
    with pytest.raises(WorkerDiedError, match="signal 9"):
        own_process(kill_itself, signal.SIGKILL, device_type="cpu")
