"""A map as a picture: above, who wins in which cell; below, the errors behind it, row by row."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle

from seqcompare.core.params import Params
from seqcompare.core.types import AR, ORACLE
from seqcompare.report import map as maps
from seqcompare.report.figures import style
from seqcompare.report.figures.ticks import listed_axis, log_axis
from seqcompare.report.language import Language
from seqcompare.report.results import Map
from seqcompare.report.words import percent

WIDTH, ROW, CURVES, AROUND = 10.5, 0.9, 2.75, 1.8  # inches: the last three are heights
ABREAST = 3  # plots of curves side by side
GAP, LOWER, HIGHER = 0.02, 0.33, 0.1  # of a cell: between two; where its words stand
DARK = "#262626"
# None of these is a model's colour; the first is for one model alone.
NEUTRAL: dict[str, dict[str, Any]] = {
    "alone": {"fc": "#F2F2F2", "ec": "none"},
    "undecided": {"fc": "#DCDCDC", "ec": "none"},
    "equivalent": {"fc": "#FFFFFF", "ec": "#A8A8A8", "hatch": "////", "lw": 0},
    "unlearned": {"fc": "#FFFFFF", "ec": "#8C8C8C", "ls": style.DASHED, "lw": 1.0},
}
LINEAR: dict[str, Any] = {"fc": "#FFFFFF", "ec": DARK, "lw": 0.7}


def map_pictures(found: Map, params: Params, tr: Language) -> dict[str, bytes]:
    """The same picture as `png` and `svg`. params: from which its title names differences."""
    with style.in_style():
        figure = draw_map(found, params, tr)
        return {"png": style.png(figure), "svg": style.svg(figure)}


def draw_map(found: Map, params: Params, tr: Language) -> Figure:
    rows = maps.rows_of(found, tr)
    curves = rows if found.params["data"]["id"] is None else {}  # series may be in several units
    bands, abreast = -(-len(curves) // ABREAST), min(len(curves), ABREAST) or 1
    heights = [0.4 + ROW * len(rows), *[CURVES] * bands]
    figure = Figure((WIDTH, AROUND + sum(heights)), layout="constrained")
    grid = figure.add_gridspec(1 + bands, abreast, height_ratios=heights)
    draw_cells(figure.add_subplot(grid[0, :]), rows, found, tr)
    by_row = found.scores.groupby(["setting", *found.keys[1:]], sort=False, dropna=False)
    axes: Axes | None = None
    for place, (label, (_, scores)) in enumerate(zip(curves, by_row, strict=False)):
        row, column = divmod(place, ABREAST)
        axes = figure.add_subplot(grid[1 + row, column], sharey=axes)
        draw_curves(axes, scores, found, tr)
        axes.set_title(label)
        axes.tick_params(labelleft=column == 0)
        axes.set_ylabel("" if column else tr("test MSE"))
    if curves:
        log_axis(figure.axes[1], tr("test MSE"))
    kinds = _kinds([cell for row in rows.values() for cell in row], found.params["models"], tr)
    style.add_legend(figure, title=maps.map_title(found, params, tr), fontsize=11, handles=kinds)
    level = percent(found.params["evaluation"]["confidence"])
    about = [tr("Cells: test MSE of the better model against the closest other, with its "
                "{confidence} % interval; {seeds} seeds each.", confidence=level,
                seeds=len(found.params["seeds"]))]  # fmt: skip
    if curves:
        about.append(tr("Curves: mean test MSE; bands: {confidence} % intervals.",
                        confidence=level))  # fmt: skip
    style.add_legend(figure, "lower", tr.sentences(about), color=style.NOTE)
    return figure


def draw_cells(axes: Axes, rows: Mapping[str, list[maps.Cell]], found: Map, tr: Language) -> None:
    columns = maps.columns_of(found)
    cells = [(y, cell) for y, row in enumerate(rows.values()) for cell in row]
    widest = max(style.width_of(line) for _, cell in cells for line in cell.lines)
    size = min(style.POINTS, 0.8 * WIDTH * 72 / len(columns) / widest)
    words: dict[str, Any] = {"ha": "center", "va": "center", "linespacing": 1.3, "fontsize": size}
    for y, cell in cells:
        x, middle, lines = columns.index(cell.column), float(y), cell.lines
        corner = (x - 0.5 + GAP / 2, y - 0.5 + GAP)
        axes.add_patch(Rectangle(corner, 1 - GAP, 1 - 2 * GAP, **_look(cell)))
        if cell.linear_beats_all:
            *lines, last = lines
            axes.text(x, y + LOWER, last, bbox=LINEAR | {"pad": 2.5},
                      **words | {"fontsize": 0.9 * size})  # fmt: skip
            middle -= HIGHER
        box = {"fc": "white", "ec": "none", "pad": 1.5} if cell.outcome == "equivalent" else None
        colour = "white" if cell.colour else DARK
        axes.text(x, middle, "\n".join(lines), color=colour, bbox=box, **words)
    axes.set(xlim=(-0.5, len(columns) - 0.5), ylim=(len(rows) - 0.5, -0.5))
    axes.set_xlabel(maps.key_name(found.keys[0], tr))
    axes.set_xticks(range(len(columns)), columns)
    axes.set_yticks(range(len(rows)), [style.wrapped(label, 14) for label in rows])
    axes.tick_params(length=0)
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)


def _look(cell: maps.Cell) -> dict[str, Any]:
    return NEUTRAL.get(cell.outcome, {"fc": cell.colour, "ec": "none"})


def _kinds(cells: Collection[maps.Cell], models: Iterable[str], tr: Language) -> list[Patch]:
    """Of the legend: each kind of cell that the map has."""
    kinds = {cell.outcome: cell for cell in cells}
    order = (*models, "equivalent", "undecided", "unlearned")
    shown = [kinds[outcome] for outcome in order if outcome in kinds]
    patches = [Patch(label=cell.kind, **_look(cell)) for cell in shown]
    if any(cell.linear_beats_all for cell in cells):
        patches.append(Patch(label=tr("linear model better than every network"), **LINEAR))
    return patches


def draw_curves(axes: Axes, scores: pd.DataFrame, found: Map, tr: Language) -> None:
    """Test MSE of each predictor at each column, networks with their intervals."""
    columns, axis = maps.columns_of(found), found.keys[0]
    models = list(found.params["models"])
    for name in (*models, ORACLE, AR):
        rows, look = scores[scores["predictor"] == name], style.looks_of(models)[name]
        at = [columns.index(maps.value_text(value)) for value in rows[axis]]
        if at:
            axes.plot(at, rows["mse"], label=style.label_of(name, tr), **look)
        if name in models:
            axes.fill_between(at, rows["low"], rows["high"], color=look["color"], alpha=0.18, lw=0)
    axes.margins(x=0.05)
    texts = {float(at): text for at, text in enumerate(columns)}
    listed_axis(axes, texts, maps.key_name(axis, tr))
