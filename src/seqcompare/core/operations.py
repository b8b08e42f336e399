"""Operation counts of a network as functions of the window length n, from its architecture alone.

A multiply-accumulate (MAC) is one product added to a sum, 2 floating-point operations. Counted are
those of matrix products, as in Vaswani et al. 2017, Table 1; softmax, norms and gates are left out.
All counts are per window; multiply by the batch.
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
        """The length from which on the quadratic term is the larger part, or None.

        There the local exponent, d log(cost) / d log(n), of linear + quadratic cost passes 1.5.
        """
        if self.quadratic <= 0:
            return None
        half = self.linear / (2 * self.quadratic)
        return half + math.sqrt(max(half**2 + self.constant / self.quadratic, 0.0))


@dataclass(frozen=True)
class OperationCounts:
    """What one network has to compute.

    predict: MACs of the forward pass; train: MACs of forward and backward pass.
    sequential_steps: matrix products that must wait for one another in a forward pass.
    path_length: hops from the oldest input to the prediction.
    """

    predict: Polynomial
    train: Polynomial
    sequential_steps: Callable[[int], int]
    path_length: Callable[[int], int]
