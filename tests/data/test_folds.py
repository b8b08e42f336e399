"""Folds: consecutive pieces of the test part, each held out from the models that predict it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from strategies import Cut, cuts

from seqcompare.core.errors import InputError
from seqcompare.core.limits import FEWEST_WINDOWS
from seqcompare.core.sections.split import Split
from seqcompare.data.windows import cut_folds, fit_scale


def test_more_folds_than_test_targets_are_refused() -> None:
    with pytest.raises((InputError, ValidationError), match=r"split\.folds is 6.*at most 5 folds"):
        Split(train=None, validation=0, test=5, folds=6)


@given(cut=cuts(), data=st.data())
def test_trained_on_are_the_last_targets_before_what_is_held_out(
    cut: Cut, data: st.DataObject
) -> None:
    train = data.draw(st.integers(FEWEST_WINDOWS, cut.most))
    limited = cut.split.model_copy(update={"train": train})
    for (everything, *held_out), (last, *still_held_out) in zip(
        cut.split.targets(cut.size, cut.seq_len),
        limited.targets(cut.size, cut.seq_len),
        strict=True,
    ):
        assert list(last) == list(everything)[-train:]
        assert len(last) == train
        assert still_held_out == held_out


@given(cut=cuts(), more=st.integers(1, 1000))
def test_more_training_targets_than_there_are_are_refused_with_how_many_there_are(
    cut: Cut, more: int
) -> None:
    train = cut.most + more
    split = cut.split.model_copy(update={"train": train})
    with pytest.raises(InputError, match=rf"split\.train is {train}, .*: at most {cut.most}, or"):
        split.targets(cut.size, cut.seq_len)


@given(st.integers(FEWEST_WINDOWS, 79), st.floats(-100, 100))
def test_a_scale_is_fitted_on_all_before_the_last_training_target_and_nothing_after(
    train: int, later: float
) -> None:
    values = np.sin(np.arange(100.0))
    split = Split(train=train, validation=5, test=10, folds=1)
    scale = cut_folds(100, 6, split, "standard").of(values)[0].scale
    assert scale == fit_scale(values[:85], "standard")
    future = np.append(values[:85], np.full(15, later))
    assert cut_folds(100, 6, split, "standard").of(future)[0].scale == scale
