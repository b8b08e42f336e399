"""Panels of the studies: the cost of a training step, and the adding problem's lags."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from seqcompare.report.figures.style import TRUTH, draw_panel, in_style, label_of, looks_of, svg
from seqcompare.report.figures.ticks import listed_axis, log_axis, value_axis
from seqcompare.report.language import Language

STROKES = ("-", "--", "-.", (0, (1, 1)))  # of the sizes, in their order
GUIDES: dict[int, Any] = {
    1: {"color": "#8C8C8C", "ls": ":", "lw": 1.3, "label": "∝ n"},
    2: {"color": "#8C8C8C", "ls": (0, (6, 2)), "lw": 1.0, "label": "∝ n²"},
}


def study_panels(cost: pd.DataFrame, adding: pd.DataFrame, tr: Language) -> dict[str, bytes]:
    """SVGs by the name of the panel.

    cost: size, model, kind, seq_len, seconds, low, high (s), peak_mb. adding: model, lag, share,
    low, high (of trials).
    """
    train = cost[cost["kind"] == "train"]
    with in_style():
        return {
            "cost_seconds": svg(draw_panel(draw_seconds, train, tr)),
            "cost_memory": svg(draw_panel(draw_memory, train, tr)),
            "adding_problem": svg(draw_panel(draw_adding, adding, tr)),
        }


def draw_seconds(axes: Axes, train: pd.DataFrame, tr: Language) -> None:
    """A training step by window length, with intervals over processes, and the slopes n and n²."""
    _draw_lines(axes, train, "seconds", tr)
    shortest = train[train["seq_len"] == train["seq_len"].min()]["seconds"].min()
    n = np.unique(train["seq_len"]).astype(np.float64)
    if shortest > 0:
        for power, look in GUIDES.items():
            axes.plot(n, 0.5 * shortest * (n / n[0]) ** power, **look)
    log_axis(axes, tr("seconds per training step"))
    _length_axis(axes, train["seq_len"], tr("window length n"))


def draw_memory(axes: Axes, train: pd.DataFrame, tr: Language) -> None:
    _draw_lines(axes, train.assign(low=np.nan, high=np.nan), "peak_mb", tr)
    log_axis(axes, tr("peak memory (MB)"))
    _length_axis(axes, train["seq_len"], tr("window length n"))


def draw_adding(axes: Axes, adding: pd.DataFrame, tr: Language) -> None:
    """The share of trials that solve a lag, with Wilson's intervals."""
    looks = looks_of(adding["model"].unique())
    groups = adding.groupby("model", sort=False)
    for place, (model, rows) in enumerate(groups):
        look = looks[str(model)]
        shift = 1.05 ** (place - (len(groups) - 1) / 2)  # so that equal shares both show
        lags = shift * rows["lag"].to_numpy(np.float64)
        axes.vlines(lags, rows["low"], rows["high"], color=look["color"], lw=1.2)
        axes.plot(lags, rows["share"], label=label_of(str(model), tr), **look | {"lw": 1.2})
    value_axis(axes, tr("share of trials that solve it"))
    axes.set_ylim(-0.05, 1.05)
    _length_axis(axes, adding["lag"], tr("lag"))


def _draw_lines(axes: Axes, table: pd.DataFrame, column: str, tr: Language) -> None:
    """A line a model and size with intervals, models by colour and marker, sizes by stroke.

    A model whose numbers are those of an earlier size is drawn once.
    """
    looks = looks_of(table["model"].unique())
    table = table.dropna(subset=[column])
    known = table.duplicated(["model", "seq_len", column])
    table = table[~known.groupby([table["model"], table["size"]]).transform("all")]
    strokes = dict(zip(table["size"].unique(), STROKES, strict=False))
    for (model, size), rows in table.groupby(["model", "size"], sort=False):
        look = looks[str(model)] | {"ls": strokes[size]}
        axes.plot(rows["seq_len"], rows[column], **look)
        timed = rows.dropna(subset=["low", "high"])
        axes.vlines(timed["seq_len"], timed["low"], timed["high"], color=look["color"], lw=1.2)
    for model in table["model"].unique():
        axes.plot([], [], label=label_of(model, tr), **looks[model])
    names = {"as_configured": tr("as configured"), "equal_size": tr("equal size")}
    for size, stroke in strokes.items() if len(strokes) > 1 else ():
        axes.plot([], [], color=TRUTH, ls=stroke, label=names.get(size, size))


def _length_axis(axes: Axes, values: "pd.Series[float]", label: str) -> None:
    axes.set_xscale("log")
    listed_axis(axes, {float(n): f"{n:.15g}" for n in np.unique(values)}, label)
