"""The executor that params.yaml names: processes of this machine, or a Dask cluster's workers."""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from seqcompare.core import params
from seqcompare.execution.dask_cluster import DaskCluster
from seqcompare.execution.processes import LocalProcesses, open_processes

Executor: TypeAlias = LocalProcesses | DaskCluster


def open_executor(
    device: str,
    settings: params.Executor,
    on_event: Callable[[Sequence[Any]], None] | None = None,
) -> Executor:
    """For trials on this type of device (`cpu`, `cuda`, `mps`).

    on_event gets what the trials report.
    Raises InputError when the cluster is not there or cannot do the work.
    """
    if settings.kind == "local":
        return open_processes(device, settings.workers, on_event or (lambda _: None))
    return DaskCluster(str(settings.address), on_event)
