"""Precision of a training step: in which type of numbers a network multiplies matrices."""

from collections.abc import Callable
from typing import Literal

import torch
from torch import Tensor, nn


def in_precision(
    network: nn.Module, precision: Literal["float32", "bfloat16"]
) -> Callable[[Tensor], Tensor]:
    """The network as it computes in training: windows [batch, seq_len] -> predictions [batch].

    bfloat16 (Kalamkar et al. 2019, mixed precision) rounds what goes into products of matrices, and
    what comes out, to 8 significant bits; so gradients of weights, too, though 32 bits hold them.
    Sums within products, weights and the optimizer stay in 32 bits.
    """
    if precision == "float32":
        return network

    def forward(inputs: Tensor) -> Tensor:
        with torch.autocast(inputs.device.type, torch.bfloat16):
            predictions: Tensor = network(inputs)
        return predictions.float()

    return forward
