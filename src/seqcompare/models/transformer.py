"""A Transformer encoder that predicts the value after a window.

Shapes: batch = windows, seq_len = positions in a window, d_model = width of a position,
heads x head_width = d_model.  Inside, positions come first: [seq_len, batch, d_model].
"""

import copy
import math
from collections.abc import Callable
from functools import cache
from typing import Annotated, Any, Literal

import torch
from pydantic import Field, PositiveInt
from torch import Tensor, nn

from seqcompare.models.kernels.attention import attention
from seqcompare.models.kernels.dropout import Dropout
from seqcompare.models.kernels.feed_forward import feed_forward
from seqcompare.models.kernels.products import linear
from seqcompare.models.operations import OperationCounts, Polynomial


class Transformer(nn.Module):
    """nn.TransformerEncoder between linear input and head; its last layer computes one position.

    positions: added to the input. `learned`: parameters [seq_len, d_model], standard normal at
    first, drawn after all other weights; `sinusoidal`: `positional_encoding`.
    """

    static_graph = True

    def __init__(
        self,
        seq_len: int,
        d_model: Annotated[int, Field(gt=0, multiple_of=2)],
        nhead: PositiveInt,
        num_layers: PositiveInt,
        dim_feedforward: PositiveInt,
        dropout: Annotated[float, Field(ge=0, lt=1)],
        positions: Literal["learned", "sinusoidal"],
    ) -> None:
        super().__init__()
        if d_model % nhead:
            raise ValueError(
                f"d_model is {d_model} and nhead is {nhead}: nhead must divide d_model"
            )
        self.d_model, self.dim_feedforward = d_model, dim_feedforward
        self.input = nn.Linear(1, d_model)
        layer = EncoderLayer(d_model, nhead, dim_feedforward, dropout)
        self.layers = nn.ModuleList(copy.deepcopy(layer) for _ in range(num_layers))
        self.head = nn.Linear(d_model, 1)
        self.positions: nn.Parameter | None = None
        if positions == "learned":
            self.positions = nn.Parameter(torch.empty(seq_len, d_model))
            if not self.positions.is_meta:  # on meta, drawing would import sympy
                nn.init.normal_(self.positions)

    def forward(self, x: Tensor) -> Tensor:
        """x: [batch, seq_len] -> [batch]."""
        hidden = self.input(x.t().unsqueeze(-1))  # [seq_len, batch, d_model]
        hidden = hidden + self._positions(len(hidden), hidden.device)
        *layers, last_layer = self.layers
        for layer in layers:
            hidden = layer(hidden, queries=hidden)
        hidden = last_layer(hidden, queries=hidden[-1:])  # [1, batch, d_model]
        prediction: Tensor = self.head(hidden).view(-1)  # [batch]
        return prediction

    def _positions(self, seq_len: int, device: torch.device) -> Tensor:
        """[seq_len, 1, d_model]"""
        if self.positions is None:
            return positional_encoding(seq_len, self.d_model, device)
        if len(self.positions) != seq_len:  # a single position would be broadcast
            raise ValueError(f"{len(self.positions)} learned positions, but {seq_len} values")
        return self.positions.unsqueeze(1)

    def operations(self) -> OperationCounts:
        """O(n^2 d) for attention and O(n d^2) for the rest.

        Vaswani et al. 2017, Table 1, for n positions of width d and f hidden units. A full layer:
        queries, keys, values and output 4nd^2, scores and mix of the values 2n^2 d, feed-forward
        2ndf. The last one: keys and values 2nd^2, query and output 2d^2, scores and mix 2nd,
        feed-forward 2df. Input nd, head d. The backward pass takes each product twice more, except
        for the gradient of the window (nd).
        """
        d, f, layers = self.d_model, self.dim_feedforward, len(self.layers)
        per_position = (layers - 1) * (4 * d * d + 2 * d * f) + 2 * d * d + 2 * d
        once = 2 * d * d + 2 * d * f + d
        attention = (layers - 1) * 2 * d
        return OperationCounts(
            predict=Polynomial(once, per_position + d, attention),
            train=Polynomial(3 * once, 3 * per_position + 2 * d, 3 * attention),
        )

    def attention_step(self, batch_size: int, seq_len: int) -> Callable[[], object]:
        """A function that runs one full layer's attention alone, forward and backward."""
        layer: Any = self.layers[0]
        shape = (batch_size * layer.self_attn.num_heads, seq_len, layer.self_attn.head_dim)
        device = self.head.weight.device
        q, k, v = (torch.randn(shape, device=device, requires_grad=True) for _ in range(3))
        grad = torch.randn(shape, device=device)
        return lambda: torch.autograd.grad(attention(q, k, v, layer.dropout), (q, k, v), grad)


class EncoderLayer(nn.Module):
    """nn.TransformerEncoderLayer (post-norm, ReLU), with the same parameters and names."""

    def __init__(self, d_model: int, nhead: int, dim_feedforward: int, dropout: float) -> None:
        super().__init__()
        self.self_attn = nn.MultiheadAttention(d_model, nhead)
        self.linear1 = nn.Linear(d_model, dim_feedforward)
        self.linear2 = nn.Linear(dim_feedforward, d_model)
        self.norm1 = nn.LayerNorm(d_model)
        self.norm2 = nn.LayerNorm(d_model)
        self.dropout = Dropout(dropout)

    def forward(self, x: Tensor, queries: Tensor) -> Tensor:
        """x: [seq_len, batch, d_model]; queries: those of x to compute -> its shape."""
        x = self.norm1(queries + self.dropout(self._attend(x, queries)))
        hidden = feed_forward(x, self.linear1, self.linear2, self.dropout)
        y: Tensor = self.norm2(x + self.dropout(hidden))
        return y

    def _attend(self, x: Tensor, queries: Tensor) -> Tensor:
        mha, width = self.self_attn, x.shape[-1]
        if queries is x:  # one product is faster than three
            q, k, v = linear(x, mha.in_proj_weight, mha.in_proj_bias).chunk(3, -1)
        else:
            weight_q, weight_kv = torch.split(mha.in_proj_weight, [width, 2 * width])
            bias_q, bias_kv = torch.split(mha.in_proj_bias, [width, 2 * width])
            q = linear(queries, weight_q, bias_q)  # [queries, batch, d_model]
            k, v = linear(x, weight_kv, bias_kv).chunk(2, -1)  # [seq_len, batch, d_model]
        mixed = attention(self._split(q), self._split(k), self._split(v), self.dropout)
        mixed = mixed.transpose(0, 1).reshape(queries.shape)
        return linear(mixed, mha.out_proj.weight, mha.out_proj.bias)

    def _split(self, x: Tensor) -> Tensor:
        """[time, batch, d_model] -> [batch * heads, time, head_width]."""
        return x.reshape(len(x), -1, self.self_attn.head_dim).transpose(0, 1)


@cache
def positional_encoding(seq_len: int, d_model: int, device: torch.device) -> Tensor:
    """Sines and cosines (Vaswani et al. 2017, section 3.5): [seq_len, 1, d_model]."""
    position = torch.arange(seq_len, device=device).unsqueeze(1)
    even = torch.arange(0, d_model, 2, device=device)
    angle = position * torch.exp(even * (-math.log(10000.0) / d_model))  # [seq_len, d_model / 2]
    return torch.stack([angle.sin(), angle.cos()], -1).view(seq_len, 1, d_model)
