"""Windows are views; the parts of a split share no target; scales see no future."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqcompare.core.params import Split
from seqcompare.data.windows import Scale, cut_windows, split_series

VALUES = np.random.default_rng(0).normal(size=1000).cumsum()
PARTS = Split(test=180, validation=0)


@given(st.integers(1, 30), st.integers(31, 60), st.integers(0, 40))
def test_a_window_is_the_values_just_before_its_target(seq_len: int, start: int, n: int) -> None:
    windows = cut_windows(VALUES, seq_len, range(start, start + n))
    assert windows.inputs.shape == (n, seq_len)
    for row, target in enumerate(range(start, start + n)):
        assert windows.targets[row] == VALUES[target]
        assert (windows.inputs[row] == VALUES[target - seq_len : target]).all()


def test_windows_share_the_memory_of_the_series() -> None:
    windows = cut_windows(VALUES, 20, range(20, 820))
    assert np.shares_memory(windows.inputs, VALUES)
    assert np.shares_memory(windows.targets, VALUES)


@pytest.mark.parametrize("seq_len", [20, 200])
def test_the_test_targets_are_the_last_180_for_every_seq_len(seq_len: int) -> None:
    split = split_series(VALUES, seq_len, PARTS, "none")
    assert split.test == range(820, 1000)
    assert len(cut_windows(VALUES, seq_len, split.test).targets) == 180


@given(st.integers(1, 819))
def test_no_training_target_lies_in_the_test_span(seq_len: int) -> None:
    split = split_series(VALUES, seq_len, PARTS, "none")
    assert set(split.train).isdisjoint(split.test)


def test_the_tutorials_split_has_800_training_windows() -> None:
    assert len(split_series(VALUES, 20, PARTS, "none").train) == 800


def test_a_scale_is_fitted_on_the_training_part_alone() -> None:
    future = VALUES.copy()
    future[820:] = 1e6
    assert split_series(VALUES, 20, PARTS, "standard") == split_series(
        future, 20, PARTS, "standard"
    )


def test_a_standard_scale_gives_the_training_part_zero_mean_and_unit_variance() -> None:
    scaled = split_series(VALUES, 20, PARTS, "standard").scale.apply(VALUES[:820])
    assert (scaled.mean(), scaled.std()) == pytest.approx((0, 1))


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e3), st.floats(-1e6, 1e6))
def test_undoing_a_scale_gives_the_value_back(mean: float, std: float, value: float) -> None:
    scale = Scale(mean, std)
    given_back = scale.undo(scale.apply(np.array([value])))
    assert given_back == pytest.approx(value, rel=1e-9, abs=1e-6)
