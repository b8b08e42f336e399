"""The cost of a training step: real measurements of tiny networks, and a study of made-up ones."""

import math
import sys
import time
from collections.abc import Callable
from itertools import chain, repeat
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from seqcompare.core.study_params import Cost
from seqcompare.core.types import Models, Setting
from seqcompare.execution.runtime import keep_freed_memory
from seqcompare.models import count_operations
from seqcompare.studies.claims import cost_points
from seqcompare.studies.cost import (
    TOO_LARGE,
    CostTask,
    Measurement,
    measure_in_own_process,
    measure_in_rounds,
    plan,
    time_calls,
    within_budget,
)

LSTM: dict[str, Setting] = {"hidden_size": 8, "num_layers": 1}
TRANSFORMER: dict[str, Setting] = {
    "d_model": 8, "nhead": 2, "num_layers": 2, "dim_feedforward": 32, "dropout": 0.1,
    "positions": "learned",
}  # fmt: skip
MODELS: Models = {"lstm": LSTM, "transformer": TRANSFORMER}


def task(n: int = 10, **changes: Any) -> CostTask:
    usual = CostTask(("small",), "lstm", LSTM, n, 4, "cpu", calls=2, memory_limit_bytes=2e9)
    return usual._replace(**changes)


def cost(**changes: Any) -> Cost:
    usual = Cost(seq_lens=(4, 8, 16), processes=3, calls=2, memory_limit_gb=2.0,
                 time_budget_s=60.0, sizes={"as_configured": {}})  # fmt: skip
    return usual.model_copy(update=changes)


def measurement(**seconds: float) -> Measurement:
    return Measurement(seconds or {"train": 0.2}, 2_000_000)


def study(asked: Cost, models: Models, measure_one: Callable[[CostTask], Any]) -> pd.DataFrame:
    networks = plan(asked, models, 4, "cpu")
    return measure_in_rounds(networks, asked, lambda *_: None, measure_one)


def timings(seconds: Callable[[int, int], float], **changes: Any) -> pd.DataFrame:
    """A made-up table. seconds: of window length and round, of which there are three."""
    lengths = changes.pop("lengths", (20, 40, 80, 160))
    row = {"size": "small", "model": "lstm", "kind": "train", "status": "measured", "macs": 7.0,
           "peak_mb": 2.0, "device": "cpu", **changes}  # fmt: skip
    return pd.DataFrame([
        {**row, "seq_len": n, "round": i, "seconds": seconds(n, i)}
        for n in lengths for i in range(3)
    ])  # fmt: skip


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits a process's memory")
def test_a_window_that_does_not_fit_into_memory_is_recorded_and_the_study_goes_on() -> None:
    asked = cost(seq_lens=(400, 2_000_000, 3_000_000), memory_limit_gb=0.3, time_budget_s=1e12,
                 processes=2)  # fmt: skip
    found = study(asked, {"lstm": LSTM}, measure_in_own_process)
    assert found["seq_len"].tolist() == [400, 2_000_000, 3_000_000, 400]
    assert found["status"].tolist() == ["measured", "memory", "memory", "measured"]


def test_a_longer_window_takes_more_memory_whatever_this_process_had_freed_before() -> None:
    keep_freed_memory()
    freed = [torch.ones(2**20) for _ in range(60)]
    del freed
    short, long = (measure_in_own_process(task(n, batch_size=32)) for n in (10, 4000))
    assert short.peak_bytes and long.peak_bytes  # noqa: PT018 - for mypy
    # the least that the backward pass has to keep: 4 gates, cell and state of 8 floats each
    kept_bytes = 32 * (4000 - 10) * 6 * 8 * 4
    assert long.peak_bytes - short.peak_bytes > 0.8 * kept_bytes


@pytest.mark.cuda
def test_a_gpu_is_timed_too_and_tells_the_memory_of_a_step() -> None:
    found = measure_in_own_process(task(model="transformer", settings=TRANSFORMER, device="cuda:0"))
    assert 0 < (found.seconds["attention"] or 0) < (found.seconds["train"] or 0) < 1
    assert found.peak_bytes


@pytest.mark.parametrize(
    ("first_s", "later_s", "timed"), [(0.2, 0.0, 3), (0.6, 0.2, 1), (0, 0.1, 3)]
)
def test_the_warm_up_is_not_timed_and_long_calls_are_timed_less_often(
    monkeypatch: pytest.MonkeyPatch, first_s: float, later_s: float, timed: int
) -> None:
    now = [0.0]
    durations = chain([first_s or later_s], repeat(later_s or 0.02))
    monkeypatch.setattr("seqcompare.studies.cost.clock", lambda _: lambda: now[0])

    def call() -> None:
        now[0] += next(durations)

    seconds = time_calls(call, torch.device("cpu"), calls=3)
    assert len(seconds) == timed
    assert max(seconds) == pytest.approx(later_s or 0.02)


def test_a_model_that_two_sizes_share_is_measured_once_and_stands_under_both() -> None:
    asked = cost(seq_lens=(4, 8), sizes={"a": {}, "b": {"transformer": {"dim_feedforward": 8}}})
    assert [tasks[0].sizes for tasks in plan(asked, {"lstm": LSTM}, 4, "cpu")] == [("a",)]
    networks = plan(asked, MODELS, 4, "cpu")
    assert [tasks[0].sizes for tasks in networks] == [("a", "b"), ("a",), ("b",)]
    assert networks[2][0].settings == TRANSFORMER | {"dim_feedforward": 8}
    found = study(asked, MODELS, lambda _: measurement())
    lstm = found[(found["round"] == 0) & (found["model"] == "lstm")]
    assert lstm[["size", "seq_len"]].to_numpy().tolist() == [["a", 4], ["b", 4], ["a", 8], ["b", 8]]


def test_lengths_and_models_take_turns_and_what_did_not_fit_is_not_tried_again() -> None:
    """Nor a longer window of the same model. Every second round runs backwards."""
    order = []

    def measure_one(asked: CostTask) -> Measurement:
        order.append((asked.model, asked.seq_len))
        return TOO_LARGE if order[-1] == ("transformer", 8) else measurement()

    found = study(cost(seq_lens=(4, 8, 16)), MODELS, measure_one)
    fit = [("lstm", 4), ("transformer", 4), ("lstm", 8), ("lstm", 16)]
    assert order == [*fit[:3], ("transformer", 8), fit[3], *fit[::-1], *fit]
    missed = found[found["status"] == "memory"]
    assert missed[["model", "seq_len"]].to_numpy().tolist() == [["transformer", n] for n in (8, 16)]


@pytest.mark.parametrize(("budget_s", "last"), [(5.0, "measured"), (0.05, "time")])
def test_a_length_that_would_probably_exceed_the_budget_is_left_out(
    budget_s: float, last: str
) -> None:
    def measure_one(_: CostTask) -> Measurement:
        time.sleep(0.02)
        return measurement()

    _, (_, result) = within_budget([task(10), task(20)], budget_s, measure_one)
    assert result.status == last


def test_the_table_has_a_row_for_each_kind_of_step_and_counts_the_training_step() -> None:
    found = study(cost(), {"lstm": LSTM}, lambda _: measurement(train=0.2, attention=0.1))
    assert list(found)[:7] == ["size", "model", "seq_len", "kind", "round", "status", "seconds"]
    assert list(found)[7:] == ["macs", "peak_mb", "device", "clock", "batch_size"]
    train, attention, *_ = found.to_dict("records")
    counts = count_operations("lstm", LSTM)
    assert counts is not None
    expected = (0.2, 2.0, 4 * counts.train.at(4))
    assert (train["seconds"], train["peak_mb"], train["macs"]) == expected
    assert (train["device"], train["clock"]) == ("cpu", "processor_time")
    assert (attention["kind"], attention["seconds"]) == ("attention", 0.1)


def test_points_are_geometric_means_of_processes_and_slopes_are_paired_within_rounds() -> None:
    drift = [1.0, 1.5, 0.8]  # hits a whole round
    points = cost_points(timings(lambda n, i: drift[i] * (40.0 if n < 80 else n**2 / 160)), 0.95)
    logs = np.log(drift)
    margin = 4.303 * logs.std(ddof=1) / 3**0.5  # Student's quantile of two degrees of freedom
    last = points.iloc[-1]
    assert np.log(last[["seconds", "low", "high"]].tolist() / np.float64(160)) == pytest.approx(
        logs.mean() + margin * np.array([0, -1, 1]), rel=1e-3
    )
    assert points["slope"].isna().tolist() == [True, False, False, False]
    assert points["slope"].iloc[[1, 3]].tolist() == pytest.approx([0, 2])
    assert last[["slope_low", "slope_high"]].tolist() == pytest.approx([2, 2])
    missed = cost_points(timings(lambda *_: math.nan, status="memory", lengths=(4,)), 0.95)
    assert missed[["status", "processes"]].to_numpy().tolist() == [["memory", 0]]
    assert missed["seconds"].isna().all()
