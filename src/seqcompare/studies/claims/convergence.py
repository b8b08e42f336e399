"""Convergence of training: epochs and seconds until the training error arrives at common targets.

A target is a multiple of what the best possible predictor, the oracle, reaches on the same training
windows; where there is none, of the linear model's error. The error is a network's in evaluation
mode, after each epoch. A trial that does not arrive is censored: it counts with all of its epochs,
so that means are restricted ones (restricted mean survival time: Royston & Parmar 2013), at the
number of epochs that both models of a pair had. A trial of several folds counts as their mean.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from seqcompare.core.arrays import Floats
from seqcompare.core.errors import InputError
from seqcompare.core.types import Row
from seqcompare.statistics.estimates import Compared, Estimate
from seqcompare.statistics.ratios import ratio_over_draws
from seqcompare.statistics.students_t import mean_over_trials, paired_difference

JUDGED = 0.5  # of all trials: the strictest target that so many arrive at is the one compared at


@dataclass(frozen=True)
class TrialConvergence:
    """A row of convergence.csv: one trial and one target. epochs: None if it never arrives."""

    model: str
    seed: int
    target: float  # times the reference's training error
    target_mse: float
    epochs: int | None

    def to_cells(self) -> Row:
        return dict(vars(self))


@dataclass(frozen=True)
class ModelConvergence:
    """Until a model arrives at a target, times the reference's error: restricted means."""

    target: float
    arrived: int
    trials: int
    epochs: Estimate | None
    seconds: Estimate | None


@dataclass(frozen=True)
class ConvergenceComparison:
    """Two models, paired by trial: first - second until they arrive, and first / second."""

    epochs_difference: Estimate | None
    epoch_time_ratio: Estimate | None


ConvergenceSummary = Compared[ModelConvergence, ConvergenceComparison]


def epochs_until(target: float, errors: Floats) -> int | None:
    """The first epoch, counted from 1, with an error of at most the target; None without.

    errors: [epoch].
    """
    there = np.flatnonzero(errors <= target)
    return int(there[0]) + 1 if there.size else None


def convergence_of_trials(
    histories: Mapping[str, Mapping[str, Floats]],
    reference: Mapping[str, Floats],
    targets: Sequence[float],
) -> list[TrialConvergence]:
    """One for each model, target and seed.

    histories: model -> columns of its history; reference: columns of training_reference.csv.
    Raises ValueError where their seeds or folds differ.
    """
    limits = by_trial(reference, "mse")[:, 0]  # [seed]
    trials: list[TrialConvergence] = []
    for model, history in histories.items():
        errors = by_trial(history, "eval_mse")  # [seed, epoch]
        seeds = dict.fromkeys(history["seed"].astype(int).tolist())
        for target in targets:
            for seed, own, limit in zip(seeds, errors, limits.tolist(), strict=True):
                mse = target * limit
                trials.append(TrialConvergence(model, seed, target, mse, epochs_until(mse, own)))
    return trials


def by_trial(columns: Mapping[str, Floats], name: str) -> Floats:
    """The mean over folds of one column: [seed, epoch].

    columns: that one, seed, fold and perhaps epoch, all [seed * fold * epoch].
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


def judged_target(trials: Sequence[TrialConvergence]) -> float:
    """The strictest target that half of all trials arrive at; the loosest if there is none.

    It is chosen by trials of all models together, so that the choice favours none of them.
    """
    targets = sorted({trial.target for trial in trials})
    for target in targets:
        arrived = [trial.epochs is not None for trial in trials if trial.target == target]
        if np.mean(arrived) >= JUDGED:
            return target
    return targets[-1]


def summarise_convergence(
    trials: Sequence[TrialConvergence],
    target: float,
    epoch_seconds: Mapping[str, Floats],
    confidence: float,
) -> ConvergenceSummary:
    """Restricted means over trials and paired differences, with Student's t intervals.

    trials: of all models and targets; epoch_seconds: model -> [seed, epoch].
    """
    needed: dict[str, list[int | None]] = {
        model: [t.epochs for t in trials if (t.model, t.target) == (model, target)]
        for model in epoch_seconds
    }
    models: dict[str, ModelConvergence] = {}
    for model, seconds in epoch_seconds.items():
        epochs = restricted(needed[model], seconds.shape[1])
        models[model] = ModelConvergence(
            target,
            sum(each is not None for each in needed[model]),
            len(needed[model]),
            mean_over_trials(epochs, confidence),
            mean_over_trials(seconds_spent(seconds, epochs), confidence),
        )

    def compare(first: str, second: str) -> ConvergenceComparison:
        both = epoch_seconds[first], epoch_seconds[second]
        common = min(seconds.shape[1] for seconds in both)
        ours, theirs = (restricted(needed[model], common) for model in (first, second))
        return ConvergenceComparison(
            paired_difference(ours, theirs, confidence), epoch_time_ratio(*both, confidence)
        )

    return Compared.of(models, compare)


def restricted(epochs: Sequence[int | None], most: int) -> Floats:
    """Epochs needed, at most so many, which is what a trial counts with that needs more. [seed]"""
    return np.array([most if each is None else min(each, most) for each in epochs], np.float64)


def seconds_spent(seconds: Floats, epochs: Floats) -> Floats:
    """seconds: [seed, epoch]; epochs: [seed], how many of them count. Returns [seed]."""
    return np.array([trial[: int(n)].sum() for trial, n in zip(seconds, epochs, strict=True)])


def epoch_time_ratio(first: Floats, second: Floats, confidence: float) -> Estimate:
    """Of the median seconds per epoch, the first epoch of several left out. [seed, epoch] each."""
    medians = [np.median(s[:, 1:] if s.shape[1] > 1 else s, axis=1) for s in (first, second)]
    return ratio_over_draws(medians[0], medians[1], confidence)
