"""Dropout that draws from a generator it is given, never from global state."""

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
        """The factor of the values that are kept."""
        return 1 / (1 - self.p) if self.active else 1.0

    def forward(self, x: Tensor) -> Tensor:
        """x: any shape -> the same shape."""
        return x * self.factors(x) if self.active else x

    def factors(self, x: Tensor) -> Tensor:
        """A fresh draw, shaped like x: 0 where a value is dropped, 1 / (1 - p) elsewhere.

        In 32 bits: rounded to bfloat16, 1 / (1 - p) would be off by up to 0.4 %.
        """
        if x.device.type != "cpu":
            kept = torch.rand(x.shape, device=x.device, generator=self._source()) >= self.p
            return kept * torch.full((), self.scale, device=x.device)
        factors = torch.full(x.shape, self.scale)
        factors.view(-1).index_fill_(0, self.positions(x.numel()), 0)
        return factors

    def positions(self, count: int) -> Tensor:
        """A fresh draw on the CPU: which of `count` values in a row are dropped, ascending.

        Draws the distances between dropped values, which are geometrically distributed: one draw
        for each dropped value in place of one for each value. Returns [dropped], int64; empty if
        inactive.
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


def in_parts(count: int, step: int, size: int, dropped: Tensor) -> list[tuple[slice, Tensor]]:
    """Slices of `step` of `count` things, and where values are dropped, from a slice's start on.

    dropped: positions in the values of all things, `size` of each, ascending.
    """
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
    """65536 evenly spaced quantiles of the number of trials up to the first success: [65536].

    In 32 bits, which take half the room in the caches.
    """
    ranks = (torch.arange(65536, dtype=torch.float64) + 0.5) / 65536
    trials = 1 + (torch.log1p(-ranks) / math.log1p(-p)).floor()
    return trials.clamp(max=2**30).int()  # as good as never: no activation is that large


def set_generator(model: nn.Module, generator: Generator) -> None:
    """Let every dropout of a model draw from this generator."""
    for module in model.modules():
        if isinstance(module, Dropout):
            module.generator = generator
