"""Panel of accuracy: test errors beside the baselines and the limit."""

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from seqcompare.core.names import ORACLE
from seqcompare.report.figures.rows import mark_rows, rows_have_no_lines
from seqcompare.report.figures.style import DASHED, mark
from seqcompare.report.labels import REFERENCE, colours_of, short_predictor_name
from seqcompare.report.numbers import significant
from seqcompare.report.results import Results
from seqcompare.report.texts import Texts


def draw_accuracy(axes: Axes, results: Results, texts: Texts) -> None:
    """Test errors with their intervals, each trial's as a dot, and the limit as a line."""
    rows = results.models + [name for name in results.baselines if name != ORACLE]
    colours = colours_of(results.models)
    for row, name in enumerate(rows):
        for artist in _draw_row(axes, row, name, colours.get(name, REFERENCE), results):
            mark(artist, name, "row")
    axes.set_yticks(range(len(rows)), [short_predictor_name(name, texts) for name in rows])
    mark_rows(axes, results.models)
    axes.set_ylim(len(rows) - 0.5, -0.7)
    oracle = results.comparison.predictors.get(ORACLE)
    if oracle:
        limit = oracle.mse
        label = f"{texts('accuracy.limit')} {significant(limit)}"
        axes.axvline(limit, color=REFERENCE, lw=1.2, ls=DASHED, label=label)
    axes.set(xlabel=texts("accuracy.x"))
    axes.xaxis.set_major_locator(MaxNLocator(6))
    rows_have_no_lines(axes)


def _draw_row(axes: Axes, row: int, name: str, colour: str, results: Results) -> list[Artist]:
    score, artists = results.comparison.predictors[name], list[Artist]()
    if score.mse_low is not None and score.mse_high is not None:
        artists += axes.plot([score.mse_low, score.mse_high], [row, row], color=colour, lw=4.5)
    mses = np.unique(results.trial_mses(name))  # equal for a baseline where all share one series
    if mses.size > 1:
        artists += axes.plot(
            mses, np.full(mses.size, row + 0.22), "o", color=colour, ms=3.5, mew=0, alpha=0.6
        )
    artists += axes.plot(score.mse, row, "o", color="white", mec=colour, mew=1.8, ms=7.5)
    artists.append(
        axes.annotate(
            significant(score.mse), (score.mse, row), (0, 8), color=colour,
            textcoords="offset points", ha="center", bbox={"fc": "white", "ec": "none", "pad": 0.4},
        )
    )  # fmt: skip
    return artists
