"""Measuring what a step costs: real measurements of tiny networks, and made-up ones."""

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pytest
import torch

from seqcompare.core.files import load_table, save_table
from seqcompare.core.sections.cost import Cost
from seqcompare.core.types import Models, Setting
from seqcompare.execution.devices import make_deterministic
from seqcompare.execution.memory import keep_freed_memory
from seqcompare.models import count_operations
from seqcompare.studies.cost.measure import (
    PRODUCT_SIDE,
    CostTask,
    Measurement,
    OutOfMemoryError,
    StepTime,
    in_own_process,
    time_calls,
)
from seqcompare.studies.cost.operations import operations_table
from seqcompare.studies.cost.rounds import measure_in_rounds, plan, within_budget
from seqcompare.studies.cost.summary import CostSummary, Point, summarise_cost
from seqcompare.studies.cost.table import CostSetting, Kind, Timing, from_cells, to_cells

T = TypeVar("T")
LSTM: dict[str, Setting] = {"hidden_size": 8, "num_layers": 1}
TRANSFORMER: dict[str, Setting] = {
    "d_model": 8, "nhead": 2, "num_layers": 2, "dim_feedforward": 32, "dropout": 0.1,
    "positions": "learned",
}  # fmt: skip
MODELS: Models = {"lstm": LSTM, "transformer": TRANSFORMER}
SETTING = CostSetting(device="cpu", clock="processor_time", batch_size=4)
CPU = torch.device("cpu")


def task(n: int = 10, **changes: Any) -> CostTask:
    described = {
        "sizes": ("small",),
        "model": "lstm",
        "settings": LSTM,
        "seq_len": n,
        "batch_size": 4,
        "device": "cpu",
        "repeats": 2,
        "memory_limit_bytes": 2e9,
        "budget_s": 60.0,
    }
    return CostTask(**{**described, **changes})


def cost(**changes: Any) -> Cost:
    described = {
        "seq_lens": (4, 8, 16),
        "processes": 3,
        "repeats": 2,
        "memory_limit_gb": 2.0,
        "time_budget_s": 60.0,
        "sizes": {"as_configured": {}},
    }
    return Cost(**{**described, **changes})


def measurement(wall_s: float = 1.0) -> Measurement:
    return Measurement({"train": StepTime(np.array([0.1, 0.3, 0.2]), 7, 2_000_000)}, wall_s)


def measured_in_order(networks: Sequence[Sequence[CostTask]], rounds: int) -> list[tuple[str, int]]:
    """Which points are measured, in which order."""
    order: list[tuple[str, int]] = []

    def measure_one(asked: CostTask) -> Measurement:
        order.append((asked.model, asked.seq_len))
        return measurement(0)

    list(measure_in_rounds(networks, rounds, measure_one, lambda *_: None))
    return order


def timings(
    seconds: Callable[[int, int], float],
    model: str = "lstm",
    kind: Kind = "train",
    size: str = "small",
    lengths: Sequence[int] = (20, 40, 80, 160),
) -> list[Timing]:
    """seconds: of window length and round, of which there are three."""
    return [
        Timing(size, model, n, number, kind, "measured", seconds(n, number), 5, 1e3 * n, 2.0)
        for n in lengths
        for number in range(3)
    ]


def summary(*parts: Sequence[Timing]) -> CostSummary:
    return summarise_cost([timing for part in parts for timing in part], SETTING, 0.95)


def points(found: CostSummary, kind: Kind = "train") -> Mapping[int, Point]:
    return {point.seq_len: point for point in found.points if point.kind == kind}


def known(value: T | None) -> T:
    assert value is not None
    return value


def test_a_real_process_times_each_kind_of_step_and_attention_where_there_is_any() -> None:
    lstm = in_own_process(task())
    attending = in_own_process(task(model="transformer", settings=TRANSFORMER))
    assert list(lstm.steps) == ["predict", "train", "product"]
    assert list(attending.steps) == ["predict", "train", "attention", "product"]
    for steps in (lstm.steps, attending.steps):
        assert 0 < np.median(steps["predict"].seconds) < np.median(steps["train"].seconds)
    assert np.median(attending.steps["attention"].seconds) < np.median(
        attending.steps["train"].seconds
    )
    counts = known(count_operations("lstm", LSTM))
    assert lstm.steps["train"].macs == 4 * counts.train.at(10)
    assert lstm.steps["product"].macs == PRODUCT_SIDE**3


@pytest.mark.cuda
def test_a_gpu_is_timed_too_and_tells_the_memory_of_a_step() -> None:
    measured = in_own_process(task(model="transformer", settings=TRANSFORMER, device="cuda:0"))
    for step in measured.steps.values():
        assert 0 < np.median(step.seconds) < 1
    assert known(measured.steps["predict"].peak_bytes) > 0
    assert known(measured.steps["predict"].peak_bytes) < known(measured.steps["train"].peak_bytes)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits a process's memory")
def test_what_does_not_fit_in_memory_is_said_to_and_the_study_goes_on() -> None:
    asked = cost(seq_lens=(400, 2_000_000, 3_000_000), memory_limit_gb=0.3, time_budget_s=1e12)
    networks = plan({"small": {"lstm": LSTM}}, asked, 4, "cpu")
    rows = list(measure_in_rounds(networks, 2, in_own_process, lambda *_: None))
    train = [(row.seq_len, row.round, row.status) for row in rows if row.kind == "train"]
    assert train == [
        (400, 0, "measured"), (2_000_000, 0, "memory"), (3_000_000, 0, "memory"),
        (400, 1, "measured"),
    ]  # fmt: skip


def test_a_longer_window_takes_more_memory_whatever_this_process_had_freed_before() -> None:
    keep_freed_memory()
    freed = [torch.ones(2**20) for _ in range(60)]
    del freed
    short, long = (in_own_process(task(n, batch_size=32)) for n in (10, 4000))
    # the least that the backward pass has to keep: 4 gates, cell and state of 8 floats each
    kept_bytes = 32 * (4000 - 10) * 6 * 8 * 4
    peaks = [known(each.steps["train"].peak_bytes) for each in (short, long)]
    assert peaks[1] - peaks[0] > 0.8 * kept_bytes


def test_the_warm_up_is_not_timed() -> None:
    calls = iter([0.2, *[0.0] * 10**6])

    def slow_at_first() -> None:
        deadline = time.process_time() + next(calls)
        while time.process_time() < deadline:
            pass

    assert time_calls(slow_at_first, CPU, repeats=3, budget_s=0.3).max() < 0.1


def test_gradients_that_vanish_do_not_slow_the_cpu_down() -> None:
    make_deterministic(torch.device("cpu"))
    try:
        vanishing = torch.full((8,), 2e-38)
        assert (vanishing * 0.1).eq(0).all()
    finally:
        torch.set_flush_denormal(False)
        torch.use_deterministic_algorithms(False)


def test_lengths_and_models_alternate_and_every_second_round_runs_backwards() -> None:
    networks = plan({"small": MODELS}, cost(seq_lens=(4, 8)), 4, "cpu")
    there = [("lstm", 4), ("transformer", 4), ("lstm", 8), ("transformer", 8)]
    assert measured_in_order(networks, 3) == [*there, *there[::-1], *there]


def test_a_model_that_two_sizes_have_alike_is_measured_once_and_stands_under_both() -> None:
    asked = cost(seq_lens=(4, 8), sizes={"a": {}, "b": {"transformer": {"dim_feedforward": 8}}})
    networks = plan(asked.settings_of(MODELS), asked, 4, "cpu")
    assert [tasks[0].sizes for tasks in networks] == [("a", "b"), ("a",), ("b",)]
    rows = list(measure_in_rounds(networks, 1, lambda _: measurement(0), lambda *_: None))
    of_lstm = [(row.size, row.seq_len) for row in rows if row.model == "lstm"]
    assert of_lstm == [("a", 4), ("b", 4), ("a", 8), ("b", 8)]


def test_a_size_of_a_model_that_is_not_compared_waits_and_is_no_size_of_its_own() -> None:
    asked = cost(sizes={"a": {}, "b": {"transformer": {"dim_feedforward": 8}}})
    assert asked.settings_of({"lstm": LSTM}) == {"a": {"lstm": LSTM}}
    assert asked.settings_of(MODELS)["b"] == {
        "lstm": LSTM, "transformer": TRANSFORMER | {"dim_feedforward": 8},
    }  # fmt: skip


def test_a_model_out_of_memory_is_not_tried_with_longer_windows_nor_again() -> None:
    tried = []

    def fails_from_20(asked: CostTask) -> Measurement:
        tried.append(asked.seq_len)
        if asked.seq_len >= 20:
            raise OutOfMemoryError("no room")
        return measurement(wall_s=0)

    networks = [[task(n) for n in (10, 20, 40)]]
    rows = list(measure_in_rounds(networks, 2, fails_from_20, lambda *_: None))
    assert [row.status for row in rows] == ["measured", "memory", "memory", "measured"]
    assert tried == [10, 20, 10]


def test_a_length_that_would_probably_exceed_the_budget_is_left_out() -> None:
    tasks = [task(n, budget_s=10.0) for n in (10, 20, 40)]
    results = list(within_budget(tasks, lambda _: measurement(wall_s=2.4)))
    assert [isinstance(result, Measurement) for result in results] == [True, True, True]
    results = list(within_budget(tasks, lambda _: measurement(wall_s=2.6)))
    assert results[1:] == ["time", "time"]


def test_a_process_s_figure_is_the_median_of_its_calls() -> None:
    (row,) = measure_in_rounds([[task()]], 1, lambda _: measurement(), lambda *_: None)
    assert (row.seconds, row.calls, row.macs, row.peak_mb) == (0.2, 3, 7, 2)


def test_a_table_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    rows = [*timings(lambda n, i: 0.1 * n + i), Timing("small", "lstm", 320, 0, "train", "time")]
    save_table(tmp_path / "timings.csv", to_cells(rows, SETTING))
    assert from_cells(load_table(tmp_path / "timings.csv")) == (rows, SETTING)


def test_a_point_is_the_mean_of_its_processes_and_its_interval_is_over_them() -> None:
    same = points(summary(timings(lambda n, _: 1e-3 * n)))[20]
    assert known(same.seconds).value == pytest.approx(0.02)
    spread = points(summary(timings(lambda n, i: 1e-3 * n * 1.1 ** (i - 1))))[20]
    ends = known(known(spread.seconds).interval)
    margin = 4.303 * np.log(1.1) / np.sqrt(3)
    assert (ends.low, ends.high) == pytest.approx(
        (0.02 * np.exp(-margin), 0.02 * np.exp(margin)), rel=1e-3
    )


def test_a_drift_that_hits_a_whole_round_moves_neither_slope_nor_ratio() -> None:
    drift = [1.0, 1.5, 0.8]
    found = summary(
        timings(lambda n, i: drift[i] * 1e-3 * n),
        timings(lambda n, i: drift[i] * 1e-5 * n**2, "transformer"),
    )
    slope = known(points(found)[160].slope)
    ratio = known(found.sizes["small"].pairs["lstm_vs_transformer"].time_ratio)
    for number, expected in ((slope, 2), (ratio, 100 / 160)):
        ends = known(number.interval)
        assert number.value == pytest.approx(expected)
        assert ends.high - ends.low < 1e-6


def test_slopes_are_local_and_the_model_s_is_between_its_two_longest_lengths() -> None:
    bent = lambda n, _: 40.0 if n < 80 else float(n) ** 2 / 160  # noqa: E731
    found = summary(timings(bent), timings(lambda n, _: float(n) ** 2, kind="attention"))
    model = found.sizes["small"].models["lstm"]
    assert points(found)[20].slope is None
    assert known(points(found)[40].slope).value == pytest.approx(0)
    assert known(model.train_slope).value == pytest.approx(2)
    assert known(model.attention_slope).value == pytest.approx(2)
    assert model.predict_slope is None


def test_the_share_of_the_machine_s_speed_is_by_the_product_of_the_same_process() -> None:
    half_as_fast = [1.0, 3.0, 2.0]  # rounds on a machine that is as slow for one as for the other
    found = summary(
        timings(lambda n, i: 2e-6 * n * half_as_fast[i]),
        timings(lambda n, i: 1e-6 * n * half_as_fast[i], kind="product"),
    )
    share = known(points(found)[160].share)
    assert share.value == pytest.approx(0.5)
    assert known(share.interval).high - known(share.interval).low < 1e-6
    assert {point.kind for point in found.points} == {"train"}


def test_two_models_are_compared_at_the_longest_length_that_both_did() -> None:
    found = summary(
        timings(lambda n, _: 3e-3 * n, lengths=(20, 40, 80)),
        timings(lambda n, _: 5e-5 * n**2, "transformer"),
    ).sizes["small"].pairs["lstm_vs_transformer"]  # fmt: skip
    assert found.seq_len == 80
    assert found.crossover_seq_len == pytest.approx(60)
    assert known(found.time_ratio).value == pytest.approx(240e-3 / 320e-3)


def test_an_order_that_never_changes_has_no_crossover_beyond_the_lengths() -> None:
    found = summary(timings(lambda n, _: n), timings(lambda n, _: 2 * n, "transformer"))
    assert found.sizes["small"].pairs["lstm_vs_transformer"].crossover_seq_len is None


def test_sizes_are_summarised_apart() -> None:
    found = summary(timings(lambda n, _: n), timings(lambda n, _: n**2, size="large"))
    slopes = {size: known(at.models["lstm"].train_slope).value for size, at in found.sizes.items()}
    assert slopes == pytest.approx({"small": 1, "large": 2})


def test_a_summary_survives_models_that_were_never_measured() -> None:
    found = summary(
        [Timing("small", "lstm", 4, 0, "train", "memory")],
        [Timing("small", "gru", 4, 0, "train", "time")],
    )
    assert found.sizes["small"].models["lstm"].train_slope is None
    assert found.sizes["small"].pairs["gru_vs_lstm"].time_ratio is None
    assert [point.status for point in found.points] == ["memory", "time"]
    assert found.to_json()["setting"] == {
        "device": "cpu", "clock": "processor_time", "batch_size": 4,
    }  # fmt: skip


def test_a_model_that_does_not_count_itself_has_empty_cells(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("seqcompare.studies.cost.operations.count_operations", lambda *_: None)
    (row,) = operations_table({"small": {"gru": {"hidden_size": 8}}}, [20])
    assert (row["size"], row["model"]) == ("small", "gru")
    assert row["train_macs"] is None


@pytest.mark.slow
def test_the_lstms_time_grows_linearly_and_attentions_quadratically() -> None:
    equal: dict[str, Setting] = {
        **TRANSFORMER, "d_model": 64, "nhead": 4, "dim_feedforward": 64, "positions": "sinusoidal",
    }  # fmt: skip
    models: Models = {"lstm": {"hidden_size": 64, "num_layers": 2}, "transformer": equal}
    asked = cost(seq_lens=(20, 40, 640, 1280), memory_limit_gb=8.0, time_budget_s=6000.0)
    networks = plan({"equal": models}, asked, 8, "cpu")
    rows = list(measure_in_rounds(networks, 5, in_own_process, lambda *_: None))
    found = summarise_cost(rows, SETTING, 0.95)
    measured = found.sizes["equal"].models
    assert 0.8 < known(measured["lstm"].train_slope).value < 1.2
    assert 1.7 < known(measured["transformer"].attention_slope).value < 2.3
    slopes = {
        p.seq_len: p.slope for p in found.points if (p.model, p.kind) == ("transformer", "train")
    }
    assert known(slopes[40]).value < 1.3 < known(slopes[1280]).value
