"""Map of a sweep for the page: a table, a row a setting, each cell in the better model's colour."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from seqcompare.core.sweep import CellSummary, SweepSummary
from seqcompare.report.labels import colours_of, model_name
from seqcompare.report.numbers import percent
from seqcompare.report.sweep_cells import (
    Kind,
    axis_of,
    key_name,
    rows_of,
    said_by,
    value_text,
)
from seqcompare.report.sweep_table import row_sentences
from seqcompare.report.texts import Texts


@dataclass(frozen=True)
class MapCell:
    """lines: a word, the change, its interval; colour: the better model's, "" where none is."""

    kind: Kind
    colour: str
    lines: Sequence[str]
    line_beats_all: bool


@dataclass(frozen=True)
class SweepMap:
    """axis: what the columns are; tally: all cells in a sentence; about: what they are of."""

    name: str
    axis: str
    columns: Sequence[str]
    rows: Sequence[tuple[str, Sequence[MapCell]]]
    tally: str
    sentences: Sequence[str]
    about: str


def sweep_map(name: str, summary: SweepSummary, texts: Texts) -> SweepMap:
    key, values = axis_of(summary)
    confidence = percent(summary.confidence)
    return SweepMap(
        name=name,
        axis=key_name(key, texts),
        columns=[value_text(value) for value in values],
        rows=[
            (row.label, [_cell(cell, summary, texts) for cell in row.cells])
            for row in rows_of(summary, texts)
        ],
        tally=_tally(summary, texts),
        sentences=row_sentences(summary, texts),
        about=texts("map.about", name=name, trials=summary.trials, confidence=confidence),
    )


def _cell(cell: CellSummary, summary: SweepSummary, texts: Texts) -> MapCell:
    said = said_by(cell, texts)
    colour = colours_of(summary.models)[said.leader] if said.kind == "better" else ""
    return MapCell(said.kind, colour, said.lines, cell.line_beats_all)


def _tally(summary: SweepSummary, texts: Texts) -> str:
    """Does the answer change from cell to cell? And in how many does the line beat all?"""
    found = Counter(_outcome(cell, summary, texts) for cell in summary.cells)
    counts = [texts("map.count", what=what, count=count) for what, count in found.most_common()]
    by_line = sum(cell.line_beats_all for cell in summary.cells)
    return texts(
        "map.changes" if len(found) > 1 else "map.same",
        counts=texts("word.comma").join(counts),
        cells=len(summary.cells),
        by_line=by_line,
    )


def _outcome(cell: CellSummary, summary: SweepSummary, texts: Texts) -> str:
    said = said_by(cell, texts)
    if said.kind == "better":
        return texts("outcome.better", winner=model_name(said.leader))
    if said.kind == "equivalent":
        return texts("outcome.equivalent", equivalence=percent(summary.equivalence))
    return texts("outcome.undecided")
