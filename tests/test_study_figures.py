"""The pictures of the studies can be drawn from whatever the studies found."""

from typing import Any

import pytest

from seqcompare.cost_table import Measurement, model_rows, summary
from seqcompare.params import Cost
from seqcompare.study_figures import cost_picture, reach_picture

COST = Cost(seq_lens=(4, 8, 16), repeats=2, fit_lengths=3, memory_limit_gb=1.0, time_budget_s=1.0)
LSTM = {"hidden_size": 8, "num_layers": 1}
SETTING = {"device": "cpu", "batch_size": 32, "threads": 1}


def cost_rows(measured: int) -> list[dict[str, Any]]:
    """The first so many lengths measured, the others not."""
    import numpy as np

    known = {n: Measurement(np.full(3, n), np.full(3, n), None, None, 1.0) for n in COST.seq_lens}
    results = {n: m if i < measured else "time" for i, (n, m) in enumerate(known.items())}
    return model_rows("lstm", LSTM, 32, results)  # type: ignore[arg-type]


@pytest.mark.parametrize("measured", [0, 1, 2, 3])
def test_the_cost_is_drawn_however_many_lengths_were_measured(measured: int) -> None:
    rows = cost_rows(measured)
    counts = [{"model": "lstm", "seq_len": n, "train_macs": None} for n in COST.seq_lens]
    assert cost_picture(rows, counts, summary(rows, COST, 0.95, SETTING)).startswith(b"<?xml")


@pytest.mark.parametrize("low", [None, -0.1])
def test_the_reach_is_drawn_with_and_without_intervals(low: float | None) -> None:
    rows = [
        {"model": "lstm", "lag": lag, "gradient": 0.1, "gradient_ci_low": low,
         "gradient_ci_high": 0.3, "mse_without_older": mse}
        for lag, mse in ((1, 0.2), (2, None), (3, 0.1))
    ]  # fmt: skip
    recall = [{"model": "lstm", "lag": lag, "seed": 0, "mse": 0.1} for lag in (5, 10)]
    assert reach_picture(rows, recall, 0.1, 3).startswith(b"<?xml")
