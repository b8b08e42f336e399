"""Checks of the data: that nothing held out was trained on, and that all of it was scored.

They look at the parts and scales that the predictors were given, and trust no rule that made them.
"""

import math
from collections.abc import Sequence

import numpy as np

from seqcompare.core.comparison import DataChecks
from seqcompare.core.sections.data import Data
from seqcompare.data.windows import Parts, fit_scale
from seqcompare.evaluation.trials import HeldOutTrial, PredictedTrial


def check_data(
    trials: Sequence[HeldOutTrial], predicted: Sequence[PredictedTrial], data: Data, seq_len: int
) -> DataChecks:
    """trials, predicted: the same, before and after."""
    first = trials[0]
    tested = np.concatenate([np.arange(*_ends(fold.test)) for fold in first.folds])
    guessed = np.isin(tested, np.asarray(first.interpolated, dtype=np.int64))
    return DataChecks(
        scale=data.scaling,
        centre=data.centre,
        train=len(first.folds[0].train),
        period=period_of(data),
        interpolated=int(guessed.sum()),
        seen_targets=sum(_seen_targets(fold, seq_len) for fold in first.folds),
        foreign_scales=sum(_foreign_scales(trial, data) for trial in trials),
        unscored=sum(_unscored(tested[~guessed], trial, made)
                     for trial, made in zip(trials, predicted, strict=True)),
    )  # fmt: skip


def period_of(data: Data) -> float | None:
    """Values in a season: what params.yaml says, or the sine's own."""
    if data.period is not None or data.source != "sine":
        return data.period
    return 2 * math.pi * (data.size - 1) / data.x_max


def _ends(part: range) -> tuple[int, int]:
    return part.start, part.stop


def _seen_targets(fold: Parts, seq_len: int) -> int:
    """Held-out targets that stand in a training window, or are a training target."""
    if not fold.train:
        return 0
    seen = range(fold.train.start - seq_len, fold.train.stop)
    return sum(target in seen for part in (fold.validation, fold.test) for target in part)


def _foreign_scales(trial: HeldOutTrial, data: Data) -> int:
    """Networks of the trial whose scale is another than that of the values that train them."""
    own = [
        fit_scale(trial.values[: fold.train.stop], data.scaling, data.centre)
        for fold in trial.folds
    ]
    return sum(
        network.scale != scale
        for networks in trial.networks.values()
        for network, scale in zip(networks, own, strict=True)
    )


def _unscored(
    targets: np.typing.NDArray[np.int64], trial: HeldOutTrial, made: PredictedTrial
) -> int:
    """Measured test targets that were not scored exactly once, by each predictor alike."""
    repeated = targets.size - np.unique(targets).size
    sizes = [made.truth.size, *(each.size for each in made.predictions.values())]
    missing = max(abs(targets.size - size) for size in sizes)
    wrong = missing or int(np.sum(made.truth != trial.values[targets]))
    return int(repeated + wrong)
