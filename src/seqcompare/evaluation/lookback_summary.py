"""Summary of the lookback of trained networks: by lag, by model, and by pair of models.

Reads no network: it loads without torch.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from seqcompare.core.types import Floats, Row
from seqcompare.statistics.estimates import Compared, write_estimate
from seqcompare.statistics.uncertainty import Estimate, mean_over_seeds, paired_difference

MOST_OF_GRADIENT = 0.9
NEGLIGIBLE_LOSS = 1.1  # times the error with nothing replaced


@dataclass(frozen=True, eq=False)
class Reaction:
    """How one network reacts. gradient: [lag], from lag 1 on. mse: [context], unit squared."""

    gradient: Floats
    mse: Floats


@dataclass(frozen=True)
class ModelLookback:
    """How far back one model looks, by gradient and by context."""

    gradient_lookback: Estimate | None
    context_needed: int


@dataclass(frozen=True)
class LookbackComparison:
    """First minus second, over training seeds."""

    gradient_lookback_difference: Estimate | None


LookbackSummary = Compared[ModelLookback, LookbackComparison]


def read_lookback(content: Row) -> LookbackSummary:
    """lookback.json. Raises LookupError, TypeError or ValueError for what is none."""
    return Compared.from_json(content, ModelLookback, LookbackComparison)


def gradient_lookback(gradient: Floats) -> int:
    """The lag up to which 90 % of the absolute gradient lies. gradient: [lag]."""
    share = np.cumsum(gradient) / np.sum(gradient)
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
    """A row for each model and lag, means over training seeds; contexts not tried are empty."""
    rows: list[Row] = []
    for model, seeds in reactions.items():
        gradients = np.stack([seed.gradient for seed in seeds])  # [seed, lag]
        mse = dict(zip(contexts, np.mean([seed.mse for seed in seeds], axis=0), strict=True))
        for lag in range(1, gradients.shape[1] + 1):
            gradient = mean_over_seeds(gradients[:, lag - 1], confidence)
            rows.append(
                {
                    "model": model,
                    "lag": lag,
                    **write_estimate("gradient", gradient),
                    "mse_older_swapped": float(mse[lag]) if lag in mse else None,
                }
            )
    return rows


def summarise_lookback(
    reactions: Mapping[str, Sequence[Reaction]], contexts: Sequence[int], confidence: float
) -> LookbackSummary:
    """reactions: model -> one for each training seed."""
    lookbacks = {
        model: np.array([float(gradient_lookback(seed.gradient)) for seed in seeds])
        for model, seeds in reactions.items()
    }  # model -> [seed]
    models: dict[str, ModelLookback] = {}
    for model, seeds in reactions.items():
        models[model] = ModelLookback(
            mean_over_seeds(lookbacks[model], confidence),
            context_needed(contexts, np.mean([seed.mse for seed in seeds], axis=0)),
        )

    def compare(first: str, second: str) -> LookbackComparison:
        difference = paired_difference(lookbacks[first], lookbacks[second], confidence)
        return LookbackComparison(difference)

    return Compared.of(models, compare)
