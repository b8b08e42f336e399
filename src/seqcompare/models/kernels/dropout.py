"""Dropout that draws from a given generator, never from global state."""

import math
from functools import cache

import torch
from torch import Generator, Tensor, nn


class Dropout(nn.Module):
    """Zeroes each value with probability p and divides the others by 1 - p, in training only."""

    def __init__(self, p: float) -> None:
        super().__init__()
        self.p = p
        self.generator: Generator | None = None

    @property
    def active(self) -> bool:
        return self.training and self.p > 0

    @property
    def scale(self) -> float:
        return 1 / (1 - self.p) if self.active else 1.0

    def forward(self, x: Tensor) -> Tensor:
        """x: any shape -> the same shape. Factors stay in 32 bits where x is in bfloat16."""
        if not self.active:
            return x
        if x.device.type != "cpu":
            kept = torch.rand(x.shape, device=x.device, generator=self._source()) >= self.p
            return x * (kept * torch.full((), self.scale, device=x.device))
        return x * drop(torch.full(x.shape, self.scale), self.positions(x.numel()))

    def positions(self, count: int) -> Tensor:
        """Draw which of `count` values in a row are dropped: [dropped], ascending; for the CPU.

        The distances between them are geometrically distributed: one draw for each dropped value.
        """
        if not self.active:
            return torch.empty(0, dtype=torch.int64)
        expected = count * self.p
        draws = math.ceil((expected + 8 * math.sqrt(expected) + 8) / 4)
        bits = torch.empty(draws, dtype=torch.int64)
        bits.random_(-(2**63), None, generator=self._source())
        distances = geometric_quantiles(self.p).index_select(0, bits.view(torch.uint16).int())
        positions = distances.cumsum(0, dtype=torch.int64).sub_(1)
        return positions[: torch.searchsorted(positions, count)]

    def _source(self) -> Generator:
        if self.generator is None:
            raise RuntimeError("dropout has no generator: call set_generator first")
        return self.generator


def drop(values: Tensor, dropped: Tensor) -> Tensor:
    """Zero the values at these positions, in place."""
    values.view(-1).index_fill_(0, dropped, 0)
    return values


def in_chunks(count: int, step: int, size: int, dropped: Tensor) -> list[tuple[slice, Tensor]]:
    """Slices of `step` of `count` rows of `size` values, each with its dropped positions."""
    if count <= step:
        return [(slice(count), dropped)]
    firsts = range(0, count, step)
    bounds = torch.searchsorted(dropped, torch.arange(0, count + step, step) * size).tolist()
    return [
        (slice(first, first + step), dropped[start:end] - first * size)
        for first, start, end in zip(firsts, bounds, bounds[1:], strict=False)
    ]


@cache
def geometric_quantiles(p: float) -> Tensor:
    """65536 evenly spaced quantiles of the number of draws up to the first success: [65536]."""
    ranks = (torch.arange(65536, dtype=torch.float64) + 0.5) / 65536
    draws = 1 + (torch.log1p(-ranks) / math.log1p(-p)).floor()
    return draws.clamp(max=2**30).int()  # beyond any activation; 32 bits are half the cache


def set_generator(model: nn.Module, generator: Generator) -> None:
    """Make every `Dropout` of a model draw from this generator."""
    for module in model.modules():
        if isinstance(module, Dropout):
            module.generator = generator
