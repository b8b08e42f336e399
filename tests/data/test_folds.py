"""Folds: consecutive pieces of the test part, each held out from the models that predict it."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import ValidationError

from seqcompare.core.errors import InputError
from seqcompare.core.params import Split
from seqcompare.data.windows import cut_folds, fit_scale


@given(
    size=st.integers(20, 300),
    seq_len=st.integers(1, 30),
    validation=st.integers(0, 30),
    test=st.integers(1, 100),
    folds=st.integers(1, 12),
)
def test_folds_cover_the_test_part_and_train_on_what_comes_before(
    size: int, seq_len: int, validation: int, test: int, folds: int
) -> None:
    assume(folds <= test and seq_len <= size - test - validation - 1)
    split = Split(train=None, validation=validation, test=test, folds=folds)
    targets = cut_folds(size, seq_len, split, "none").targets
    tested = [position for _, _, piece in targets for position in piece]
    assert tested == list(range(size - test, size))
    sizes = [len(piece) for _, _, piece in targets]
    assert max(sizes) - min(sizes) <= 1
    for train, held_out, piece in targets:
        assert train.start == seq_len
        assert train.stop == held_out.start
        assert held_out.stop == piece.start
        assert len(held_out) == validation


def test_more_folds_than_test_targets_are_refused() -> None:
    with pytest.raises((InputError, ValidationError), match=r"split\.folds is 6.*at most 5 folds"):
        Split(train=None, validation=0, test=5, folds=6)


@given(
    size=st.integers(20, 300),
    seq_len=st.integers(1, 30),
    validation=st.integers(0, 30),
    test=st.integers(1, 100),
    folds=st.integers(1, 12),
    data=st.data(),
)
def test_trained_on_are_the_last_targets_before_what_is_held_out(
    size: int, seq_len: int, validation: int, test: int, folds: int, data: st.DataObject
) -> None:
    most = size - test - validation - seq_len
    assume(folds <= test and most >= 1)
    train = data.draw(st.integers(1, most))
    all_targets, last_targets = (
        Split(train=n, validation=validation, test=test, folds=folds).targets(size, seq_len)
        for n in (None, train)
    )
    for (everything, *held_out), (last, *still_held_out) in zip(
        all_targets, last_targets, strict=True
    ):
        assert list(last) == list(everything)[-train:]
        assert len(last) == train
        assert still_held_out == held_out


@given(
    size=st.integers(20, 300),
    seq_len=st.integers(1, 30),
    validation=st.integers(0, 30),
    test=st.integers(1, 100),
    more=st.integers(1, 1000),
)
def test_more_training_targets_than_there_are_are_refused_with_how_many_there_are(
    size: int, seq_len: int, validation: int, test: int, more: int
) -> None:
    most = size - test - validation - seq_len
    assume(most >= 1)
    split = Split(train=most + more, validation=validation, test=test, folds=1)
    with pytest.raises(InputError, match=rf"split\.train is {most + more}, .*: at most {most}, or"):
        split.targets(size, seq_len)


@given(st.integers(1, 79), st.floats(-100, 100))
def test_a_scale_is_fitted_on_all_before_the_last_training_target_and_nothing_after(
    train: int, later: float
) -> None:
    values = np.sin(np.arange(100.0))
    split = Split(train=train, validation=5, test=10, folds=1)
    scale = cut_folds(100, 6, split, "standard").of(values)[0].scale
    assert scale == fit_scale(values[:85], "standard")
    future = np.append(values[:85], np.full(15, later))
    assert cut_folds(100, 6, split, "standard").of(future)[0].scale == scale
