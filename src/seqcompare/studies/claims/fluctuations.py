"""Fluctuations: how much of the noise, which nobody can know beforehand, predictions follow."""

import numpy as np

from seqcompare.core.arrays import Floats
from seqcompare.statistics.estimates import Estimate
from seqcompare.statistics.students_t import mean_over_trials


def predicted_share(predictions: Floats, truth: Floats, clean: Floats) -> Floats | None:
    """Of the noise, the share that each trial's predictions follow: [trial].

    The slope, through 0, of what a prediction adds to the clean series on the noise of its target:
    1 for who predicts every fluctuation; 0 on average for who sees only what came before. All
    [trial, target]. None where there is no noise.
    """
    noise = truth - clean
    energy = np.sum(noise**2, axis=1)
    if not np.all(energy > 0):
        return None
    share: Floats = np.sum((predictions - clean) * noise, axis=1) / energy
    return share


def mean_share(shares: Floats, draws_vary: bool, confidence: float) -> Estimate:
    """Over trials, by Student's t. shares: [trial].

    No interval where all trials share one test part: then its noise has fallen in favour of all of
    them or of none.
    """
    found = mean_over_trials(shares, confidence)
    return found if draws_vary else Estimate(found.value, None, None)
