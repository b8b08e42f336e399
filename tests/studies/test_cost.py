"""Measuring what a step costs: real measurements of tiny networks, and made-up ones."""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pytest
import torch

from seqcompare.core.files import load_table, save_table
from seqcompare.core.params import Cost, Setting, Training
from seqcompare.execution.devices import make_deterministic
from seqcompare.execution.memory import keep_freed_memory
from seqcompare.models import count_operations
from seqcompare.studies.cost.measure import (
    CostTask,
    OutOfMemoryError,
    in_own_process,
    measure_model,
    time_calls,
    within_budget,
)
from seqcompare.studies.cost.operations import operations_table
from seqcompare.studies.cost.summary import compare, summarise_cost, summarise_model
from seqcompare.studies.cost.table import (
    CostRow,
    CostSetting,
    Measurement,
    Steps,
    model_rows,
)

T = TypeVar("T")
LSTM: dict[str, Setting] = {"hidden_size": 8, "num_layers": 1}
SETTING = CostSetting(device="cpu", batch_size=4)
TRAINING = Training(
    epochs=1, batch_size=4, learning_rate=1e-3, schedule="constant", keep="last", own={}
)
CPU = torch.device("cpu")


def task(model: str = "lstm", n: int = 10, **changes: Any) -> CostTask:
    described = {
        "model": model,
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
        "repeats": 2,
        "fit_lengths": 3,
        "memory_limit_gb": 2.0,
        "time_budget_s": 60.0,
    }
    return Cost(**{**described, **changes})


def measurement(seconds: float, wall_s: float = 1.0) -> Measurement:
    spread = seconds * np.array([0.9, 1.0, 1.1])
    return Measurement(spread, spread / 3, 2_000_000, 1_000_000, wall_s)


def rows_of(seconds: Callable[[int], float]) -> list[CostRow]:
    measured = {n: measurement(seconds(n)) for n in (20, 40, 80, 160)}
    return model_rows("lstm", SETTING, count_operations("lstm", LSTM), measured)


def steps_of(seconds: Callable[[int], float]) -> dict[int, Steps]:
    return {row.seq_len: known(row.steps) for row in rows_of(seconds)}


def known(value: T | None) -> T:
    assert value is not None
    return value


def test_a_real_study_has_a_row_for_each_length() -> None:
    rows = measure_model("lstm", LSTM, cost(), TRAINING, "cpu")
    assert [(row.seq_len, row.status) for row in rows] == [
        (4, "measured"),
        (8, "measured"),
        (16, "measured"),
    ]
    for steps in (known(row.steps) for row in rows):
        assert 0 < steps.predict.seconds < steps.train.seconds
        assert steps.train.q1 <= steps.train.seconds <= steps.train.q3


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits a process's memory")
def test_what_does_not_fit_in_memory_is_said_to_and_the_study_goes_on() -> None:
    asked = cost(seq_lens=(4, 2_000_000, 3_000_000), memory_limit_gb=0.3, time_budget_s=1e12)
    rows = measure_model("lstm", LSTM, asked, TRAINING, "cpu")
    assert [row.status for row in rows] == ["measured", "memory", "memory"]
    assert rows[1].steps is None


def test_a_longer_window_takes_more_memory_whatever_this_process_had_freed_before() -> None:
    keep_freed_memory()
    freed = [torch.ones(2**20) for _ in range(60)]
    del freed
    short, long = (in_own_process(task(n=n, batch_size=32)) for n in (10, 4000))
    # the least that the backward pass has to keep: 4 gates, cell and state of 8 floats each
    kept_bytes = 32 * (4000 - 10) * 6 * 8 * 4
    assert short.train_peak is not None
    assert long.train_peak is not None
    assert long.train_peak - short.train_peak > 0.8 * kept_bytes


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


def test_a_model_out_of_memory_is_not_tried_with_longer_windows() -> None:
    tried = []

    def fails_from_20(asked: CostTask) -> Measurement:
        tried.append(asked.seq_len)
        if asked.seq_len >= 20:
            raise OutOfMemoryError("no room")
        return measurement(0.1, wall_s=0)

    results = list(within_budget([task(n=n) for n in (10, 20, 40)], fails_from_20))
    assert results[1:] == ["memory", "memory"]
    assert tried == [10, 20]


def test_a_length_that_would_probably_exceed_the_budget_is_left_out() -> None:
    tasks = [task("a", n, budget_s=10.0) for n in (10, 20, 40)]
    results = list(within_budget(tasks, lambda _: measurement(0.1, wall_s=2.4)))
    assert [isinstance(result, Measurement) for result in results] == [True, True, True]
    results = list(within_budget(tasks, lambda _: measurement(0.1, wall_s=2.6)))
    assert results[1:] == ["time", "time"]


def test_rows_tell_throughput_speed_and_slope() -> None:
    rows = rows_of(lambda n: 1e-3 * n)
    counts = count_operations("lstm", LSTM)
    assert counts is not None
    train = known(rows[0].steps).train
    assert train.windows_per_second == pytest.approx(4 / 0.02)
    assert train.flops == pytest.approx(2 * 4 * counts.train.at(20) / 0.02)
    assert train.peak_mb == 2
    assert rows[0].train_exponent is None
    assert [row.train_exponent for row in rows[1:]] == pytest.approx([1, 1, 1])


def test_a_table_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    rows = model_rows("lstm", SETTING, None, {4: measurement(0.1), 8: measurement(0.2), 16: "time"})
    save_table(tmp_path / "lstm.csv", [row.to_cells() for row in rows])
    assert [CostRow.from_cells(cells) for cells in load_table(tmp_path / "lstm.csv")] == rows


def test_growth_is_fitted_to_the_long_end_only() -> None:
    found = summarise_model(steps_of(lambda n: 40.0 if n < 40 else float(n)), 3, 0.95)
    assert found.fitted_from_seq_len == 40
    assert known(found.train_exponent).value == pytest.approx(1)


def test_the_clock_finds_where_the_quadratic_part_takes_over() -> None:
    found = summarise_model(steps_of(lambda n: 1e-3 * n + 1e-5 * n**2), 4, 0.95)
    assert found.takeover_seq_len == pytest.approx(100, rel=1e-3)
    assert 1.5 < known(found.last_exponent).value < 1.7


def test_the_exponent_of_the_last_two_lengths_has_an_interval_from_quartiles() -> None:
    last = known(summarise_model(steps_of(lambda n: 1e-3 * n), 4, 0.95).last_exponent)
    assert last.value == pytest.approx(1)
    assert known(last.interval).low < 1 < known(last.interval).high


def test_two_models_are_compared_at_the_longest_length_that_both_did() -> None:
    first = steps_of(lambda n: 3e-3 * n)
    del first[160]
    found = compare(first, steps_of(lambda n: 5e-5 * n**2))
    assert found.seq_len == 80
    assert found.crossover_seq_len == pytest.approx(60)
    assert known(found.ratio).value == pytest.approx(240e-3 / 320e-3)
    assert known(known(found.ratio).interval).holds(240e-3 / 320e-3)


def test_a_summary_survives_models_that_were_never_measured() -> None:
    rows = model_rows("lstm", SETTING, None, {4: "memory"})
    rows += model_rows("gru", SETTING, None, {4: "time"})
    found = summarise_cost(rows, cost(), 0.95)
    assert found.models["lstm"].train_exponent is None
    assert found.pairs["gru_vs_lstm"].ratio is None
    assert found.to_json()["setting"] == {"device": "cpu", "batch_size": 4}


def test_a_model_that_does_not_count_itself_has_empty_cells(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("seqcompare.studies.cost.operations.count_operations", lambda *_: None)
    (row,) = operations_table("gru", {"hidden_size": 8}, [20])
    assert row["model"] == "gru"
    assert row["train_macs"] is None


@pytest.mark.slow
def test_the_lstms_time_grows_with_exponent_one_and_the_transformers_exponent_rises() -> None:
    settings = {
        "lstm": {"hidden_size": 64, "num_layers": 2},
        "transformer": {
            "d_model": 64,
            "nhead": 4,
            "num_layers": 2,
            "dim_feedforward": 64,
            "positions": "sinusoidal",
            "dropout": 0.1,
        },
    }
    asked = cost(seq_lens=(40, 80, 160, 320, 640, 1280), repeats=3, memory_limit_gb=8.0,
                 time_budget_s=200.0)  # fmt: skip
    training = TRAINING.model_copy(update={"batch_size": 8})
    rows = [
        row
        for model, size in settings.items()
        for row in measure_model(model, size, asked, training, "cpu")
    ]
    found = summarise_cost(rows, asked, 0.95)
    assert 0.8 < known(found.models["lstm"].train_exponent).value < 1.2
    slopes = [row.train_exponent for row in rows if row.model == "transformer"]
    assert known(slopes[1]) < 1.5 < known(slopes[-1])
