"""Trials: a model's curve in each of them, as their mean and range."""

from matplotlib.axes import Axes

from seqcompare.core.arrays import Floats
from seqcompare.report.figures.style import mark
from seqcompare.report.results import SHOWN_SEEDS


def draw_trials(
    axes: Axes,
    model: str,
    colour: str,
    x: Floats,
    y: Floats,
    label: str | None = None,
    width: float | None = None,
) -> None:
    """Mean and range over trials, and each trial, unseen until a page shows it. y: [trial, x]."""
    if len(y) > 1:
        band = axes.fill_between(x, y.min(axis=0), y.max(axis=0), color=colour, alpha=0.22, lw=0)
        mark(band, model, "band")
        for place, values in enumerate(y[:SHOWN_SEEDS]):
            (thin,) = axes.plot(x, values, color=colour, lw=0.7, alpha=0)
            mark(thin, model, f"seed-{place}")
    alone = "o" if len(x) == 1 else None  # one point is no line
    (line,) = axes.plot(x, y.mean(axis=0), color=colour, label=label, lw=width, marker=alone)
    mark(line, model, "mean")
