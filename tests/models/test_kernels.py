"""Everything that was made faster computes the same as the plain formula."""

import math
from collections.abc import Callable
from typing import Literal

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import linear

from seqcompare.models.kernels import attention as attention_module
from seqcompare.models.kernels import products
from seqcompare.models.kernels.attention import attention
from seqcompare.models.kernels.dropout import Dropout, set_generator
from seqcompare.models.kernels.feed_forward import FeedForward, feed_forward
from seqcompare.models.transformer import Transformer, positional_encoding


def normal(*shape: int, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, dtype=torch.float64, generator=generator)


def dropout_with(p: float, seed: int = 0) -> Dropout:
    dropout = Dropout(p).train()
    set_generator(dropout, torch.Generator().manual_seed(seed))
    return dropout


def gradients(function: Callable[..., Tensor], *inputs: Tensor) -> list[Tensor]:
    """The output, and the gradient of a weighted sum of it with respect to every input."""
    leaves = [each.detach().clone().requires_grad_() for each in inputs]
    output = function(*leaves)
    (output * normal(*output.shape, seed=9)).sum().backward()
    return [output.detach(), *(leaf.grad for leaf in leaves if leaf.grad is not None)]


def mask_of(dropout: Dropout, dropped: Tensor, *shape: int) -> Tensor:
    mask = torch.full((math.prod(shape),), dropout.scale, dtype=torch.float64)
    mask[dropped] = 0
    return mask.view(shape)


def assert_same(one: list[Tensor], other: list[Tensor], tolerance: float = 1e-9) -> None:
    torch.testing.assert_close(one, other, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("onednn", [True, False])
def test_a_linear_layer_and_its_gradients_equal_torchs_own(
    onednn: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(products, "ONEDNN", onednn and products.ONEDNN)
    inputs = [each.float() for each in (normal(3, 5, 8), normal(4, 8, seed=1), normal(4, seed=2))]
    fast, plain = (gradients(function, *inputs) for function in (products.linear, linear))
    torch.testing.assert_close(fast, plain)


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-9), (torch.float32, 1e-3)])
@pytest.mark.parametrize("rows", [1, 640, 700])
def test_the_feed_forward_block_equals_the_plain_formula_under_the_same_mask(
    rows: int, dtype: torch.dtype, tolerance: float
) -> None:
    shapes = ((rows, 6), (24, 6), (24,), (6, 24), (6,))  # x, inner weight, bias, outer weight, bias
    inputs = [normal(*shape, seed=seed) for seed, shape in enumerate(shapes)]
    dropout = dropout_with(0.3)
    dropped = dropout.positions(rows * 24)
    mask = mask_of(dropout, dropped, rows, 24)
    plain = gradients(
        lambda x, w1, b1, w2, b2: linear(linear(x, w1, b1).relu() * mask, w2, b2), *inputs
    )
    inputs = [each.to(dtype) for each in inputs]
    fast = gradients(lambda *a: FeedForward.apply(dropped, dropout.scale, *a), *inputs)
    assert_same([each.double() for each in fast], plain, tolerance)


def test_without_gradients_the_feed_forward_block_gives_the_same_values() -> None:
    inner, outer, dropout = nn.Linear(6, 24), nn.Linear(24, 6), Dropout(0.3).eval()
    x = torch.randn(700, 6)
    with_gradients = feed_forward(x, inner, outer, dropout).detach()
    with torch.no_grad():
        torch.testing.assert_close(feed_forward(x, inner, outer, dropout), with_gradients)


@pytest.mark.parametrize("queries", [1, 7])
def test_attention_equals_the_plain_formula_under_the_same_mask(
    queries: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attention_module, "SCORES_AT_A_TIME", 3 * 7 * 7)  # three heads at a time
    qkv = normal(8, queries, 4), normal(8, 7, 4, seed=1), normal(8, 7, 4, seed=2)
    dropped = dropout_with(0.3).positions(8 * queries * 7)
    mask = mask_of(dropout_with(0.3), dropped, 8, queries, 7)
    fast = gradients(lambda *each: attention(*each, dropout_with(0.3)), *qkv)
    plain = gradients(lambda q, k, v: ((q @ k.mT / 2).softmax(-1) * mask) @ v, *qkv)
    assert_same(fast, plain, 1e-6)


@pytest.mark.parametrize("p", [5e-324, 1e-12, 0.05, 0.1, 0.5, 0.9])
def test_each_value_is_dropped_with_probability_p_whatever_its_neighbour(p: float) -> None:
    count = 2_000_000
    dropped = dropout_with(p)(torch.ones(count)) == 0
    both = dropped[:-1] & dropped[1:]
    for which, share in ((dropped, p), (both, p * p)):
        tolerance = 1e-9 + 5 * math.sqrt(share / count)
        assert which.float().mean().item() == pytest.approx(share, abs=tolerance)


@pytest.mark.parametrize("positions", ["learned", "sinusoidal"])
@pytest.mark.parametrize("seq_len", [1, 2, 20])
def test_the_transformer_computes_what_torchs_encoder_computes(
    seq_len: int, positions: Literal["learned", "sinusoidal"]
) -> None:
    torch.manual_seed(0)
    ours = Transformer(seq_len, 16, 4, 2, 32, 0.0, positions).double().train()
    layer = nn.TransformerEncoderLayer(16, 4, 32, 0.0, batch_first=True, dtype=torch.float64)
    encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
    encoder.layers.load_state_dict(ours.layers.state_dict())
    x = normal(13, seq_len)
    encoding = positional_encoding(seq_len, 16, x.device).squeeze(1)
    added = encoding if ours.positions is None else ours.positions
    plain = ours.head(encoder(ours.input(x.unsqueeze(-1)) + added)[:, -1]).squeeze(-1)
    torch.testing.assert_close(ours(x), plain)
    shared = {name: p for name, p in ours.named_parameters() if not name.startswith("layers.")}
    gradients = [
        dict(zip(leaves, torch.autograd.grad(y.square().sum(), list(leaves.values())), strict=True))
        for y, layers in ((ours(x), ours.layers), (plain, encoder.layers))
        for leaves in [shared | dict(layers.named_parameters())]
    ]
    torch.testing.assert_close(*gradients, rtol=1e-7, atol=1e-9)


def test_positions_are_encoded_as_vaswani_et_al_do() -> None:
    encoding = positional_encoding(30, 8, torch.device("cpu")).squeeze(1)
    for position in (0, 1, 29):
        angles = [position / 10000 ** (2 * i / 8) for i in range(4)]
        pairs = [wave(angle) for angle in angles for wave in (math.sin, math.cos)]
        assert encoding[position].tolist() == pytest.approx(pairs, abs=1e-5)
