"""Dask cluster as an executor: its workers carry the trials, and give the same bytes.

A worker works on one trial at a time, and only if it has the same code, versions and kind of CPU as
who asks.
"""

import importlib
import logging
import socket
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from functools import cache
from typing import Any, ParamSpec, TypeVar

import numpy as np
import torch

from seqcompare.core.errors import InputError, ParamsError, WorkerDiedError
from seqcompare.execution.code_identity import worker_code
from seqcompare.execution.devices import bfloat16_instructions
from seqcompare.execution.processes import do_nothing, reporting_to

P = ParamSpec("P")
R = TypeVar("R")

CONNECT_S = 10.0
one_trial_at_a_time = threading.Lock()  # in a worker: trials share torch's settings and its stream


class DaskCluster(Executor):
    """Calls run on the workers of a Dask cluster.

    The cluster itself gives the call of a lost worker to another one. A call that loses several
    workers fails with WorkerDiedError. Workers may come and go.
    """

    def __init__(
        self,
        address: str,
        on_event: Callable[[Sequence[Any]], None] | None = None,
        initializer: Callable[[], None] = do_nothing,
    ) -> None:
        self._address = address
        self._initializer = initializer
        self._distributed = _distributed()
        self._client = self._connect()
        try:
            self.workers = self._check_workers()
        except BaseException:
            self._client.close()
            raise
        self._executor = self._client.get_executor(pure=False)
        self._topic = f"{self._client.id}-epochs" if on_event else None
        if on_event:
            self._client.subscribe_topic(self._topic, lambda event: on_event(event[1]))
        dashboard = self._client.dashboard_link
        print(f"{self.workers} workers at {address}, see {dashboard}", file=sys.stderr, flush=True)

    def submit(self, fn: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> Future[R]:
        call = _on_worker, must_match(), self._topic, self._initializer, fn, args, kwargs
        inner = self._executor.submit(*call)
        outer: Future[R] = Future()
        inner.add_done_callback(lambda done: self._hand_over(done, outer))
        return outer

    def parts(self, calls: int) -> int:  # noqa: ARG002
        """One: a part would need the disk of the worker that did the part before."""
        return 1

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self._executor.shutdown(wait and not cancel_futures)
        self._client.close()

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.shutdown(cancel_futures=kind is not None)

    def _connect(self) -> Any:
        try:
            return self._distributed.Client(
                self._address, timeout=CONNECT_S, set_as_default=False, name="seqcompare"
            )
        except (OSError, ValueError) as error:  # ValueError: no address at all
            reason = " ".join(str(error).split())[:120]
            raise ParamsError(
                f"executor.address is {self._address}, but no Dask scheduler answers "
                f"there within {CONNECT_S:.0f} s ({reason}): start one with `dask scheduler`"
            ) from None

    def _check_workers(self) -> int:
        """How many there are. Raises InputError when there is none, or one that is not fit."""
        try:
            self._client.wait_for_workers(1, timeout=CONNECT_S)
        except TimeoutError:
            raise InputError(
                f"the Dask scheduler at {self._address} has no worker: "
                f"start some with `dask worker {self._address} --nthreads 1`"
            ) from None
        threads = self._client.nthreads()
        for worker, count in threads.items():
            if count > 1:
                raise InputError(
                    f"the Dask worker {worker} has {count} threads, of which a trial uses one: "
                    f"start it with `dask worker {self._address} --nworkers {count} --nthreads 1`"
                )
        for worker, answer in self._client.run(_probe()).items():
            if isinstance(answer, str):
                raise InputError(
                    f"the Dask worker {worker} cannot import seqcompare ({answer}): "
                    "install this commit where the workers run"
                )
            _refuse_other(answer, worker)
        return len(threads)

    def _hand_over(self, done: Future[R], outer: Future[R]) -> None:
        if done.cancelled():
            # Else Dask would say the same in many lines.
            logging.getLogger("distributed.client").setLevel(logging.CRITICAL)
            gone = f"the Dask scheduler at {self._address} is gone, and with it its workers"
            mend = "start both again, then the same command goes on from here"
            return outer.set_exception(InputError(f"{gone}: {mend}"))
        error = done.exception()
        if error is None:
            return outer.set_result(done.result())
        if isinstance(error, self._distributed.KilledWorker):
            error = WorkerDiedError(" ".join(str(error).split()))
        return outer.set_exception(error)


@cache
def must_match() -> dict[str, str]:
    """What must be the same on two machines for a trial to give the same bytes."""
    return {
        "seqcompare": worker_code()[:12],
        "torch": torch.__version__,
        "numpy": np.__version__,
        "CPU": torch.backends.cpu.get_cpu_capability(),
        "bfloat16": bfloat16_instructions() or "none",
    }


def _on_worker(
    expected: dict[str, str],
    topic: str | None,
    initializer: Callable[[], None],
    fn: Callable[..., R],
    args: Any,
    kwargs: Any,
) -> R:
    """topic: what the call reports goes to who listens there; None where nobody does."""
    if must_match() != expected:  # it came after the others had been asked
        raise InputError(f"a Dask worker on {socket.gethostname()} has other code: restart it")

    def log(event: object) -> None:
        if topic:
            _distributed().get_worker().log_event(topic, event)

    with one_trial_at_a_time, reporting_to(log):
        initializer()  # before every call: who came later has not been asked
        return fn(*args, **kwargs)


def _probe() -> Callable[[], dict[str, str] | str]:
    """Asks a worker for what must match, or why it has none.

    Not a function of this module: those travel by name, and a worker that lacks the name dies.
    """

    def ask() -> dict[str, str] | str:
        import importlib

        try:
            found: dict[str, str] = importlib.import_module(
                "seqcompare.execution.dask_cluster"
            ).must_match()
        except ImportError as error:
            return str(error)
        return found

    return ask


def _refuse_other(theirs: dict[str, str], worker: str) -> None:
    for name, mine in must_match().items():
        if theirs.get(name) != mine:
            raise InputError(
                f"the Dask worker {worker} has {name} {theirs.get(name)}, here it is {mine}: "
                "results would not be the same bytes; install the same there"
            )


def _distributed() -> Any:
    try:
        return importlib.import_module("distributed")
    except ImportError:
        raise ParamsError(
            "executor.kind is dask, which is not installed: pip install '.[cluster]'"
        ) from None
