"""Convergence of training: epochs and seconds until the loss is close to its lowest.

A trial of several folds counts as their mean.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from seqcompare.core.errors import InputError
from seqcompare.core.types import Floats, Row
from seqcompare.statistics.estimates import Compared, Estimate
from seqcompare.statistics.ratios import ratio_over_draws
from seqcompare.statistics.students_t import mean_over_trials, paired_difference

CLOSE = 1.1  # times the lowest training error of the trial


@dataclass(frozen=True)
class TrialConvergence:
    """A row of convergence.csv."""

    model: str
    seed: int
    epochs_until_close: int
    still_improving: bool  # its last epoch is the first that is close

    def to_cells(self) -> Row:
        return {**vars(self), "still_improving": int(self.still_improving)}


@dataclass(frozen=True)
class ModelConvergence:
    """Until a model is close to its lowest error: means over seeds."""

    epochs: Estimate | None
    seconds: Estimate | None


@dataclass(frozen=True)
class ConvergenceComparison:
    """Two models, paired by seed: first - second, and first / second."""

    epochs_difference: Estimate | None
    epoch_time_ratio: Estimate | None


ConvergenceSummary = Compared[ModelConvergence, ConvergenceComparison]


def epochs_until_close(losses: Floats) -> int:
    """The first epoch, counted from 1, whose error is at most CLOSE times the lowest. [epoch]."""
    return int(np.argmax(losses <= CLOSE * losses.min())) + 1


def convergence_of_trials(
    histories: Mapping[str, Mapping[str, Floats]],
) -> list[TrialConvergence]:
    """One for each model and seed. histories: model -> its history's columns."""
    trials: list[TrialConvergence] = []
    for model, history in histories.items():
        seeds = dict.fromkeys(history["seed"].astype(int).tolist())
        for seed, losses in zip(seeds, by_trial(history, "train_mse"), strict=True):
            epochs = epochs_until_close(losses)
            trials.append(TrialConvergence(model, seed, epochs, epochs == len(losses)))
    return trials


def by_trial(columns: Mapping[str, Floats], name: str) -> Floats:
    """The mean over folds of one column: [seed, epoch].

    columns: that one, seed, fold and epoch, all [seed * fold * epoch].
    Raises InputError when they are not of as many epochs for each.
    """
    seeds, folds = (np.unique(columns[key]).size for key in ("seed", "fold"))
    if columns[name].size % (seeds * folds):
        raise InputError(
            f"a table of {name} has {columns[name].size} rows, which are not as many for each of "
            f"{seeds} seeds and {folds} folds: run `make verify`, which names it"
        )
    means: Floats = columns[name].reshape(seeds, folds, -1).mean(axis=1)
    return means


def summarise_convergence(
    trials: Sequence[TrialConvergence], epoch_seconds: Mapping[str, Floats], confidence: float
) -> ConvergenceSummary:
    """Means over seeds and paired differences, with Student's t intervals.

    trials: of all models; epoch_seconds: model -> [seed, epoch].
    """
    epochs: dict[str, Floats] = {}  # model -> [seed]
    for model in epoch_seconds:
        own = [trial.epochs_until_close for trial in trials if trial.model == model]
        epochs[model] = np.array(own, dtype=np.float64)
    models = {
        model: ModelConvergence(
            mean_over_trials(epochs[model], confidence),
            mean_over_trials(seconds_spent(seconds, epochs[model]), confidence),
        )
        for model, seconds in epoch_seconds.items()
    }

    def compare(first: str, second: str) -> ConvergenceComparison:
        return ConvergenceComparison(
            paired_difference(epochs[first], epochs[second], confidence),
            epoch_time_ratio(epoch_seconds[first], epoch_seconds[second], confidence),
        )

    return Compared.of(models, compare)


def seconds_spent(seconds: Floats, epochs: Floats) -> Floats:
    """seconds: [seed, epoch]; epochs: [seed], how many of them count. Returns [seed]."""
    return np.array([trial[: int(n)].sum() for trial, n in zip(seconds, epochs, strict=True)])


def epoch_time_ratio(first: Floats, second: Floats, confidence: float) -> Estimate:
    """Of the median seconds per epoch, the first epoch of several left out. [seed, epoch] each."""
    medians = [np.median(s[:, 1:] if s.shape[1] > 1 else s, axis=1) for s in (first, second)]
    return ratio_over_draws(medians[0], medians[1], confidence)
