"""The simulation behind docs/SCALING.md, where its answer is known."""

import pytest

from benchmarks.simulate_sweep import Costs, simulate

FREE = Costs(client_s=0, scheduler_s=0)


def test_without_overhead_and_losses_a_sweep_takes_the_ideal_time() -> None:
    report = simulate(40_000, 100, 10, FREE, lost_per_worker_day=0)
    assert report.hours == pytest.approx(report.ideal_hours, rel=0.03)
    assert report.repeated_runs == 0


def test_a_scheduler_that_is_the_bottleneck_sets_the_pace() -> None:
    costs = Costs(client_s=0, scheduler_s=0.002)
    report = simulate(40_000, 1_000, 0.5, costs, lost_per_worker_day=0)
    assert report.hours * 3600 == pytest.approx(40_000 * 0.002, rel=0.05)
    assert report.scheduler_share == pytest.approx(1, abs=0.05)


def test_runs_that_travel_together_share_the_cost_of_a_call() -> None:
    one = simulate(400_000, 100, 1, Costs(), calls_per_task=1)
    ten = simulate(400_000, 100, 1, Costs(), calls_per_task=10)
    assert ten.scheduler_share == pytest.approx(one.scheduler_share / 10, rel=0.1)


def test_runs_of_lost_workers_are_repeated() -> None:
    report = simulate(40_000, 1_000, 60, FREE, lost_per_worker_day=10)
    assert report.repeated_runs == pytest.approx(40_000 * 10 * 60 / 86_400, rel=0.2)


def test_the_same_seed_gives_the_same_report() -> None:
    assert simulate(1_000, 10, 5, Costs()) == simulate(1_000, 10, 5, Costs())
