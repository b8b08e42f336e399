"""Anything that turns windows into predictions: trained networks and baselines look the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from seqcompare import models
from seqcompare.core.errors import InputError
from seqcompare.core.params import Setting
from seqcompare.core.types import Floats, Predictor
from seqcompare.data.windows import Scale


def trained_network(
    name: str, settings: Mapping[str, Setting], weights: Mapping[str, NDArray[np.float32]]
) -> nn.Module:
    """A network with these weights, on the CPU.

    Raises InputError when the weights are of a network with other settings.
    """
    network = models.build(name, settings)
    try:
        network.load_state_dict({key: torch.from_numpy(value) for key, value in weights.items()})
    except RuntimeError as error:
        reason = " ".join(str(error).split())
        raise InputError(f"weights of {name} do not fit models.{name}: {reason}") from None
    return network


@dataclass(frozen=True, eq=False)
class TrainedPredictor:
    """A trained network as a predictor for windows in the series' own unit. Travels to any worker.

    Raises InputError at its first call when the weights are of a network with other settings.
    """

    model: str
    settings: Mapping[str, Setting]
    weights: Mapping[str, NDArray[np.float32]]
    scale: Scale

    @cached_property
    def network(self) -> nn.Module:
        return trained_network(self.model, self.settings, self.weights)

    def __call__(self, windows: Floats) -> Floats:
        """windows: [batch, seq_len]. Returns [batch]."""
        scaled = torch.from_numpy(self.scale.apply(windows).astype(np.float32))
        return self.scale.undo(models.predict(self.network, scaled).numpy().astype(np.float64))

    def __reduce__(self) -> tuple[Any, ...]:
        """Without the network, which whoever unpickles it builds again."""
        return TrainedPredictor, (self.model, self.settings, self.weights, self.scale)


def trained_predictors(
    settings: Mapping[str, Mapping[str, Setting]],
    runs: Mapping[str, Mapping[int, Mapping[str, NDArray[np.float32]]]],
    scale: Scale,
) -> dict[str, list[TrainedPredictor]]:
    """A predictor for each seed of each model.

    settings: model -> its settings; runs: model -> seed -> weights.
    """
    return {
        name: [TrainedPredictor(name, settings[name], weights, scale) for weights in seeds.values()]
        for name, seeds in runs.items()
    }


def predict_each(predictors: Mapping[str, Predictor], inputs: Floats) -> dict[str, Floats]:
    """inputs: [window, seq_len]. Returns name -> [window]."""
    return {name: predictor(inputs) for name, predictor in predictors.items()}


def predict_seeds(trained: Mapping[str, Sequence[Predictor]], inputs: Floats) -> dict[str, Floats]:
    """inputs: [window, seq_len]. Returns model -> [seed, window]."""
    return {
        name: np.stack([predictor(inputs) for predictor in seeds])
        for name, seeds in trained.items()
    }
