"""Products of matrices by oneDNN, which torch would compute with MKL.

Both are as fast on Intel's processors; on others, MKL takes twice the time.
"""

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional

ONEDNN = hasattr(torch.ops.mkldnn, "_linear_pointwise")  # private to torch, so it may be gone


def product(a: Tensor, b: Tensor, bias: Tensor | None = None, relu: bool = False) -> Tensor:
    """a b^T + bias, and of that the positive part if asked. Gradients do not flow through it.

    a: [rows, depth]; b: [columns, depth]; bias: [columns]. Returns [rows, columns].
    """
    if ONEDNN and a.device.type == "cpu" and a.dtype == torch.float32:
        last_step = "relu" if relu else "none"
        y: Tensor = torch.ops.mkldnn._linear_pointwise(a, b, bias, last_step, [], "")
        return y
    y = functional.linear(a, b, bias)
    return y.relu_() if relu else y


def linear(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """x weight^T + bias.  x: [..., depth]; weight: [columns, depth] -> [..., columns]."""
    if x.device.type != "cpu" or torch.is_autocast_enabled("cpu"):
        return functional.linear(x, weight, bias)
    y: Tensor = Linear.apply(x.reshape(-1, x.shape[-1]), weight, bias)  # type: ignore[no-untyped-call]
    return y.view(*x.shape[:-1], -1)


class Linear(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        """x: [rows, depth] -> [rows, columns]."""
        ctx.save_for_backward(x, weight)
        return product(x, weight, bias)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, ...]:
        """grad: [rows, columns] -> the gradients of forward's arguments."""
        x, weight = ctx.saved_tensors
        return product(grad, weight.t()), product(grad.t(), x.t()), grad.sum(0)
