"""When training is nearly done, from made-up learning curves."""

import numpy as np
import pytest

from seqcompare.core.types import Floats
from seqcompare.statistics.estimates import Estimate
from seqcompare.studies.claims.convergence import (
    by_trial,
    convergence_of_trials,
    epochs_until_close,
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
        "train_mse": np.concatenate(curves),
    }


def value(estimate: Estimate | None) -> float:
    assert estimate is not None
    return estimate.value


@pytest.mark.parametrize(("second", "epochs"), [(1.09, 2), (1.11, 3)])
def test_close_is_within_ten_percent_of_the_lowest(second: float, epochs: int) -> None:
    assert epochs_until_close(np.array([5.0, second, 1.0, 1.05])) == epochs


def test_a_run_that_is_best_in_its_last_epoch_is_still_improving() -> None:
    trials = convergence_of_trials({"lstm": history([4.0, 2.0, 1.0], [4.0, 1.0, 1.0])})
    assert [(t.epochs_until_close, t.still_improving) for t in trials] == [(3, True), (2, False)]
    assert trials[0].to_cells() == {
        "model": "lstm",
        "seed": 0,
        "epochs_until_close": 3,
        "still_improving": 1,
    }


def test_a_trial_of_several_folds_is_their_mean() -> None:
    columns = history([9.0, 3.0, 1.0], [9.0, 1.0, 1.0], [2.0, 2.0, 2.0], [4.0, 2.0, 2.0], folds=2)
    assert by_trial(columns, "train_mse").tolist() == [[9, 2, 1], [3, 2, 2]]
    trials = convergence_of_trials({"lstm": columns})
    assert [(t.seed, t.epochs_until_close, t.still_improving) for t in trials] == [
        (0, 3, True),
        (1, 2, False),
    ]


def test_models_are_compared_seed_by_seed() -> None:
    histories = {
        "transformer": history([3.0, 2.0, 1.0], [3.0, 2.0, 1.0]),
        "lstm": history([3.0, 1.0, 1.0], [1.0, 1.0, 1.0]),
    }
    seconds = {"transformer": np.full((2, 3), 2.0), "lstm": np.full((2, 3), 0.5)}
    found = summarise_convergence(convergence_of_trials(histories), seconds, 0.95)
    lstm, transformer = (found.models[name] for name in ("lstm", "transformer"))
    assert (value(lstm.epochs), value(lstm.seconds), value(transformer.seconds)) == (1.5, 0.75, 6)
    pair = found.pairs["lstm_vs_transformer"]
    assert value(pair.epochs_difference) == -1.5
    assert value(pair.epoch_time_ratio) == pytest.approx(0.25)


def test_one_seed_gives_numbers_without_intervals() -> None:
    trials = convergence_of_trials({"lstm": history([2.0, 1.0])})
    found = summarise_convergence(trials, {"lstm": np.array([[9.0, 1.0]])}, 0.95).to_json()
    assert found["lstm"] == {
        "epochs": 2.0, "epochs_ci_low": None, "epochs_ci_high": None,
        "seconds": 10.0, "seconds_ci_low": None, "seconds_ci_high": None,
    }  # fmt: skip
