"""Maps: which model is better in each cell of a grid.

A cell says the same as the verdict of a run with its settings, by the same rule.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from seqcompare.core.params import Params, flattened
from seqcompare.core.types import PERSISTENCE
from seqcompare.report import words
from seqcompare.report.language import Language
from seqcompare.report.results import Map
from seqcompare.report.verdict import closest, leader, linear_beats_all, seen_from

SHOWN_CHANGES = 4  # of a map's params, in its heading
# What a map's cells depend on of params.yaml; executor, device and report change no number.
OF_DATA = ("data.", "split.", "seeds")
COMPARED = (*OF_DATA, "evaluation.confidence", "evaluation.equivalence", "models.", "seq_len",
            "training.")  # fmt: skip


@dataclass(frozen=True)
class Cell:
    """outcome: the better model's name, equivalent, undecided, unlearned (worse than repeating the
    last value) or alone (one model). leader: the model with the lower error. ratio, low, high: of
    its error to that of the model closest to it; NaN for one model alone.
    """

    column: Any
    outcome: str
    leader: str
    ratio: float
    low: float
    high: float
    mse: float
    linear_beats_all: bool


@dataclass(frozen=True)
class MapRow:
    """A setting, at one combination of all keys of the grid but the first: a cell a column."""

    label: str
    cells: list[Cell]


def rows_of(found: Map, tr: Language) -> list[MapRow]:
    axis, *others = found.keys
    models = list(found.params["models"])
    varied = [key for key in others if found.scores[key].nunique(dropna=False) > 1]
    pairs = dict(list(_groups(found.pairs, ["setting", *others, axis])))
    rows: dict[str, list[Cell]] = {}
    for at, scores in _groups(found.scores, ["setting", *others, axis]):
        values = dict(zip(others, at[1:-1], strict=True))
        others_text = [f"{key} {value_text(values[key])}" for key in varied]
        label = tr(", ").join([setting_name(at[0], tr), *others_text])
        cell = read_cell(at[-1], scores.set_index("predictor")["mse"], pairs[at], models)
        rows.setdefault(label, []).append(cell)
    return [MapRow(label, cells) for label, cells in rows.items()]


def read_cell(column: Any, mse: pd.Series, pairs: pd.DataFrame, models: list[str]) -> Cell:
    """mse: by predictor. The leader against the model that comes closest to it."""
    name = leader(models, pairs, mse)
    rows = seen_from(name, pairs, "models")
    row = rows.loc[closest(name, rows)].to_dict() if len(rows) else {"outcome": "alone"}
    outcome = str(row["outcome"])
    if PERSISTENCE in mse.index and mse[name] > mse[PERSISTENCE]:
        outcome = "unlearned"
    ratio, low, high = (float(row.get(key, "nan")) for key in ("ratio", "low", "high"))
    best = float(mse[name])
    return Cell(column, outcome, name, ratio, low, high, best, linear_beats_all(pairs))


def cell_lines(cell: Cell, equivalence: float, tr: Language) -> list[str]:
    """What a cell says: a word, the change, its interval, and whether the linear model wins."""
    if cell.outcome == "alone":
        lines = [words.model_name(cell.leader), tr("MSE {mse}", mse=words.significant(cell.mse))]
    else:
        change = f"{words.model_name(cell.leader)} {words.change_text(cell.ratio, tr)}"
        won = cell.outcome == cell.leader
        lines = [change] if won else [_outcome(cell, equivalence, tr), change]
        if not pd.isna(cell.low):
            lines.append(words.interval_text(cell.low, cell.high, tr))
    return [*lines, tr("linear model better")] if cell.linear_beats_all else lines


def columns_of(found: Map) -> list[str]:
    return [value_text(value) for value in found.scores[found.keys[0]].unique()]


def colour_of(cell: Cell, found: Map) -> str:
    """The better model's colour; empty where none is better."""
    return words.colours_of(found.params["models"]).get(cell.outcome, "")


def tally(found: Map, tr: Language) -> str:
    """How many cells have which outcome, and in how many does the linear model win?"""
    cells = [cell for row in rows_of(found, tr) for cell in row.cells]
    counted = Counter(_outcome(cell, equivalence_of(found), tr) for cell in cells)
    counts = [tr("{what} in {count}", what=w, count=n) for w, n in counted.most_common()]
    return tr(
        "Of {cells} cells: {counts}. The linear model beats every network in {linear}.",
        cells=len(cells), counts=tr(", ").join(counts),
        linear=sum(cell.linear_beats_all for cell in cells),
    )  # fmt: skip


def differences(found: Map, params: Params) -> dict[str, Any]:
    """What the map was made with, key by key, where the page's params say otherwise.

    The grid's keys vary over the map and are left out.
    """
    there, here = flattened(found.params), flattened(params.model_dump(mode="json"))
    keys = [key for key in there | here if key.startswith(COMPARED) and key not in found.keys]
    return {key: there.get(key) for key in keys if there.get(key) != here.get(key)}


def map_title(found: Map, params: Params | None, tr: Language) -> str:
    """Names what the map is of wherever it is not of the page's own data and params.

    params: of the page; None on a page of no run.
    """
    title = tr("Which model is better where?")
    changes = {} if params is None else differences(found, params)
    parts = []
    if {"data.source", "data.path", "data.value"} & set(changes):
        data = found.params["data"]
        parts = [tr("of the built-in sine")]
        if data["source"] == "csv":
            parts = [tr("of {file}, {value}", file=data["path"], value=data["value"])]
        changes = {key: v for key, v in changes.items() if not key.startswith(OF_DATA)}
    if changes:
        texts = [f"{key} {words.yaml_text(value)}" for key, value in changes.items()]
        if len(texts) > SHOWN_CHANGES:
            texts[SHOWN_CHANGES:] = [tr("{count} more", count=len(texts) - SHOWN_CHANGES)]
        parts.append(tr("with other settings: {changes}", changes=tr(", ").join(texts)))
    return tr("{title} ({parts})", title=title, parts=tr("; ").join(parts)) if parts else title


def chosen_rows(found: Map) -> list[dict[Any, Any]]:
    """Rows of scores of the models whose values were chosen on validation targets."""
    return found.scores[found.scores["chosen"].fillna("") != ""].to_dict("records")


def equivalence_of(found: Map) -> float:
    return float(found.params["evaluation"]["equivalence"])


def key_name(key: str, tr: Language) -> str:
    training = tr("training targets (split.train)")
    return {"seq_len": tr("window length (seq_len)"), "split.train": training}.get(key, key)


def setting_name(setting: str, tr: Language) -> str:
    names = {"tutorial": tr("As in the tutorial"), "equal_size": tr("Equal size"),
             "tuned": tr("Tuned")}  # fmt: skip
    return names.get(setting, setting.replace("_", " "))


def value_text(value: Any) -> str:
    """A value of the grid; a null in a column of numbers comes back as NaN."""
    if value is None or value != value:
        return "null"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _outcome(cell: Cell, equivalence: float, tr: Language) -> str:
    if cell.outcome == "unlearned":
        return tr("worse than persistence")
    if cell.outcome == "alone":
        return words.model_name(cell.leader)
    return words.outcome_text(cell.outcome, equivalence, tr)


def _groups(table: pd.DataFrame, keys: list[str]) -> Iterator[tuple[tuple[Any, ...], pd.DataFrame]]:
    """Rows that share the values of some columns, in the order in which they come; NaN as None."""
    for at, rows in table.groupby(keys, sort=False, dropna=False):
        yield tuple(None if value != value else value for value in at), rows
