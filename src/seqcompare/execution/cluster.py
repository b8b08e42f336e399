"""Cluster: the workers of a Dask cluster run the calls, and give the same bytes as this machine.

A worker is refused unless its code, versions and arithmetic are those here. It runs one trial at a
time. Dask gives the call of a lost worker to another one. Workers may come and go.
"""

import asyncio
import logging
import os
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager
from functools import cache, partial
from importlib import import_module
from typing import Any, TypeVar

import torch

from seqcompare.core.errors import InputError, shown
from seqcompare.execution.devices import prepare
from seqcompare.execution.provenance import PROCESSOR, decides_bytes, environment, trial_code
from seqcompare.execution.runtime import PORTABLE
from seqcompare.execution.workers import OnEvent, WorkerDiedError, Workers, report_by

try:
    distributed: Any = import_module("distributed")
except ImportError:
    raise InputError(
        "params.yaml: executor.kind is dask, which is not installed: pip install '.[cluster]'"
    ) from None

R = TypeVar("R")
CONNECT_S = 10.0
_one_trial_at_a_time = threading.Lock()  # in a worker: trials share torch's settings


@contextmanager
def cluster_workers(
    address: str, device_type: str, on_event: OnEvent | None = None
) -> Iterator[Workers]:
    """As `open_workers`. count: the workers that the scheduler has now."""
    failures: list[BaseException] = []
    with _connect(address) as client:
        count = _check_workers(client, address, device_type)
        print(f"{count} workers at {address}, see {client.dashboard_link}", file=sys.stderr)
        pool = client.get_executor(pure=False)

        def hear(event: tuple[float, list[Any]]) -> None:
            try:
                if on_event and not failures:
                    on_event(tuple(event[1]))
            except BaseException as error:
                failures.append(error)
                threading.Thread(target=pool.shutdown, args=(False,)).start()  # cancels all calls

        topic = f"{client.id}-events"
        client.subscribe_topic(topic, hear)
        wrapper = partial(_on_worker, must_match(device_type), topic, device_type)
        try:
            yield Workers(pool, count, wrapper, share_disk=False)
        except CancelledError:
            if not failures:
                raise InputError(
                    f"the Dask scheduler at {address} no longer answers: start it and its workers "
                    "again, then the same command goes on from here"
                ) from None
        except distributed.KilledWorker as error:
            raise WorkerDiedError(
                f"a call ended every Dask worker that ran it, the last at "
                f"{error.last_worker.address}, whose log says more: what finished is kept"
            ) from None
    if failures:
        raise failures[0]


@cache
def must_match(device_type: str) -> dict[str, Any]:
    """What must be the same on a worker for a trial to give the same bytes."""
    portable = PORTABLE.items() <= os.environ.items()
    record = environment("portable" if portable else "fast", torch.device(device_type))
    return {"code": trial_code("*")[:12], **decides_bytes(record)}


def _connect(address: str) -> Any:
    """A client of the scheduler. Raises InputError unless one answers within CONNECT_S."""
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # one line is reported here
    try:
        asyncio.run(asyncio.wait_for(_identify(address), CONNECT_S))  # a Client might wait for ever
        return distributed.Client(address, timeout=CONNECT_S, set_as_default=False)
    except Exception as error:  # of many types, such as TypeError for tls without a certificate
        reason = " ".join(str(error).split())[:120] or "no answer"
        raise InputError(
            f"params.yaml: executor.address is {shown(address)}, but no Dask scheduler answers "
            f"there within {CONNECT_S:.0f} s ({reason}): write the address that `dask scheduler` "
            "prints, like tcp://10.0.0.1:8786"
        ) from None


async def _identify(address: str) -> None:
    security = distributed.Security().get_connection_args("client")
    async with distributed.core.rpc(address, connection_args=security) as server:
        kind = (await server.identity())["type"]
    if kind != "Scheduler":
        raise ValueError(f"a {kind} does")


def _check_workers(client: Any, address: str, device_type: str) -> int:
    """How many there are. Raises InputError when there is none, or one that does not fit."""

    def ask() -> dict[str, Any]:  # nested, so that its code is sent: a worker may lack this module
        try:
            from seqcompare.execution.cluster import must_match
        except ImportError as error:
            return {"code": f"none ({error})"}
        return must_match(device_type)

    try:
        client.wait_for_workers(1, timeout=CONNECT_S)
    except TimeoutError:
        raise InputError(
            f"the Dask scheduler at {address} has no worker: start some with "
            f"`dask worker {address} --nthreads 1`"
        ) from None
    answers = client.run(ask)
    for worker, theirs in answers.items():
        _refuse_other(worker, theirs, must_match(device_type))
    return len(answers)


def _refuse_other(worker: str, theirs: dict[str, Any], mine: dict[str, Any]) -> None:
    for name in mine:
        if theirs.get(name) == mine[name]:
            continue
        fix = "install this commit and its requirements where the workers run"
        if name in PROCESSOR:
            fix = "use this processor and variables there, or set reproducibility to portable"
        raise InputError(
            f"the Dask worker {worker} has {name} {theirs.get(name) or 'unset'}, here it is "
            f"{mine[name] or 'unset'}, so results would not be the same bytes: {fix}"
        )


def _on_worker(expected: dict[str, Any], topic: str, device_type: str, call: Callable[[], R]) -> R:
    here = f"on {socket.gethostname()}"  # it may have come after the others were asked
    _refuse_other(here, must_match(device_type), expected)
    with _one_trial_at_a_time:
        report_by(partial(distributed.get_worker().log_event, topic))
        prepare(torch.device(device_type))
        return call()
