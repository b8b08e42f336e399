"""Map of a sweep: who wins in which setting at which point, and the errors behind it."""

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from seqcompare.core.names import AR, ORACLE
from seqcompare.core.sweep import SweepSummary
from seqcompare.report.figures.end_labels import EndLabel, label_ends
from seqcompare.report.figures.style import (
    DASHED,
    Size,
    decimal_log_axis,
    drawn_in,
    heading,
    new_figure,
    png,
    svg,
)
from seqcompare.report.labels import (
    REFERENCE,
    colours_of,
    model_name,
    short_name,
    short_predictor_name,
)
from seqcompare.report.numbers import percent
from seqcompare.report.sweep_cells import (
    Said,
    SweepRow,
    about,
    axis_of,
    key_name,
    rows_of,
    said_by,
    value_text,
)
from seqcompare.report.texts import Texts

WIDTH, FONT = 11.0, 10.5
CURVES_ABREAST = 3
ROW, CURVES, AROUND = 0.82, 2.75, 1.75  # inches: a map's row, curves, what stands around the map
UNDECIDED, EQUIVALENT, HATCH, DARK = "#DCDCDC", "#FFFFFF", "#A8A8A8", "#262626"
GAP = 0.02  # between cells, of one
LINE: Any = {"marker": (2, 2, -45), "s": 100, "lw": 2.2, "color": DARK}  # a stroke


def sweep_pictures(summary: SweepSummary, texts: Texts) -> dict[str, bytes]:
    """The same picture as PNG and SVG: above the map, below it the curves of each row."""
    rows = rows_of(summary, texts)
    with drawn_in(size_of(rows)):
        figure = draw_sweep(summary, texts)
        return {"png": png(figure), "svg": svg(figure)}


def size_of(rows: Sequence[SweepRow]) -> Size:
    bands = -(-len(rows) // CURVES_ABREAST)
    return Size(WIDTH, AROUND + ROW * len(rows) + CURVES * bands, font=FONT, dots_per_inch=120)


def draw_sweep(summary: SweepSummary, texts: Texts) -> Figure:
    rows = rows_of(summary, texts)
    bands = -(-len(rows) // CURVES_ABREAST)
    figure = new_figure(size_of(rows))
    abreast = min(len(rows), CURVES_ABREAST)
    grid = figure.add_gridspec(
        1 + bands, abreast, height_ratios=[AROUND - 0.6 + ROW * len(rows), *[CURVES] * bands]
    )
    _draw_map(figure.add_subplot(grid[0, :]), rows, summary, texts)
    curves: list[Axes] = []
    ends = []
    for place, row in enumerate(rows):
        below = grid[1 + place // CURVES_ABREAST, place % CURVES_ABREAST]
        axes = figure.add_subplot(below, sharey=curves[0] if curves else None)
        curves.append(axes)
        ends.append(_draw_curves(axes, row, summary, texts))
        if place % CURVES_ABREAST == 0:
            axes.set(ylabel=texts("accuracy.x"))
        else:
            axes.tick_params(labelleft=False)
    decimal_log_axis(curves[0])
    for axes, labels in zip(curves, ends, strict=True):  # last: labels need the final layout
        label_ends(axes, labels)
    return figure


def _draw_map(axes: Axes, rows: Sequence[SweepRow], summary: SweepSummary, texts: Texts) -> None:
    key, values = axis_of(summary)
    colours = colours_of(summary.models)
    shown: set[str] = set()
    for y, row in enumerate(rows):
        for x, cell in enumerate(row.cells):
            said = said_by(cell, texts)
            shown.add(said.leader if said.kind == "better" else said.kind)
            _draw_cell(axes, x, y, said, colours, len(values))
            if cell.line_beats_all:
                shown.add("line")
                _mark_line(axes, x, y)
    axes.set(xlim=(-0.5, len(values) - 0.5), ylim=(len(rows) - 0.5, -0.5))
    axes.set(xlabel=key_name(key, texts))
    axes.set_xticks(range(len(values)), [value_text(value) for value in values])
    axes.set_yticks(range(len(rows)), [row.label for row in rows])
    axes.tick_params(length=0)
    axes.grid(visible=False)
    for spine in axes.spines.values():
        spine.set_visible(False)
    kinds: dict[str, tuple[Any, str]] = {
        **{
            model: ({"color": colours[model]}, texts("outcome.better", winner=model_name(model)))
            for model in summary.models
        },
        "equivalent": (
            {"fc": EQUIVALENT, "ec": HATCH, "hatch": "////", "lw": 0},
            texts("outcome.equivalent", equivalence=percent(summary.equivalence)),
        ),
        "undecided": ({"color": UNDECIDED}, texts("sweep.undecided")),
    }
    for kind, (look, label) in kinds.items():
        if kind in shown:
            axes.add_patch(Rectangle((0, 0), 0, 0, label=label, **look))
    if "line" in shown:
        axes.scatter([], [], label=texts("sweep.mark_short"), **LINE)
    title = texts("sweep.title", models=texts.joined(map(model_name, summary.models), "word.or"))
    heading(axes, title, about(summary, texts), columns=len(shown))


def _draw_cell(
    axes: Axes, x: int, y: int, said: Said, colours: dict[str, str], columns: int
) -> None:
    fill = {"undecided": UNDECIDED, "equivalent": EQUIVALENT, "alone": EQUIVALENT}
    colour = fill.get(said.kind, colours[said.leader])
    equal = said.kind == "equivalent"
    corner, side = (x - 0.5 + GAP / 2, y - 0.5 + GAP), 1 - GAP
    axes.add_patch(
        Rectangle(corner, side, side - GAP, fc=colour, ec=HATCH if equal else colour, lw=0,
                  hatch="////" if equal else None)
    )  # fmt: skip
    letters = "#FFFFFF" if said.kind == "better" else DARK
    size = FONT * min(1.0, 6 / columns)
    for text, height, scale in zip(said.lines, (-0.25, 0.03, 0.28), (1.12, 1.0, 0.86), strict=True):
        box = {"fc": EQUIVALENT, "ec": "none", "pad": 0.8} if equal and text else None
        axes.text(
            x, y + height, text, ha="center", va="center", color=letters, fontsize=scale * size,
            bbox=box,
        )  # fmt: skip


def _mark_line(axes: Axes, x: int, y: int) -> None:
    """A stroke on white in the cell's corner."""
    at = x + 0.5 - 0.07, y - 0.5 + 0.17
    axes.scatter(*at, marker="s", s=170, c="#FFFFFF", lw=0)
    axes.scatter(*at, **LINE)


def _draw_curves(axes: Axes, row: SweepRow, summary: SweepSummary, texts: Texts) -> list[EndLabel]:
    """Mean test MSE of every model with its interval, and dashed what it is measured against."""
    key, values = axis_of(summary)
    colours = colours_of(summary.models)
    at = range(len(values))
    ends = []
    for name in (AR, ORACLE):
        if all(name in cell.predictors for cell in row.cells):
            errors = [cell.predictors[name].mse for cell in row.cells]
            axes.plot(at, errors, ls=DASHED, color=REFERENCE, lw=1.2)
            ends.append(EndLabel(short_predictor_name(name, texts), errors[-1], REFERENCE))
    for model in summary.models:
        if not all(model in cell.predictors for cell in row.cells):
            continue
        scores = [cell.predictors[model] for cell in row.cells]
        errors = [score.mse for score in scores]
        axes.plot(at, errors, marker="o", ms=4, color=colours[model])
        low = [score.mse if score.low is None else score.low for score in scores]
        high = [score.mse if score.high is None else score.high for score in scores]
        axes.fill_between(at, low, high, color=colours[model], alpha=0.18, lw=0)
        ends.append(EndLabel(short_name(model), errors[-1], colours[model]))
    axes.set_xticks(at, [value_text(value) for value in values])
    axes.margins(x=0.04)
    axes.set(xlabel=key_name(key, texts))
    heading(axes, row.label)
    return ends
