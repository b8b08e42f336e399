"""How soon training is nearly done: epochs and seconds until the loss is close to its best."""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from seqcompare.core.types import Floats
from seqcompare.statistics.estimates import Estimate, described
from seqcompare.statistics.ratios import ratio_over_draws
from seqcompare.statistics.students_t import mean_over_trials, paired_difference

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
    """Means over seeds with t intervals, and for every two models, paired by seed, how they differ.

    rows: of `convergence_table`; epoch_seconds: model -> [seed * epoch], seed after seed.
    Pairs are named in alphabetical order, first minus second or first / second.
    """
    epochs = {
        model: np.array([row["epochs_until_close"] for row in rows if row["model"] == model], float)
        for model in epoch_seconds
    }
    seconds = {
        model: epoch_seconds[model].reshape(needed.size, -1) for model, needed in epochs.items()
    }  # model -> [seed, epoch]
    found: Row = {
        model: described("epochs", mean_over_trials(needed, confidence))
        | described("seconds", mean_over_trials(_spent(seconds[model], needed), confidence))
        for model, needed in epochs.items()
    }
    found["comparison"] = {
        f"{first}_vs_{second}": described(
            "epochs_difference", paired_difference(epochs[first], epochs[second], confidence)
        )
        | described("epoch_time_ratio", _ratio(seconds[first], seconds[second], confidence))
        for first, second in combinations(sorted(epochs), 2)
    }
    return found


def _spent(seconds: Floats, epochs: Floats) -> Floats:
    """seconds: [seed, epoch]; epochs: [seed], how many of them count. Returns [seed]."""
    return np.array([run[: int(n)].sum() for run, n in zip(seconds, epochs, strict=True)])


def _ratio(first: Floats, second: Floats, confidence: float) -> Estimate:
    """Of the median seconds per epoch, the first epoch of several left out. [seed, epoch] each."""
    medians = [np.median(s[:, 1:] if s.shape[1] > 1 else s, axis=1) for s in (first, second)]
    return ratio_over_draws(medians[0], medians[1], confidence)
