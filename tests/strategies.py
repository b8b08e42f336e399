"""Strategies of hypothesis that several test files draw from."""

from typing import NamedTuple

from hypothesis import strategies as st

from seqcompare.core.limits import FEWEST_WINDOWS
from seqcompare.core.sections.split import Split


class Cut(NamedTuple):
    """A series of `size` values that a split leaves enough training windows of."""

    size: int
    seq_len: int
    split: Split

    @property
    def most(self) -> int:
        """Training targets of the first fold."""
        return self.size - self.split.test - self.split.validation - self.seq_len


@st.composite
def cuts(draw: st.DrawFn) -> Cut:
    """Series long enough for any seq_len, split and number of folds that are drawn with them."""
    test, validation = draw(st.integers(1, 100)), draw(st.integers(0, 30))
    folds = draw(st.integers(1, min(12, test)))
    seq_len, windows = draw(st.integers(1, 30)), draw(st.integers(FEWEST_WINDOWS, 150))
    split = Split(train=None, validation=validation, test=test, folds=folds)
    return Cut(test + validation + seq_len + windows, seq_len, split)
