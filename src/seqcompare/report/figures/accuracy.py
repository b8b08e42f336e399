"""Panel of accuracy: test errors beside the baselines and the limit."""

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from seqcompare.report.figures.rows import mark_rows, rows_have_no_lines
from seqcompare.report.figures.style import DASHED, REFERENCE, mark
from seqcompare.report.labels import colours_of, short_predictor_name
from seqcompare.report.numbers import ends_of, significant
from seqcompare.report.results import Results
from seqcompare.report.texts import Texts


def draw_accuracy(axes: Axes, results: Results, texts: Texts) -> None:
    """Test errors with their intervals, over seeds and over test sets, and the limit as a line."""
    rows = results.models + [name for name in results.baselines if name != "oracle"]
    colours = colours_of(results.models)
    for row, name in enumerate(rows):
        score, colour = results.metrics[name], colours.get(name, REFERENCE)
        artists: list[Artist] = []
        for ends, width in (("mse_test_ci", 1.1), ("mse_ci", 4.5)):
            if interval := ends_of(score, ends):
                artists += axes.plot(interval, [row, row], color=colour, lw=width)
        if name in results.by_seed:
            mses = results.seed_mses(name)
            artists += axes.plot(
                mses, np.full(mses.size, row + 0.22), "o", color=colour, ms=3.5, mew=0, alpha=0.6
            )
        artists += axes.plot(score["mse"], row, "o", color="white", mec=colour, mew=1.8, ms=7.5)
        artists.append(
            axes.annotate(
                significant(score["mse"]), (score["mse"], row), (0, 8), color=colour,
                textcoords="offset points", ha="center",
                bbox={"fc": "white", "ec": "none", "pad": 0.4},
            )
        )  # fmt: skip
        for artist in artists:
            mark(artist, name, "row")
    axes.set_yticks(range(len(rows)), [short_predictor_name(name, texts) for name in rows])
    mark_rows(axes, results.models)
    axes.set_ylim(len(rows) - 0.5, -0.7)
    if "oracle" in results.metrics:
        limit = results.metrics["oracle"]["mse"]
        label = f"{texts('accuracy.limit')} {significant(limit)}"
        axes.axvline(limit, color=REFERENCE, lw=1.2, ls=DASHED, label=label)
    axes.set(xlabel=texts("accuracy.x"))
    axes.xaxis.set_major_locator(MaxNLocator(6))
    rows_have_no_lines(axes)
