"""Worker processes of this machine as an executor: many trials side by side.

Each trial has one thread, so its result does not depend on how many others there are.

Not concurrent.futures.ProcessPoolExecutor, for which one worker that dies fails every call: a sweep
with one trial too large for the memory would lose all others, and nobody could say which it was.
Its workers would also need a queue for events, with a lock that a killed one never gives back.
"""

import multiprocessing
import os
import queue
import signal
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from multiprocessing.connection import Connection
from typing import Any, Literal, ParamSpec, TypeVar

from seqcompare.core.errors import WorkerDiedError
from seqcompare.execution.main_process import end_with_parent

P = ParamSpec("P")
R = TypeVar("R")

StartMethod = Literal["fork", "spawn"]


def do_nothing(*_: object) -> None:
    pass


# In a worker: the way back to who asked.
_listener: ContextVar[Callable[[object], None]] = ContextVar("listener", default=do_nothing)


def available_cores() -> int:
    """The cores that this process may use, not those that the machine has."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def report(event: object) -> None:
    """Tell who submitted the running call how far it is. Without effect outside a worker."""
    _listener.get()(event)


@contextmanager
def reporting_to(listener: Callable[[object], None]) -> Iterator[None]:
    """Within it, `report` hands events to this function."""
    before = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(before)


class LocalProcesses(Executor):
    """Calls run in worker processes of this machine, all started here, before any thread is.

    on_event gets what a call passes to `report`, in a thread of this process, before the result.
    initializer: what each worker does first.
    A worker that is killed fails the call it was at with WorkerDiedError; the others go on.
    Left by an exception, it ends its workers at once instead of waiting for their calls.
    """

    def __init__(
        self,
        workers: int,
        on_event: Callable[[Any], None] = do_nothing,
        initializer: Callable[[], None] = do_nothing,
        start_method: StartMethod = "fork" if sys.platform == "linux" else "spawn",
    ) -> None:
        self._on_event = on_event
        self._initializer = initializer
        self._is_abandoned = False
        self._workers: list[_Worker] = []
        self._idle: queue.SimpleQueue[_Worker] = queue.SimpleQueue()
        for _ in range(workers):
            self._start(start_method)
        self._threads = ThreadPoolExecutor(workers)

    @property
    def workers(self) -> int:
        """How many calls run side by side."""
        return self._threads._max_workers

    def parts(self, calls: int) -> int:
        """How many parts to cut each call in, so that the workers finish together.

        Five calls would leave one of two workers idle for a fifth of the time; ten halves do not.
        """
        return self.workers if calls > self.workers and calls % self.workers else 1

    def submit(self, fn: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> Future[R]:
        return self._threads.submit(self._call, fn, args, kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self._threads.shutdown(wait, cancel_futures=cancel_futures)
        for worker in self._workers:
            worker.connection.close()
            worker.process.join()

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            self._threads.shutdown(wait=False, cancel_futures=True)  # what waits is not begun
            self._is_abandoned = True
            for worker in self._workers:
                worker.process.kill()
        self.shutdown()

    def _start(self, method: StartMethod) -> None:
        worker = _Worker(method, self._initializer, self._workers if method == "fork" else [])
        self._workers.append(worker)
        self._idle.put(worker)

    def _call(self, fn: Callable[..., R], args: Any, kwargs: Any) -> R:
        worker = self._idle.get()
        try:
            result: R = worker.call((fn, args, kwargs), self._on_event)
        except WorkerDiedError:
            if not self._is_abandoned:
                self._start("spawn")  # forking is unsafe now that there are threads
            raise
        except BaseException:
            self._idle.put(worker)
            raise
        self._idle.put(worker)
        return result


def open_processes(
    device: str,
    workers: int | Literal["auto"],
    calls: int,
    on_event: Callable[[Any], None] = do_nothing,
    initializer: Callable[[], None] = do_nothing,
) -> LocalProcesses:
    """Worker processes for trials on this type of device (`cpu`, `cuda`, `mps`).

    auto: one for each core; on a GPU, which trials would only share, one.
    calls: how many there will be; more workers than that are not started.
    """
    if device != "cpu":
        count = 1 if workers == "auto" else workers
        return LocalProcesses(min(count, calls), on_event, initializer, start_method="spawn")
    count = available_cores() if workers == "auto" else workers
    return LocalProcesses(min(count, calls), on_event, initializer)


class _Worker:
    def __init__(
        self, method: StartMethod, initializer: Callable[[], None], siblings: list["_Worker"]
    ) -> None:
        context: Any = multiprocessing.get_context(method)
        self.connection, theirs = context.Pipe()
        inherited = [self.connection, *(sibling.connection for sibling in siblings)]
        self.process = context.Process(
            target=_serve,
            args=(theirs, initializer, inherited if method == "fork" else []),
            daemon=True,
        )
        self.process.start()
        theirs.close()

    def call(self, job: Any, on_event: Callable[[Any], None]) -> Any:
        try:
            self.connection.send(job)
            while True:
                kind, value = self.connection.recv()
                if kind == "event":
                    on_event(value)
                elif kind == "error":
                    raise value
                else:
                    return value
        except (EOFError, ConnectionError):
            self.process.join()
            raise WorkerDiedError(
                f"its process ended by {_reason(self.process.exitcode)}"
            ) from None


def _serve(
    connection: Connection, initializer: Callable[[], None], inherited: list[Connection]
) -> None:
    """Answer calls until the other end closes, which also happens when the parent is killed."""
    end_with_parent()
    for other in inherited:  # a copy kept here would hide from a sibling that the parent is gone
        other.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    initializer()
    try:
        while True:
            fn, args, kwargs = connection.recv()
            try:
                with reporting_to(lambda event: connection.send(("event", event))):
                    reply = ("result", fn(*args, **kwargs))
            except Exception as error:
                reply = ("error", error)
            connection.send(reply)
    except (EOFError, ConnectionError):
        os._exit(0)


def _reason(exitcode: int | None) -> str:
    if exitcode is not None and exitcode < 0:
        return f"signal {-exitcode} ({signal.Signals(-exitcode).name})"
    return f"exit code {exitcode}"
