import math
from typing import cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sine import N_TEST, NOISE, STEP, noisy_sine, split

from seqcompare.core.errors import InputError
from seqcompare.core.params import Evaluation
from seqcompare.core.types import Floats
from seqcompare.evaluation.baselines import Oracle, fit_ar, persistence
from seqcompare.evaluation.metrics import (
    Row,
    Scores,
    mae,
    mase,
    mse,
    rmse,
    score,
    sizes_differ,
    skill,
    winner,
)
from seqcompare.statistics.estimates import Estimate, Interval

TRUTH, GUESS = np.array([1.0, 2.0, 3.0]), np.array([1.0, 4.0, 0.0])
PARTS = split(noisy_sine(0), 20)
BASELINES = {
    "persistence": persistence(PARTS.test_inputs),
    "ar": fit_ar(PARTS.train_inputs, PARTS.train_targets)(PARTS.test_inputs),
    "oracle": Oracle(STEP, NOISE)(PARTS.test_inputs),
}


def network(rng: np.random.Generator, n_seeds: int = 5, error: float = 0.03) -> Floats:
    """Predictions [seeds, test] as of a trained network: the oracle's plus an error of its own."""
    own: Floats = BASELINES["oracle"] + error * rng.standard_normal((n_seeds, N_TEST))
    return own


def scored(models: dict[str, Floats], resamples: int = 100) -> Scores:
    return score(
        PARTS.test_targets,
        models,
        BASELINES,
        PARTS.series[:-N_TEST],
        Evaluation(confidence=0.95, horizon=1, resamples=resamples, seed=0),
    )


def row(scores: Scores, name: str) -> dict[str, float]:
    return cast(dict[str, float], scores[name])


def comparison(scores: Scores) -> dict[str, Row]:
    return cast(dict[str, Row], scores["comparison"])


def test_mse_is_the_mean_square() -> None:
    assert mse(TRUTH, GUESS) == pytest.approx(13 / 3)


def test_rmse_is_its_root() -> None:
    assert rmse(TRUTH, GUESS) == pytest.approx(math.sqrt(13 / 3))


def test_mae_is_the_mean_absolute_error() -> None:
    assert mae(TRUTH, GUESS) == pytest.approx(5 / 3)


def test_mase_divides_by_the_mean_step_of_the_training_part() -> None:
    assert mase(TRUTH, GUESS, np.array([0.0, 1.0, -2.0])) == pytest.approx((5 / 3) / 2)


def test_mase_of_in_sample_persistence_is_one() -> None:
    series = noisy_sine(1)
    assert mase(series[1:], series[:-1], series) == pytest.approx(1)


def test_mase_refuses_a_constant_training_part() -> None:
    with pytest.raises(InputError, match="the 4 training values are all equal"):
        mase(TRUTH, GUESS, np.ones(4))


def test_errors_have_one_value_a_seed() -> None:
    assert mse(TRUTH, np.stack([TRUTH, GUESS])) == pytest.approx([0, 13 / 3])


def test_skill_is_the_share_of_the_reference_error_that_is_gone() -> None:
    assert skill(0.01, 0.04) == 0.75


def test_skill_needs_a_reference_that_errs() -> None:
    with pytest.raises(InputError, match="is the series constant"):
        skill(0.0, 0.0)


@pytest.mark.parametrize(
    ("sizes", "differ"),
    [((100, 110), False), ((100, 111), True), ((111, 100), True), ((7,), False)],
)
def test_sizes_differ_beyond_ten_percent_of_the_smallest(
    sizes: tuple[int, ...], differ: bool
) -> None:
    assert sizes_differ({f"model {i}": size for i, size in enumerate(sizes)}) is differ


@pytest.mark.parametrize(
    ("value", "interval", "expected"),
    [
        (-1.0, Interval(-2.0, -0.5), "a"),
        (1.0, Interval(0.5, 2.0), "b"),
        (1.0, Interval(-0.5, 2.0), None),
        (1.0, Interval(0.0, 2.0), None),
        (1.0, None, None),
    ],
)
def test_the_winner_has_the_lower_error_and_an_interval_without_zero(
    value: float, interval: Interval | None, expected: str | None
) -> None:
    assert winner("a", "b", Estimate(value, interval, None)) == expected


def test_the_table_has_a_row_for_every_predictor(rng: np.random.Generator) -> None:
    models = {"lstm": network(rng), "transformer": network(rng)}
    assert list(scored(models)) == [*models, *BASELINES, "comparison"]


def test_the_figures_of_a_model_are_means_over_its_seeds(rng: np.random.Generator) -> None:
    made = network(rng)
    figures = row(scored({"lstm": made}), "lstm")
    assert figures["mse"] == pytest.approx(np.mean((made - PARTS.test_targets) ** 2))


def test_the_spread_of_a_model_is_over_its_seeds(rng: np.random.Generator) -> None:
    made = network(rng)
    by_seed = mse(PARTS.test_targets, made)
    assert row(scored({"lstm": made}), "lstm")["mse_std"] == pytest.approx(by_seed.std(ddof=1))


def test_excess_is_measured_from_the_oracle(rng: np.random.Generator) -> None:
    scores = scored({"lstm": network(rng)})
    expected = row(scores, "lstm")["mse"] - row(scores, "oracle")["mse"]
    assert row(scores, "lstm")["excess_mse"] == pytest.approx(expected)


def test_persistence_has_no_skill(rng: np.random.Generator) -> None:
    assert row(scored({"lstm": network(rng)}), "persistence")["skill"] == 0


def test_baselines_have_no_spread_over_seeds(rng: np.random.Generator) -> None:
    assert "mse_std" not in row(scored({"lstm": network(rng)}), "ar")


def test_without_an_oracle_there_is_no_excess(rng: np.random.Generator) -> None:
    scores = score(
        PARTS.test_targets,
        {"lstm": network(rng)},
        {"persistence": BASELINES["persistence"]},
        PARTS.series[:-N_TEST],
        Evaluation(confidence=0.95, horizon=1, resamples=100, seed=0),
    )
    assert "excess_mse" not in row(scores, "lstm")


def test_one_model_is_compared_with_nothing(rng: np.random.Generator) -> None:
    assert comparison(scored({"lstm": network(rng)})) == {}


def test_every_pair_of_models_is_compared(rng: np.random.Generator) -> None:
    scores = scored({name: network(rng) for name in ("lstm", "transformer", "gru")})
    assert list(comparison(scores)) == ["lstm_vs_transformer", "lstm_vs_gru", "transformer_vs_gru"]


def test_several_pairs_share_the_level(rng: np.random.Generator) -> None:
    scores = scored({name: network(rng) for name in ("a", "b", "c")})
    assert comparison(scores)["a_vs_b"]["confidence"] == pytest.approx(1 - 0.05 / 3)


def test_one_seed_has_a_difference_but_no_verdict(rng: np.random.Generator) -> None:
    made = {"lstm": network(rng, 1, 0.01), "transformer": network(rng, 1, 0.5)}
    row_of_pair = comparison(scored(made))["lstm_vs_transformer"]
    assert (row_of_pair["winner"], row_of_pair["difference_ci_low"]) == (None, None)


def test_a_clear_difference_names_its_winner(rng: np.random.Generator) -> None:
    made = {"lstm": network(rng, 5, 0.01), "transformer": network(rng, 5, 0.1)}
    assert comparison(scored(made))["lstm_vs_transformer"]["winner"] == "lstm"


def test_the_same_predictions_under_two_names_show_no_difference(rng: np.random.Generator) -> None:
    made = network(rng)
    assert comparison(scored({"a": made, "b": made}))["a_vs_b"]["winner"] is None


def test_adding_a_model_leaves_the_rows_of_the_others_alone(rng: np.random.Generator) -> None:
    made = network(rng)
    alone, beside = scored({"a": made}), scored({"a": made, "b": network(rng)})
    assert row(alone, "a") == row(beside, "a")


def test_the_same_generator_gives_the_same_table(rng: np.random.Generator) -> None:
    models = {"a": network(rng), "b": network(rng)}
    assert scored(models) == scored(models)


@given(changed=st.integers(0, N_TEST - 1))
def test_changing_a_training_value_never_changes_an_error_in_the_units_of_the_series(
    changed: int,
) -> None:
    training = PARTS.series[:-N_TEST].copy()
    training[changed] += 3
    scores = [
        score(
            PARTS.test_targets,
            {},
            BASELINES,
            past,
            Evaluation(confidence=0.95, horizon=1, resamples=100, seed=0),
        )
        for past in (PARTS.series[:-N_TEST], training)
    ]
    assert row(scores[0], "ar")["mae"] == row(scores[1], "ar")["mae"]


@pytest.mark.parametrize("name", ["oracle", "comparison"])
def test_a_model_cannot_take_a_name_of_the_table(name: str) -> None:
    with pytest.raises(InputError, match=f"a model cannot be called {name}"):
        scored({name: np.zeros((1, N_TEST))})


def test_predictions_of_another_length_are_refused() -> None:
    with pytest.raises(InputError, match=r"lstm has 179 predictions a seed, .* has 180 values"):
        scored({"lstm": np.zeros((2, 179))})


def test_predictions_that_are_not_finite_are_refused() -> None:
    bad = np.zeros((2, N_TEST))
    bad[1, 3] = np.nan
    with pytest.raises(InputError, match="lstm made 1 predictions of 360 that are not finite"):
        scored({"lstm": bad})


@pytest.mark.slow
def test_a_model_under_two_names_wins_no_more_often_than_the_level_from_end_to_end(
    rng: np.random.Generator,
) -> None:
    repetitions = 3000
    won = 0
    for _ in range(repetitions):
        scores = scored({"a": network(rng), "b": network(rng)})
        won += comparison(scores)["a_vs_b"]["winner"] is not None
    share, error = won / repetitions, math.sqrt(0.05 * 0.95 / repetitions)
    print(f"\nA/A end to end: {share:.4f} -+ {error:.4f}, nominal 0.05")
    assert share < 0.05 + 2 * error
