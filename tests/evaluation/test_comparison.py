"""Comparison: which pairs, by which design, and what tables and metrics say of them."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sine_trials import ERRORS, params_of, predicted_trials, row

from seqcompare.core.types import Floats
from seqcompare.evaluation import comparison
from seqcompare.evaluation.trials import TestedTrial
from seqcompare.statistics.ratios import ratio_on_one_series, ratio_over_series

PARAMS = params_of(evaluation={"confidence": 0.95})
BOTH = ("lstm", "transformer")
NO_FORECASTS = pd.DataFrame(index=list(ERRORS))


def pairs_of(trials: list[TestedTrial], models: tuple[str, ...] = BOTH) -> pd.DataFrame:
    return comparison.compare_pairs(comparison.losses_table(trials), models, PARAMS.evaluation)


def models_pair(trials: list[TestedTrial]) -> pd.Series:
    return row(pairs_of(trials), family="models")


def scores_of(trials: list[TestedTrial]) -> pd.DataFrame:
    losses, errors = comparison.losses_table(trials), comparison.errors_table(trials, PARAMS)
    scores = comparison.score_table(losses, errors, NO_FORECASTS, 0.95)
    return scores.set_index("predictor")


def squared(trials: list[TestedTrial], name: str) -> Floats:
    """[trial, target]"""
    return np.stack([np.mean((t.predictions[name] - t.truth) ** 2, axis=0) for t in trials])


def test_models_are_compared_with_each_other_and_with_the_baselines() -> None:
    pairs = pairs_of(predicted_trials())
    assert pairs[["first", "second", "family"]].values.tolist() == [
        ["lstm", "transformer", "models"],
        ["lstm", "ar", "linear"], ["transformer", "ar", "linear"],
        ["lstm", "oracle", "oracle"], ["transformer", "oracle", "oracle"],
        ["lstm", "persistence", "persistence"], ["transformer", "persistence", "persistence"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    "design", [{}, {"one_series": True}, {"one_series": True, "trials": 1}, {"epochs": 3}]
)
def test_the_ratio_is_of_series_errors_or_on_one_series_of_all_squared_errors(
    design: dict[str, Any],
) -> None:
    trials = predicted_trials(**design)
    first, second = (squared(trials, name) for name in BOTH)
    expected = ratio_over_series(first.mean(axis=1), second.mean(axis=1), 0.95)
    if "one_series" in design:
        expected = ratio_on_one_series(first, second, 0.95)
    assert models_pair(trials)[["ratio", "low", "high", "p"]].tolist() == pytest.approx(
        [expected.value, expected.low, expected.high, expected.p]
    )


def test_a_second_seed_of_each_series_that_repeats_the_first_narrows_no_interval() -> None:
    once = predicted_trials(trials=10)
    twice = [replace(trial, seed=seed) for trial in once for seed in (0, 1)]
    pd.testing.assert_frame_equal(pairs_of(twice), pairs_of(once))
    losses = (comparison.losses_table(each) for each in (twice, once))
    pd.testing.assert_frame_equal(*(comparison.mse_table(each, 0.95) for each in losses))


def test_series_may_have_different_numbers_of_targets() -> None:
    trials = predicted_trials(trials=3) + predicted_trials(trials=4, targets=50)[3:]
    expected = np.mean([squared([trial], "ar").mean() for trial in trials])
    assert scores_of(trials).loc["ar", "mse"] == pytest.approx(expected)


@pytest.mark.parametrize("one_series", [False, True])
@pytest.mark.parametrize(
    ("lstm", "outcome"), [(0.1, "lstm"), (0.9, "transformer"), (0.38, "undecided")]
)
def test_a_clear_difference_names_its_winner_and_others_the_series_that_would_decide(
    lstm: float, outcome: str, one_series: bool
) -> None:
    pair = models_pair(predicted_trials(ERRORS | {"lstm": lstm}, 4, one_series))
    needs_more = outcome == "undecided" and not one_series
    assert pair["outcome"] == outcome
    assert pair["trials_needed"] > 4 if needs_more else pd.isna(pair["trials_needed"])


def test_each_family_shares_its_level_among_its_own_pairs() -> None:
    pairs = pairs_of(predicted_trials({**ERRORS, "gru": 0.35}), (*BOTH, "gru"))
    levels = pairs.groupby("family")["confidence"].first()
    assert levels["models"] == levels["linear"] == pytest.approx(1 - 0.05 / 3)
    assert models_pair(predicted_trials())["confidence"] == 0.95


# Scores


def test_scores_are_means_over_trials() -> None:
    trials = predicted_trials()
    scores = scores_of(trials)
    mse = squared(trials, "lstm").mean(axis=1)
    expected = {
        "mse": np.mean(mse), "mse_std": np.std(mse, ddof=1), "rmse": np.sqrt(np.mean(mse)),
        "mae": np.mean(np.sqrt(squared(trials, "lstm"))),
        "skill": 1 - np.mean(mse) / np.mean(squared(trials, "persistence")),
        "excess_mse": np.mean(mse) - scores.loc["oracle", "mse"], "train_mse": 0.01,
    }  # fmt: skip
    assert scores.loc["lstm", list(expected)].tolist() == pytest.approx(list(expected.values()))
    assert scores.loc["persistence", "skill"] == 0


def test_without_an_oracle_and_with_constant_predictions_scores_are_left_out() -> None:
    trials = predicted_trials({k: e for k, e in ERRORS.items() if k != "oracle"}, one_series=True)
    for trial in trials:
        trial.predictions["ar"][:] = 0
    assert "oracle" not in set(pairs_of(trials)["family"])
    scores = scores_of(trials)
    assert scores["excess_mse"].isna().all()
    assert (np.isnan(scores.loc["ar", "mse_std"]), scores.loc["ar", "variance_share"]) == (True, 0)


@pytest.mark.parametrize(("keep", "epochs"), [("last", [7, 8, 9]), ("mean", [None])])
def test_errors_name_the_epoch_that_was_tested(keep: str, epochs: list[int | None]) -> None:
    params = params_of(training={"epochs": 9, "tested_epochs": 3, "keep": keep})
    errors = comparison.errors_table(predicted_trials(epochs=len(epochs)), params)
    of_trial = errors[errors["series"] == "0"].set_index("predictor")["epoch"].astype(object)
    assert of_trial.loc[["lstm"]].replace({pd.NA: None}).tolist() == epochs
    assert pd.isna(of_trial["ar"])


@pytest.mark.parametrize(("targets", "has_interval"), [(120, True), (9, False)])
def test_metrics_hold_errors_first_then_the_ratio_of_each_pair_of_models(
    targets: int, has_interval: bool
) -> None:
    trials = predicted_trials(trials=1, targets=targets)
    found = comparison.metrics(scores_of(trials).reset_index(), pairs_of(trials))
    assert list(found) == [*ERRORS, "lstm_vs_transformer"]
    pair = found["lstm_vs_transformer"]
    assert list(pair) == ["ratio", "ratio_low", "ratio_high", "outcome"]
    assert ((pair["ratio_low"] is not None), pair["outcome"]) == (has_interval, "undecided")
