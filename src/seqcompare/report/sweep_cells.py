"""Cells of a sweep as pictures and tables show them: rows, columns, and what each cell says."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from seqcompare.core.comparison import Pair
from seqcompare.core.sweep import CellSummary, SweepSummary, Value
from seqcompare.report.labels import short_name
from seqcompare.report.numbers import percent, percent_change, significant
from seqcompare.report.texts import Texts
from seqcompare.report.wording import change_text

Kind: TypeAlias = Literal["better", "equivalent", "undecided", "alone"]


@dataclass(frozen=True)
class Said:
    """What a cell says. leader: the model with the lower error; lines: a word, ratio, interval."""

    kind: Kind
    leader: str
    lines: tuple[str, str, str]


@dataclass(frozen=True)
class SweepRow:
    """One setting, at one combination of all keys but the first: a cell for each column."""

    label: str
    cells: Sequence[CellSummary]


def axis_of(summary: SweepSummary) -> tuple[str, list[Value]]:
    """The grid's first key, and its values: the map's columns."""
    key = next(iter(summary.cells[0].point))
    return key, list(dict.fromkeys(cell.point[key] for cell in summary.cells))


def rows_of(summary: SweepSummary, texts: Texts) -> list[SweepRow]:
    key, _ = axis_of(summary)
    others = {
        name: list(dict.fromkeys(cell.point[name] for cell in summary.cells))
        for name in summary.cells[0].point
        if name != key
    }
    varied = [name for name, values in others.items() if len(values) > 1]
    rows: dict[tuple[Value, ...], list[CellSummary]] = {}
    for cell in summary.cells:
        rows.setdefault((cell.setting, *(cell.point[name] for name in varied)), []).append(cell)
    return [SweepRow(_label(cells[0], varied, texts), cells) for cells in rows.values()]


def key_name(key: str, texts: Texts) -> str:
    return texts.get(f"sweep.key.{key}", key)


def setting_name(setting: str, texts: Texts) -> str:
    return texts.get(f"sweep.setting.{setting}", setting.replace("_", " "))


def value_text(value: Value) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def said_by(cell: CellSummary, texts: Texts) -> Said:
    """The leader against the model that comes closest to it."""
    models = [pair.first for pair in cell.pairs if pair.family == "limit" or pair.family == "line"]
    models = list(dict.fromkeys(models))
    leader = min(models, key=lambda model: (-_wins(cell, model), cell.predictors[model].mse))
    pairs = [
        pair.seen_from(leader)
        for pair in cell.pairs
        if pair.family == "models" and leader in (pair.first, pair.second)
    ]
    name = short_name(leader)
    if not pairs:
        return Said("alone", leader, (name, significant(cell.predictors[leader].mse), ""))
    closest = max(pairs, key=lambda pair: (pair.winner != leader, pair.ratio))
    span = signed_span(closest, texts)
    if closest.outcome == "better" and closest.winner == leader:
        return Said("better", leader, (name, change_text(closest.ratio, texts), span))
    kind: Kind = "equivalent" if closest.outcome == "equivalent" else "undecided"
    sign = "−" if closest.ratio < 1 else "+"
    change = texts("sweep.change", model=name, change=f"{sign}{percent_change(closest.ratio)}")
    return Said(kind, leader, (texts(f"sweep.{kind}"), change, span))


def signed_span(pair: Pair, texts: Texts) -> str:
    """The interval of a ratio in percent, with signs: `−19 to −5 %`."""
    if pair.low is None or pair.high is None:
        return "–"
    return texts("change.range", low=_signed(pair.low), high=_signed(pair.high))


def _signed(ratio: float) -> str:
    """Whole percents; no error is lower by 100 % of another, and three digits say enough."""
    change = max(-99, round(100 * (ratio - 1)))
    return ">+999" if change > 999 else f"{change:+d}".replace("-", "−")


def chosen_text(cell: CellSummary, model: str, texts: Texts) -> str:
    """`learning_rate 0.003, schedule cosine`."""
    chosen = cell.predictors[model].chosen
    return texts("word.comma").join(f"{key} {value_text(value)}" for key, value in chosen.items())


def about(summary: SweepSummary, texts: Texts) -> str:
    """What must be known to read the map."""
    return texts("sweep.note", trials=summary.trials, confidence=percent(summary.confidence))


def _label(cell: CellSummary, varied: Sequence[str], texts: Texts) -> str:
    values = [f"{name} {value_text(cell.point[name])}" for name in varied]
    return texts("word.comma").join([setting_name(cell.setting, texts), *values])


def _wins(cell: CellSummary, model: str) -> int:
    return sum(pair.winner == model for pair in cell.pairs if pair.family == "models")
