"""Steadiness of a model's errors over the test part, apart from how large they are."""

from collections.abc import Mapping

import numpy as np

from seqcompare.core.arrays import Floats
from seqcompare.statistics.estimates import Estimate
from seqcompare.statistics.ratios import ratio_over_draws

PIECES = 12  # of the test part, whose mean errors are compared
FEWEST_TARGETS = 5  # in a piece: a mean of fewer is noise


def dispersion(errors: Floats) -> Floats:
    """How unevenly each trial errs over time: [trial].

    The standard deviation of the mean absolute errors of consecutive pieces of the test part,
    divided by their mean (the coefficient of variation). errors: absolute, [trial, target].
    0 for a trial that never errs; NaN for a test part that is too short for two pieces.
    """
    targets = errors.shape[1]
    pieces = min(PIECES, targets // FEWEST_TARGETS)
    if pieces < 2:
        return np.full(len(errors), np.nan)
    means = np.stack(
        [piece.mean(axis=1) for piece in np.array_split(errors, pieces, axis=1)], axis=1
    )  # [trial, piece]
    spread, mean = means.std(axis=1, ddof=1), means.mean(axis=1)
    found: Floats = np.divide(spread, mean, out=np.zeros_like(mean), where=mean > 0)
    return found


def dispersion_ratio(
    first: Floats, second: Floats, draws_vary: bool, confidence: float
) -> Estimate | None:
    """The first's dispersion / the second's: geometric mean over trials, by Student's t.

    first, second: [trial]. No interval where all trials share one test part, which no number of
    them makes up for; None where a dispersion is not above 0.
    """
    if not (np.all(first > 0) and np.all(second > 0)):
        return None
    found = ratio_over_draws(first, second, confidence)
    return found if draws_vary else Estimate(found.value, None, None)


def mean_dispersions(dispersions: Mapping[str, Floats]) -> dict[str, float | None]:
    """model -> mean over trials; None where there is none."""
    return {
        model: float(each.mean()) if np.isfinite(each).all() else None
        for model, each in dispersions.items()
    }
