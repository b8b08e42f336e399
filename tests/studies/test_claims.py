"""Claims: convergence from made-up curves, each rule's number, and one rule for all verdicts."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from seqcompare.statistics.estimates import Estimate
from seqcompare.statistics.tests import share_difference
from seqcompare.studies.claims import CLAIMS, COLUMNS, Evidence, epochs_needed, judge, verdict

INF = math.inf


def curves(**models: list[list[float]]) -> pd.DataFrame:
    """data/training of made-up trials: model -> a curve of eval_mse for each seed."""
    return pd.DataFrame(
        {"model": model, "series": str(seed), "seed": seed, "fold": 0, "epoch": epoch,
         "eval_mse": mse}
        for model, of_model in models.items()
        for seed, curve in enumerate(of_model)
        for epoch, mse in enumerate(curve, 1)
    )  # fmt: skip


def reference(*errors: float, predictor: str = "oracle") -> pd.DataFrame:
    """reports/errors.csv: those of one baseline in each seed's trial, and one of a network."""
    return pd.DataFrame(
        {"series": str(seed), "seed": seed, "epoch": math.nan, "predictor": name, "train_mse": mse}
        for seed, error in enumerate(errors)
        for name, mse in (("lstm", 9.0), (predictor, error))
    )


def timings(
    lstm: Callable[[int], float], transformer: Callable[[int], float], device: str = "cpu"
) -> pd.DataFrame:
    """cost.csv of five processes whose seconds differ by a percent; attention takes n^2."""
    steps = [("lstm", "train", lstm), ("transformer", "train", transformer),
             ("transformer", "attention", lambda n: 1e-6 * n**2)]  # fmt: skip
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {"size": "as_configured", "model": model, "seq_len": n, "kind": kind, "round": i,
         "status": "measured", "seconds": seconds(n) * math.exp(0.01 * rng.standard_normal()),
         "device": device, "macs": 1.0, "peak_mb": 2.0}
        for model, kind, seconds in steps for n in (20, 40, 80) for i in range(5)
    )  # fmt: skip


def lags(lstm: dict[int, int], transformer: dict[int, int]) -> pd.DataFrame:
    """adding_problem: lag -> how many of ten trials solve it."""
    return pd.DataFrame(
        {"model": model, "lag": lag, "seed": seed, "solved": int(seed < solved), "parameters": 7}
        for model, of_model in (("lstm", lstm), ("transformer", transformer))
        for lag, solved in of_model.items()
        for seed in range(10)
    )


def equal_size(ratio: float, sizes: tuple[int, int] = (100, 101), series: int = 10) -> Any:
    """trials.csv and scores.csv of a row of the map with two lengths."""
    rng = np.random.default_rng(1)
    trials = pd.DataFrame(
        {"setting": "equal_size", "seq_len": n, "series": str(seed % series), "seed": seed,
         "predictor": model, "mse": mse * math.exp(0.05 * rng.standard_normal())}
        for n in (10, 20) for seed in range(10)
        for model, mse in (("lstm", ratio), ("transformer", 1.0), ("oracle", 0.1))
    )  # fmt: skip
    scores = pd.DataFrame({"predictor": ["lstm", "transformer"], "parameters": sizes})
    return trials, scores


EPOCHS = epochs_needed(
    curves(lstm=[[2.0, 1.0, 1.0, 1.0]] * 4 + [[1.0] * 4],
           transformer=[[9.0, 9.0, 2.0, 1.0]] * 4 + [[9.0, 9.0, 9.0, 1.0]]),
    reference(*[1.0] * 5), [2.0, 1.0],
)  # fmt: skip


def evidence(**changes: Any) -> Evidence:
    steps = timings(lambda n: 1e-3 * n, lambda n: 0.02 + 9.4e-6 * n**2)
    solved = lags({10: 10, 20: 2}, {10: 10, 20: 10})
    return Evidence(steps, solved, EPOCHS, equal_size(1.2))._replace(**changes)


def rows_of(found: Evidence) -> dict[str, Any]:
    return {row["claim"]: row for row in judge(found, 0.95).to_dict("records")}


ONE = curves(lstm=[[5.0, 2.0, 1.0, 3.0]])
TWO = curves(lstm=[[4.0, 2.0, 1.0]] * 2)


@pytest.mark.parametrize(
    ("training", "baselines", "targets", "epochs"),
    [
        (ONE, reference(1.0), [5, 4, 2, 1.5, 0.9], [1, 2, 2, 3, -1]),  # the first not above it
        (TWO, reference(1.0, 0.5), [2.0], [2, 3]),  # multiples of each trial's oracle
        (TWO, reference(4.0, 4.0, predictor="ar"), [1.0], [1, 1]),  # or linear model
        (pd.concat([ONE, ONE.assign(fold=1, eval_mse=1.0)]), reference(1.0), [1.5], [2]),  # mean
    ],
)
def test_epochs_until_a_trial_reaches_a_multiple_of_its_reference(
    training: pd.DataFrame, baselines: pd.DataFrame, targets: list[float], epochs: list[int]
) -> None:
    assert epochs_needed(training, baselines, targets)["epochs"].fillna(-1).tolist() == epochs


@pytest.mark.parametrize(
    ("number", "above", "below", "expected"),
    [
        ((1.0, 0.9, 1.1), 0.85, 1.15, "holds"),
        ((1.1, 1.0, 1.2), 0.85, 1.15, "undecided"),
        ((1.3, 1.2, 1.4), 0.85, 1.15, "fails"),
        ((0.8, 0.7, 0.85), 0.85, 1.15, "fails"),
        ((0.3, 0.1, 0.5), 0.0, INF, "holds"),
        ((-0.3, -0.5, -0.1), 0.0, INF, "fails"),
    ],
)
def test_one_rule_gives_a_verdict_from_an_interval(
    number: tuple[float, float, float], above: float, below: float, expected: str
) -> None:
    assert verdict(Estimate(*number, p=0.01), above, below, 0.95) == expected
    assert verdict(Estimate(*number, p=0.06), above, below, 0.95) == "undecided"
    assert verdict(Estimate(number[0]), above, below, 0.95) == "undecided"


def test_every_claim_has_a_row_with_its_number_and_what_it_was_measured_on() -> None:
    table = judge(evidence(), 0.95)
    assert list(table.columns) == COLUMNS
    rows = rows_of(evidence())
    assert list(rows) == list(CLAIMS)
    assert {claim: row["verdict"] for claim, row in rows.items()} == {
        **dict.fromkeys(CLAIMS, "holds"), "transformer_step_faster": "fails",
        "lstm_faster_at_long_windows": "undecided", "transformer_faster_on_gpu": "not measured",
    }  # fmt: skip
    slope = rows["lstm_time_linear"]
    assert slope["value"] == pytest.approx(1, abs=0.05)
    assert (slope["above"], slope["below"], slope["seq_len"]) == (0.85, 1.15, 80)
    assert (slope["trials"], slope["device"], slope["size"]) == (5, "cpu", "as_configured")
    step = rows["transformer_step_faster"]
    assert step["seq_len"] == 20
    assert step["lstm"] / step["transformer"] == pytest.approx(step["value"])
    measured = [claim.measure(evidence(), 0.95) for claim in CLAIMS.values()]
    p = [found[0].p for found in measured if found and found[0].p]
    assert len(p) == 7
    assert table["p"].min() == pytest.approx(7 * min(p))  # Holm's, for all claims together


@pytest.mark.parametrize(
    ("factor", "expected"), [(1e-2, "holds"), (1e-4, "fails"), (1e-3, "undecided")]
)
def test_long_windows_are_compared_at_the_longest_that_both_models_did(
    factor: float, expected: str
) -> None:
    found = timings(lambda n: 1e-3 * n, lambda n: factor * n)
    left_out = (found["model"] == "transformer") & (found["seq_len"] == 80)
    found.loc[left_out, ["status", "seconds"]] = "time", math.nan
    row = rows_of(evidence(timings=found))["lstm_faster_at_long_windows"]
    assert (row["seq_len"], row["verdict"]) == (40, expected)


def test_models_are_compared_on_a_gpu_only_there_and_only_if_both_were_measured() -> None:
    on_gpu = timings(lambda n: 1e-3 * n, lambda n: 1e-4 * n, device="cuda:0 (NVIDIA H200)")
    assert rows_of(evidence(timings=on_gpu))["transformer_faster_on_gpu"]["verdict"] == "holds"
    alone = on_gpu[on_gpu["model"] == "lstm"]
    assert set(judge(evidence(timings=alone), 0.95)["verdict"]) == {"not measured"}


@pytest.mark.parametrize(
    ("lstm", "transformer", "lag", "solved"),
    [
        ({1: 10, 2: 5, 4: 0, 8: 8}, {1: 0, 2: 9, 4: 8, 8: 9}, 4, (8, 0)),  # the longest sure one
        ({1: 5, 2: 3, 4: 5}, {1: 5, 2: 6, 4: 5}, 2, (6, 3)),  # none is sure: the closest to it
        ({1: 0, 2: 1, 4: 1}, {1: 0, 2: 9, 4: 9}, 4, (9, 1)),
    ],
)
def test_reach_is_compared_at_the_longest_lag_where_models_surely_differ(
    lstm: dict[int, int], transformer: dict[int, int], lag: int, solved: tuple[int, int]
) -> None:
    row = rows_of(evidence(lags=lags(lstm, transformer)))["transformer_bridges_longer_lags"]
    expected = share_difference(solved, (10, 10), 0.95, pairs=len(lstm))
    assert (row["lag"], row["value"], row["low"]) == (lag, expected.value, expected.low)
    assert (row["transformer"], row["lstm"]) == (solved[0] / 10, solved[1] / 10)


def test_convergence_is_compared_at_the_strictest_target_that_half_of_all_trials_reach() -> None:
    row = rows_of(evidence())["lstm_converges_in_fewer_epochs"]
    assert (row["target"], row["lstm"], row["transformer"]) == (1.0, 1.8, 4.0)
    slow = curves(lstm=[[1.0, 1.0]] * 3, transformer=[[9.0, 9.0, 9.0, 1.0]] * 3)
    shorter = epochs_needed(slow, reference(1.0, 1.0, 1.0), [1.0])
    row = rows_of(evidence(epochs=shorter))["lstm_converges_in_fewer_epochs"]
    assert row["transformer"] == 2  # counts with the epochs that both models had


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (equal_size(1.2), "holds"),
        (equal_size(0.8), "fails"),
        (equal_size(1.0), "undecided"),
        (equal_size(1.2, series=1), "undecided"),  # all trials share their test part
        (equal_size(1.2, sizes=(100, 111)), "not measured"),
        (None, "not measured"),
    ],
)
def test_accuracy_at_equal_size_is_over_all_lengths_of_the_map(found: Any, expected: str) -> None:
    row = rows_of(evidence(at_equal_size=found))["transformer_more_accurate_at_equal_size"]
    assert row["verdict"] == expected
    if found is not None and expected != "not measured":
        trials = found[0].pivot(index=["seed", "seq_len"], columns="predictor", values="mse")
        logs = np.log(trials["lstm"] / trials["transformer"])
        assert row["value"] == pytest.approx(np.exp(logs.mean()))
