"""Table of a sweep, as Markdown for a pull request: the map in words, and what was chosen."""

from collections.abc import Sequence

from seqcompare.core.sweep import CellSummary, SweepSummary
from seqcompare.report.labels import model_name
from seqcompare.report.more_data import doubling_sentences
from seqcompare.report.numbers import percent, significant
from seqcompare.report.sweep_cells import (
    SweepRow,
    about,
    axis_of,
    chosen_text,
    key_name,
    rows_of,
    said_by,
    value_text,
)
from seqcompare.report.texts import Texts


def sweep_markdown(name: str, summary: SweepSummary, texts: Texts) -> str:
    """A row for each setting, a sentence for each row, and a table of what was chosen."""
    key, values = axis_of(summary)
    rows = rows_of(summary, texts)
    parts = [
        f"# {texts('sweep.title', models=_models(summary, texts))} ({name})",
        f"{about(summary, texts)} {texts('sweep.mark')}",
        _table(
            [key_name(key, texts), *map(value_text, values)],
            [[row.label, *(_cell(cell, texts) for cell in row.cells)] for row in rows],
        ),
        "\n".join(
            f"- {sentence}"
            for sentence in (*row_sentences(summary, texts), *doubling_sentences(summary, texts))
        ),
    ]
    chosen = [line for row in rows for line in _chosen(row, key, texts)]
    if chosen:
        header = texts("sweep.chosen_header").split("|")
        parts += [f"## {texts('sweep.chosen_title')}", _table(header, chosen)]
    return "\n\n".join(parts) + "\n"


def row_sentences(summary: SweepSummary, texts: Texts) -> list[str]:
    """Who is better where, a sentence for each setting."""
    key, _ = axis_of(summary)
    return [_sentence(row, key, summary, texts) for row in rows_of(summary, texts)]


def _models(summary: SweepSummary, texts: Texts) -> str:
    return texts.joined(map(model_name, summary.models), "word.or_models")


def _cell(cell: CellSummary, texts: Texts) -> str:
    said = said_by(cell, texts)
    head, change, span = said.lines
    mark = " /" if cell.line_beats_all else ""
    return f"**{head}** {change}{mark}" + (f"<br>{span}" if span else "")


def _sentence(row: SweepRow, key: str, summary: SweepSummary, texts: Texts) -> str:
    """`Tuned: LSTM better at 10, 20; undecided at 50. The linear model beats all at 100.`"""
    where: dict[str, list[str]] = {}
    for cell in row.cells:
        said = said_by(cell, texts)
        word = (
            texts("outcome.better", winner=model_name(said.leader))
            if said.kind == "better"
            else texts("outcome.equivalent", equivalence=percent(summary.equivalence))
            if said.kind == "equivalent"
            else texts("sweep.undecided")
        )
        where.setdefault(word, []).append(value_text(cell.point[key]))
    comma = texts("word.comma")
    found = [texts("sweep.at", what=word, values=comma.join(at)) for word, at in where.items()]
    by_line = [value_text(cell.point[key]) for cell in row.cells if cell.line_beats_all]
    line = texts("sweep.line_at", values=comma.join(by_line)) if by_line else texts("sweep.no_line")
    return texts("sweep.sentence", row=row.label, found=texts("sweep.then").join(found), line=line)


def _chosen(row: SweepRow, key: str, texts: Texts) -> list[list[str]]:
    return [
        [
            row.label,
            value_text(cell.point[key]),
            model_name(model),
            chosen_text(cell, model, texts),
            significant(score.validation_mse),
            significant(score.mse),
        ]
        for cell in row.cells
        for model, score in cell.predictors.items()
        if score.chosen
    ]


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
