"""Split as its file holds it: data/split.json, written and read."""

from typing import Annotated, Literal

from pydantic import Field, Strict

from seqcompare.core.files import load_json
from seqcompare.core.paths import SPLIT
from seqcompare.core.schema import Section, checked

Position = Annotated[int, Field(ge=0)]
Bounds = Annotated[tuple[Position, Position], Strict(False)]


class Targets(Section):
    """The positions in the series that each part of a fold begins and ends at."""

    train: Bounds
    validation: Bounds
    test: Bounds


class SplitFile(Section):
    """times: what those of the series are; dates are decimal years in all results."""

    scale: Literal["none", "standard"]
    centre: Literal["none", "last"]
    times: Literal["numbers", "dates"] = "numbers"
    folds: Annotated[tuple[Targets, ...], Strict(False), Field(min_length=1)]


def load_split_file() -> SplitFile:
    """Raises InputError when the file is missing or not as it must be."""
    return checked(SplitFile, load_json(SPLIT), str(SPLIT))
