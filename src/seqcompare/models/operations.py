"""Operation counts of a network as functions of the window length n, from its architecture alone.

Counted are multiply-accumulates (MACs, 2 floating-point operations each) of matrix products, as in
Vaswani et al. 2017, Table 1, per window; softmax, norms and gates are left out.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Polynomial:
    """constant + linear * n + quadratic * n^2: operations or seconds at window length n."""

    constant: float
    linear: float
    quadratic: float

    def at(self, n: float) -> float:
        return self.constant + self.linear * n + self.quadratic * n**2

    def takeover(self) -> float | None:
        """The length from which on the quadratic term is the larger part, or None."""
        if self.quadratic <= 0:
            return None
        half = self.linear / (2 * self.quadratic)
        return half + math.sqrt(max(half**2 + self.constant / self.quadratic, 0.0))


@dataclass(frozen=True)
class OperationCounts:
    """What one network has to compute."""

    predict: Polynomial  # MACs of the forward pass
    train: Polynomial  # MACs of forward and backward pass
    sequential_steps: Callable[[int], int]  # products in a forward pass that wait for one another
    path_length: Callable[[int], int]  # hops from the oldest input to the prediction
