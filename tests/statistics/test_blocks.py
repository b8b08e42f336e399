"""The block bootstrap, against one that is plain, and by simulation."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from simulated import linear_losses, share_and_error
from sine import N_TEST

from seqcompare.core.types import Floats
from seqcompare.statistics.blocks import block_interval, block_length, draw_blocks
from seqcompare.statistics.estimates import Interval

LOSSES = arrays(np.float64, 60, elements=st.integers(0, 9).map(float))


def plain_block_interval(losses: Floats, starts: Floats, confidence: float) -> tuple[float, float]:
    """The same interval, one resample and one block at a time."""
    n, length = losses.size, block_length(losses.size)
    every = [losses[i : i + length].mean() for i in range(n - length + 1)]
    error = np.std(every) * math.sqrt(length / (n - length))
    ratios = []
    for row in starts:
        drawn = [losses[int(start) : int(start) + length].mean() for start in row]
        spread = np.std(drawn, ddof=1) / math.sqrt(len(drawn))
        ratios.append(abs(np.mean(drawn) - np.mean(every)) / spread)
    margin = error * sorted(ratios)[math.ceil(confidence * (len(ratios) - 1))]
    return losses.mean() - margin, losses.mean() + margin


def test_the_vectorised_bootstrap_equals_the_plain_one(rng: np.random.Generator) -> None:
    losses, starts = rng.exponential(size=100), draw_blocks(100, 199, rng)
    interval = block_interval(losses, starts, 0.95)
    assert interval is not None
    assert (interval.low, interval.high) == pytest.approx(
        plain_block_interval(losses, starts.astype(np.float64), 0.95)
    )


@pytest.mark.parametrize(("n_losses", "length"), [(40, 7), (64, 8), (180, 12), (1000, 20)])
def test_blocks_grow_with_the_cube_root_of_the_test_part(n_losses: int, length: int) -> None:
    assert block_length(n_losses) == length


@given(n_losses=st.integers(40, 400))
def test_every_block_lies_inside_the_test_part(n_losses: int) -> None:
    starts = draw_blocks(n_losses, 50, np.random.default_rng(0))
    assert 0 <= starts.min() <= starts.max() <= n_losses - block_length(n_losses)


def test_the_same_generator_draws_the_same_blocks() -> None:
    first, second = (draw_blocks(180, 9, np.random.default_rng(5)) for _ in range(2))
    assert np.array_equal(first, second)


@given(losses=LOSSES, shift=st.floats(-5, 5), scale=st.floats(0.1, 10))
def test_the_block_interval_moves_and_scales_with_the_losses(
    losses: Floats, shift: float, scale: float
) -> None:
    starts = draw_blocks(60, 99, np.random.default_rng(0))
    plain = block_interval(losses, starts, 0.9)
    moved = block_interval(shift + scale * losses, starts, 0.9)
    assert (moved is None) == (plain is None)
    if moved is not None and plain is not None:
        expected = (shift + scale * plain.low, shift + scale * plain.high)
        assert (moved.low, moved.high) == pytest.approx(expected, rel=1e-6, abs=1e-6)


def test_losses_that_never_vary_have_an_interval_of_no_width() -> None:
    starts = draw_blocks(50, 99, np.random.default_rng(0))
    assert block_interval(np.full(50, 0.5), starts, 0.95) == Interval(0.5, 0.5)


def test_a_loss_in_one_block_alone_has_no_block_interval() -> None:
    starts = draw_blocks(50, 99, np.random.default_rng(0))
    assert block_interval(np.eye(50)[0], starts, 0.95) is None


def test_a_short_test_part_has_no_block_interval() -> None:
    starts = draw_blocks(39, 99, np.random.default_rng(0))
    assert block_interval(np.arange(39.0), starts, 0.95) is None


# Does it keep its word? Simulations


def losses_of(kind: str, seed: int) -> tuple[Floats, float]:
    """Losses [test], or their difference, and what their mean estimates."""
    if kind == "white":
        return np.random.default_rng(seed).standard_normal(N_TEST) ** 2, 1.0
    linear = linear_losses(seed)
    if kind in linear:
        return linear[kind]
    (ar, ar_expected), (naive, naive_expected) = linear["ar"], linear["persistence"]
    return ar - naive, ar_expected - naive_expected


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["white", "ar", "persistence", "ar - persistence"])
def test_the_block_interval_covers_the_expected_loss(kind: str, rng: np.random.Generator) -> None:
    hits = np.empty(4000)
    for seed in range(hits.size):
        losses, expected = losses_of(kind, seed)
        interval = block_interval(losses, draw_blocks(N_TEST, 999, rng), 0.95)
        hits[seed] = interval is not None and interval.holds(expected)
    share, error = share_and_error(hits, 0.95, f"block bootstrap, {kind}")
    assert abs(share - 0.95) < 2 * error
