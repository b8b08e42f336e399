"""Lookback of predictors: how far back they look, by two views of the same windows.

A lag counts steps back from the prediction: 1 is the newest value of a window.
*Gradient*: the mean absolute derivative of the prediction by the value at each lag.
*Context* (after Khandelwal et al. 2018, section 3): the error when all values older than a lag are
removed. Theirs drops words; a window has a fixed length here, so older values are drawn anew from
what the newer ones leave open (`removal`), and predictions averaged over the draws.
Beside the networks stand the linear model and the oracle, whose curves are what the series demands.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

import numpy as np
import torch

from seqcompare.core.arrays import Floats, Predictor
from seqcompare.core.names import AR, ORACLE
from seqcompare.core.sections.data import Data
from seqcompare.core.sections.evaluation import Evaluation
from seqcompare.data.windows import Windows, cut_windows, evenly_spaced
from seqcompare.evaluation.baselines import LinearPredictor, Oracle, fit_baselines
from seqcompare.evaluation.lookback_summary import Reaction
from seqcompare.evaluation.predictors import TrainedPredictor
from seqcompare.evaluation.removal import backwards, draw_older
from seqcompare.evaluation.trials import HeldOutTrial, measured_targets

CONTEXTS = 12  # lengths of context tried at most: errors cost predictions of every window each


def examine_all(
    trials: Sequence[HeldOutTrial],
    seq_len: int,
    data: Data,
    settings: Evaluation,
    map_calls: Callable[..., Iterable[Mapping[str, Reaction]]] = map,
) -> dict[str, list[Reaction]]:
    """predictor -> a reaction for each trial. map_calls: an executor's `map` takes them at once."""
    by_trial = map_calls(partial(examine, seq_len=seq_len, data=data, settings=settings), trials)
    reactions: dict[str, list[Reaction]] = {}
    for found in by_trial:
        for name, reaction in found.items():
            reactions.setdefault(name, []).append(reaction)
    return reactions


def examine(
    trial: HeldOutTrial, seq_len: int, data: Data, settings: Evaluation
) -> dict[str, Reaction]:
    """Models, linear model and oracle, all with the same windows and draws. What workers run.

    The models are those of the first fold, for which all test windows are held out.
    """
    train = trial.folds[0].train
    baselines = fit_baselines(cut_windows(trial.values, seq_len, train), data)
    predictors: dict[str, Predictor] = {
        name: networks[0] for name, networks in trial.networks.items()
    } | {name: baselines[name] for name in (AR, ORACLE) if name in baselines}
    windows = looked_at(trial, seq_len, settings.lookback_windows)
    seen = trial.values[train.start - seq_len : train.stop]
    rng = np.random.default_rng([settings.seed, trial.seed])
    errors: dict[str, list[float]] = {name: [] for name in predictors}
    for context in contexts_of(seq_len):
        before = backwards(seen, context, data)
        drawn = [draw_older(windows.inputs, context, before, rng) for _ in range(2)]
        for name, predict in predictors.items():
            errors[name].append(error_of_mean(predict, drawn, windows.targets))
    return {
        name: Reaction(
            gradient_by_lag(predict, windows.inputs), np.array(errors[name]), len(windows.targets)
        )
        for name, predict in predictors.items()
    }


def contexts_of(seq_len: int) -> list[int]:
    """Lengths of context, ascending; the last is the whole window."""
    lengths: list[int] = np.unique(np.geomspace(1, seq_len, CONTEXTS).round()).astype(int).tolist()
    return lengths


def looked_at(trial: HeldOutTrial, seq_len: int, most: int) -> Windows:
    """At most so many of the windows before the measured test targets, evenly spaced."""
    targets = range(trial.folds[0].test.start, trial.folds[-1].test.stop)
    every = cut_windows(trial.values, seq_len, targets)
    measured = measured_targets([parts.test for parts in trial.folds], trial.interpolated)
    chosen = measured[evenly_spaced(len(measured), most)] - targets.start
    return Windows(every.inputs[chosen], every.targets[chosen])


def error_of_mean(predict: Predictor, drawn: Sequence[Floats], targets: Floats) -> float:
    """Mean squared error of the mean prediction over all draws, from two of them, without bias.

    Given the newer values the errors of two independent draws have the mean prediction's error as
    their mean, so their product has its square; the square of one has the draws' variance, too.
    drawn: two, each [window, seq_len]; targets: [window].
    """
    first, second = (predict(inputs) - targets for inputs in drawn)
    return float(np.mean(first * second))


def gradient_by_lag(predict: Predictor, inputs: Floats) -> Floats:
    """Mean over windows of |d prediction / d value|, which has no unit: [lag], from lag 1 on.

    inputs: [window, seq_len]. Raises TypeError for a predictor whose gradient nobody knows.
    """
    match predict:
        case TrainedPredictor():
            by_window = network_gradient(predict, inputs)
        case LinearPredictor():
            by_window = predict.coefficients[None]
        case Oracle():
            by_window = predict.gradient(inputs)
        case _:
            raise TypeError(f"{predict} has no gradient")
    by_position: Floats = np.abs(by_window).mean(axis=0)
    return by_position[::-1]


def network_gradient(predictor: TrainedPredictor, inputs: Floats) -> Floats:
    """[window, seq_len]. Scaling cancels: prediction and value have one unit."""
    scale = predictor.scale
    scaled = torch.from_numpy(scale.apply(inputs).astype(np.float32)).requires_grad_()
    (gradient,) = torch.autograd.grad(predictor.network.eval()(scaled).sum(), scaled)
    if scale.centre == "last":  # which the last value moves along with the prediction
        gradient[:, -1] = 1 - gradient[:, :-1].sum(dim=1)
    by_window: Floats = gradient.double().numpy()
    return by_window
