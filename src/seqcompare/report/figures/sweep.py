"""Picture of a sweep: error and time along the grid's first key, a band over the seeds."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from seqcompare.core.types import Row
from seqcompare.report.captions import about_trials
from seqcompare.report.figures.end_labels import EndLabel, label_ends
from seqcompare.report.figures.style import (
    Size,
    decimal_log_axis,
    drawn_in,
    heading,
    new_figure,
    png,
)
from seqcompare.report.labels import colours_of, short_name
from seqcompare.report.texts import Texts

MEASURES = ("test_mse", "train_mse", "train_seconds")
DASHES = ("-", "--", ":", "-.")
SIZE = Size(11.0, 4.4, font=10.5, dots_per_inch=120)


def sweep_picture(results: Sequence[Row], seconds: Sequence[Row], texts: Texts) -> bytes:
    """Test MSE and training seconds of every model along the first key of the grid, as a PNG.

    results, seconds: the rows of sweep.csv and sweep_seconds.csv. Where further keys of the grid
    vary, each combination has lines of its own.
    """
    key, *others = [name for name in results[0] if name not in {*MEASURES, "model", "seed"}]
    varied = [name for name in others if len({row[name] for row in results}) > 1]
    fixed = [f"{name} = {_value_text(results[0][name])}" for name in others if name not in varied]
    seeds = len({row["seed"] for row in results})
    about = about_trials(seeds, texts)
    with drawn_in(SIZE):
        figure = new_figure(SIZE)
        errors, times = figure.subplots(1, 2)
        heading(errors, texts("sweep.errors"), about)
        settings = [texts("sweep.varied", keys=texts("word.comma").join(varied))] if varied else []
        heading(times, texts("sweep.times"), "  ".join([*settings, *fixed]) or " ")
        for axes in (errors, times):
            axes.set(xlabel=texts.get(f"sweep.key.{key}", key))
        errors.set(ylabel=texts("accuracy.x"))
        times.set(ylabel=texts("speed.x"))
        error_ends = _draw(errors, results, "test_mse", key, varied)
        time_ends = _draw(times, seconds, "train_seconds", key, varied)
        label_ends(errors, error_ends)  # last: labels need the final layout
        label_ends(times, time_ends)
        return png(figure)


def _draw(
    axes: Axes, rows: Sequence[Row], measure: str, key: str, varied: Sequence[str]
) -> list[EndLabel]:
    """A line with its band for each model and combination of `varied`. Returns their labels."""
    places = _places([row[key] for row in rows])
    colours = colours_of(dict.fromkeys(row["model"] for row in rows))
    combinations = list(dict.fromkeys(tuple(row[name] for name in varied) for row in rows))
    lines: dict[tuple[str, tuple[Any, ...]], list[Row]] = {}
    for row in rows:
        lines.setdefault((row["model"], tuple(row[name] for name in varied)), []).append(row)
    ends = []
    for (model, combination), mine in lines.items():
        dash = DASHES[combinations.index(combination) % len(DASHES)]
        points = {place: [r[measure] for r in mine if r[key] == value] for value, place in places}
        at, groups = list(points), list(points.values())
        mean = np.array([np.mean(group) for group in groups])
        axes.plot(at, mean, dash, marker="o", ms=4, color=colours[model])
        low, high = [min(group) for group in groups], [max(group) for group in groups]
        axes.fill_between(at, low, high, color=colours[model], alpha=0.18, lw=0)
        label = " ".join([short_name(model), *map(_value_text, combination)])
        ends.append(EndLabel(label, float(mean[-1]), colours[model]))
    if len(places) <= 8:
        axes.set_xticks([place for _, place in places], [_value_text(value) for value, _ in places])
        axes.minorticks_off()
    axes.margins(x=0.03)
    decimal_log_axis(axes)
    return ends


def _places(values: Sequence[Any]) -> list[tuple[Any, float]]:
    """Each value once, with its place: numbers ascend where they are, words stand side by side."""
    distinct = list(dict.fromkeys(values))
    if all(isinstance(value, float) for value in distinct):
        return [(value, value) for value in sorted(distinct)]
    return [(value, float(place)) for place, value in enumerate(distinct)]


def _value_text(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
