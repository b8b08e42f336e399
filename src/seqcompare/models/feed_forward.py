"""The feed-forward block of a Transformer layer, arranged for the CPU's caches.

Shapes: rows = values of every position of every window in a batch.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from seqcompare.models.dropout import Dropout

ROWS_AT_A_TIME = 128  # x 2048 hidden values x 4 bytes = 1 MiB: stays in a core's second-level cache


def feed_forward(x: Tensor, inner: nn.Linear, outer: nn.Linear, dropout: Dropout) -> Tensor:
    """outer(dropout(relu(inner(x)))).  x: [..., d_model] -> the same shape."""
    rows = x.reshape(-1, x.shape[-1])  # [rows, d_model]
    if x.device.type != "cpu" or len(rows) <= ROWS_AT_A_TIME:
        plain: Tensor = outer(dropout(inner(x).relu()))
        return plain
    if not torch.is_grad_enabled():
        parts = torch.split(rows, ROWS_AT_A_TIME)
        return torch.cat([outer(dropout(inner(part).relu_())) for part in parts]).view(x.shape)
    dropped = dropout.positions(len(rows) * inner.out_features)
    weights = inner.weight, inner.bias, outer.weight, outer.bias
    y: Tensor = FeedForward.apply(rows, *weights, dropped, dropout.scale)  # type: ignore[no-untyped-call]
    return y.view(x.shape)


class FeedForward(torch.autograd.Function):
    """One activation kept for the backward pass: it is positive just where the gradient flows.

    The inner bias is one more column of the inner weight, next to a column of ones in x.
    """

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
        rows, width = len(x), len(inner_weight)
        x = torch.cat([x, x.new_ones(rows, 1)], 1)  # [rows, d_model + 1]
        inner = torch.cat([inner_weight.t(), inner_bias.unsqueeze(0)])  # [d_model + 1, width]
        outer = (outer_weight * scale).t().contiguous()  # [width, d_model]
        hidden = x.new_empty(rows, width)
        y = x.new_empty(rows, len(outer_bias))
        ends = torch.arange(ROWS_AT_A_TIME, rows + ROWS_AT_A_TIME, ROWS_AT_A_TIME) * width
        start = 0
        dropped_ends = torch.searchsorted(dropped, ends).tolist()
        for first, end in zip(range(0, rows, ROWS_AT_A_TIME), dropped_ends, strict=True):
            part = slice(first, first + ROWS_AT_A_TIME)
            torch.mm(x[part], inner, out=hidden[part]).relu_()
            hidden.view(-1).index_fill_(0, dropped[start:end], 0)
            torch.addmm(outer_bias, hidden[part], outer, out=y[part])
            start = end
        ctx.save_for_backward(x, inner_weight, outer_weight, hidden)
        ctx.scale = scale
        return y

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        """grad: [rows, d_model] -> the gradients of forward's arguments."""
        x, inner_weight, outer_weight, hidden = ctx.saved_tensors
        rows, width = hidden.shape
        grad_outer_bias = grad.sum(0)
        grad = grad * ctx.scale
        grad_x = torch.empty_like(grad)
        grad_inner = x.new_zeros(x.shape[1], width)  # [d_model + 1, width]
        grad_outer = torch.zeros_like(outer_weight)
        buffer = x.new_empty(min(rows, ROWS_AT_A_TIME), width)
        for first in range(0, rows, ROWS_AT_A_TIME):
            part = slice(first, first + ROWS_AT_A_TIME)
            grad_outer.addmm_(grad[part].t(), hidden[part])
            grad_hidden = torch.mm(grad[part], outer_weight, out=buffer[: rows - first])
            torch.ops.aten.threshold_backward.grad_input(
                grad_hidden, hidden[part], 0, grad_input=grad_hidden
            )
            grad_inner.addmm_(x[part].t(), grad_hidden)
            torch.mm(grad_hidden, inner_weight, out=grad_x[part])
        return (
            grad_x,
            grad_inner[:-1].t().contiguous(),
            grad_inner[-1],
            grad_outer,
            grad_outer_bias,
            None,
            None,
        )
