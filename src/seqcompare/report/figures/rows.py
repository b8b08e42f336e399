"""Rows: plots with one predictor a row."""

from collections.abc import Sequence

from matplotlib.axes import Axes

from seqcompare.report.figures.style import mark


def mark_rows(axes: Axes, models: Sequence[str]) -> None:
    """Name the labels of the y axis, one row a model from the first on."""
    for label, model in zip(axes.get_yticklabels(), models, strict=False):
        mark(label, model, "name")


def rows_have_no_lines(axes: Axes) -> None:
    axes.grid(visible=False, axis="y")
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
