"""The sweep of params.yaml, local and on a Dask cluster of this machine: the same bytes, how fast?

    python benchmarks/sweep_throughput.py

Starts `dask scheduler` and `dask worker --nthreads 1` processes itself. Measures, besides, what a
call costs that does nothing but carry a run's data, and what planning and remembering a run cost.
Writes benchmarks/sweep_throughput.json and the sweep's section of benchmarks/RESULTS.md.
"""

import argparse
import json
import os
import pickle
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "src"))

from seqcompare.studies.sweep.runs import (  # noqa: E402
    Experiment,
    Job,
    Outcome,
    completed,
    plan,
    results_table,
    run_job,
    run_sweep,
)

from seqcompare.core.params import load_params  # noqa: E402
from seqcompare.core.types import Floats  # noqa: E402
from seqcompare.execution.executor import open_executor  # noqa: E402
from seqcompare.studies.sweep.ledger import Ledger  # noqa: E402
from seqcompare.training.trial import TrainingTask  # noqa: E402

EMPTY_CALLS = 2000
PLANNED = 250  # seeds of the sweep whose planning is timed: 2,000 runs
HEADING = "## A sweep: local processes and a Dask cluster"
TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--epochs", type=int, default=2, help="fewer than params.yaml, for time")
    options = parser.parse_args()
    jobs = sweep_of(options.epochs)
    report: dict[str, Any] = {
        "workers": options.workers,
        "epochs": options.epochs,
        "runs": len(jobs),
        "job_bytes": len(pickle.dumps((run_job, jobs[-1].task, jobs[-1].tested))),
        "load_before": os.getloadavg()[0],
        "client": client_costs(),
    }
    outcomes = {}
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        scheduler, address = stack.enter_context(cluster(options.workers, Path(folder)))
        for name, engine_address in (("local", None), ("dask", address)):
            runner = Executor(engine=name, workers=options.workers, address=engine_address)
            with open_executor("cpu", runner) as engine:
                report[name] = empty_calls(engine, jobs[-1], scheduler)
                print(name, report[name], file=sys.stderr)
                seconds, outcomes[name] = timed(engine, jobs, Path(folder) / name)
            report[name] |= {"seconds": seconds, "runs_per_minute": 60 * len(jobs) / seconds}
    report["outcome_bytes"] = len(pickle.dumps(outcomes["local"][0]))
    report["same_bytes"] = same(*outcomes.values())
    report = json.loads(json.dumps(report), parse_float=lambda text: float(f"{float(text):.4g}"))
    (ROOT / "benchmarks/sweep_throughput.json").write_text(json.dumps(report, indent=2) + "\n")
    write_section(report)
    print(json.dumps(report, indent=2))


def sweep_of(epochs: int, seeds: int | None = None) -> list[Job]:
    """The sweep of params.yaml with other epochs, and perhaps more seeds."""
    params = load_params(ROOT / "params.yaml")
    base = Experiment(**{name: getattr(params, name) for name in Experiment.model_fields})
    changes: dict[str, Any] = {"grid": params.sweep.grid | {"training.epochs": [epochs]}}
    if seeds:
        changes["seeds"] = tuple(range(seeds))
    return plan(base, params.sweep.model_copy(update=changes), "cpu")


def client_costs() -> dict[str, float]:
    """What a run costs the client beside its call: to plan it, to remember it, to read that."""
    started_at = time.perf_counter()
    jobs = sweep_of(1, seeds=PLANNED)
    keys = [job.key() for job in jobs]
    planned_at = time.perf_counter()
    results_table(jobs, [Outcome(0.01, 0.01, 1.0, "0" * 64)] * len(jobs))
    table_at = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        ledger = Ledger(Path(folder) / "runs.txt")
        for key in keys:
            ledger.add(key, asdict(Outcome(0.0123456789, 0.0123456789, 1.23456789, "0" * 64)))
        added_at = time.perf_counter()
        size = ledger.path.stat().st_size
        ledger.load()
    return {
        "plan_ms": 1000 * (planned_at - started_at) / len(jobs),
        "table_ms": 1000 * (table_at - planned_at) / len(jobs),
        "ledger_add_ms": 1000 * (added_at - table_at) / len(jobs),
        "ledger_load_ms": 1000 * (time.perf_counter() - added_at) / len(jobs),
        "ledger_line_bytes": size / len(jobs),
    }


def write_section(report: dict[str, Any]) -> None:
    """In RESULTS.md: replaced where it stands, or added at its end."""
    rows = [
        f"| {name} | {report[name]['seconds']:.4g} s | {report[name]['runs_per_minute']:.3g} "
        f"| {report[name]['call_ms']:.3g} ms |"
        for name in ("local", "dask")
    ]
    same = "the same bytes" if report["same_bytes"] else "DIFFERENT BYTES"
    section = "\n".join([
        HEADING,
        "",
        f"`python benchmarks/sweep_throughput.py`: {report['runs']} runs of {report['epochs']}",
        f"epochs, {report['workers']} workers on this machine: {same}, weights included. An empty",
        "call carries a run's data and trains nothing.",
        "",
        "| engine | the sweep | runs a minute | an empty call |",
        "|---|---|---|---|",
        *rows,
        "",
    ])  # fmt: skip
    path = ROOT / "benchmarks/RESULTS.md"
    before, _, after = path.read_text().partition(HEADING)
    following = after[after.index("\n## ") :] if "\n## " in after else ""
    path.write_text(f"{before.rstrip()}\n\n{section}{following}")


def timed(engine: Executor, jobs: list[Job], folder: Path) -> tuple[float, list[Outcome]]:
    started_at = time.perf_counter()
    outcomes = run_sweep(jobs, engine, folder / "checkpoints", Ledger(folder / "runs.txt"))
    return time.perf_counter() - started_at, outcomes


def empty_calls(engine: Executor, job: Job, scheduler: int) -> dict[str, float]:
    """What a call costs beside the run: wall-clock, and CPU of scheduler and of this process."""
    for _ in completed(engine, nothing, [(0, (job.task, job.tested))] * 50):
        pass  # the workers have imported what they need
    calls = [(number, (job.task, job.tested)) for number in range(EMPTY_CALLS)]
    at_scheduler, here, started_at = (
        cpu_seconds(scheduler),
        time.process_time(),
        time.perf_counter(),
    )
    for _, future in completed(engine, nothing, calls):
        future.result()
    return {
        "call_ms": 1000 * (time.perf_counter() - started_at) / EMPTY_CALLS,
        "call_cpu_here_ms": 1000 * (time.process_time() - here) / EMPTY_CALLS,
        "call_cpu_scheduler_ms": 1000 * (cpu_seconds(scheduler) - at_scheduler) / EMPTY_CALLS,
    }


def nothing(task: TrainingTask, tested: Floats) -> Outcome:
    return Outcome(float(tested[0]), float(task.seed), 0.0, "0" * 64)


def same(one: list[Outcome], other: list[Outcome]) -> bool:
    def plain(outcomes: list[Outcome]) -> list[dict[str, Any]]:
        return [{**asdict(outcome), "train_seconds": 0} for outcome in outcomes]

    return plain(one) == plain(other)


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_S


@contextmanager
def cluster(workers: int, folder: Path) -> Iterator[tuple[int, str]]:
    """The scheduler's process id and address."""
    file = folder / "scheduler.json"
    local = ["--host", "127.0.0.1", "--no-dashboard"]
    processes = [dask("scheduler", *local, "--port", "0", "--scheduler-file", str(file))]
    try:
        while not file.exists():
            time.sleep(0.1)
        address = json.loads(file.read_text())["address"]
        options = [*local, "--nthreads", "1", "--no-nanny", "--local-directory", str(folder)]
        processes += [dask("worker", address, *options) for _ in range(workers)]
        time.sleep(10)  # all of them are there
        yield processes[0].pid, address
    finally:
        for process in processes:
            process.kill()
            process.wait()


def dask(*arguments: str) -> "subprocess.Popen[bytes]":
    path = os.pathsep.join([str(ROOT / "src"), str(ROOT / "benchmarks")])
    return subprocess.Popen(
        [sys.executable, "-m", "dask", *arguments],
        env={**os.environ, "PYTHONPATH": path},
        stderr=subprocess.DEVNULL,
    )


if __name__ == "__main__":
    import sweep_throughput  # so that workers find `nothing` by its name

    sweep_throughput.main()
