"""Tables that evaluation writes beside the comparison."""

import numpy as np

from seqcompare.evaluation.results import mean_loss


def test_the_loss_that_dvc_plots_is_the_mean_over_trials() -> None:
    history = {"epoch": np.array([1.0, 2, 1, 2]), "train_mse": np.array([4.0, 2, 6, 4])}
    curve = mean_loss(history)
    assert {name: column.tolist() for name, column in curve.items()} == {
        "epoch": [1, 2], "train_mse": [5, 3],
    }  # fmt: skip
