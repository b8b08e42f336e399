"""How far back trained networks look: networks whose lookback is known."""

import numpy as np
import pytest
import torch

from seqcompare import models
from seqcompare.core.params import Setting
from seqcompare.data.windows import Parts, Scale
from seqcompare.evaluation.lookback import (
    Probe,
    examine,
    gradient_by_lag,
    probes,
    replace_older,
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
from seqcompare.evaluation.trials import HeldOutTrial

LSTM: dict[str, Setting] = {"hidden_size": 4, "num_layers": 1}


def probe_of_lstm(n: int = 6) -> Probe:
    torch.manual_seed(0)
    values = np.random.default_rng(0).normal(2, 3, n + 70)
    parts = Parts(range(n, n + 20), range(0), range(n + 20, n + 70), Scale(2.0, 3.0))
    (probe,) = probes([HeldOutTrial(0, values, (), [parts], {"lstm": [network(n)]})], n, 0)
    return probe


def network(n: int = 6) -> TrainedPredictor:
    """One with weights that torch draws."""
    weights = {k: v.numpy() for k, v in models.build("lstm", LSTM, n).state_dict().items()}
    return TrainedPredictor("lstm", LSTM, n, weights, Scale(2.0, 3.0))


def test_a_gradient_is_what_a_small_change_of_the_input_does() -> None:
    probe = probe_of_lstm()
    predictor = probe.predictor
    by_lag = gradient_by_lag(probe)
    inputs = probe.windows.inputs
    for lag in (1, 3, 6):
        up, down = inputs.copy(), inputs.copy()
        up[:, -lag] += 0.05
        down[:, -lag] -= 0.05
        slope = np.abs(predictor(up) - predictor(down)).mean() / 0.1
        assert by_lag[lag - 1] == pytest.approx(slope, rel=0.02)


def test_older_values_are_replaced_and_newer_ones_kept() -> None:
    inputs, lenders = np.arange(8.0).reshape(2, 4), -np.ones((2, 4))
    replaced = replace_older(inputs, lenders, 3)
    np.testing.assert_array_equal(replaced, [[-1, 1, 2, 3], [-1, 5, 6, 7]])


def test_with_the_whole_window_as_context_nothing_is_replaced() -> None:
    probe = probe_of_lstm()
    assert probe.contexts[-1] == 6
    plain = np.mean((probe.predictor(probe.windows.inputs) - probe.windows.targets) ** 2)
    assert examine(probe).mse[-1] == pytest.approx(plain)


def test_all_networks_of_a_trial_look_at_all_its_test_windows_and_borrow_alike() -> None:
    rng = np.random.default_rng(0)
    cuts = ((range(6, 20), range(20, 30)), (range(6, 30), range(30, 40)))
    folds = [Parts(train, range(0), test, Scale(0.0, 1.0)) for train, test in cuts]
    trials = [
        HeldOutTrial(
            seed, rng.normal(size=40), (), folds,
            {name: [network(), network()] for name in ("lstm", "gru")},
        )
        for seed in (3, 4)
    ]  # fmt: skip
    looks = probes(trials, 6, 0)
    assert [probe.predictor for probe in looks] == [
        networks[0] for trial in trials for networks in trial.networks.values()
    ]
    for probe, trial in zip(looks, [trials[0], trials[0], trials[1], trials[1]], strict=True):
        np.testing.assert_array_equal(probe.windows.targets, trial.values[20:40])
        assert probe.contexts == looks[0].contexts
        np.testing.assert_array_equal(probe.donors, looks[0].donors)
        np.testing.assert_array_equal(np.sort(probe.donors, axis=1), [range(20)] * 3)


def test_the_gradients_lookback_is_where_nine_tenths_of_it_lie() -> None:
    assert gradient_lookback(np.array([0.5, 0.4, 0.1])) == 2
    assert gradient_lookback(np.array([0.5, 0.39, 0.11])) == 3


def test_a_network_whose_gradients_are_all_0_has_no_lookback() -> None:
    still = Reaction(np.zeros(3), np.array([1.0, 1.0]))
    looking = Reaction(np.array([1.0, 0, 0]), np.array([2.0, 1.0]))
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
        "lstm": [Reaction(np.array([1.0, 0, 0]), np.array([2.0, 1.0]))] * 2,
        "gru": [Reaction(np.array([0.0, 0, 1.0]), np.array([2.0, 1.0]))] * 2,
    }
    rows = lookback_table(reactions, (1, 3), 0.95)
    assert [row["mse_older_swapped"] for row in rows[:3]] == [2.0, None, 1.0]
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
    reaction = Reaction(np.array([1.0, 0, 0]), np.array([2.0, 1.0]))
    found = summarise_lookback({"lstm": [reaction], "gru": [reaction]}, (1, 3), 0.95)
    assert read_lookback(found.to_json()) == found
