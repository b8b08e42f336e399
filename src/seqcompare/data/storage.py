"""Files of the series and its split: data/series.csv and data/split.json."""

import numpy as np

from seqcompare.core.arrays import Floats
from seqcompare.core.errors import InputError
from seqcompare.core.files import damaged, load_csv, save_csv, save_json, write_bytes
from seqcompare.core.paths import CHECKED, SERIES, SPLIT
from seqcompare.core.split import load_split_file
from seqcompare.data.series import Draws
from seqcompare.data.windows import Folds

DRAW = "draw_"  # and a seed: the column of a trial's own draw
TIME, DECIMAL_YEAR = "time", "decimal_year"  # columns of times: numbers as given, or dates
INTERPOLATED = "interpolated"  # 1 where a value was missing, else 0; no column where none was


def save_series(draws: Draws) -> None:
    """Columns of times and values, and which values are interpolated if any are; or times and a
    column for each trial's draw.
    """
    columns = {
        "value" if seed is None else f"{DRAW}{seed}": values
        for seed, values in draws.values.items()
    }
    marks = {}
    if draws.interpolated:
        marks[INTERPOLATED] = np.isin(np.arange(draws.times.size), draws.interpolated).astype(int)
    times = {DECIMAL_YEAR if draws.dated else TIME: draws.times}
    save_csv(SERIES, {**times, **columns, **marks})


def load_series() -> Draws:
    columns = load_csv(SERIES)
    dated = DECIMAL_YEAR in columns
    if not dated and TIME not in columns:
        raise damaged(SERIES, LookupError(f"no column {TIME}"))
    times = columns.pop(DECIMAL_YEAR if dated else TIME)
    marks = columns.pop(INTERPOLATED, np.zeros(times.size))
    if not np.isin(marks, (0, 1)).all():
        raise InputError(f"{SERIES}: its column {INTERPOLATED} is not of 0 and 1: run `dvc repro`")
    if set(columns) == {"value"}:
        positions = tuple(np.flatnonzero(marks).tolist())
        return Draws(times, {None: columns["value"]}, positions, dated=dated)
    try:
        by_seed: dict[int | None, Floats] = {
            int(name.removeprefix(DRAW)): column for name, column in columns.items()
        }
    except ValueError:
        raise InputError(f"{SERIES}: has other columns than draws: run `dvc repro`") from None
    if not by_seed:
        raise InputError(f"{SERIES}: has no column of values: run `dvc repro`")
    return Draws(times, by_seed)


def save_split(folds: Folds, dated: bool) -> None:
    """dated: are the times of the series dates?"""
    content = [
        {
            name: [part.start, part.stop]
            for name, part in zip(("train", "validation", "test"), fold, strict=True)
        }
        for fold in folds.targets
    ]
    times = {"times": "dates"} if dated else {}
    save_json(SPLIT, {"scale": folds.scale, "centre": folds.centre, **times, "folds": content})
    write_bytes(CHECKED, b"params.yaml\n")


def load_split() -> Folds:
    content = load_split_file()
    targets = tuple(
        (range(*fold.train), range(*fold.validation), range(*fold.test)) for fold in content.folds
    )
    if not all(train and test for train, _, test in targets):
        raise InputError(f"{SPLIT}: its train or test part is empty: run `dvc repro`")
    return Folds(targets, content.scale, content.centre)
