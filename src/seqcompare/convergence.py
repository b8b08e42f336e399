"""How soon training is nearly done: epochs and seconds until the loss is close to its best."""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from seqcompare.arrays import Floats
from seqcompare.estimates import described
from seqcompare.uncertainty import mean_over_seeds, paired_difference

CLOSE = 1.1  # times the lowest training error of the run

Row = dict[str, Any]


def epochs_until_close(losses: Floats) -> int:
    """The first epoch, counted from 1, whose error is within 10 % of the run's lowest. [epoch]."""
    return int(np.argmax(losses <= CLOSE * losses.min())) + 1


def convergence_table(histories: Mapping[str, Mapping[str, Floats]]) -> list[Row]:
    """A row for each model and seed. histories: model -> columns seed, epoch and train_mse."""
    rows: list[Row] = []
    for model, history in histories.items():
        for seed in np.unique(history["seed"]):
            losses = history["train_mse"][history["seed"] == seed]  # [epoch]
            epochs = epochs_until_close(losses)
            rows.append(
                {
                    "model": model,
                    "seed": int(seed),
                    "epochs_until_close": epochs,
                    "still_improving": int(epochs == len(losses)),
                }
            )
    return rows


def convergence_summary(
    rows: Sequence[Row], epoch_seconds: Mapping[str, Floats], confidence: float
) -> Row:
    """Means over seeds with t intervals, and the paired difference of every two models.

    epoch_seconds: model -> [seed * epoch], seed after seed as in the histories.
    """
    epochs = {row["model"]: np.array([], float) for row in rows}
    for row in rows:
        epochs[row["model"]] = np.append(epochs[row["model"]], row["epochs_until_close"])
    found: Row = {}
    for model, needed in epochs.items():
        by_seed = epoch_seconds[model].reshape(len(needed), -1)  # [seed, epoch]
        seconds = np.array([run[: int(n)].sum() for run, n in zip(by_seed, needed, strict=True)])
        found[model] = described("epochs", mean_over_seeds(needed, confidence)) | described(
            "seconds", mean_over_seeds(seconds, confidence)
        )
    found["comparison"] = {
        f"{first}_vs_{second}": described(
            "epochs_difference", paired_difference(epochs[first], epochs[second], confidence)
        )
        for first, second in combinations(epochs, 2)
    }
    return found
