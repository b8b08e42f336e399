"""Section `split`: which values of a series train, validate and test."""

from itertools import pairwise
from typing import Annotated, Self

from pydantic import Field, NonNegativeInt, PositiveInt, model_validator

from seqcompare.core.errors import ParamsError
from seqcompare.core.limits import FEWEST_WINDOWS, LARGEST_SERIES, Count
from seqcompare.core.schema import Section


class Split(Section):
    train: Annotated[Count, Field(ge=FEWEST_WINDOWS)] | None = Field(
        description="last targets before those held out from a fold's models; null: all of them"
    )
    validation: Annotated[NonNegativeInt, Field(le=LARGEST_SERIES)] = Field(
        description="targets just before the test part"
    )
    test: Count = Field(description="last targets of the series")
    folds: Annotated[PositiveInt, Field(le=1000)] = Field(
        description="consecutive pieces of the test part, each by models trained on all before it"
    )

    @model_validator(mode="after")
    def _a_fold_has_a_target(self) -> Self:
        if self.folds > self.test:
            raise ParamsError(
                f"split.folds is {self.folds}, but split.test is {self.test}: each "
                f"fold needs a target: at most {self.test} folds"
            )
        return self

    def targets(self, size: int, seq_len: int) -> list[tuple[range, range, range]]:
        """Which values of a series of `size` are training, validation and test targets, by fold.

        Counted from the end, so that the test targets are the same for every seq_len.
        Raises InputError when fewer than 2 training windows are left.
        """
        self._check_size(size, seq_len)
        first = size - self.test
        bounds = [first + self.test * fold // self.folds for fold in range(self.folds + 1)]
        return [
            (
                self._train(seq_len, start - self.validation),
                range(start - self.validation, start),
                range(start, end),
            )
            for start, end in pairwise(bounds)
        ]

    def _train(self, seq_len: int, stop: int) -> range:
        return range(seq_len if self.train is None else stop - self.train, stop)

    def _check_size(self, size: int, seq_len: int) -> None:
        test_start = size - self.test
        validation_start = test_start - self.validation
        longest = validation_start - FEWEST_WINDOWS
        if seq_len > longest:
            kept = f"{self.test} of them are for testing"
            if self.validation:
                kept += f" and {self.validation} for validation"
            way_out = (
                f"at most {longest} leaves two training windows, which an autoregression needs"
                if longest > 0
                else "no seq_len leaves two training windows: lower split.test or split.validation"
            )
            raise ParamsError(
                f"seq_len is {seq_len}, but the series has {size} points and {kept}: {way_out}"
            )
        there = validation_start - seq_len
        if self.train is not None and self.train > there:
            raise ParamsError(
                f"split.train is {self.train}, but of {size} points {there} can be trained on, "
                f"after seq_len {seq_len} values and before those held out: at most {there}, or "
                "null for all"
            )
