"""Workers: processes that run calls side by side, on this machine or, by `cluster`, on others.

A call has one thread, so its result does not depend on how many others run beside it.
"""

import multiprocessing
import operator
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from multiprocessing import connection
from typing import Any, ParamSpec, TypeVar

import torch

from seqcompare.core import params
from seqcompare.core.errors import InputError
from seqcompare.execution.devices import prepare
from seqcompare.execution.runtime import available_cores, end_with_parent, give_back_freed_memory

P = ParamSpec("P")
R = TypeVar("R")
Event = tuple[Any, ...]
OnEvent = Callable[[Event], object]

_send: Callable[[Event], object] | None = None  # in a worker: to the process that opened it


class WorkerDiedError(InputError):
    """A worker process ended before its call did."""


@dataclass(frozen=True)
class Workers:
    """wrapper: runs each call in a worker. share_disk: workers have the files of this machine."""

    pool: Executor
    count: int
    wrapper: Callable[..., Any] = operator.call
    share_disk: bool = True

    def submit(self, fn: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> Future[R]:
        return self.pool.submit(self.wrapper, partial(fn, *args, **kwargs))

    def map(self, fn: Callable[..., R], *iterables: Iterable[Any]) -> Iterator[R]:
        futures = [self.submit(fn, *args) for args in zip(*iterables, strict=True)]
        return (future.result() for future in futures)

    def parts(self, calls: int) -> int:
        """How many parts to cut each call in, so that all workers finish together."""
        uneven = calls > self.count and calls % self.count
        return self.count if self.share_disk and uneven else 1


def open_workers(
    settings: params.Executor, device_type: str, calls: int, on_event: OnEvent | None = None
) -> AbstractContextManager[Workers]:
    """Workers for so many calls on this type of device (`cpu`, `cuda`, `mps`).

    on_event: gets what calls pass to `report`, in one thread of this process; all of it before the
    context is left. Its first exception ends the context. So does a killed worker (WorkerDiedError)
    or a lost scheduler (InputError); calls then end at once instead of being finished.
    Raises InputError when a cluster does not answer or its workers do not fit.
    """
    if settings.kind == "dask":
        cluster: Any = import_module("seqcompare.execution.cluster")  # which imports this module
        on_cluster: AbstractContextManager[Workers]
        on_cluster = cluster.cluster_workers(settings.address, device_type, on_event)
        return on_cluster
    return local_workers(_count(settings, device_type, calls), device_type, on_event)


def open_local(settings: params.Executor, calls: int) -> AbstractContextManager[Workers]:
    """Processes of this machine on its CPU, whatever settings.kind is."""
    return local_workers(_count(settings, "cpu", calls))


def own_process(fn: Callable[..., R], *args: Any, device_type: str) -> R:
    """A call in a new process, whose memory and time are its own."""
    give_back_freed_memory()  # the process begins as a copy of this one, and would use that first
    with local_workers(1, device_type) as worker:
        return worker.submit(fn, *args).result()


@contextmanager
def local_workers(
    count: int, device_type: str = "cpu", on_event: OnEvent | None = None
) -> Iterator[Workers]:
    """Processes of this machine, each prepared for the device.

    On Linux they are forked, before this process starts a thread, so that none imports torch again.
    GPUs and macOS need new processes.
    """
    forks = sys.platform == "linux" and device_type == "cpu"
    context = multiprocessing.get_context("fork" if forks else "spawn")
    events, writer = context.Pipe(duplex=False)
    pool = ProcessPoolExecutor(count, context, _begin, (writer, device_type))
    if forks:
        pool.submit(int)  # forks all workers
    failures: list[BaseException] = []
    listener = threading.Thread(target=_listen, args=(events, on_event, pool, failures))
    listener.start()
    try:
        yield Workers(pool, count)
    except BrokenExecutor as error:
        if not failures:
            raise (error if error.__cause__ else _died(pool)) from error.__cause__
    except BaseException:
        _kill(pool)
        raise
    finally:
        pool.shutdown()
        writer.close()  # the last that is open: the listener reads what is left, and ends
        listener.join()
        events.close()
    if failures:
        raise failures[0]


def report(event: Event) -> None:
    """Hand an event, of text and numbers, to on_event. Without effect outside a worker."""
    if _send is not None:  # one short write, which the system does not mix with those of others
        _send(tuple(part[-60:] if isinstance(part, str) else part for part in event))


def report_by(send: Callable[[Event], object]) -> None:
    """In a worker: how its events are sent."""
    global _send
    _send = send


def _listen(
    events: "connection.Connection[Any, Any]",
    on_event: OnEvent | None,
    pool: ProcessPoolExecutor,
    failures: list[BaseException],
) -> None:
    """Read to the end, also after a failure: a worker would wait at a pipe that is full."""
    while True:
        try:
            event = events.recv()
        except EOFError:
            return
        try:
            if on_event and not failures:
                on_event(event)
        except BaseException as error:
            failures.append(error)
            _kill(pool)  # so that whoever waits for a result is woken


def _kill(pool: ProcessPoolExecutor) -> None:
    for process in list((pool._processes or {}).values()):
        process.kill()


def _died(pool: ProcessPoolExecutor) -> WorkerDiedError:
    processes = list((pool._processes or {}).values())
    pool.shutdown()  # which ends the other workers by SIGTERM
    codes = {process.exitcode or 0 for process in processes}
    code = min(codes - {-signal.SIGTERM}, default=-signal.SIGTERM)
    ended_by = f"signal {-code} ({signal.Signals(-code).name})" if code < 0 else f"exit code {code}"
    memory = ", which systems send when memory runs out" if code == -signal.SIGKILL else ""
    return WorkerDiedError(
        f"a worker process was ended by {ended_by}{memory}: what finished is kept, and `dvc repro` "
        "goes on"
    )


def _count(settings: params.Executor, device_type: str, calls: int) -> int:
    most = available_cores() if device_type == "cpu" else 1  # calls would only share a GPU
    return max(1, min(most if settings.workers == "auto" else settings.workers, calls))


def _begin(writer: "connection.Connection[Any, Any]", device_type: str) -> None:
    """The first thing that a worker does."""
    end_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent answers Ctrl-C
    report_by(writer.send)
    prepare(torch.device(device_type))
