"""Executors that params.yaml may name: processes of this machine, or a Dask cluster's workers."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeAlias

import torch

from seqcompare.core.sections.executor import Executor as ExecutorSection
from seqcompare.execution.dask_cluster import DaskCluster
from seqcompare.execution.devices import prepare
from seqcompare.execution.processes import LocalProcesses, do_nothing, open_processes

Executor: TypeAlias = LocalProcesses | DaskCluster


def open_executor(
    device: str,
    settings: ExecutorSection,
    calls: int,
    on_event: Callable[[Sequence[Any]], None] | None = None,
) -> Executor:
    """For trials on this type of device (`cpu`, `cuda`, `mps`).

    calls: how many there will be; no more workers than that are started here. on_event gets what
    the trials report. Every worker is prepared for the device.
    Raises InputError when the cluster is not there or cannot do the work.
    """
    initializer = partial(prepare, torch.device(device))
    if settings.kind == "local":
        return open_processes(device, settings.workers, calls, on_event or do_nothing, initializer)
    return DaskCluster(str(settings.address), on_event, initializer)


def open_local(settings: ExecutorSection, calls: int) -> LocalProcesses:
    """Processes of this machine on its CPU, whatever carries the trials.

    For what is made of trained models: a cluster's workers are held to the code of trials alone.
    """
    initializer = partial(prepare, torch.device("cpu"))
    return open_processes("cpu", settings.workers, calls, initializer=initializer)
