"""Lookback of trained networks: how far back they look, by two views of the same windows.

A lag counts steps back from the prediction: 1 is the newest value of a window.
*Gradient*: the mean absolute derivative of the prediction by the value at each lag.
*Context* (Khandelwal et al. 2018, section 3): the error when all values older than a lag are
replaced. Theirs drops or shuffles words; here a window's older part comes from another test window
drawn at random, so that each value keeps its distribution and the older part its shape, and only
what ties it to the newer part is lost.
"""

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from seqcompare.core.types import Floats
from seqcompare.data.windows import Windows, cut_windows
from seqcompare.evaluation.lookback_summary import Reaction
from seqcompare.evaluation.predictors import TrainedPredictor
from seqcompare.evaluation.trials import HeldOutTrial, measured_targets

CONTEXTS = 12  # lengths of context tried at most: errors cost a prediction of every window each
SHUFFLES = 3  # of the windows that lend their older parts


@dataclass(frozen=True, eq=False)
class Probe:
    """One trained network and the windows to look at it with. Plain data, for any worker."""

    predictor: TrainedPredictor
    windows: Windows
    contexts: tuple[int, ...]
    donors: NDArray[np.int64]  # [shuffle, window]: which window lends its older part


def examine(probe: Probe) -> Reaction:
    """What workers run."""
    inputs, targets = probe.windows.inputs, probe.windows.targets

    def error(context: int) -> Floats:
        """Mean squared error with all but the newest `context` values lent: [shuffle]."""
        swapped = [replace_older(inputs, inputs[lent], context) for lent in probe.donors]
        return np.array([np.mean((probe.predictor(each) - targets) ** 2) for each in swapped])

    mse = np.array([error(context).mean() for context in probe.contexts])
    return Reaction(gradient_by_lag(probe), mse)


def gradient_by_lag(probe: Probe) -> Floats:
    """Mean over windows of |d prediction / d value|, which has no unit: [lag], from lag 1 on."""
    network, scale = probe.predictor.network.eval(), probe.predictor.scale
    scaled = scale.apply(probe.windows.inputs).astype(np.float32)
    inputs = torch.from_numpy(scaled).requires_grad_()
    (gradient,) = torch.autograd.grad(network(inputs).sum(), inputs)  # [window, seq_len]
    if scale.centre == "last":  # which the last value moves along with the prediction
        gradient[:, -1] = 1 - gradient[:, :-1].sum(dim=1)
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
        everything = cut_windows(trial.values, seq_len, targets)
        measured = (
            measured_targets([parts.test for parts in trial.folds], trial.interpolated)
            - targets.start
        )
        windows = Windows(everything.inputs[measured], everything.targets[measured])
        if donors is None:
            donors = np.stack([rng.permutation(len(measured)) for _ in range(SHUFFLES)])
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
