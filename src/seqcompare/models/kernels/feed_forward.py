"""The feed-forward block of a Transformer layer, arranged for the CPU's caches.

Shapes: rows = values of every position of every window in a batch.
"""

from functools import partial, reduce
from itertools import starmap
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from seqcompare.models.kernels.dropout import Dropout, in_parts
from seqcompare.models.kernels.products import product

ROWS_AT_A_TIME = 640  # x 2048 hidden values x 4 bytes = 5 MiB: stays in a third-level cache


def feed_forward(x: Tensor, inner: nn.Linear, outer: nn.Linear, dropout: Dropout) -> Tensor:
    """outer(dropout(relu(inner(x)))).  x: [..., d_model] -> the same shape."""
    if x.device.type != "cpu":
        plain: Tensor = outer(dropout(inner(x).relu()))
        return plain
    rows = x.reshape(-1, x.shape[-1])  # [rows, d_model]
    weights = inner.weight, inner.bias, outer.weight, outer.bias
    if not torch.is_grad_enabled():
        hiddens = (
            product(part, *weights[:2], relu=True) for part in torch.split(rows, ROWS_AT_A_TIME)
        )
        ys = [product(dropout(hidden), *weights[2:]) for hidden in hiddens]
        return torch.cat(ys).view(x.shape)
    factors: tuple[Tensor, ...] = rows, *weights
    if torch.is_autocast_enabled("cpu"):
        factors = tuple(each.to(torch.get_autocast_dtype("cpu")) for each in factors)
    dropped = dropout.positions(len(rows) * inner.out_features)
    y: Tensor = FeedForward.apply(*factors, dropped, dropout.scale)  # type: ignore[no-untyped-call]
    return y.view(x.shape)


class FeedForward(torch.autograd.Function):
    """One activation kept for the backward pass: it is positive just where the gradient flows."""

    @staticmethod
    def forward(
        ctx: Any,
        x: Tensor,
        inner_weight: Tensor,
        inner_bias: Tensor,
        outer_weight: Tensor,
        outer_bias: Tensor,
        dropped: Tensor,
        scale: float,
    ) -> Tensor:
        """x: [rows, d_model]; dropped: positions in hidden's values. Returns [rows, d_model]."""
        ys, hiddens = [], []
        for rows, dropped_here in in_parts(len(x), ROWS_AT_A_TIME, len(inner_weight), dropped):
            hidden = product(x[rows], inner_weight, inner_bias, relu=True)  # [rows here, width]
            hidden.view(-1).index_fill_(0, dropped_here, 0)
            ys.append(product(hidden, outer_weight))
            hiddens.append(hidden)
        ctx.save_for_backward(x, inner_weight, outer_weight, *hiddens)
        ctx.scale = scale
        return torch.add(outer_bias, torch.cat(ys), alpha=scale)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        """grad: [rows, d_model] -> the gradients of forward's arguments."""
        x, inner_weight, outer_weight, *hiddens = ctx.saved_tensors
        grad_outer_bias = grad.sum(0)
        in_rows = (torch.split(each, ROWS_AT_A_TIME) for each in (x, grad * ctx.scale))
        parts = zip(*in_rows, hiddens, strict=True)
        of_part = partial(part_gradients, inner_weight, outer_weight)
        grad_xs, *sums = zip(*starmap(of_part, parts), strict=True)
        grad_inner, grad_inner_bias, grad_outer = (reduce(Tensor.add_, each) for each in sums)
        weights = grad_inner.t().contiguous(), grad_inner_bias, grad_outer, grad_outer_bias
        return torch.cat(grad_xs), *weights, None, None


def part_gradients(
    inner_weight: Tensor, outer_weight: Tensor, x: Tensor, grad: Tensor, hidden: Tensor
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """What a few rows give: the gradient of x; of inner's weight, transposed, and bias; of outer's.

    x, grad: [rows, d_model]; hidden: [rows, width].
    """
    grad_outer = product(grad.t(), hidden.t())
    grad_hidden = product(grad, outer_weight.t())
    torch.ops.aten.threshold_backward.grad_input(grad_hidden, hidden, 0, grad_input=grad_hidden)
    grad_inner = product(x.t(), grad_hidden.t())  # transposed, which is faster
    grad_inner_bias = torch.mv(grad_hidden.t(), x.new_ones(len(x)))  # faster than sum(0)
    return product(grad_hidden, inner_weight.t()), grad_inner, grad_inner_bias, grad_outer
