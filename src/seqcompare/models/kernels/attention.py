"""Scaled dot-product attention with dropout, arranged for the CPU's caches.

Shapes: heads = windows in a batch x heads of the layer, width = values of a head.
"""

import math
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from seqcompare.models.kernels.dropout import Dropout, drop, in_chunks

SCORES_AT_A_TIME = 2**18  # x 4 bytes = 1 MiB: stays in a core's second-level cache


def attention(q: Tensor, k: Tensor, v: Tensor, dropout: Dropout) -> Tensor:
    """dropout(softmax(q k^T / sqrt(width))) v (Vaswani et al. 2017, section 3.2.1).

    q: [heads, queries, width]; k, v: [heads, seq_len, width].  Returns [heads, queries, width].
    """
    q = q / math.sqrt(q.shape[-1])
    if q.shape[1] == 1:  # products of a matrix and one row are slower than sums
        weights = dropout((q * k).sum(-1, keepdim=True).softmax(1))  # [heads, seq_len, 1]
        last: Tensor = (weights * v).sum(1, keepdim=True)
        return last
    if q.device.type != "cpu":
        return torch.bmm(dropout(torch.bmm(q, k.mT).softmax(-1)), v)
    dropped = dropout.positions(len(q) * q.shape[1] * k.shape[1])
    mixed: Tensor = Attention.apply(q, k, v, dropped, dropout.scale)  # type: ignore[no-untyped-call]
    return mixed


class Attention(torch.autograd.Function):
    """Keeps the softmax and which of its values are dropped; works on a few heads at a time."""

    @staticmethod
    def forward(ctx: Any, q: Tensor, k: Tensor, v: Tensor, dropped: Tensor, scale: float) -> Tensor:
        """dropped: positions in the softmax's values, ascending -> [heads, queries, width]."""
        y = q.new_empty(q.shape)
        scores = q.shape[1] * k.shape[1]  # of a head
        chunks = in_chunks(len(q), max(1, SCORES_AT_A_TIME // scores), scores, dropped)
        softmaxes = []
        for heads, dropped_here in chunks:
            softmax = torch.bmm(q[heads], k[heads].mT).softmax(-1)  # [heads here, queries, seq_len]
            torch.bmm(drop(softmax * scale, dropped_here), v[heads], out=y[heads])
            if ctx.needs_input_grad[0]:  # without gradients, nothing is kept
                softmaxes.append(softmax)
        ctx.save_for_backward(q, k, v, y, *softmaxes)
        ctx.chunks, ctx.scale = chunks, scale
        return y

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        """grad: [heads, queries, width] -> the gradients of forward's arguments.

        With P the softmax and K its kept values, scaled: dP = dK * K / P, and the softmax's own
        gradient P * (dP - sum(P * dP)) is K * dK - P * sum(grad * y).
        """
        q, k, v, y, *softmaxes = ctx.saved_tensors
        grad_q, grad_k, grad_v = q.new_empty(q.shape), k.new_empty(k.shape), v.new_empty(v.shape)
        shared = (grad * y).sum(-1, keepdim=True)  # [heads, queries, 1]
        for (heads, dropped_here), softmax in zip(ctx.chunks, softmaxes, strict=True):
            kept = drop(softmax * ctx.scale, dropped_here)
            torch.bmm(kept.mT, grad[heads], out=grad_v[heads])
            grad_scores = kept.mul_(torch.bmm(grad[heads], v[heads].mT))
            grad_scores.addcmul_(softmax, shared[heads], value=-1)
            torch.bmm(grad_scores, k[heads], out=grad_q[heads])
            torch.bmm(grad_scores.mT, q[heads], out=grad_k[heads])
        return grad_q, grad_k, grad_v, None, None
