"""Summary of the lookback of predictors: by lag, by predictor, and by pair of them.

Reads no network: it loads without torch.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from seqcompare.core.arrays import Floats
from seqcompare.core.schema import shown
from seqcompare.core.types import Row
from seqcompare.statistics.estimates import Compared, Estimate, write_estimate
from seqcompare.statistics.students_t import mean_over_trials, paired_difference

MOST_OF_GRADIENT = 0.9
NEGLIGIBLE_LOSS = 1.1  # times the error with nothing removed


@dataclass(frozen=True, eq=False)
class Reaction:
    """How one predictor reacts, over so many windows.

    gradient: [lag], from lag 1 on. mse: [context], unit squared.
    """

    gradient: Floats
    mse: Floats
    windows: int


@dataclass(frozen=True)
class ModelLookback:
    """How far back one model looks, by gradient and by context."""

    gradient_lookback: Estimate | None  # None where a network's gradients are all 0
    context_needed: int


@dataclass(frozen=True)
class LookbackComparison:
    """First minus second, over training seeds."""

    gradient_lookback_difference: Estimate | None


LookbackSummary = Compared[ModelLookback, LookbackComparison]


def read_lookback(content: Row) -> LookbackSummary:
    """lookback.json. Raises LookupError, TypeError or ValueError for what is none."""
    found = Compared.from_json(content, ModelLookback, LookbackComparison)
    for model, each in found.models.items():
        if not isinstance(each.context_needed, int):
            raise TypeError(f"{model}.context_needed is {shown(each.context_needed)}")
    return found


def gradient_lookback(gradient: Floats) -> int | None:
    """The lag up to which 90 % of the absolute gradient lies. gradient: [lag].

    None where all of it is 0, as of a network that no input moves, or beyond all numbers.
    """
    total = np.sum(gradient)
    if not 0 < total < np.inf:
        return None
    share = np.cumsum(gradient) / total
    return int(np.searchsorted(share, MOST_OF_GRADIENT - 1e-12)) + 1


def context_needed(contexts: Sequence[int], mse: Floats) -> int:
    """The shortest context from which on older values change the error by at most 10 %.

    contexts: ascending, the last the whole window; mse: [context].
    """
    costly = np.flatnonzero(mse > NEGLIGIBLE_LOSS * mse[-1])
    return contexts[int(costly[-1]) + 1] if costly.size else contexts[0]


def lookback_table(
    reactions: Mapping[str, Sequence[Reaction]], contexts: Sequence[int], confidence: float
) -> list[Row]:
    """A row for each predictor and lag, means over trials; contexts not tried are empty."""
    rows: list[Row] = []
    for model, seeds in reactions.items():
        gradients = np.stack([seed.gradient for seed in seeds])  # [seed, lag]
        mse = dict(zip(contexts, np.mean([seed.mse for seed in seeds], axis=0), strict=True))
        for lag in range(1, gradients.shape[1] + 1):
            gradient = mean_over_trials(gradients[:, lag - 1], confidence)
            rows.append(
                {
                    "model": model,
                    "lag": lag,
                    "windows": seeds[0].windows,
                    **write_estimate("gradient", gradient),
                    "mse_older_removed": float(mse[lag]) if lag in mse else None,
                }
            )
    return rows


def summarise_lookback(
    reactions: Mapping[str, Sequence[Reaction]], contexts: Sequence[int], confidence: float
) -> LookbackSummary:
    """reactions: model -> one for each training seed."""
    lookbacks = {model: _lookback_of_seeds(seeds) for model, seeds in reactions.items()}
    models: dict[str, ModelLookback] = {}
    for model, seeds in reactions.items():
        lags = lookbacks[model]
        models[model] = ModelLookback(
            None if lags is None else mean_over_trials(lags, confidence),
            context_needed(contexts, np.mean([seed.mse for seed in seeds], axis=0)),
        )

    def compare(first: str, second: str) -> LookbackComparison:
        ours, theirs = lookbacks[first], lookbacks[second]
        if ours is None or theirs is None:
            return LookbackComparison(None)
        return LookbackComparison(paired_difference(ours, theirs, confidence))

    return Compared.of(models, compare)


def _lookback_of_seeds(seeds: Sequence[Reaction]) -> Floats | None:
    """[seed]; None if one of them has none: a mean over the others would be of other networks."""
    lags = [gradient_lookback(seed.gradient) for seed in seeds]
    known = [lag for lag in lags if lag is not None]
    return np.array(known, dtype=np.float64) if len(known) == len(seeds) else None
