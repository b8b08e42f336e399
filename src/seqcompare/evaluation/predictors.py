"""Anything that turns windows into predictions: trained networks and baselines look the same."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from seqcompare import models
from seqcompare.core.arrays import Floats
from seqcompare.core.errors import InputError
from seqcompare.core.types import Setting
from seqcompare.data.windows import Scale


def trained_network(
    name: str,
    settings: Mapping[str, Setting],
    seq_len: int,
    weights: Mapping[str, NDArray[np.float32]],
) -> nn.Module:
    """A network with these weights, on the CPU.

    Raises InputError when the weights are of a network with other settings or window length.
    """
    network = models.build(name, settings, seq_len)
    try:
        network.load_state_dict({key: torch.from_numpy(value) for key, value in weights.items()})
    except RuntimeError as error:
        reason = " ".join(str(error).split())
        raise InputError(f"weights of {name} do not fit models.{name}: {reason}") from None
    return network


@dataclass(frozen=True, eq=False)
class TrainedPredictor:
    """A trained network as a predictor for windows in the series' own unit. Travels to any worker.

    Raises InputError at its first call when the weights are of a network with other settings or
    window length.
    """

    model: str
    settings: Mapping[str, Setting]
    seq_len: int
    weights: Mapping[str, NDArray[np.float32]]
    scale: Scale

    @cached_property
    def network(self) -> nn.Module:
        return trained_network(self.model, self.settings, self.seq_len, self.weights)

    def __call__(self, windows: Floats) -> Floats:
        """windows: [batch, seq_len]. Returns [batch]."""
        scaled = torch.from_numpy(self.scale.apply(windows).astype(np.float32))
        made = models.predict(self.network, scaled).numpy().astype(np.float64)
        return self.scale.undo(made, windows)

    def __reduce__(self) -> tuple[Any, ...]:
        """Without the network, which whoever unpickles it builds again."""
        parts = self.model, self.settings, self.seq_len, self.weights, self.scale
        return TrainedPredictor, parts
