"""Comparison: which pairs, by which design, and what metrics.json keeps of it."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqcompare.core.arrays import Floats
from seqcompare.core.comparison import Comparison, Design, Pair
from seqcompare.core.errors import InputError
from seqcompare.core.sections.evaluation import Evaluation
from seqcompare.evaluation.comparison import compare, lean_metrics
from seqcompare.evaluation.trials import PredictedTrial
from seqcompare.statistics.ratios import ratio_on_one_series, ratio_over_draws

SETTINGS = Evaluation(
    confidence=0.95, equivalence=0.05, horizon=1, seed=0, origins=500, lookback_windows=200,
    convergence_targets=(2.0,),
)  # fmt: skip
TARGETS = 120
REFERENCE = np.array([0.01])


def predicted(
    errors: dict[str, float], trials: int = 6, seed: int = 0, truth: Floats | None = None
) -> list[PredictedTrial]:
    """Trials whose predictors err by so much, independently; truth: one for all."""
    rng = np.random.default_rng(seed)
    made = []
    for trial in range(trials):
        own = rng.standard_normal(TARGETS) if truth is None else truth
        predictions = {
            name: own + error * rng.standard_normal(TARGETS) for name, error in errors.items()
        }
        made.append(PredictedTrial(trial, own, predictions, {}, 1.0, REFERENCE))
    return made


ALL = {"lstm": 0.3, "transformer": 0.4, "persistence": 1.0, "ar": 0.2, "oracle": 0.1}


def compared(
    trials: list[PredictedTrial], models: tuple[str, ...], design: Design = "draws"
) -> Comparison:
    return compare(trials, models, design, 1, SETTINGS)


def pairs_of(found: Comparison, family: str) -> list[Pair]:
    return [pair for pair in found.pairs if pair.family == family]


def test_models_are_compared_with_each_other_with_a_line_and_with_the_limit() -> None:
    found = compared(predicted(ALL), ("lstm", "transformer"))
    assert [(p.first, p.second) for p in pairs_of(found, "models")] == [("lstm", "transformer")]
    assert [p.second for p in pairs_of(found, "line")] == ["ar", "ar"]
    assert [p.second for p in pairs_of(found, "limit")] == ["oracle", "oracle"]


def test_without_an_oracle_there_is_no_limit() -> None:
    errors = {name: error for name, error in ALL.items() if name != "oracle"}
    found = compared(predicted(errors), ("lstm", "transformer"))
    assert not pairs_of(found, "limit")
    assert all(row.excess_mse is None for row in found.predictors.values())


def test_over_draws_the_ratio_is_of_the_trials_errors() -> None:
    trials = predicted(ALL)
    (pair,) = pairs_of(compared(trials, ("lstm", "transformer")), "models")
    errors = {
        name: np.array([np.mean((t.predictions[name] - t.truth) ** 2) for t in trials])
        for name in ALL
    }
    direct = ratio_over_draws(errors["lstm"], errors["transformer"], 0.95)
    assert (pair.ratio, pair.p_value) == (direct.value, direct.p_value)


def test_on_one_series_the_ratio_is_of_all_squared_errors() -> None:
    trials = predicted(ALL, truth=np.sin(np.arange(TARGETS)))
    (pair,) = pairs_of(compared(trials, ("lstm", "transformer"), "series"), "models")
    losses = {
        name: np.stack([(t.predictions[name] - t.truth) ** 2 for t in trials]) for name in ALL
    }
    direct = ratio_on_one_series(losses["lstm"], losses["transformer"], 0.95)
    assert direct.interval is not None
    assert (pair.low, pair.high) == (direct.interval.low, direct.interval.high)


@pytest.mark.parametrize("design", ["draws", "series"])
def test_a_clear_difference_names_its_winner(design: Design) -> None:
    errors = ALL | {"transformer": 0.9}
    trials = predicted(errors, truth=np.zeros(TARGETS) if design == "series" else None)
    (pair,) = pairs_of(compared(trials, ("lstm", "transformer"), design), "models")
    assert (pair.outcome, pair.winner, pair.trials_needed) == ("better", "lstm", None)
    assert pair.high is not None
    assert pair.high < 1


def test_two_copies_of_a_model_are_equivalent() -> None:
    trials = predicted(ALL)
    copies = [
        PredictedTrial(
            t.seed, t.truth, {**t.predictions, "copy": t.predictions["lstm"]}, {}, 1.0, REFERENCE
        )
        for t in trials
    ]
    (pair,) = pairs_of(compared(copies, ("lstm", "copy")), "models")
    assert (pair.outcome, pair.ratio, pair.winner) == ("equivalent", 1.0, None)


def test_an_undecided_pair_says_how_many_trials_it_would_take() -> None:
    errors = ALL | {"lstm": 0.4, "transformer": 0.41}
    (pair,) = pairs_of(compared(predicted(errors, trials=4), ("lstm", "transformer")), "models")
    assert pair.outcome == "undecided"
    assert pair.trials_needed is None or pair.trials_needed > 4


def test_one_trial_has_a_ratio_and_no_interval() -> None:
    (pair,) = pairs_of(compared(predicted(ALL, trials=1), ("lstm", "transformer")), "models")
    assert (pair.low, pair.high, pair.p_value) == (None, None, None)
    assert pair.outcome == "undecided"


def test_several_pairs_of_a_question_share_its_level_and_no_other_s() -> None:
    errors = {**ALL, "gru": 0.35}
    found = compared(predicted(errors), ("lstm", "transformer", "gru"))
    assert {round(p.confidence, 9) for p in pairs_of(found, "models")} == {round(1 - 0.05 / 3, 9)}
    two = compared(predicted(ALL), ("lstm", "transformer"))
    assert {p.confidence for p in pairs_of(two, "models")} == {0.95}


@given(scale=st.floats(0.01, 3), seed=st.integers(0, 99))
def test_no_interval_of_an_error_reaches_below_zero(scale: float, seed: int) -> None:
    errors = {name: scale * error for name, error in ALL.items()}
    for design, truth in (("draws", None), ("series", np.zeros(TARGETS))):
        found = compared(predicted(errors, 3, seed, truth), ("lstm", "transformer"), design)  # type: ignore[arg-type]
        assert all(row.mse_low is None or row.mse_low > 0 for row in found.predictors.values())


def test_baselines_on_one_series_have_no_spread_over_trials() -> None:
    truth = np.sin(np.arange(TARGETS))
    trials = predicted(ALL, truth=truth)
    same = [
        PredictedTrial(
            t.seed, truth, {**t.predictions, "ar": trials[0].predictions["ar"]}, {}, 1, REFERENCE
        )
        for t in trials
    ]
    found = compared(same, ("lstm", "transformer"), "series")
    assert found.predictors["ar"].mse_std is None
    assert found.predictors["lstm"].mse_std is not None


def test_predictions_that_are_not_finite_are_refused_with_model_and_seed() -> None:
    trials = predicted(ALL)
    trials[2].predictions["lstm"][5] = np.nan  # type: ignore[index]
    with pytest.raises(InputError, match=r"lstm made 1 predictions of 120 .* seed 2"):
        compared(trials, ("lstm", "transformer"))


def test_metrics_hold_errors_first_then_the_ratio_of_each_pair_of_models() -> None:
    lean: dict[str, Any] = lean_metrics(
        compared(predicted(ALL), ("lstm", "transformer")), ("lstm", "transformer")
    )
    assert list(lean) == [
        "lstm", "transformer", "persistence", "ar", "oracle", "lstm_vs_transformer"
    ]  # fmt: skip
    assert sum(len(row) for row in lean.values()) == 9


def test_a_comparison_is_read_back_as_it_was() -> None:
    found = compared(predicted(ALL), ("lstm", "transformer"))
    assert Comparison.model_validate(found.model_dump(mode="json")) == found
