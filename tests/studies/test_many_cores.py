"""List scheduling behind the table of many cores, where its answer is known."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.many_cores import Call, Machine, Stage, in_parts, makespan, stage_s, trials_s

SECONDS = st.lists(st.floats(0.01, 100), min_size=1, max_size=40)


def test_each_call_goes_to_the_worker_that_is_free_first() -> None:
    assert makespan([3, 3, 2, 2, 2], 2) == 7  # 3 + 2 + 2 beside 3 + 2
    assert makespan([2, 2, 2, 3, 3], 2) == 7  # 2 + 2 + 3 beside 2 + 3
    assert makespan([5, 1, 1, 1], 2) == 5


def test_one_worker_takes_the_sum_and_enough_workers_the_longest() -> None:
    assert makespan([3, 1, 2], 1) == 6
    assert makespan([3, 1, 2], 64) == 3
    assert makespan([], 2) == 0


def test_calls_are_handed_out_one_after_another() -> None:
    assert makespan([1, 1, 1], 3, carry_s=0.5) == 2.5  # they begin at 0.5, 1 and 1.5
    assert makespan([1, 1], 1, carry_s=0.5) == 3


@given(SECONDS, st.integers(1, 64))
def test_no_schedule_beats_its_bounds_or_misses_graham_s(
    seconds: list[float], workers: int
) -> None:
    found, even = makespan(seconds, workers), sum(seconds) / workers
    assert found >= max(even, max(seconds)) * (1 - 1e-12)
    assert found <= (even + max(seconds) * (1 - 1 / workers)) * (1 + 1e-12)  # Graham 1969


def test_trials_that_do_not_fill_the_workers_are_cut_and_others_not() -> None:
    trial = Call(0.5, epoch_s=1)
    assert in_parts([trial] * 3, workers=2, epochs=5) == [2.5] * 3 + [3.5] * 3
    assert in_parts([trial] * 4, workers=2, epochs=5) == [5.5] * 4
    assert in_parts([trial] * 3, workers=4, epochs=5) == [5.5] * 3
    assert in_parts([Call(2)] * 3, workers=2, epochs=5) == [2] * 3  # a picture has no parts


def test_a_stage_takes_its_own_time_its_workers_start_and_its_calls() -> None:
    machine = Machine(0.1, 0, 1e-6, tools_s=0, dvc_starts_s=0, dvc_stage_s=0.25)
    trained = Stage(2, [Call(0, epoch_s=1)] * 3, call_bytes=0)
    assert stage_s(trained, machine, workers=2, epochs=4) == pytest.approx(2.25 + 0.2 + 6)
    assert stage_s(Stage(2, [], 0), machine, workers=64, epochs=4) == 2.25
    heavy = Stage(0, [Call(1)], call_bytes=500_000)
    assert stage_s(heavy, machine, workers=1, epochs=4) == pytest.approx(0.25 + 0.1 + 1.5)


def test_models_in_one_pool_do_not_wait_for_each_other_s_last_trial() -> None:
    machine = Machine(0, 0, 0, 0, 0, 0)
    one, other = Stage(0, [Call(3)], 0), Stage(0, [Call(1)] * 3, 0)
    assert trials_s([[one], [other]], machine, workers=2, epochs=1) == 5
    assert trials_s([[one, other]], machine, workers=2, epochs=1) == 3
