"""Everything that was made faster computes the same as the plain formula."""

import copy
import math
from collections.abc import Callable
from typing import Literal

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.autograd import gradcheck
from torch.nn.functional import linear

from seqcompare.models.kernels import attention as attention_module
from seqcompare.models.kernels import feed_forward as feed_forward_module
from seqcompare.models.kernels import products
from seqcompare.models.kernels.attention import Attention, attention
from seqcompare.models.kernels.dropout import Dropout, set_generator
from seqcompare.models.kernels.feed_forward import FeedForward, feed_forward
from seqcompare.models.kernels.products import product
from seqcompare.models.transformer import EncoderLayer, Transformer, positional_encoding

NOTHING_DROPPED = torch.empty(0, dtype=torch.int64)


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


def assert_same(one: list[Tensor], other: list[Tensor], tolerance: float = 1e-9) -> None:
    assert len(one) == len(other)
    for a, b in zip(one, other, strict=True):
        torch.testing.assert_close(a, b, rtol=tolerance, atol=tolerance)


# ---- products of matrices ----


@given(*[st.integers(1, 40)] * 3, *[st.booleans()] * 4)
def test_a_product_equals_the_plain_formula_however_the_matrices_lie_in_memory(
    rows: int, depth: int, columns: int, a_lies: bool, b_lies: bool, biased: bool, relu: bool
) -> None:
    a, b = (
        normal(depth, length, seed=length).t() if lies else normal(length, depth, seed=length)
        for length, lies in ((rows, a_lies), (columns, b_lies))
    )
    bias = normal(columns) if biased else None
    plain = linear(a, b, bias)
    fast = product(a.float(), b.float(), bias.float() if biased else None, relu)
    torch.testing.assert_close(fast.double(), plain.relu() if relu else plain, rtol=0, atol=1e-4)


@pytest.mark.parametrize("onednn", [True, False])
def test_a_linear_layer_and_its_gradients_equal_torchs_own(
    onednn: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(products, "ONEDNN", onednn and products.ONEDNN)
    inputs = [each.float() for each in (normal(3, 5, 8), normal(4, 8, seed=1), normal(4, seed=2))]
    for a, b in zip(gradients(products.linear, *inputs), gradients(linear, *inputs), strict=True):
        torch.testing.assert_close(a, b)


# ---- feed-forward block ----


def plain_feed_forward(mask: Tensor) -> Callable[..., Tensor]:
    def function(x: Tensor, w1: Tensor, b1: Tensor, w2: Tensor, b2: Tensor) -> Tensor:
        return linear(linear(x, w1, b1).relu() * mask, w2, b2)

    return function


@pytest.mark.parametrize(
    ("dtype", "tolerance"),
    [(torch.float64, 1e-9), (torch.float32, 1e-3)],
    ids=["float64", "float32"],
)
@pytest.mark.parametrize("rows", [1, 640, 700])
def test_the_feed_forward_block_equals_the_plain_formula_under_the_same_mask(
    rows: int, dtype: torch.dtype, tolerance: float
) -> None:
    width, d_model = 24, 6
    inputs = (
        normal(rows, d_model),
        normal(width, d_model),
        normal(width),
        normal(d_model, width),
        normal(d_model, seed=5),
    )
    dropout = dropout_with(0.3)
    dropped = dropout.positions(rows * width)
    mask = torch.full((rows * width,), dropout.scale, dtype=torch.float64)
    mask[dropped] = 0
    plain = gradients(plain_feed_forward(mask.view(rows, width)), *inputs)
    inputs = tuple(each.to(dtype) for each in inputs)
    fast = gradients(lambda *a: FeedForward.apply(*a, dropped, dropout.scale), *inputs)
    assert_same([each.double() for each in fast], plain, tolerance)


def test_the_feed_forward_block_passes_a_numerical_check_of_its_gradients(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(feed_forward_module, "ROWS_AT_A_TIME", 2)
    inputs = [normal(5, 3), normal(4, 3), normal(4), normal(3, 4), normal(3)]
    dropped = torch.tensor([1, 7, 13])
    assert gradcheck(
        lambda *a: FeedForward.apply(*a, dropped, 1.25), [i.requires_grad_() for i in inputs]
    )


@pytest.mark.parametrize("rows", [5, 700])
def test_without_gradients_the_feed_forward_block_gives_the_same_values(rows: int) -> None:
    inner, outer = nn.Linear(6, 24), nn.Linear(24, 6)
    dropout = Dropout(0.3).eval()
    x = torch.randn(rows, 6)
    with_gradients = feed_forward(x, inner, outer, dropout).detach()
    with torch.no_grad():
        torch.testing.assert_close(feed_forward(x, inner, outer, dropout), with_gradients)


# ---- attention ----


def plain_attention(mask: Tensor) -> Callable[..., Tensor]:
    def function(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        scores = q @ k.mT / math.sqrt(q.shape[-1])
        return (scores.softmax(-1) * mask) @ v

    return function


def test_attention_equals_the_plain_formula_under_the_same_mask(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(attention_module, "SCORES_AT_A_TIME", 3 * 7 * 7)  # three heads at a time
    heads, seq_len, width = 8, 7, 4
    q, k, v = (normal(heads, seq_len, width, seed=seed) for seed in range(3))
    dropout = dropout_with(0.3)
    dropped = dropout.positions(heads * seq_len * seq_len)
    mask = torch.full((heads * seq_len * seq_len,), dropout.scale, dtype=torch.float64)
    mask[dropped] = 0
    fast = gradients(
        lambda q, k, v: Attention.apply(q / math.sqrt(width), k, v, dropped, dropout.scale), q, k, v
    )
    assert_same(fast, gradients(plain_attention(mask.view(heads, seq_len, seq_len)), q, k, v))


@pytest.mark.parametrize("queries", [1, 7])
def test_attention_without_dropout_equals_the_plain_formula(queries: int) -> None:
    q, k, v = normal(8, queries, 4), normal(8, 7, 4, seed=1), normal(8, 7, 4, seed=2)
    fast = gradients(lambda *qkv: attention(*qkv, Dropout(0.0)), q, k, v)
    assert_same(fast, gradients(plain_attention(torch.ones(8, queries, 7)), q, k, v))


# ---- dropout ----


@settings(deadline=None)
@given(p=st.floats(0.01, 0.9), seed=st.integers(0, 1000))
def test_dropped_positions_are_ascending_and_within_the_count(p: float, seed: int) -> None:
    positions = dropout_with(p, seed).positions(5000)
    assert (positions.diff() > 0).all()
    assert not len(positions) or (positions[0] >= 0 and positions[-1] < 5000)


@pytest.mark.parametrize("p", [0.05, 0.1, 0.5, 0.9])
def test_each_value_is_dropped_with_probability_p(p: float) -> None:
    count = 2_000_000
    share = len(dropout_with(p).positions(count)) / count
    assert share == pytest.approx(p, abs=5 * math.sqrt(p * (1 - p) / count))


@pytest.mark.parametrize("p", [5e-324, 1e-12])
def test_a_probability_of_almost_nothing_drops_nothing(p: float) -> None:
    assert len(dropout_with(p).positions(100_000)) == 0


def test_whether_a_value_is_dropped_says_nothing_about_its_neighbour() -> None:
    count = 2_000_000
    kept = torch.ones(count)
    kept[dropout_with(0.1).positions(count)] = 0
    both = ((1 - kept[:-1]) * (1 - kept[1:])).mean().item()
    assert both == pytest.approx(0.01, abs=5 * math.sqrt(0.01 / count))


def test_dropout_keeps_the_mean() -> None:
    y = dropout_with(0.3)(torch.ones(1_000_000))
    assert y.mean().item() == pytest.approx(1, abs=0.005)


def test_the_same_generator_state_drops_the_same_values() -> None:
    assert torch.equal(dropout_with(0.1, 3).positions(1000), dropout_with(0.1, 3).positions(1000))


def test_dropout_without_a_generator_is_refused() -> None:
    with pytest.raises(RuntimeError, match="set_generator"):
        Dropout(0.1).train()(torch.ones(10))


# ---- the whole Transformer ----


def reference_of(ours: Transformer, dim_feedforward: int) -> nn.Module:
    """nn.TransformerEncoder on all positions, with the weights of our network."""
    layer = nn.TransformerEncoderLayer(
        16, 4, dim_feedforward, dropout=0.0, batch_first=True, dtype=torch.float64
    )
    encoder = nn.TransformerEncoder(layer, len(ours.layers), enable_nested_tensor=False)
    encoder.layers.load_state_dict(ours.layers.state_dict())

    class Reference(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.input, self.encoder, self.head = copy.deepcopy(ours.input), encoder, ours.head
            self.positions = copy.deepcopy(ours.positions)

        def forward(self, x: Tensor) -> Tensor:
            hidden = self.input(x.unsqueeze(-1))
            if self.positions is None:
                hidden = hidden + positional_encoding(*hidden.shape[1:], hidden.device).squeeze(1)
            else:
                hidden = hidden + self.positions
            result: Tensor = self.head(self.encoder(hidden)[:, -1]).squeeze(-1)
            return result

    return Reference().train()


@pytest.mark.parametrize("positions", ["learned", "sinusoidal"])
@pytest.mark.parametrize("seq_len", [1, 2, 20])
def test_the_transformer_computes_what_torchs_encoder_computes(
    seq_len: int, positions: Literal["learned", "sinusoidal"]
) -> None:
    torch.manual_seed(0)
    ours = Transformer(seq_len, 16, 4, 2, 32, 0.0, positions).double().train()
    reference = reference_of(ours, 32)
    x = normal(13, seq_len)
    torch.testing.assert_close(ours(x), reference(x))
    ours(x).square().sum().backward()
    fast = {name: p.grad for name, p in ours.named_parameters() if not name.startswith("head")}
    reference(x).square().sum().backward()
    plain = {
        name.removeprefix("encoder."): p.grad
        for name, p in reference.named_parameters()
        if not name.startswith("head")  # which both share
    }
    assert fast.keys() == plain.keys()
    for name in fast:
        torch.testing.assert_close(fast[name], plain[name], rtol=1e-7, atol=1e-9)


def test_a_layer_has_the_parameters_of_torchs_own() -> None:
    ours = EncoderLayer(16, 4, 32, 0.1).state_dict()
    torchs = nn.TransformerEncoderLayer(16, 4, 32).state_dict()
    assert {k: v.shape for k, v in ours.items()} == {k: v.shape for k, v in torchs.items()}


def test_positions_are_encoded_as_vaswani_et_al_do() -> None:
    encoding = positional_encoding(30, 8, torch.device("cpu")).squeeze(1)
    for position in (0, 1, 29):
        for i in range(4):
            angle = position / 10000 ** (2 * i / 8)
            assert encoding[position, 2 * i].item() == pytest.approx(math.sin(angle), abs=1e-5)
            assert encoding[position, 2 * i + 1].item() == pytest.approx(math.cos(angle), abs=1e-5)
