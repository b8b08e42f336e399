"""Results of evaluate: which tables there are, and what stands in them."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from conftest import MODELS
from sine_trials import SEQ_LEN, params_of, row, save_random_weights

from seqcompare.core import paths
from seqcompare.core.params import Params
from seqcompare.core.tables import load_json, load_table, save_table
from seqcompare.core.types import RESERVED
from seqcompare.evaluation.comparison import PAIRS, SCORES
from seqcompare.evaluation.evaluate import evaluate, forecast_table, save_results
from seqcompare.evaluation.trials import HeldOutTrial, load_trials

PREDICTORS = [*MODELS, "persistence", "ar", "oracle"]


@pytest.fixture
def params() -> Params:
    return params_of(split={"folds": 2}, training={"epochs": 2, "tested_epochs": 2})


@pytest.fixture
def held_out(params: Params, in_tmp: Any) -> list[HeldOutTrial]:
    series, folds = save_random_weights(params, epochs=2)
    history = pd.DataFrame({"epoch": [1, 2, 1, 2], "eval_mse": [4.0, 2.0, 6.0, 4.0]})
    for model in params.models:
        save_table(paths.of_model(paths.TRAINING, model), history)
    return load_trials(params, series, folds)


@pytest.fixture
def results(params: Params, held_out: list[HeldOutTrial]) -> Any:
    return evaluate(params, held_out)


def test_every_result_is_a_table_or_metrics(results: Any) -> None:
    assert {str(path.relative_to(paths.REPORTS)) for path in results} == {
        "metrics.json", "scores.csv", "pairs.csv", "errors.csv", "predictions.csv", "horizon.csv",
        "forecast.csv", *(f"plots/loss/{model}.csv" for model in MODELS),
        *(f"plots/predictions/{model}.csv" for model in MODELS),
    }  # fmt: skip
    columns = ["series", "seed", "fold", "time", "truth", *PREDICTORS]
    assert list(results[paths.PREDICTIONS]) == columns
    assert {*columns} - {*MODELS} <= RESERVED  # which no model is named
    assert [list(results[path]) for path in (paths.SCORES, paths.PAIRS)] == [SCORES, PAIRS]


def test_tables_agree_with_one_another(results: Any, params: Params) -> None:
    predictions, errors = results[paths.PREDICTIONS], results[paths.ERRORS]
    scores, horizon = results[paths.SCORES], results[paths.HORIZON]
    errors_of, horizon_of = errors.groupby("predictor"), horizon.groupby("predictor")
    for name in PREDICTORS:
        score, mse = row(scores, predictor=name), errors_of["mse"].mean()[name]
        assert score["mse"] == results[paths.METRICS][name]["mse"] == pytest.approx(mse)
        means = horizon_of[["mse", "coverage"]].mean().loc[name]
        assert means.tolist() == pytest.approx([score["forecast_mse"], score["coverage"]])
    last = errors[(errors["predictor"] == "lstm") & (errors["epoch"] == 2)]["mse"].mean()
    assert np.mean((predictions["lstm"] - predictions["truth"]) ** 2) == pytest.approx(last)
    assert len(predictions) == len(params.seeds) * params.split.test
    loss = results[paths.LOSS_PLOTS / "lstm.csv"]  # the mean over trials
    assert loss.values.tolist() == [[1, 5], [2, 3]]


def test_sizes_are_those_of_one_network(results: Any, held_out: list[HeldOutTrial]) -> None:
    network = held_out[0].networks["lstm"][0][0].network
    lstm = row(results[paths.SCORES], predictor="lstm")
    assert lstm["parameters"] == sum(p.numel() for p in network.parameters())
    assert lstm["macs"] == network.operations().predict.at(SEQ_LEN)
    assert pd.isna(row(results[paths.SCORES], predictor="ar")["macs"])


def test_results_are_saved_with_six_digits_but_values_and_times_exactly(results: Any) -> None:
    save_results(results)
    scores, saved = results[paths.SCORES], load_table(paths.SCORES)
    assert saved["mse"].tolist() == [float(f"{mse:.6g}") for mse in scores["mse"]]
    assert load_json(paths.METRICS)["ar"]["mse"] == saved["mse"][3]
    for path in (paths.PREDICTIONS, paths.FORECAST, paths.PREDICTION_PLOTS / "lstm.csv"):
        again = load_table(path, text=("series",) if path == paths.PREDICTIONS else ())
        expected = results[path].reset_index(drop=True)
        pd.testing.assert_frame_equal(again, expected, check_exact=True, check_dtype=False)
    assert ",,," not in paths.ERRORS.read_text()
    assert paths.ERRORS.read_text().splitlines()[1].split(",")[2] == "1"  # no 1.0


FORECAST = pd.DataFrame({"step": [1, 2], "predictor": "ar", "mean": [0.0, 1.0], "radius": 1.0})


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        ([0.0, 1.0, 2.0, 3.0], [4.0, 5.0]),
        ([0.0, 1.0, 2.0, 9.0], [None, None]),
        (["2024-05-01", "2024-05-02", "2024-05-09"], [None, None]),
    ],
)
def test_a_forecast_has_times_where_steps_are_even(times: Any, expected: Any) -> None:
    table = forecast_table(FORECAST, np.array(times, object if "-" in str(times) else float))
    assert table["time"].tolist() == expected
    assert table[["low", "mean", "high"]].values.tolist() == [[-1, 0, 1], [0, 1, 2]]
