"""Panels of training: its loss by epoch, and its time."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from seqcompare.report.figures.end_labels import EndLabel, label_ends
from seqcompare.report.figures.rows import mark_rows, rows_have_no_lines
from seqcompare.report.figures.style import DASHED, TRUTH, decimal_log_axis, mark
from seqcompare.report.figures.trials import draw_trials
from seqcompare.report.labels import REFERENCE, colours_of, short_name
from seqcompare.report.numbers import significant
from seqcompare.report.results import Results
from seqcompare.report.texts import Texts


def draw_loss(axes: Axes, results: Results, texts: Texts) -> None:
    """Training error by epoch, and by a dashed line the validation error where there is one."""
    ends = []
    for model, colour in colours_of(results.models).items():
        epochs, losses = results.epochs(model), results.losses(model)
        draw_trials(axes, model, colour, epochs, losses)
        ends.append(EndLabel(short_name(model), float(losses.mean(axis=0)[-1]), colour, model))
        if "validation_mse" in results.histories[model]:
            held_out = results.losses(model, "validation_mse").mean(axis=0)
            (line,) = axes.plot(epochs, held_out, "--", color=colour, lw=1.1)
            mark(line, model, "validation")
            ends.append(EndLabel(texts("loss.validation"), float(held_out[-1]), colour, model))
    if results.train_mse_limit is not None:
        axes.axhline(results.train_mse_limit, color=REFERENCE, lw=1, ls=DASHED)
        ends.append(EndLabel(texts("loss.limit"), results.train_mse_limit, REFERENCE))
    axes.set(xlabel=texts("loss.x"), ylabel=texts("loss.y"))
    decimal_log_axis(axes)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.margins(x=0.02)
    if results.epochs(results.models[0]).size == 1:
        axes.set_xlim(0, 2)
    label_ends(axes, ends)


def draw_speed(axes: Axes, results: Results, texts: Texts) -> None:
    """Seconds per epoch, with the middle 90 % of epochs."""
    colours = colours_of(results.models)
    fastest = min(timing["seconds_per_epoch"] for timing in results.timings.values())
    for row, (model, timing) in enumerate(results.timings.items()):
        seconds = timing["seconds_per_epoch"]
        low, high = np.quantile(results.epoch_seconds[model], [0.05, 0.95])
        (bar,) = axes.barh(row, seconds, 0.5, color=colours[model])
        (whisker,) = axes.plot([low, high], [row, row], color=TRUTH, lw=1.4, marker="|", ms=8)
        ratio = seconds / fastest
        key = "speed.seconds" if ratio < 1.05 else "speed.ratio"
        text = texts(key, seconds=significant(seconds), ratio=significant(ratio, 2))
        label = axes.annotate(
            text, (max(seconds, high), row), (7, 0), textcoords="offset points", va="center"
        )
        for artist in (bar, whisker, label):
            mark(artist, model, "bar")
    longest = max(float(np.quantile(times, 0.95)) for times in results.epoch_seconds.values())
    axes.set_xlim(0, 1.35 * longest)
    axes.set_ylim(len(results.timings) - 0.4, -0.6)
    axes.set_yticks(range(len(results.timings)), [short_name(name) for name in results.timings])
    mark_rows(axes, list(results.timings))
    axes.set(xlabel=texts("speed.x"))
    axes.xaxis.set_major_locator(MaxNLocator(6))
    rows_have_no_lines(axes)
