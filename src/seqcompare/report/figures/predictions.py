"""Panels of the test part over time: predictions, and their errors."""

import matplotlib
import numpy as np
from matplotlib.axes import Axes

from seqcompare.core.arrays import Floats
from seqcompare.report.figures.style import BAND, DASHED, TRUTH, mark
from seqcompare.report.figures.time_axis import label_times, label_values
from seqcompare.report.labels import REFERENCE, colours_of, short_name
from seqcompare.report.results import SHOWN_POINTS, Results
from seqcompare.report.texts import Texts


def draw_predictions(axes: Axes, results: Results, texts: Texts) -> None:
    """The first trial: truth, the noise's band around the oracle, and each model's predictions."""
    columns = {name: column[-SHOWN_POINTS:] for name, column in results.predictions.items()}
    times = columns["time"]
    if results.noise_std is not None and "oracle" in columns:
        reach = 1.96 * results.noise_std
        axes.fill_between(
            times, columns["oracle"] - reach, columns["oracle"] + reach, color=BAND, lw=0,
            label=texts("predictions.noise"),
        )  # fmt: skip
    axes.plot(
        times, columns["truth"], "o", color=TRUTH, ms=2.6, mew=0, label=texts("predictor.truth")
    )
    for model, colour in colours_of(results.models).items():
        (line,) = axes.plot(times, columns[model], color=colour, lw=1.2, label=short_name(model))
        mark(line, model, "mean")
    axes.margins(x=0.01)
    label_times(axes, results, texts("predictions.x"))
    label_values(axes, results, texts("predictions.y"))


def draw_errors(axes: Axes, results: Results, texts: Texts) -> None:
    """Absolute errors over time, of one trial and as running mean of all; beside them quartiles."""
    shown = slice(-SHOWN_POINTS, None)
    times, truth = results.predictions["time"], results.predictions["truth"]
    boxes = axes.inset_axes((1.02, 0, 0.07 * (len(results.models) + 1), 1), sharey=axes)
    for place, (model, colour) in enumerate(colours_of(results.models).items()):
        errors = np.abs(results.predictions[model] - truth)  # of one trial
        (dots,) = axes.plot(
            times[shown], errors[shown], "o", color=colour, ms=2.8, mew=0, alpha=0.4
        )
        mark(dots, model, "dots")
        (line,) = axes.plot(
            times[shown], results.running_error(model)[shown], color=colour, label=short_name(model)
        )
        mark(line, model, "mean")
        _draw_box(boxes, place, results.errors(model), model, colour)
    if "oracle" in results.predictions:
        limit = results.running_error("oracle")[shown]
        axes.plot(
            times[shown], limit, color=REFERENCE, lw=1, ls=DASHED,
            label=texts("predictor.oracle"),
        )  # fmt: skip
        _draw_box(boxes, len(results.models), results.errors("oracle"), "oracle", REFERENCE)
    axes.set(ylabel=texts("errors.y"))
    axes.set_ylim(bottom=0)
    axes.margins(x=0.01)
    label_times(axes, results, texts("errors.x"))
    boxes.axis("off")


def _draw_box(axes: Axes, place: int, errors: Floats, model: str, colour: str) -> None:
    low, first, median, third, high = np.quantile(errors, [0.05, 0.25, 0.5, 0.75, 0.95])
    bold = 0.6 * matplotlib.rcParams["font.size"]
    for ends, width, ink in (
        ((low, high), 1.0, colour),
        ((first, third), bold, colour),
    ):
        (line,) = axes.plot([place, place], ends, color=ink, lw=width, solid_capstyle="butt")
        mark(line, model, "box")
    (dot,) = axes.plot(place, median, "o", color="white", mec=colour, ms=0.45 * bold, mew=0)
    mark(dot, model, "box")
    axes.set_xlim(-0.6, place + 0.6)
