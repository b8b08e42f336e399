"""Files of the series and its split: data/series.csv and data/split.json."""

from typing import Annotated

from pydantic import Field, Strict

from seqcompare.core.errors import InputError
from seqcompare.core.files import load_csv, load_json, save_csv, save_json, write_bytes
from seqcompare.core.paths import CHECKED, SERIES, SPLIT
from seqcompare.core.schema import Section, checked
from seqcompare.data.series import Series
from seqcompare.data.windows import Parts, Scale

Position = Annotated[int, Field(ge=0)]
Bounds = Annotated[tuple[Position, Position], Strict(False)]


class Targets(Section):
    """The positions in the series that each part begins and ends at."""

    train: Bounds
    validation: Bounds
    test: Bounds


class ScaleFile(Section):
    mean: float
    std: Annotated[float, Field(gt=0)]


class SplitFile(Section):
    """data/split.json"""

    targets: Targets
    scale: ScaleFile


def save_series(series: Series) -> None:
    save_csv(SERIES, {"time": series.times, "value": series.values})


def load_series() -> Series:
    columns = load_csv(SERIES, "time", "value")
    return Series(columns["time"], columns["value"])


def save_split(parts: Parts) -> None:
    ranges = {"train": parts.train, "validation": parts.validation, "test": parts.test}
    targets = {name: [part.start, part.stop] for name, part in ranges.items()}
    scale = {"mean": parts.scale.mean, "std": parts.scale.std}
    save_json(SPLIT, {"targets": targets, "scale": scale})
    write_bytes(CHECKED, b"params.yaml\n")


def load_split() -> Parts:
    content = checked(SplitFile, load_json(SPLIT), str(SPLIT))
    ranges = {name: range(*bounds) for name, bounds in content.targets.model_dump().items()}
    if not (ranges["train"] and ranges["test"]):
        raise InputError(f"{SPLIT}: its train or test part is empty: run `dvc repro`")
    return Parts(**ranges, scale=Scale(content.scale.mean, content.scale.std))
