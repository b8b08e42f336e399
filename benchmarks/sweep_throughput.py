"""A sweep, local and on a Dask cluster of this machine: the same bytes, how fast?

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
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "src"))

from seqcompare.core import sweep_params  # noqa: E402
from seqcompare.core.sections.executor import Executor as ExecutorSection  # noqa: E402
from seqcompare.execution.executor import open_executor  # noqa: E402
from seqcompare.studies.sweep.cells import Cell, make_cells  # noqa: E402
from seqcompare.studies.sweep.ledger import Ledger  # noqa: E402
from seqcompare.studies.sweep.plan import Choice, final_trials  # noqa: E402
from seqcompare.studies.sweep.results import finish, results_table  # noqa: E402
from seqcompare.studies.sweep.trials import (  # noqa: E402
    Judged,
    SweepResult,
    SweepTrial,
    completed,
    run_trial,
    run_trials,
)
from seqcompare.training.trial import TrainingTask  # noqa: E402

EMPTY_CALLS = 2000
PLANNED = 250  # seeds of the sweep whose planning is timed: 2,000 trials
SEEDS = (0, 1, 2)
SEQ_LENS = [20, 50, 100, 200]
HEADING = "## A sweep: local processes and a Dask cluster"
NOTHING = SweepResult(0.0123456789, None, 50_497, 1.23456789, "0" * 64)
TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--epochs", type=int, default=2, help="fewer than params.yaml, for time")
    options = parser.parse_args()
    trials = sweep_of(options.epochs)
    report: dict[str, Any] = {
        "workers": options.workers,
        "epochs": options.epochs,
        "runs": len(trials),
        "job_bytes": len(pickle.dumps((run_trial, trials[-1].tasks, trials[-1].judged))),
        "load_before": os.getloadavg()[0],
        "client": client_costs(),
    }
    results = {}
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        scheduler, address = stack.enter_context(cluster(options.workers, Path(folder)))
        for kind in ("local", "dask"):
            asked = ExecutorSection(
                kind=kind, workers=options.workers, address=address if kind == "dask" else None
            )
            with open_executor("cpu", asked, len(trials)) as executor:
                report[kind] = empty_calls(executor, trials[-1], scheduler)
                print(kind, report[kind], file=sys.stderr)
                seconds, results[kind] = timed(executor, trials, Path(folder) / kind)
            report[kind] |= {"seconds": seconds, "runs_per_minute": 60 * len(trials) / seconds}
    report["outcome_bytes"] = len(pickle.dumps(results["local"][0]))
    report["same_bytes"] = same(*results.values())
    report = json.loads(json.dumps(report), parse_float=lambda text: float(f"{float(text):.4g}"))
    (ROOT / "benchmarks/sweep_throughput.json").write_text(json.dumps(report, indent=2) + "\n")
    write_section(report)
    print(json.dumps(report, indent=2))


def cells_of(epochs: int, seeds: Sequence[int]) -> list[Cell]:
    """A sweep over window lengths in the tutorial's setting."""
    sweep = sweep_params.Sweep(
        seeds=tuple(seeds),
        grid={"seq_len": SEQ_LENS},
        base=sweep_params.SweepOverride(training={"epochs": epochs}),
        settings={"tutorial": sweep_params.SweepSetting()},
    )
    base = sweep_params.load_sweeps(ROOT / sweep_params.SWEEP_PARAMS).base
    return make_cells("throughput", base, sweep)


def chosen(cell: Cell) -> dict[str, Choice]:
    return {model: Choice() for model in cell.params.models}


def sweep_of(epochs: int, seeds: Sequence[int] = SEEDS) -> list[SweepTrial]:
    cells = cells_of(epochs, seeds)
    return [trial for cell in cells for trial in final_trials(cell, chosen(cell), seeds, "cpu")]


def client_costs() -> dict[str, float]:
    """What a trial costs the client beside its call: to plan it, to remember it, to read that."""
    started_at = time.perf_counter()
    seeds = range(PLANNED)
    trials = sweep_of(1, seeds)
    keys = [trial.key() for trial in trials]
    planned_at = time.perf_counter()
    for place, cell in enumerate(cells_of(1, seeds)):
        own = trials[
            place * len(trials) // len(SEQ_LENS) : (place + 1) * len(trials) // len(SEQ_LENS)
        ]
        results_table([finish(cell, seeds, chosen(cell), own, [NOTHING] * len(own))])
    table_at = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        ledger = Ledger(Path(folder) / "trials.txt")
        for key in keys:
            ledger.add(key, asdict(NOTHING))
        added_at = time.perf_counter()
        size = ledger.path.stat().st_size
        ledger.load()
    return {
        "plan_ms": 1000 * (planned_at - started_at) / len(trials),
        "table_ms": 1000 * (table_at - planned_at) / len(trials),
        "ledger_add_ms": 1000 * (added_at - table_at) / len(trials),
        "ledger_load_ms": 1000 * (time.perf_counter() - added_at) / len(trials),
        "ledger_line_bytes": size / len(trials),
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
        "| executor | the sweep | runs a minute | an empty call |",
        "|---|---|---|---|",
        *rows,
        "",
    ])  # fmt: skip
    path = ROOT / "benchmarks/RESULTS.md"
    before, _, after = path.read_text().partition(HEADING)
    following = after[after.index("\n## ") :] if "\n## " in after else ""
    path.write_text(f"{before.rstrip()}\n\n{section}{following}")


def timed(
    executor: Executor, trials: list[SweepTrial], folder: Path
) -> tuple[float, list[SweepResult]]:
    started_at = time.perf_counter()
    results = run_trials(trials, executor, folder / "checkpoints", Ledger(folder / "trials.txt"))
    return time.perf_counter() - started_at, results


def empty_calls(executor: Executor, trial: SweepTrial, scheduler: int) -> dict[str, float]:
    """What a call costs beside the run: wall-clock, and CPU of scheduler and of this process."""
    for _ in completed(executor, nothing, [(0, (trial.tasks, trial.judged))] * 50):
        pass  # the workers have imported what they need
    calls = [(number, (trial.tasks, trial.judged)) for number in range(EMPTY_CALLS)]
    at_scheduler, here, started_at = (
        cpu_seconds(scheduler),
        time.process_time(),
        time.perf_counter(),
    )
    for _, future in completed(executor, nothing, calls):
        future.result()
    return {
        "call_ms": 1000 * (time.perf_counter() - started_at) / EMPTY_CALLS,
        "call_cpu_here_ms": 1000 * (time.process_time() - here) / EMPTY_CALLS,
        "call_cpu_scheduler_ms": 1000 * (cpu_seconds(scheduler) - at_scheduler) / EMPTY_CALLS,
    }


def nothing(tasks: Sequence[TrainingTask], judged: Judged) -> SweepResult:
    return SweepResult(float(judged.values[0]), None, tasks[0].seed, 0.0, "0" * 64)


def same(one: list[SweepResult], other: list[SweepResult]) -> bool:
    def plain(results: list[SweepResult]) -> list[dict[str, Any]]:
        return [{**asdict(result), "train_seconds": 0} for result in results]

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
            if processes[0].poll() is not None:
                sys.exit(
                    "dask does not start: pip install -c requirements-slow.txt -e '.[cluster]'"
                )
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
