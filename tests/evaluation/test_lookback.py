"""How far back predictors look: some whose lookback is known."""

import json

import numpy as np
import pytest
import torch
from conftest import default_settings

from seqcompare import models
from seqcompare.core.arrays import Floats
from seqcompare.core.sections.data import Data
from seqcompare.core.sections.evaluation import Evaluation
from seqcompare.core.types import Setting
from seqcompare.data.windows import Parts, Scale
from seqcompare.evaluation.baselines import LinearPredictor, Oracle, fit_ar, persistence
from seqcompare.evaluation.lookback import (
    contexts_of,
    error_of_mean,
    examine,
    examine_all,
    gradient_by_lag,
    looked_at,
)
from seqcompare.evaluation.lookback_summary import (
    Reaction,
    context_needed,
    gradient_lookback,
    lookback_table,
    read_lookback,
    summarise_lookback,
)
from seqcompare.evaluation.predictors import TrainedPredictor
from seqcompare.evaluation.removal import LinearProcess, backwards, draw_older
from seqcompare.evaluation.trials import HeldOutTrial

LSTM: dict[str, Setting] = {"hidden_size": 4, "num_layers": 1}
STEP, NOISE = 50 / 999, 0.1
SETTINGS = Evaluation(
    confidence=0.95, equivalence=0.05, horizon=1, seed=0, origins=500, lookback_windows=50,
    convergence_targets=(2.0,),
)  # fmt: skip


def data(**changes: object) -> Data:
    return Data(**{**default_settings()["data"], **changes})  # type: ignore[arg-type]


def network(n: int = 6) -> TrainedPredictor:
    """One with weights that torch draws."""
    torch.manual_seed(0)
    weights = {k: v.numpy() for k, v in models.build("lstm", LSTM, n).state_dict().items()}
    return TrainedPredictor("lstm", LSTM, n, weights, Scale(2.0, 3.0))


def held_out(seed: int = 0, interpolated: tuple[int, ...] = ()) -> HeldOutTrial:
    """Two folds of 35 test values each."""
    values = np.random.default_rng(seed).normal(2, 3, 120)
    cuts = ((range(6, 50), range(50, 85)), (range(6, 85), range(85, 120)))
    folds = [Parts(train, range(0), test, Scale(2.0, 3.0)) for train, test in cuts]
    return HeldOutTrial(seed, values, interpolated, folds, {"lstm": [network()] * 2})


def noisy_windows(count: int, seq_len: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Windows of a noisy sine of random phase, and the values after them."""
    phases = rng.uniform(0, 2 * np.pi, (count, 1))
    values = np.sin(phases + STEP * np.arange(seq_len + 1))
    values += NOISE * rng.standard_normal(values.shape)
    return values[:, :-1], values[:, -1]


@pytest.mark.parametrize(
    ("predict", "change"),
    [
        (network(), 0.05),
        (LinearPredictor(np.linspace(-0.5, 0.4, 6), 1.0, 0.0), 0.05),
        (Oracle(STEP, NOISE), 1e-5),
    ],
)
def test_a_gradient_is_what_a_small_change_of_the_input_does(
    predict: TrainedPredictor | LinearPredictor | Oracle, change: float
) -> None:
    inputs, _ = noisy_windows(30, 6, np.random.default_rng(0))
    by_lag = gradient_by_lag(predict, inputs)
    for lag in (1, 3, 6):
        up, down = inputs.copy(), inputs.copy()
        up[:, -lag] += change
        down[:, -lag] -= change
        slope = np.abs(predict(up) - predict(down)).mean() / (2 * change)
        assert by_lag[lag - 1] == pytest.approx(slope, rel=0.02)


def test_a_predictor_whose_gradient_nobody_knows_is_refused() -> None:
    with pytest.raises(TypeError, match="has no gradient"):
        gradient_by_lag(persistence, np.ones((2, 3)))


@pytest.mark.parametrize("context", [1, 4, 6, 10])
def test_the_oracle_s_mean_over_draws_is_what_an_oracle_that_sees_the_newer_alone_says(
    context: int,
) -> None:
    rng = np.random.default_rng(0)
    oracle = Oracle(STEP, NOISE)
    inputs, _ = noisy_windows(20, 20, rng)
    draws = np.stack([oracle(draw_older(inputs, context, oracle, rng)) for _ in range(300)])
    errors = draws.mean(axis=0) - oracle(inputs[:, -context:])
    in_standard_errors = errors / (draws.std(axis=0) / np.sqrt(300))
    assert np.sqrt(np.mean(in_standard_errors**2)) < 1.5
    assert np.abs(errors).max() < 0.05


def test_the_oracle_needs_about_ten_values_of_the_default_sine() -> None:
    rng = np.random.default_rng(0)
    oracle, contexts = Oracle(STEP, NOISE), contexts_of(20)
    inputs, targets = noisy_windows(1500, 20, rng)
    mse = [
        error_of_mean(oracle, [draw_older(inputs, n, oracle, rng) for _ in range(2)], targets)
        for n in contexts
    ]
    assert 8 <= context_needed(contexts, np.array(mse)) <= 12


def test_older_values_are_drawn_and_newer_ones_kept() -> None:
    inputs, _ = noisy_windows(5, 8, np.random.default_rng(0))
    drawn = draw_older(inputs, 3, Oracle(STEP, NOISE), np.random.default_rng(1))
    np.testing.assert_array_equal(drawn[:, -3:], inputs[:, -3:])
    assert (drawn[:, :5] != inputs[:, :5]).all()
    again = draw_older(inputs, 3, Oracle(STEP, NOISE), np.random.default_rng(1))
    np.testing.assert_array_equal(drawn, again)


def test_draws_of_a_linear_process_have_its_conditional_mean_and_variance() -> None:
    rng = np.random.default_rng(0)
    process = LinearProcess(lambda windows: 0.5 * windows[:, -1], 2.0)
    drawn = process.simulate(np.full((40_000, 3), 8.0), 2, rng)
    assert drawn.mean(axis=0) == pytest.approx([4.0, 2.0], abs=0.05)
    assert drawn.var(axis=0) == pytest.approx([4.0, 4.0 + 0.25 * 4.0], rel=0.05)


def test_a_csv_goes_back_by_a_line_fitted_on_the_reversed_training_values() -> None:
    seen = np.cumsum(np.random.default_rng(0).normal(size=200))
    before = backwards(seen, 4, data(source="csv", path="data/input/x.csv"))
    assert isinstance(before, LinearProcess)
    windows = np.lib.stride_tricks.sliding_window_view(seen, 5)
    line = fit_ar(windows[:, :0:-1], windows[:, 0])  # newest first, then the value before
    kept = seen[None, 50:54]
    assert before.predict(kept[:, ::-1]) == pytest.approx(line(kept[:, ::-1]))
    residuals = line(windows[:, :0:-1]) - windows[:, 0]
    assert before.std == pytest.approx(np.sqrt(np.mean(residuals**2)))


def test_the_error_of_the_mean_prediction_leaves_out_the_draws_own_variance() -> None:
    rng = np.random.default_rng(0)
    drawn = [3.0 + rng.normal(size=(100_000, 1)) for _ in range(2)]
    found = error_of_mean(lambda windows: windows[:, 0], drawn, np.ones(100_000))
    assert found == pytest.approx(4.0, abs=0.05)  # a square would be 5


@pytest.mark.parametrize(("source", "others"), [("sine", {"ar", "oracle"}), ("csv", {"ar"})])
def test_models_and_baselines_look_at_the_same_windows(source: str, others: set[str]) -> None:
    own = data(source=source, path="data/input/x.csv")
    trials = [held_out(3), held_out(4)]
    found = examine_all(trials, 6, own, SETTINGS)
    assert set(found) == {"lstm"} | others
    for name, reactions in found.items():
        assert [reaction.windows for reaction in reactions] == [50, 50]
        if name == "lstm":
            for trial, reaction in zip(trials, reactions, strict=True):
                windows = looked_at(trial, 6, 50)
                plain = np.mean((network()(windows.inputs) - windows.targets) ** 2)
                assert reaction.mse[-1] == pytest.approx(plain)  # the whole window: none is drawn
    again = examine(trials[1], 6, own, SETTINGS)
    np.testing.assert_array_equal(again["lstm"].mse, found["lstm"][1].mse)


def test_measured_test_windows_of_all_folds_are_looked_at_evenly_spaced() -> None:
    trial = held_out(interpolated=(3, 60))
    measured = [*range(50, 60), *range(61, 120)]
    np.testing.assert_array_equal(looked_at(trial, 6, 2000).targets, trial.values[measured])
    few = [measured[place * 69 // 20] for place in range(20)]
    windows = looked_at(trial, 6, 20)
    np.testing.assert_array_equal(windows.targets, trial.values[few])
    np.testing.assert_array_equal(windows.inputs[:, -1], trial.values[np.array(few) - 1])


def test_the_gradients_lookback_is_where_nine_tenths_of_it_lie() -> None:
    assert gradient_lookback(np.array([0.5, 0.4, 0.1])) == 2
    assert gradient_lookback(np.array([0.5, 0.39, 0.11])) == 3


def reaction(gradient: list[float], mse: list[float]) -> Reaction:
    return Reaction(np.array(gradient), np.array(mse), 9)


def test_a_network_whose_gradients_are_all_0_has_no_lookback() -> None:
    still = reaction([0.0, 0, 0], [1.0, 1.0])
    looking = reaction([1.0, 0, 0], [2.0, 1.0])
    for nowhere in (still.gradient, np.full(3, np.nan), np.full(3, np.inf)):
        assert gradient_lookback(nowhere) is None
    found = summarise_lookback({"lstm": [looking, still], "gru": [looking, looking]}, (1, 3), 0.95)
    assert found.models["lstm"].gradient_lookback is None
    assert found.models["gru"].gradient_lookback is not None
    assert found.pairs["gru_vs_lstm"].gradient_lookback_difference is None
    assert found.to_json()["lstm"] == {
        "gradient_lookback": None,
        "gradient_lookback_ci_low": None,
        "gradient_lookback_ci_high": None,
        "context_needed": 3,
    }
    assert read_lookback(found.to_json()).models["lstm"] == found.models["lstm"]


def test_the_context_needed_is_the_shortest_after_which_the_error_stays_low() -> None:
    contexts = (1, 2, 4, 8)
    assert context_needed(contexts, np.array([3.0, 1.0, 2.0, 1.0])) == 8
    assert context_needed(contexts, np.array([3.0, 1.05, 1.05, 1.0])) == 2
    assert context_needed(contexts, np.array([1.0, 1.0, 1.0, 1.0])) == 1


def test_the_tables_have_a_row_for_each_lag_and_empty_cells_between_contexts() -> None:
    reactions = {
        "lstm": [reaction([1.0, 0, 0], [2.0, 1.0])] * 2,
        "gru": [reaction([0.0, 0, 1.0], [2.0, 1.0])] * 2,
    }
    rows = lookback_table(reactions, (1, 3), 0.95)
    assert [row["mse_older_removed"] for row in rows[:3]] == [2.0, None, 1.0]
    assert {row["windows"] for row in rows} == {9}
    found = summarise_lookback(reactions, (1, 3), 0.95)
    assert found.to_json()["lstm"] == {
        "gradient_lookback": 1.0,
        "gradient_lookback_ci_low": 1.0,
        "gradient_lookback_ci_high": 1.0,
        "context_needed": 3,
    }
    difference = found.pairs["gru_vs_lstm"].gradient_lookback_difference
    assert difference is not None
    assert difference.value == 2


def test_a_summary_is_read_back_as_it_was_written() -> None:
    one = reaction([1.0, 0, 0], [2.0, 1.0])
    found = summarise_lookback({"lstm": [one], "gru": [one]}, (1, 3), 0.95)
    assert read_lookback(found.to_json()) == found


def test_a_summary_whose_context_is_no_count_is_refused() -> None:
    content = summarise_lookback({"lstm": [reaction([1.0, 0, 0], [2.0, 1.0])]}, (1, 3), 0.95)
    damaged = json.loads(json.dumps(content.to_json()).replace('needed": 3', 'needed": "all"'))
    with pytest.raises(TypeError, match=r"lstm\.context_needed is 'all'"):
        read_lookback(damaged)
