"""Operation counts of each network against what torch counts: 2 flops a multiply-accumulate."""

from typing import Any

import pytest
import torch
from conftest import default_settings
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from seqcompare.core.types import Setting
from seqcompare.models import build, count_operations, transformer

DEFAULTS: dict[str, dict[str, Setting]] = default_settings()["models"]


def as_products(q: Tensor, k: Tensor, v: Tensor, _: object) -> Tensor:
    """Attention as the products that are counted, also of one query."""
    return (q @ k.mT).softmax(-1) @ v


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
def test_the_formula_equals_the_count(
    name: str, sizes: dict[str, int], n: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transformer, "attention", as_products)
    settings = DEFAULTS[name] | sizes
    network = build(name, settings, n).double().eval()  # of 64 bits, oneDNN has no LSTM of its own
    inputs = torch.ones(3, n, dtype=torch.float64)
    with FlopCounterMode(display=False) as forward:
        prediction = network(inputs)
    with FlopCounterMode(display=False) as backward:
        prediction.sum().backward()
    predict, more = (each.get_total_flops() / 2 / 3 for each in (forward, backward))
    known: Any = count_operations(name, settings)
    assert (known.predict.at(n), known.train.at(n)) == (predict, predict + more)


def test_only_the_transformer_has_a_quadratic_part() -> None:
    quadratic = {}
    for name, settings in DEFAULTS.items():
        known: Any = count_operations(name, settings)
        quadratic[name] = known.train.quadratic
    assert quadratic == {"lstm": 0, "transformer": 3 * 2 * 64}  # of its one full layer
