"""Windows are views; the parts of a split share no target; scales see no future."""

from typing import Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqcompare.core.arrays import Floats
from seqcompare.core.errors import InputError
from seqcompare.core.sections.split import Split
from seqcompare.data.windows import Parts, Scale, cut_folds, cut_windows, fit_scale

VALUES = np.random.default_rng(0).normal(size=1000).cumsum()
PARTS = Split(train=None, test=180, validation=0, folds=1)
FOLDS = Split(train=None, test=180, validation=10, folds=4)
Kind = Literal["none", "standard"]


def parts(values: Floats, seq_len: int, scale: Kind = "none", split: Split = PARTS) -> list[Parts]:
    return list(cut_folds(len(values), seq_len, split, scale).of(values))


def only(values: Floats, seq_len: int, scale: Kind = "none") -> Parts:
    (part,) = parts(values, seq_len, scale)
    return part


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
    split = only(VALUES, seq_len)
    assert split.test == range(820, 1000)
    assert len(cut_windows(VALUES, seq_len, split.test).targets) == 180


@given(st.integers(1, 818))
def test_no_training_target_lies_in_the_test_span(seq_len: int) -> None:
    split = only(VALUES, seq_len)
    assert set(split.train).isdisjoint(split.test)


def test_the_tutorials_split_has_800_training_windows() -> None:
    assert len(only(VALUES, 20).train) == 800


@pytest.mark.parametrize("split", [PARTS, FOLDS], ids=["one fold", "four folds"])
def test_a_scale_is_fitted_on_the_training_part_alone(split: Split) -> None:
    for fold, part in enumerate(parts(VALUES, 20, "standard", split)):
        future = VALUES.copy()
        future[part.train.stop :] = 1e6
        assert parts(future, 20, "standard", split)[fold] == part


def test_a_later_fold_fits_its_scale_on_what_the_folds_before_it_tested() -> None:
    scales = [part.scale for part in parts(VALUES, 20, "standard", FOLDS)]
    assert len(set(scales)) == 4
    assert scales == [fit_scale(VALUES[:stop], "standard") for stop in (810, 855, 900, 945)]


def test_a_standard_scale_gives_the_training_part_zero_mean_and_unit_variance() -> None:
    scaled = only(VALUES, 20, "standard").scale.apply(VALUES[None, :820])
    assert (scaled.mean(), scaled.std()) == pytest.approx((0, 1))


def test_without_a_scale_models_see_the_values_themselves() -> None:
    assert (only(VALUES, 20).scale.apply(VALUES[None]) == VALUES).all()


def test_a_training_part_that_never_varies_has_no_standard_scale() -> None:
    values = np.full(1000, 0.1)
    values[820:] = VALUES[820:]
    with pytest.raises(InputError, match=r"the first 820 values, which train, are all 0\.1: set"):
        only(values, 20, "standard")


@pytest.mark.parametrize(
    "targets", [range(19, 30), range(990, 1001)], ids=["too early", "too late"]
)
def test_targets_that_do_not_fit_the_series_are_refused(targets: range) -> None:
    with pytest.raises(InputError, match=f"targets {targets.start} to {targets.stop} do not fit"):
        cut_windows(VALUES, 20, targets)


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e3), st.floats(-1e6, 1e6))
def test_undoing_a_scale_gives_the_value_back(mean: float, std: float, value: float) -> None:
    scale = Scale(mean, std)
    window = np.array([[value]])
    given_back = scale.undo(scale.apply(window)[0], window)
    assert given_back == pytest.approx(value, rel=1e-9, abs=1e-6)
