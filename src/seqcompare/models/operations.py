"""Operation counts of a network as functions of the window length n, from its architecture alone.

Counted are multiply-accumulates (MACs, 2 floating-point operations each) of matrix products, as in
Vaswani et al. 2017, Table 1, per window; softmax, norms and gates are left out.
"""

from typing import NamedTuple


class Polynomial(NamedTuple):
    """constant + linear * n + quadratic * n^2 operations at window length n."""

    constant: float
    linear: float
    quadratic: float

    def at(self, n: float) -> float:
        return self.constant + self.linear * n + self.quadratic * n**2


class OperationCounts(NamedTuple):
    """What one network has to compute."""

    predict: Polynomial  # MACs of the forward pass
    train: Polynomial  # MACs of forward and backward pass
