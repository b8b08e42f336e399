"""Many cores, on paper: what 1 to 64 workers make of `make run` without studies, and of its trials.

    python benchmarks/many_cores.py [--seq-len N ...] [--trials N] [--epochs N]

Parts are measured on this machine with one worker and few epochs: what a stage does alone, each
call that it hands to workers, the bytes of a call, the start of a worker, what DVC and the checks
of `make run` take. List scheduling then says what more workers make of them: calls go out in order,
each to the worker that is free first, as execution/processes.py does it, and trials in parts where
it cuts them. Real runs with 1 and 2 workers check that. Left out is what workers take from one
another: caches, bandwidth of the memory, clock speed. Prints Markdown; clones are of the last
commit. On two idle cores about 6 minutes at seq_len 20 and 25 at 200; with `--epochs 5` 4 and 9.
"""

import argparse
import heapq
import importlib
import json
import pickle
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from clone import DVC_STARTS, clone, repro, run_stage, settings

WORKERS = (1, 2, 4, 8, 16, 64)
CHECKED = (1, 2)
PART_EPOCHS = 3  # of a trial whose parts are measured; the first warms up
TRAIN = ("train lstm", "train transformer")
STAGES = ("generate", "split", *TRAIN, "evaluate", "render")
TOOLS = ("tools/check.py", "tools/mend.py")  # what `make run` does before DVC
STARTED = 8  # workers whose start is timed
EMPTY_CALLS, LARGE_CALLS, LARGE = 200, 20, 4_000_000  # and the bytes of a large one


@dataclass(frozen=True)
class Machine:
    """What does not depend on the window's length, in seconds."""

    start_s: float  # of a worker, in the process that starts one after another
    call_s: float  # of handing out a call that has no bytes
    byte_s: float  # of each of its bytes, on its way there or back
    tools_s: float
    dvc_starts_s: float
    dvc_stage_s: float  # what DVC does after a stage


@dataclass(frozen=True)
class Call:
    """What a worker does at a time: so many seconds, and so many more for each epoch it trains."""

    seconds: float
    epoch_s: float = 0.0


@dataclass(frozen=True)
class Stage:
    """serial_s: of its process alone, start of Python included; call_bytes: there and back."""

    serial_s: float
    calls: Sequence[Call]
    call_bytes: float


# ---- scheduling -------------------------------------------------------------------------------


def makespan(seconds: Sequence[float], workers: int, carry_s: float = 0.0) -> float:
    """When the last call has ended, of calls that each go to the worker that is free first.

    carry_s: of each, in the one process that hands them out, one after another.
    """
    free = [0.0] * workers
    carried = 0.0
    for each in seconds:
        carried = max(carried, free[0]) + carry_s
        heapq.heapreplace(free, carried + each)
    return max(free)


def in_parts(calls: Sequence[Call], workers: int, epochs: int) -> list[float]:
    """Seconds of each call, trials in parts: as the stage `train` has them cut."""
    from seqcompare.execution.processes import LocalProcesses

    if not any(call.epoch_s for call in calls):
        return [call.seconds for call in calls]
    few = LocalProcesses.parts(SimpleNamespace(workers=workers), len(calls))  # starts no worker
    parts = min(few, epochs)
    ends = [epochs * part // parts for part in range(parts + 1)]
    return [
        call.seconds + call.epoch_s * (end - start)
        for start, end in pairwise(ends)
        for call in calls
    ]


def carried(stage: Stage, machine: Machine) -> float:
    return machine.call_s + machine.byte_s * stage.call_bytes


def stage_s(stage: Stage, machine: Machine, workers: int, epochs: int) -> float:
    """Under DVC. A stage without calls starts no worker."""
    alone = stage.serial_s + machine.dvc_stage_s
    if not stage.calls:
        return alone
    seconds = in_parts(stage.calls, workers, epochs)
    return alone + machine.start_s * workers + makespan(seconds, workers, carried(stage, machine))


def run_s(stages: Mapping[str, Stage], machine: Machine, workers: int, epochs: int) -> float:
    """`dvc repro --force render`"""
    each = (stage_s(stage, machine, workers, epochs) for stage in stages.values())
    return machine.dvc_starts_s + sum(each)


def trials_s(
    groups: Sequence[Sequence[Stage]], machine: Machine, workers: int, epochs: int
) -> float:
    """All trials; each group shares one pool of workers, and waits for the group before it."""
    total = 0.0
    for stages in groups:
        calls = [call for stage in stages for call in stage.calls]
        carry_s = statistics.mean(carried(stage, machine) for stage in stages)
        total += makespan(in_parts(calls, workers, epochs), workers, carry_s)
    return total


# ---- measuring --------------------------------------------------------------------------------


def record(stage: str) -> None:
    """A child in a clone: runs a stage, and prints how long each call to a worker took."""
    name, *arguments = stage.split()
    sys.path.insert(0, str(Path.cwd()))
    sys.argv = ["-m", *arguments]  # as Python has it when it starts a stage
    run = importlib.import_module("stages").run  # before any library: it prepares for them

    from seqcompare.execution.processes import LocalProcesses

    calls: list[tuple[float, Any, Any]] = []
    call = LocalProcesses._call

    def timed(self: LocalProcesses, *job: Any) -> Any:
        started_at = time.perf_counter()
        result = call(self, *job)
        calls.append((time.perf_counter() - started_at, job, result))
        return result

    LocalProcesses._call = timed
    run(importlib.import_module(f"stages.{name}").main)
    ended_at = time.time()
    found = [
        {
            "seconds": seconds,
            "bytes": len(pickle.dumps(job)) + len(pickle.dumps(result)),
            "epoch_seconds": getattr(result, "epoch_seconds", []),
        }
        for seconds, job, result in calls
    ]
    print(json.dumps({"ended_at": ended_at, "calls": found}))


def measure_stage(folder: Path, stage: str, machine: Machine) -> Stage:
    """With the one worker that the clone's params ask for."""
    started_at = time.time()
    command = [sys.executable, str(Path(__file__).resolve()), "--record", stage]
    done = subprocess.run(command, cwd=folder, check=True, stdout=subprocess.PIPE, text=True,
                          stderr=subprocess.DEVNULL)  # fmt: skip
    found = json.loads(done.stdout.splitlines()[-1])
    calls, serial_s = found["calls"], found["ended_at"] - started_at
    if not calls:
        return Stage(serial_s, [], 0)
    call_bytes = statistics.mean(call["bytes"] for call in calls)
    carry_s = machine.call_s + machine.byte_s * call_bytes
    own = []
    for call in calls:
        epochs = call["epoch_seconds"]
        epoch_s = statistics.median(epochs[1:]) if epochs else 0.0
        own.append(Call(call["seconds"] - carry_s - epoch_s * len(epochs), epoch_s))
    serial_s -= machine.start_s + sum(call["seconds"] for call in calls)
    return Stage(serial_s, own, call_bytes)


def echo(content: bytes) -> bytes:
    return content


def seconds_of_calls(calls: int, content: bytes) -> float:
    from seqcompare.execution.processes import LocalProcesses

    with LocalProcesses(1) as executor:
        executor.submit(echo, content).result()
        started_at = time.perf_counter()
        for _ in range(calls):
            executor.submit(echo, content).result()
        return (time.perf_counter() - started_at) / calls


def measure_machine(folder: Path) -> Machine:
    """folder: a clone with one worker and as little training as there can be."""
    import torch

    from seqcompare.execution.devices import prepare
    from seqcompare.execution.processes import LocalProcesses

    started_at = time.perf_counter()
    with LocalProcesses(STARTED, initializer=partial(prepare, torch.device("cpu"))) as executor:
        start_s = (time.perf_counter() - started_at) / STARTED
        list(executor.map(echo, [b""] * STARTED))
    call_s = seconds_of_calls(EMPTY_CALLS, b"")
    byte_s = (seconds_of_calls(LARGE_CALLS, bytes(LARGE)) - call_s) / (2 * LARGE)
    started_at = time.perf_counter()
    for tool in TOOLS:
        subprocess.run([sys.executable, tool], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    tools_s = time.perf_counter() - started_at
    under_dvc = repro(folder, "render")
    dvc_starts_s = under_dvc.pop(DVC_STARTS)
    alone_s = sum(run_stage(folder, stage) for stage in STAGES)
    dvc_stage_s = (sum(under_dvc.values()) - alone_s) / len(STAGES)
    return Machine(start_s, call_s, max(0.0, byte_s), tools_s, dvc_starts_s, dvc_stage_s)


# ---- tables -----------------------------------------------------------------------------------


def print_machine(machine: Machine) -> None:
    print("| measured once | |\n|---|---|")
    print(f"| start of a worker | {1000 * machine.start_s:.3g} ms |")
    print(f"| a call without bytes | {1000 * machine.call_s:.3g} ms |")
    print(f"| a megabyte of it | {1e9 * machine.byte_s:.3g} ms |")
    print(f"| checks of `make run` before DVC | {machine.tools_s:.3g} s |")
    print(f"| DVC before the first stage | {machine.dvc_starts_s:.3g} s |")
    print(f"| DVC after each stage | {machine.dvc_stage_s:.3g} s |", flush=True)


def print_stages(stages: Mapping[str, Stage], machine: Machine, epochs: int) -> None:
    print("\n| stage | alone | calls | all calls | the longest | MB a call |")
    print("|---|---|---|---|---|---|")
    for name, stage in stages.items():
        seconds = in_parts(stage.calls, 1, epochs)
        cells = "| | "
        if seconds:
            cells = f"{sum(seconds):.3g} s | {max(seconds):.3g} s | {stage.call_bytes / 1e6:.2g}"
        print(f"| {name} | {stage.serial_s:.3g} s | {len(seconds)} | {cells} |")
    alone = sum(stage.serial_s for stage in stages.values())
    dvc = machine.dvc_starts_s + len(stages) * machine.dvc_stage_s
    print(
        f"\nNo worker helps with {alone + dvc + machine.tools_s:.3g} s of `make run`: stages alone"
    )
    print(f"{alone:.3g} s, DVC {dvc:.3g} s, checks before it {machine.tools_s:.3g} s.")


def print_prediction(stages: Mapping[str, Stage], machine: Machine, epochs: int) -> None:
    trained = [stages[name] for name in reversed(TRAIN)]  # in one pool the longest calls first
    apart = [[stage] for stage in trained]
    print("\n| workers | `make run` without studies | speed-up | all trials | speed-up "
          "| both models in one pool |\n|---|---|---|---|---|---|")  # fmt: skip
    whole = {w: machine.tools_s + run_s(stages, machine, w, epochs) for w in WORKERS}
    trials = {w: trials_s(apart, machine, w, epochs) for w in WORKERS}
    for w in WORKERS:
        print(
            f"| {w} | {whole[w]:.3g} s | {whole[1] / whole[w]:.2f} "
            f"| {trials[w]:.3g} s | {trials[1] / trials[w]:.2f} "
            f"| {trials_s([trained], machine, w, epochs):.3g} s |"
        )


def check(
    changes: Mapping[str, Any], stages: Mapping[str, Stage], machine: Machine, epochs: int
) -> None:
    """A real run for each number of workers: how far off is what was predicted?"""
    print("\n| workers | | predicted | measured | off by |\n|---|---|---|---|---|")
    for workers in CHECKED:
        with tempfile.TemporaryDirectory() as folder:
            clone(Path(folder), {**changes, "executor": {"workers": workers}})
            took = repro(Path(folder), "render")
        rows = [
            (name, stage_s(stages[name], machine, workers, epochs), took[name.replace(" ", "@")])
            for name in (*TRAIN, "evaluate", "render")
        ]
        rows.append(("all stages", run_s(stages, machine, workers, epochs), sum(took.values())))
        for name, predicted, measured in rows:
            off = f"{predicted / measured - 1:+.1%}"
            print(
                f"| {workers} | {name} | {predicted:.3g} s | {measured:.3g} s | {off} |", flush=True
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seq-len", type=int, nargs="+", default=[20, 200])
    parser.add_argument("--trials", type=int, default=len(settings()["seeds"]))
    parser.add_argument("--epochs", type=int, default=settings()["training"]["epochs"])
    parser.add_argument("--record", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.record:
        record(options.record)
        return
    seeds, few = list(range(options.trials)), {"workers": 1}
    with tempfile.TemporaryDirectory() as folder:
        clone(Path(folder), {"seeds": [0], "training": {"epochs": 1}, "executor": few})
        machine = measure_machine(Path(folder))
    print_machine(machine)
    for seq_len in options.seq_len:
        print(f"\n### {options.trials} trials of {options.epochs} epochs, seq_len {seq_len}")
        changes = {"seq_len": seq_len, "seeds": seeds, "device": "cpu"}
        with tempfile.TemporaryDirectory() as folder:
            short = {"training": {"epochs": PART_EPOCHS}, "executor": few}
            clone(Path(folder), {**changes, **short})
            stages = {name: measure_stage(Path(folder), name, machine) for name in STAGES}
        print_stages(stages, machine, options.epochs)
        print_prediction(stages, machine, options.epochs)
        check({**changes, "training": {"epochs": options.epochs}}, stages, machine, options.epochs)


if __name__ == "__main__":
    main()
