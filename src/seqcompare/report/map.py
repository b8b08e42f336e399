"""Maps: which model is better in each cell of a grid.

A cell says the same as the verdict of a run with its settings, by the same rule.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import pandas as pd

from seqcompare.core.params import Params
from seqcompare.report import words
from seqcompare.report.language import Language
from seqcompare.report.results import OF_DATA, Map
from seqcompare.report.verdict import closest, leader, linear_beats_all, seen_from, unlearned

SHOWN_CHANGES = 4  # of a map's params, in its heading


@dataclass(frozen=True)
class Cell:
    """A row of the map at one value of the grid's first key."""

    column: str
    # The better model's name, equivalent, undecided, unlearned (worse than repeating the last
    # value) or alone (one model).
    outcome: str
    kind: str  # the outcome in words
    lines: list[str]  # what the cell says
    colour: str  # of the better model; empty where none is better
    linear_beats_all: bool


def rows_of(found: Map, tr: Language) -> dict[str, list[Cell]]:
    """Label -> cells: a row a setting, at each combination of the grid's keys but the first."""
    axis, *others = found.keys
    varied = {key for key in others if found.scores[key].nunique(dropna=False) > 1}
    pairs = _groups(found.pairs, ["setting", *others, axis])
    rows: dict[str, list[Cell]] = {}
    for at, scores in _groups(found.scores, ["setting", *others, axis]).items():
        setting, *values, column = at
        texts = [f"{k} {value}" for k, value in zip(others, values, strict=True) if k in varied]
        label = tr(", ").join([setting_name(setting, tr), *texts])
        mse = scores.set_index("predictor")["mse"]
        rows.setdefault(label, []).append(_read_cell(found, column, mse, pairs[at], tr))
    return rows


def _read_cell(found: Map, column: str, mse: pd.Series, pairs: pd.DataFrame, tr: Language) -> Cell:
    """mse: by predictor. The leader against the model that comes closest to it."""
    models = list(found.params["models"])
    name = leader(models, pairs, mse)
    kind = model = words.model_name(name)
    rows, outcome = seen_from(name, pairs, "models"), "alone"
    lines = [model, tr("MSE {mse}", mse=words.significant(mse[name]))]
    if len(rows):
        row = rows.to_dict("index")[closest(name, rows)]
        outcome, ends = str(row["outcome"]), (row["low"], row["high"])
        kind = words.outcome_text(outcome, found.params["evaluation"]["equivalence"], tr)
        lines = [f"{model} {words.change_text(row['ratio'], tr)}"]
        lines += [] if pd.isna(row["low"]) else [words.interval_text(*ends, tr)]
    if name in unlearned(pairs):
        outcome, kind = "unlearned", tr("worse than persistence")
    if outcome not in (name, "alone"):
        lines.insert(0, kind)
    if linear := linear_beats_all(pairs):
        lines.append(tr("linear model better"))
    return Cell(column, outcome, kind, lines, words.colours_of(models).get(outcome, ""), linear)


def columns_of(found: Map) -> list[str]:
    return [value_text(value) for value in found.scores[found.keys[0]].unique()]


def tally(found: Map, tr: Language) -> str:
    """In how many cells of which map has which model won, in how many the linear model?"""
    cells = [cell for row in rows_of(found, tr).values() for cell in row]
    counted = Counter(cell.kind for cell in cells)
    counts = [tr("{what} in {count}", what=w, count=n) for w, n in counted.most_common()]
    return tr(
        "Of {cells} cells of the map by {key}: {counts}. The linear model beats every network in "
        "{linear}.", cells=len(cells), key=key_name(found.keys[0], tr),
        counts=tr(", ").join(counts), linear=sum(cell.linear_beats_all for cell in cells),
    )  # fmt: skip


def map_title(found: Map, params: Params, tr: Language) -> str:
    """Names its x axis, and what it is of where that is not of these params."""
    changes, data, models = found.differences(params), found.params["data"], found.params["models"]
    key = key_name(found.keys[0], tr)
    parts = [tr("Which model is better, by {key}?", key=key)]
    if {"data.source", "data.path", "data.value"} & set(changes):
        source = tr("the built-in sine")
        if data["source"] == "csv":
            source = tr("{file}, {value}", file=data["path"], value=data["value"])
        parts.append(tr("Data: {source}.", source=source))
        changes = {key: value for key, value in changes.items() if not key.startswith(OF_DATA)}
    if others := set(models) ^ set(params.models):
        parts.append(tr("Models: {models}.", models=tr.joined(map(words.model_name, models))))
        left = tuple(f"models.{name}." for name in others)
        changes = {key: value for key, value in changes.items() if not key.startswith(left)}
    texts = [f"{key} {value_text(value)}" for key, value in changes.items()]
    if len(texts) > SHOWN_CHANGES:
        texts[SHOWN_CHANGES:] = [tr("{count} more", count=len(texts) - SHOWN_CHANGES)]
    if texts:
        parts.append(tr("Here with {changes}.", changes=tr(", ").join(texts)))
    return tr.sentences(parts)


def chosen_rows(found: Map) -> list[dict[Any, Any]]:
    """Rows of scores of the models whose values were chosen on validation targets."""
    return found.scores[found.scores["chosen"].fillna("") != ""].to_dict("records")


def key_name(key: str, tr: Language) -> str:
    names = {"seq_len": tr("window length (seq_len)"),
             "split.train": tr("number of training targets (split.train)")}  # fmt: skip
    return names.get(key, key)


def setting_name(setting: str, tr: Language) -> str:
    names = {"tutorial": tr("As in the tutorial"), "equal_size": tr("Equal size"),
             "tuned": tr("Tuned"), "best_window": tr("Tuned, window up to this")}  # fmt: skip
    return names.get(setting, setting.replace("_", " "))


def value_text(value: Any) -> str:
    """A value of the grid; a null in a column of numbers comes back as NaN."""
    if value is None or value != value:
        return "null"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _groups(table: pd.DataFrame, keys: list[str]) -> dict[tuple[str, ...], pd.DataFrame]:
    """Rows that share the values of some columns, by these values as text, in their order."""
    groups = table.groupby(keys, sort=False, dropna=False)
    return {tuple(map(value_text, at)): rows for at, rows in groups}
