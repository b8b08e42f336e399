"""When training arrives at common targets, from made-up learning curves."""

import numpy as np
import pytest

from seqcompare.core.arrays import Floats
from seqcompare.statistics.estimates import Estimate
from seqcompare.studies.claims.convergence import (
    ConvergenceSummary,
    by_trial,
    convergence_of_trials,
    epochs_until,
    judged_target,
    summarise_convergence,
)


def history(*curves: list[float], folds: int = 1) -> dict[str, Floats]:
    """curves: of each seed and fold, seed after seed."""
    epochs = len(curves[0])
    numbers = np.repeat(np.arange(float(len(curves))), epochs)
    return {
        "seed": numbers // folds,
        "fold": numbers % folds,
        "epoch": np.tile(np.arange(1.0, epochs + 1), len(curves)),
        "eval_mse": np.concatenate(curves),
    }


def reference(*errors: float, folds: int = 1) -> dict[str, Floats]:
    numbers = np.arange(float(len(errors)))
    return {"seed": numbers // folds, "fold": numbers % folds, "mse": np.array(errors)}


def value(estimate: Estimate | None) -> float:
    assert estimate is not None
    return estimate.value


def summary(
    curves: dict[str, list[list[float]]], seconds: float = 1.0, target: float = 2.0
) -> ConvergenceSummary:
    """With a reference of 1 for each trial."""
    histories = {model: history(*own) for model, own in curves.items()}
    ones = reference(*[1.0] * len(next(iter(curves.values()))))
    trials = convergence_of_trials(histories, ones, [target])
    spent = {model: np.full((len(own), len(own[0])), seconds) for model, own in curves.items()}
    return summarise_convergence(trials, target, spent, 0.95)


def test_a_target_is_reached_in_the_first_epoch_that_is_not_above_it() -> None:
    errors = np.array([5.0, 2.0, 1.0, 3.0])
    assert [epochs_until(target, errors) for target in (5.0, 4.0, 2.0, 1.5, 0.9)] == [
        1, 2, 2, 3, None,
    ]  # fmt: skip


def test_targets_are_multiples_of_each_trial_s_own_reference() -> None:
    same = history([4.0, 2.0, 1.0], [4.0, 2.0, 1.0])
    trials = convergence_of_trials({"lstm": same}, reference(1.0, 0.5), [2.0, 1.5])
    assert [trial.to_cells() for trial in trials] == [
        {"model": "lstm", "seed": 0, "target": 2.0, "target_mse": 2.0, "epochs": 2},
        {"model": "lstm", "seed": 1, "target": 2.0, "target_mse": 1.0, "epochs": 3},
        {"model": "lstm", "seed": 0, "target": 1.5, "target_mse": 1.5, "epochs": 3},
        {"model": "lstm", "seed": 1, "target": 1.5, "target_mse": 0.75, "epochs": None},
    ]


def test_a_trial_of_several_folds_is_their_mean() -> None:
    columns = history([9.0, 3.0, 1.0], [9.0, 1.0, 1.0], [2.0, 2.0, 2.0], [4.0, 2.0, 2.0], folds=2)
    assert by_trial(columns, "eval_mse").tolist() == [[9, 2, 1], [3, 2, 2]]
    limits = reference(0.5, 1.5, 0.0, 2.0, folds=2)
    trials = convergence_of_trials({"lstm": columns}, limits, [2.0])
    assert [(t.seed, t.target_mse, t.epochs) for t in trials] == [(0, 2.0, 2), (1, 2.0, 2)]


def test_references_of_other_trials_are_refused() -> None:
    with pytest.raises(ValueError, match="zip"):
        convergence_of_trials({"lstm": history([2.0], [1.0])}, reference(1.0), [2.0])


def test_models_are_compared_trial_by_trial() -> None:
    found = summary({
        "transformer": [[6.0, 4.0, 2.0], [6.0, 4.0, 2.0]],
        "lstm": [[6.0, 2.0, 1.0], [1.0, 1.0, 1.0]],
    }, seconds=0.5)  # fmt: skip
    lstm, transformer = (found.models[name] for name in ("lstm", "transformer"))
    assert (value(lstm.epochs), value(lstm.seconds), value(transformer.seconds)) == (1.5, 0.75, 1.5)
    assert (lstm.arrived, transformer.arrived, lstm.trials) == (2, 2, 2)
    pair = found.pairs["lstm_vs_transformer"]
    assert value(pair.epochs_difference) == -1.5
    assert value(pair.epoch_time_ratio) == pytest.approx(1.0)


def test_a_trial_that_never_arrives_counts_with_all_its_epochs_and_as_censored() -> None:
    found = summary({"lstm": [[9.0, 2.0, 9.0], [9.0, 9.0, 9.0]]})
    lstm = found.models["lstm"]
    assert (lstm.arrived, lstm.trials, value(lstm.epochs)) == (1, 2, 2.5)
    assert value(lstm.seconds) == 2.5


def test_models_with_unequal_numbers_of_epochs_are_compared_over_those_that_both_had() -> None:
    found = summary({"lstm": [[9.0] * 5 + [1.0]] * 2, "transformer": [[9.0, 9.0]] * 2})
    assert value(found.models["lstm"].epochs) == 6
    # The LSTM may look slower only because it went on: in 2 epochs neither has arrived.
    assert value(found.pairs["lstm_vs_transformer"].epochs_difference) == 0


def test_censoring_never_turns_a_planted_order_round(rng: np.random.Generator) -> None:
    """The LSTM needs 5 to 9 epochs, the Transformer 4 more; training ends ever earlier."""
    needed = rng.integers(5, 10, 12)
    for ends in (20, 12, 9, 7, 4):
        curves = {
            model: [[1.0 if epoch >= start + more else 9.0 for epoch in range(1, ends + 1)]
                    for start in needed]
            for model, more in (("lstm", 0), ("transformer", 4))
        }  # fmt: skip
        difference = summary(curves).pairs["lstm_vs_transformer"].epochs_difference
        expected = np.mean(np.minimum(needed, ends) - np.minimum(needed + 4, ends))
        assert value(difference) == pytest.approx(expected)
        assert value(difference) == 0 if ends == 4 else value(difference) < 0


def test_the_target_compared_at_is_the_strictest_that_half_of_all_trials_reach() -> None:
    histories = {
        "lstm": history([9.0, 1.2], [9.0, 1.4], [9.0, 1.4]),
        "transformer": history([9.0, 1.9], [9.0, 3.0], [9.0, 1.4]),
    }
    for targets, judged in (
        ([2.0, 1.5, 1.25], 1.5), ([2.0, 1.25], 2.0), ([1.25], 1.25), ([1.2, 1.1], 1.2),
    ):  # fmt: skip
        trials = convergence_of_trials(histories, reference(1.0, 1.0, 1.0), targets)
        assert judged_target(trials) == judged


def test_one_trial_gives_numbers_without_intervals() -> None:
    assert summary({"lstm": [[3.0, 2.0]]}, seconds=5.0).to_json()["lstm"] == {
        "target": 2.0, "arrived": 1, "trials": 1,
        "epochs": 2.0, "epochs_ci_low": None, "epochs_ci_high": None,
        "seconds": 10.0, "seconds_ci_low": None, "seconds_ci_high": None,
    }  # fmt: skip
