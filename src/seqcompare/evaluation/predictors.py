"""Trained networks as predictors: like baselines, they turn windows into predictions."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import nn

from seqcompare import models
from seqcompare.core.errors import InputError
from seqcompare.core.tables import Weights
from seqcompare.core.types import Floats, Setting
from seqcompare.data.windows import Scale


@dataclass(frozen=True, eq=False)
class TrainedPredictor:
    """Predicts in the series' unit. Raises InputError when weights do not fit the settings."""

    model: str
    settings: Mapping[str, Setting]
    seq_len: int
    weights: Weights  # of one epoch
    scale: Scale

    @cached_property
    def network(self) -> nn.Module:
        network = models.build(self.model, self.settings, self.seq_len)
        try:
            network.load_state_dict({k: torch.from_numpy(v) for k, v in self.weights.items()})
        except RuntimeError as error:
            reason = " ".join(str(error).split())
            raise InputError(f"weights of {self.model} do not fit its settings: {reason}") from None
        return network

    def __call__(self, windows: Floats) -> Floats:
        """windows: [batch, seq_len] or longer ones, of which it sees the newest values."""
        windows = windows[:, -self.seq_len :]
        scaled = torch.from_numpy(self.scale.apply(windows).astype(np.float32))
        predictions = models.predict(self.network, scaled).numpy().astype(np.float64)
        return self.scale.undo(predictions, windows)


def predictors_of_epochs(
    model: str, settings: Mapping[str, Setting], seq_len: int, stacked: Weights, scale: Scale
) -> list[TrainedPredictor]:
    """One for each tested epoch, the last one last. stacked: [tested epoch, ...] each."""
    epochs = range(len(next(iter(stacked.values()))))
    states = [{name: values[epoch] for name, values in stacked.items()} for epoch in epochs]
    return [TrainedPredictor(model, settings, seq_len, state, scale) for state in states]
