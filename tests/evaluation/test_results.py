"""Tables that evaluation writes beside the comparison."""

import numpy as np

from seqcompare.evaluation.results import learning_curves


def test_a_model_that_trains_for_fewer_epochs_stays_where_it_ended() -> None:
    short = {"epoch": np.array([1.0, 2, 1, 2]), "train_mse": np.array([4.0, 2, 6, 4])}
    long = {"epoch": np.array([1.0, 2, 3]), "train_mse": np.array([3.0, 2, 1])}
    curves = learning_curves({"lstm": short, "transformer": long})
    assert {name: column.tolist() for name, column in curves.items()} == {
        "epoch": [1, 2, 3], "lstm": [5, 3, 3], "transformer": [3, 2, 1],
    }  # fmt: skip
