"""The feed-forward block of a Transformer layer, arranged for the CPU's caches.

Shapes: rows = positions of all windows in a batch.
"""

from functools import reduce
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from seqcompare.models.kernels.dropout import Dropout, drop, in_chunks
from seqcompare.models.kernels.products import raw_linear

ROWS_AT_A_TIME = 640  # x 2048 hidden values x 4 bytes = 5 MiB: stays in a third-level cache
relu_backward = torch.ops.aten.threshold_backward.grad_input


def feed_forward(x: Tensor, inner: nn.Linear, outer: nn.Linear, dropout: Dropout) -> Tensor:
    """outer(dropout(relu(inner(x)))).  x: [..., d_model] -> the same shape."""
    if x.device.type != "cpu":
        plain: Tensor = outer(dropout(inner(x).relu()))
        return plain
    rows = x.reshape(-1, x.shape[-1])  # [rows, d_model]
    weights = inner.weight, inner.bias, outer.weight, outer.bias
    if not torch.is_grad_enabled():
        chunks = torch.split(rows, ROWS_AT_A_TIME)
        hiddens = (raw_linear(chunk, *weights[:2], relu=True) for chunk in chunks)
        ys = [raw_linear(dropout(hidden), *weights[2:]) for hidden in hiddens]
        return torch.cat(ys).view(x.shape)
    factors: tuple[Tensor, ...] = rows, *weights
    if torch.is_autocast_enabled("cpu"):
        factors = tuple(each.to(torch.get_autocast_dtype("cpu")) for each in factors)
    dropped = dropout.positions(len(rows) * inner.out_features)
    y: Tensor = FeedForward.apply(dropped, dropout.scale, *factors)  # type: ignore[no-untyped-call]
    return y.view(x.shape)


class FeedForward(torch.autograd.Function):
    """Keeps one activation for the backward pass: the gradient flows where it is positive."""

    @staticmethod
    def forward(ctx: Any, dropped: Tensor, scale: float, x: Tensor, *weights: Tensor) -> Tensor:
        """dropped: positions in hidden's values; x: [rows, d_model] -> the same shape.

        weights: inner's weight [width, d_model] and bias, outer's weight [d_model, width] and bias.
        """
        inner_weight, inner_bias, outer_weight, outer_bias = weights
        ys, hiddens = [], []
        for rows, dropped_here in in_chunks(len(x), ROWS_AT_A_TIME, len(inner_weight), dropped):
            hidden = raw_linear(x[rows], inner_weight, inner_bias, relu=True)  # [rows here, width]
            ys.append(raw_linear(drop(hidden, dropped_here), outer_weight))
            hiddens.append(hidden)
        ctx.save_for_backward(x, inner_weight, outer_weight, *hiddens)
        ctx.scale = scale
        return torch.add(outer_bias, torch.cat(ys), alpha=scale)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        """grad: [rows, d_model] -> the gradients of forward's arguments."""
        x, inner_weight, outer_weight, *hiddens = ctx.saved_tensors
        in_rows = (torch.split(each, ROWS_AT_A_TIME) for each in (x, grad * ctx.scale))
        grad_xs, of_weights = [], []
        for x_here, grad_here, hidden in zip(*in_rows, hiddens, strict=True):
            grad_outer = raw_linear(grad_here.t(), hidden.t())
            hidden_grad = raw_linear(grad_here, outer_weight.t())  # [rows here, width]
            relu_backward(hidden_grad, hidden, 0, grad_input=hidden_grad)
            grad_inner = raw_linear(x_here.t(), hidden_grad.t())  # transposed, which is faster
            grad_bias = torch.mv(hidden_grad.t(), x.new_ones(len(hidden)))  # faster than sum(0)
            grad_xs.append(raw_linear(hidden_grad, inner_weight.t()))
            of_weights.append((grad_inner, grad_bias, grad_outer))
        sums = (reduce(Tensor.add_, each) for each in zip(*of_weights, strict=True))
        grad_inner, grad_bias, grad_outer = sums
        weights = grad_inner.t().contiguous(), grad_bias, grad_outer, grad.sum(0)
        return None, None, torch.cat(grad_xs), *weights
