"""A sweep of many runs on many workers, on paper: how long, how many bytes, what is full first?

    python benchmarks/simulate_sweep.py --runs 1000000 --workers 1000 --run-seconds 60

An event simulation of what studies/sweep/ does with a Dask cluster: one client that keeps
IN_FLIGHT calls with the scheduler, one scheduler that works on one message after the other, workers
that do one call after the other, some of which are lost. Costs are those that
benchmarks/sweep_throughput.py measured. The same seed gives the same numbers.
"""

import argparse
import heapq
import json
import random
from dataclasses import asdict, dataclass

WAVES = 40  # simulated calls for each worker; enough for a steady state, the rest is extrapolated


@dataclass(frozen=True)
class Costs:
    """Of one call, on one core each. Seconds and bytes."""

    client_s: float = 0.88e-3
    scheduler_s: float = 1.44e-3
    job_bytes: int = 9_000
    outcome_bytes: int = 300
    message_bytes: int = 2_000  # what Dask itself adds to a call, on its way there and back


@dataclass(frozen=True)
class Report:
    hours: float
    ideal_hours: float  # no overhead, no lost worker
    worker_share: float  # of the workers' time in which they train
    scheduler_share: float  # of the time in which the scheduler is busy; 1 is the end
    client_share: float
    scheduler_megabytes_per_s: float
    total_gigabytes: float
    repeated_runs: int  # started again since their worker was lost


def simulate(
    runs: int,
    workers: int,
    run_seconds: float,
    costs: Costs,
    in_flight: int = 4096,
    calls_per_task: int = 1,
    lost_per_worker_day: float = 0.1,
    seed: int = 0,
) -> Report:
    """calls_per_task: runs that travel together, and share the cost of a call."""
    rng = random.Random(seed)
    tasks = min(-(-runs // calls_per_task), WAVES * workers)
    task_s = run_seconds * calls_per_task
    client_free = scheduler_free = 0.0
    client_busy = scheduler_busy = trained = 0.0
    repeated = 0
    ready: list[float] = []  # when tasks reach the scheduler
    idle = [(0.0, worker) for worker in range(min(workers, in_flight))]  # when a worker is free
    heapq.heapify(idle)
    ends: list[float] = []  # of tasks in flight
    for number in range(tasks):
        may_submit = 0.0 if number < in_flight else heapq.heappop(ends)
        client_free = max(client_free, may_submit) + costs.client_s
        client_busy += costs.client_s
        ready.append(client_free)
        free, worker = heapq.heappop(idle)
        scheduler_free = max(scheduler_free, ready[-1], free) + costs.scheduler_s
        scheduler_busy += costs.scheduler_s
        duration = task_s * rng.uniform(0.5, 1.5)
        end = scheduler_free + duration
        while rng.random() < lost_per_worker_day * duration / 86_400:
            lost_after = duration * rng.random()
            repeated += calls_per_task
            end += lost_after
        trained += duration
        heapq.heappush(idle, (end, worker))
        heapq.heappush(ends, end)
    makespan = max(end for end, _ in idle)
    steady = makespan - task_s  # without the tail, in which workers have nothing left
    scale = -(-runs // calls_per_task) / tasks
    total_s = steady * scale + task_s
    bytes_ = runs * (costs.job_bytes + costs.outcome_bytes) + (runs / calls_per_task) * (
        costs.message_bytes
    )
    return Report(
        hours=total_s / 3600,
        ideal_hours=runs * run_seconds / workers / 3600,
        worker_share=min(1.0, trained * scale / workers / total_s),
        scheduler_share=scheduler_busy * scale / total_s,
        client_share=client_busy * scale / total_s,
        scheduler_megabytes_per_s=2 * bytes_ / total_s / 1e6,  # in and out again
        total_gigabytes=2 * bytes_ / 1e9,
        repeated_runs=round(repeated * scale),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=1_000_000)
    parser.add_argument("--workers", type=int, default=1_000)
    parser.add_argument("--run-seconds", type=float, nargs="+", default=[0.5, 2, 10, 60])
    parser.add_argument("--calls-per-task", type=int, nargs="+", default=[1, 50])
    options = parser.parse_args()
    for seconds in options.run_seconds:
        for together in options.calls_per_task:
            report = simulate(
                options.runs, options.workers, seconds, Costs(), calls_per_task=together
            )
            rounded = {key: float(f"{value:.3g}") for key, value in asdict(report).items()}
            print(f"run {seconds:g} s, {together} runs a call: {json.dumps(rounded)}")


if __name__ == "__main__":
    main()
