"""Operation counts of each network against what torch counts: 2 flops a multiply-accumulate."""

from typing import Any

import pytest
import torch
from conftest import default_settings
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from seqcompare.core.types import Setting
from seqcompare.models import count_operations

DEFAULTS: dict[str, Setting] = default_settings()["models"]["transformer"]


class PlainTransformer(nn.Module):
    """models/transformer.py in public operators: the last layer for the last position only."""

    def __init__(self, d: int, heads: int, layers: int, f: int) -> None:
        super().__init__()
        self.heads = heads
        self.input, self.head = nn.Linear(1, d), nn.Linear(d, 1)
        self.layers = nn.ModuleList(
            nn.ModuleList([*(nn.Linear(d, d) for _ in range(4)), nn.Linear(d, f), nn.Linear(f, d)])
            for _ in range(layers)
        )

    def forward(self, x: Tensor) -> Tensor:
        """x: [batch, seq_len]. Returns [batch]."""
        hidden = self.input(x.unsqueeze(-1))  # [batch, seq_len, d]
        for layer in self.layers:
            query, key, value, out, inner, outer = layer
            asking = hidden[:, -1:] if layer is self.layers[-1] else hidden
            q, k, v = (
                part.unflatten(-1, (self.heads, -1)).transpose(1, 2)
                for part in (query(asking), key(hidden), value(hidden))
            )  # [batch, heads, positions, d / heads]
            mixed = (q @ k.mT).softmax(-1) @ v
            asking = asking + out(mixed.transpose(1, 2).flatten(-2))
            hidden = asking + outer(inner(asking).relu())
        return self.head(hidden[:, -1]).squeeze(-1)


class PlainLSTM(nn.Module):
    """nn.LSTM as steps of nn.LSTMCell, which the counter sees on the meta device."""

    def __init__(self, hidden_size: int, num_layers: int) -> None:
        super().__init__()
        sizes = [1] + [hidden_size] * (num_layers - 1)
        self.cells = nn.ModuleList(nn.LSTMCell(size, hidden_size) for size in sizes)
        self.head = nn.Linear(hidden_size, 1)

    def forward(self, x: Tensor) -> Tensor:
        """x: [batch, seq_len]. Returns [batch]."""
        states = [None] * len(self.cells)
        for step in range(x.shape[1]):
            value = x[:, step : step + 1]
            for layer, cell in enumerate(self.cells):
                states[layer] = cell(value, states[layer])
                value = states[layer][0]
        return self.head(value).squeeze(-1)


PLAIN = {"transformer": PlainTransformer, "lstm": PlainLSTM}


def counted_macs(network: nn.Module, batch: int, n: int) -> tuple[float, float]:
    """Per window: of the forward pass, and of forward and backward pass."""
    network = network.to("meta")
    inputs = torch.empty(batch, n, device="meta")
    with FlopCounterMode(display=False) as forward:
        prediction = network(inputs)
    with FlopCounterMode(display=False) as backward:
        prediction.sum().backward()
    predict, more = (each.get_total_flops() / 2 / batch for each in (forward, backward))
    return predict, predict + more


@pytest.mark.parametrize("n", [1, 2, 7])
@pytest.mark.parametrize(
    ("name", "sizes"),
    [
        ("transformer", {"d_model": 8, "nhead": 2, "num_layers": 1, "dim_feedforward": 16}),
        ("transformer", {"d_model": 8, "nhead": 2, "num_layers": 2, "dim_feedforward": 16}),
        ("transformer", {"d_model": 12, "nhead": 3, "num_layers": 3, "dim_feedforward": 20}),
        ("lstm", {"hidden_size": 8, "num_layers": 1}),
        ("lstm", {"hidden_size": 5, "num_layers": 3}),
    ],
)
def test_the_formula_equals_the_count(name: str, sizes: dict[str, int], n: int) -> None:
    plain: nn.Module = PLAIN[name](*sizes.values())
    known: Any = count_operations(name, (DEFAULTS if name == "transformer" else {}) | sizes)
    assert (known.predict.at(n), known.train.at(n)) == counted_macs(plain, 3, n)


def test_only_the_transformer_has_a_quadratic_part() -> None:
    lstm: Any = count_operations("lstm", {"hidden_size": 64, "num_layers": 2})
    transformer: Any = count_operations("transformer", DEFAULTS)
    assert lstm.train.quadratic == 0
    assert transformer.train.quadratic == 3 * 2 * 64  # of its one full layer
