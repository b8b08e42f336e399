"""Folds: consecutive pieces of the test part, each held out from the models that predict it."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import ValidationError

from seqcompare.core.errors import InputError
from seqcompare.core.params import Split
from seqcompare.data.windows import cut_folds


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
    split = Split(validation=validation, test=test, folds=folds)
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
        Split(validation=0, test=5, folds=6)
