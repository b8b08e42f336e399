"""When training is nearly done, from made-up learning curves."""

import numpy as np
import pytest

from seqcompare.studies.claims.convergence import (
    convergence_summary,
    convergence_table,
    epochs_until_close,
)


def history(*curves: list[float]) -> dict[str, np.ndarray]:
    epochs = len(curves[0])
    return {
        "seed": np.repeat(np.arange(len(curves)), epochs).astype(float),
        "epoch": np.tile(np.arange(1.0, epochs + 1), len(curves)),
        "train_mse": np.concatenate(curves),
    }


@pytest.mark.parametrize(("second", "epochs"), [(1.09, 2), (1.11, 3)])
def test_close_is_within_ten_percent_of_the_lowest(second: float, epochs: int) -> None:
    assert epochs_until_close(np.array([5.0, second, 1.0, 1.05])) == epochs


def test_a_run_that_is_best_in_its_last_epoch_is_still_improving() -> None:
    rows = convergence_table({"lstm": history([4.0, 2.0, 1.0], [4.0, 1.0, 1.0])})
    assert [(row["epochs_until_close"], row["still_improving"]) for row in rows] == [(3, 1), (2, 0)]


def test_models_are_compared_seed_by_seed() -> None:
    histories = {
        "transformer": history([3.0, 2.0, 1.0], [3.0, 2.0, 1.0]),
        "lstm": history([3.0, 1.0, 1.0], [1.0, 1.0, 1.0]),
    }
    seconds = {"transformer": np.full(6, 2.0), "lstm": np.full(6, 0.5)}
    found = convergence_summary(convergence_table(histories), seconds, 0.95)
    assert found["lstm"]["epochs"] == 1.5
    assert found["lstm"]["seconds"] == 0.75
    assert found["transformer"]["seconds"] == 6
    pair = found["comparison"]["lstm_vs_transformer"]
    assert pair["epochs_difference"] == -1.5
    assert pair["epoch_time_ratio"] == pytest.approx(0.25)


def test_one_seed_gives_numbers_without_intervals() -> None:
    rows = convergence_table({"lstm": history([2.0, 1.0])})
    found = convergence_summary(rows, {"lstm": np.array([9.0, 1.0])}, 0.95)
    assert found["lstm"]["seconds"] == 10
    assert found["lstm"]["seconds_ci_low"] is None
