"""Lookback of trained networks: how far back they look, by two views of the same windows.

A lag counts steps back from the prediction: 1 is the newest value of a window.
*Gradient*: the mean absolute derivative of the prediction by the value at each lag.
*Context* (Khandelwal et al. 2018, section 3): the error when all values older than a lag are
replaced. Theirs drops or shuffles words; here a window's older part comes from another test window
drawn at random, so that each value keeps its distribution and the older part its shape, and only
what ties it to the newer part is lost.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from seqcompare.core.types import Floats
from seqcompare.data.windows import Windows, cut_windows
from seqcompare.evaluation.predictors import TrainedPredictor
from seqcompare.evaluation.trials import HeldOutTrial
from seqcompare.statistics.estimates import described
from seqcompare.statistics.students_t import mean_over_trials, paired_difference

CONTEXTS = 12  # lengths of context tried at most: errors cost a prediction of every window each
SHUFFLES = 3  # of the windows that lend their older parts
MOST_OF_GRADIENT = 0.9
NEGLIGIBLE_LOSS = 1.1  # times the error with nothing replaced

Row = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Probe:
    """One trained network and the windows to look at it with. Plain data, for any worker."""

    predictor: TrainedPredictor
    windows: Windows
    contexts: tuple[int, ...]
    donors: NDArray[np.int64]  # [shuffle, window]: which window lends its older part


@dataclass(frozen=True, eq=False)
class Reaction:
    """gradient: [lag], from lag 1 on. mse: [context], in the series' unit squared."""

    gradient: Floats
    mse: Floats


def examine(probe: Probe) -> Reaction:
    """What workers run."""
    inputs, targets = probe.windows.inputs, probe.windows.targets
    mse = [
        np.mean([
            np.mean((probe.predictor(replace_older(inputs, inputs[lent], context)) - targets) ** 2)
            for lent in probe.donors
        ])
        for context in probe.contexts
    ]  # fmt: skip
    return Reaction(gradient_by_lag(probe), np.array(mse))


def gradient_by_lag(probe: Probe) -> Floats:
    """Mean over windows of |d prediction / d value|, which has no unit: [lag], from lag 1 on."""
    network, scale = probe.predictor.network.eval(), probe.predictor.scale
    scaled = scale.apply(probe.windows.inputs).astype(np.float32)
    inputs = torch.from_numpy(scaled).requires_grad_()
    (gradient,) = torch.autograd.grad(network(inputs).sum(), inputs)  # [window, seq_len]
    by_position: Floats = gradient.abs().mean(dim=0).double().numpy()
    return by_position[::-1]


def replace_older(inputs: Floats, lenders: Floats, context: int) -> Floats:
    """The newest `context` values of each window behind older ones from another.

    inputs, lenders: [window, seq_len]. Returns the same shape.
    """
    cut = inputs.shape[1] - context
    return np.concatenate([lenders[:, :cut], inputs[:, cut:]], axis=1)


def probes(trials: Sequence[HeldOutTrial], seq_len: int, seed: int) -> list[Probe]:
    """One for each model and trial; a trial's models look at the same windows, and the same donors.

    The windows are those before all targets of the test part, the models those of the first fold,
    for which all of them are held out.
    """
    looks = []
    rng = np.random.default_rng(seed)
    contexts = tuple(np.unique(np.geomspace(1, seq_len, CONTEXTS).round()).astype(int).tolist())
    donors: NDArray[np.int64] | None = None
    for trial in trials:
        targets = range(trial.folds[0].test.start, trial.folds[-1].test.stop)
        windows = cut_windows(trial.values, seq_len, targets)
        if donors is None:
            donors = np.stack([rng.permutation(len(targets)) for _ in range(SHUFFLES)])
        looks += [
            Probe(networks[0], windows, contexts, donors) for networks in trial.networks.values()
        ]
    return looks


def examine_all(probes: Sequence[Probe], executor: Executor) -> dict[str, list[Reaction]]:
    """model -> a reaction for each training seed."""
    futures = [executor.submit(examine, probe) for probe in probes]
    reactions: dict[str, list[Reaction]] = {}
    for probe, future in zip(probes, futures, strict=True):
        reactions.setdefault(probe.predictor.model, []).append(future.result())
    return reactions


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
            gradient = mean_over_trials(gradients[:, lag - 1], confidence)
            error = {"mse_older_swapped": float(mse[lag]) if lag in mse else None}
            rows.append({"model": model, "lag": lag, **described("gradient", gradient), **error})
    return rows


def summarise_lookback(
    reactions: Mapping[str, Sequence[Reaction]], contexts: Sequence[int], confidence: float
) -> Row:
    """For each model how far back it looks, for each pair the difference over training seeds.

    Pairs are named in alphabetical order.
    """
    lookbacks = {
        model: np.array([float(gradient_lookback(seed.gradient)) for seed in seeds])
        for model, seeds in reactions.items()
    }
    found: Row = {
        model: described("gradient_lookback", mean_over_trials(lookbacks[model], confidence))
        | {"context_needed": context_needed(contexts, np.mean([s.mse for s in seeds], axis=0))}
        for model, seeds in reactions.items()
    }
    found["comparison"] = {
        f"{first}_vs_{second}": described(
            "gradient_lookback_difference",
            paired_difference(lookbacks[first], lookbacks[second], confidence),
        )
        for first, second in combinations(sorted(lookbacks), 2)
    }
    return found
