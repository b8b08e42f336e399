"""Files of the series and its split: data/series.csv and data/split.json."""

from typing import Annotated, Literal

import numpy as np
from pydantic import Field, Strict

from seqcompare.core.errors import InputError
from seqcompare.core.files import load_csv, load_json, save_csv, save_json, write_bytes
from seqcompare.core.paths import CHECKED, SERIES, SPLIT
from seqcompare.core.schema import Section, checked
from seqcompare.core.types import Floats
from seqcompare.data.series import Draws
from seqcompare.data.windows import Centre, Folds

DRAW = "draw_"  # and a seed: the column of a trial's own draw
INTERPOLATED = "interpolated"  # 1 where a value was missing, else 0; no column where none was

Position = Annotated[int, Field(ge=0)]
Bounds = Annotated[tuple[Position, Position], Strict(False)]


class Targets(Section):
    """The positions in the series that each part of a fold begins and ends at."""

    train: Bounds
    validation: Bounds
    test: Bounds


class SplitFile(Section):
    """data/split.json"""

    scale: Literal["none", "standard"]
    centre: Centre
    folds: Annotated[tuple[Targets, ...], Strict(False), Field(min_length=1)]


def save_series(draws: Draws) -> None:
    """Columns time and value, and which values are interpolated if any are; or time and a column
    for each trial's draw.
    """
    columns = {
        "value" if seed is None else f"{DRAW}{seed}": values
        for seed, values in draws.values.items()
    }
    marks = {}
    if draws.interpolated:
        marks[INTERPOLATED] = np.isin(np.arange(draws.times.size), draws.interpolated).astype(int)
    save_csv(SERIES, {"time": draws.times, **columns, **marks})


def load_series() -> Draws:
    columns = load_csv(SERIES, "time")
    times = columns.pop("time")
    marks = columns.pop(INTERPOLATED, np.zeros(times.size))
    if not np.isin(marks, (0, 1)).all():
        raise InputError(f"{SERIES}: its column {INTERPOLATED} is not of 0 and 1: run `dvc repro`")
    if set(columns) == {"value"}:
        return Draws(times, {None: columns["value"]}, tuple(np.flatnonzero(marks).tolist()))
    try:
        by_seed: dict[int | None, Floats] = {
            int(name.removeprefix(DRAW)): column for name, column in columns.items()
        }
    except ValueError:
        raise InputError(f"{SERIES}: has other columns than draws: run `dvc repro`") from None
    if not by_seed:
        raise InputError(f"{SERIES}: has no column of values: run `dvc repro`")
    return Draws(times, by_seed)


def save_split(folds: Folds) -> None:
    content = [
        {
            name: [part.start, part.stop]
            for name, part in zip(("train", "validation", "test"), fold, strict=True)
        }
        for fold in folds.targets
    ]
    save_json(SPLIT, {"scale": folds.scale, "centre": folds.centre, "folds": content})
    write_bytes(CHECKED, b"params.yaml\n")


def load_split() -> Folds:
    content = checked(SplitFile, load_json(SPLIT), str(SPLIT))
    targets = tuple(
        (range(*fold.train), range(*fold.validation), range(*fold.test)) for fold in content.folds
    )
    if not all(train and test for train, _, test in targets):
        raise InputError(f"{SPLIT}: its train or test part is empty: run `dvc repro`")
    return Folds(targets, content.scale, content.centre)
