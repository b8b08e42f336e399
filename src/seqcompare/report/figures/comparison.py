"""Results as pictures: the panels of the comparison, alone for the page and together.

Takes an Results and the texts of a language, returns the bytes of a picture.
"""

from collections.abc import Callable, Iterable
from itertools import repeat
from typing import TypeAlias

import matplotlib
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from seqcompare.core.types import Floats
from seqcompare.report.captions import notes
from seqcompare.report.figures.style import (
    BAND,
    PANEL,
    PRINT,
    README,
    REFERENCE,
    TRUTH,
    Size,
    decimal_log_axis,
    drawn_in,
    heading,
    label_ends,
    legend_rows,
    mark,
    mark_rows,
    new_figure,
    png,
    svg,
)
from seqcompare.report.labels import colours_of, short_name
from seqcompare.report.results import SHOWN_POINTS, SHOWN_SEEDS, Results
from seqcompare.report.texts import Texts
from seqcompare.report.verdict import number

Drawing: TypeAlias = Callable[[Axes, Results, Texts], None]


def comparison_png(results: Results, texts: Texts, size: Size) -> bytes:
    """The tutorial's four panels: training loss, training time, predictions, errors."""
    with drawn_in(size):
        return png(_comparison(results, texts, size))


def comparison_svg(results: Results, texts: Texts, size: Size) -> bytes:
    with drawn_in(size):
        return svg(_comparison(results, texts, size))


def _comparison(results: Results, texts: Texts, size: Size) -> Figure:
    figure = new_figure(size)
    (loss, speed), (values, errors) = figure.subplots(2, 2)
    captions = notes(results, texts)
    draw_speed(speed, results, texts)
    draw_predictions(values, results, texts)
    draw_errors(errors, results, texts)
    rows = max(legend_rows(values), legend_rows(errors))
    drawn = {"loss": (loss, 0), "speed": (speed, 0), "predictions": (values, rows)}
    for name, (axes, kept) in (drawn | {"errors": (errors, rows)}).items():
        heading(axes, texts(f"{name}.title"), captions[name], kept)
    draw_loss(loss, results, texts)  # last: its labels need the final layout
    return figure


def panel(name: str, results: Results, texts: Texts) -> bytes:
    """One of PANELS as an SVG without a title, which the page writes around it."""
    with drawn_in(PANEL):
        figure = new_figure(PANEL)
        axes = figure.subplots()
        PANELS[name](axes, results, texts)
        heading(axes)
        return svg(figure)


def draw_loss(axes: Axes, results: Results, texts: Texts) -> None:
    """Training error by epoch, and by a dashed line the validation error where there is one."""
    ends = []
    for model, colour in colours_of(results.models).items():
        epochs, losses = results.epochs(model), results.losses(model)
        _draw_seeds(axes, model, colour, epochs, losses)
        ends.append((short_name(model), float(losses.mean(axis=0)[-1]), colour, model))
        if "validation_mse" in results.histories[model]:
            held_out = results.losses(model, "validation_mse").mean(axis=0)
            (line,) = axes.plot(epochs, held_out, "--", color=colour, lw=1.1)
            mark(line, model, "validation")
            ends.append((texts("loss.validation"), float(held_out[-1]), colour, model))
    if results.train_mse_limit is not None:
        axes.axhline(results.train_mse_limit, color=REFERENCE, lw=1, ls=(0, (4, 3)))
        ends.append((texts("loss.limit"), results.train_mse_limit, REFERENCE, ""))
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
        label = axes.annotate(
            texts(key, seconds=number(seconds), ratio=number(ratio, 2)), (max(seconds, high), row),
            (7, 0), textcoords="offset points", va="center",
        )  # fmt: skip
        for artist in (bar, whisker, label):
            mark(artist, model, "bar")
    longest = max(float(np.quantile(times, 0.95)) for times in results.epoch_seconds.values())
    axes.set_xlim(0, 1.35 * longest)
    axes.set_ylim(len(results.timings) - 0.4, -0.6)
    axes.set_yticks(range(len(results.timings)), [short_name(name) for name in results.timings])
    mark_rows(axes, list(results.timings))
    axes.set(xlabel=texts("speed.x"))
    axes.xaxis.set_major_locator(MaxNLocator(6))
    _rows_have_no_lines(axes)


def draw_predictions(axes: Axes, results: Results, texts: Texts) -> None:
    """The truth, its noise band around the oracle, and each model's mean and range over seeds."""
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
        made = np.stack(list(results.by_seed[model].values()))[:, -SHOWN_POINTS:]
        _draw_seeds(axes, model, colour, times, made, label=short_name(model), width=1.2)
    axes.set(xlabel=texts("predictions.x"), ylabel=texts("predictions.y"))
    axes.margins(x=0.01)


def draw_errors(axes: Axes, results: Results, texts: Texts) -> None:
    """Absolute errors over time, their running mean, and beside them their quartiles."""
    shown = slice(-SHOWN_POINTS, None)
    times, truth = results.predictions["time"], results.predictions["truth"]
    boxes = axes.inset_axes((1.02, 0, 0.07 * (len(results.models) + 1), 1), sharey=axes)
    for place, (model, colour) in enumerate(colours_of(results.models).items()):
        errors = np.abs(results.predictions[model] - truth)
        (dots,) = axes.plot(
            times[shown], errors[shown], "o", color=colour, ms=2.8, mew=0, alpha=0.4
        )
        mark(dots, model, "dots")
        (line,) = axes.plot(
            times[shown], results.running_error(model)[shown], color=colour, label=short_name(model)
        )
        mark(line, model, "mean")
        _draw_box(boxes, place, errors, model, colour)
    if "oracle" in results.predictions:
        limit = results.running_error("oracle")[shown]
        axes.plot(
            times[shown], limit, color=REFERENCE, lw=1, ls=(0, (4, 3)),
            label=texts("predictor.oracle"),
        )  # fmt: skip
        errors = np.abs(results.predictions["oracle"] - truth)
        _draw_box(boxes, len(results.models), errors, "oracle", REFERENCE)
    axes.set(xlabel=texts("errors.x"), ylabel=texts("errors.y"))
    axes.set_ylim(bottom=0)
    axes.margins(x=0.01)
    boxes.axis("off")


def draw_accuracy(axes: Axes, results: Results, texts: Texts) -> None:
    """Test errors with their intervals, over seeds and over test sets, and the limit as a line."""
    rows = results.models + [name for name in results.baselines if name != "oracle"]
    colours = colours_of(results.models)
    for row, name in enumerate(rows):
        score, colour = results.metrics[name], colours.get(name, REFERENCE)
        artists: list[Artist] = []
        for ends, width in (("mse_test_ci", 1.1), ("mse_ci", 4.5)):
            low, high = score.get(f"{ends}_low"), score.get(f"{ends}_high")
            if low is not None and high is not None:
                artists += axes.plot([low, high], [row, row], color=colour, lw=width)
        if name in results.by_seed:
            mses = results.seed_mses(name)
            artists += axes.plot(
                mses, np.full(mses.size, row + 0.22), "o", color=colour, ms=3.5, mew=0, alpha=0.6
            )
        artists += axes.plot(score["mse"], row, "o", color="white", mec=colour, mew=1.8, ms=7.5)
        artists.append(
            axes.annotate(
                number(score["mse"]), (score["mse"], row), (0, 8), color=colour,
                textcoords="offset points", ha="center",
                bbox={"fc": "white", "ec": "none", "pad": 0.4},
            )
        )  # fmt: skip
        for artist in artists:
            mark(artist, name, "row")
    axes.set_yticks(range(len(rows)), [_row_name(name, texts) for name in rows])
    mark_rows(axes, results.models)
    axes.set_ylim(len(rows) - 0.5, -0.7)
    if "oracle" in results.metrics:
        limit = results.metrics["oracle"]["mse"]
        label = f"{texts('accuracy.limit')} {number(limit)}"
        axes.axvline(limit, color=REFERENCE, lw=1.2, ls=(0, (4, 3)), label=label)
    axes.set(xlabel=texts("accuracy.x"))
    axes.xaxis.set_major_locator(MaxNLocator(6))
    _rows_have_no_lines(axes)


def draw_forecast(axes: Axes, results: Results, texts: Texts) -> None:
    """The end of the series, then each model's forecast with its interval."""
    columns = results.forecast
    horizon = columns["time"].size
    past = slice(-max(horizon, 2 * results.seq_len), None)
    axes.plot(
        results.predictions["time"][past], results.predictions["truth"][past], "o-", lw=0.5,
        color=TRUTH, ms=2.6, mew=0, label=texts("predictor.truth"),
    )  # fmt: skip
    for model, colour in colours_of(results.models).items():
        if model in columns:
            (line,) = axes.plot(
                columns["time"], columns[model], color=colour, label=short_name(model)
            )
            mark(line, model, "mean")
        if f"{model}_low" in columns:
            low, high = columns[f"{model}_low"], columns[f"{model}_high"]
            band = axes.fill_between(columns["time"], low, high, color=colour, alpha=0.18, lw=0)
            mark(band, model, "band")
    axes.axvline(results.predictions["time"][-1], color=REFERENCE, lw=1, ls=(0, (4, 3)))
    axes.set(xlabel=texts("forecast.x"), ylabel=texts("forecast.y"))
    axes.margins(x=0.01)


def draw_horizon(axes: Axes, results: Results, texts: Texts) -> None:
    """The error of free-running forecasts by steps ahead."""
    columns, colours = results.by_horizon, colours_of(results.models)
    ends = []
    for name in (*results.baselines, *results.models):
        if name in columns:
            model = name if name in colours else ""
            colour, width = colours.get(name, REFERENCE), None if model else 0.9
            (line,) = axes.plot(columns["horizon"], columns[name], color=colour, lw=width)
            if model:
                mark(line, model, "mean")
            ends.append((_row_name(name, texts), float(columns[name][-1]), colour, model))
    axes.set(xlabel=texts("horizon.x"), ylabel=texts("horizon.y"))
    decimal_log_axis(axes)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.margins(x=0.02)
    label_ends(axes, ends)


def panels(results: Results) -> list[str]:
    """The names of those for which there are results."""
    made = {"forecast": results.forecast, "horizon": results.by_horizon}
    return [name for name in PANELS if made.get(name, True)]


def pictures(
    results: Results, texts: Texts, map_calls: Callable[..., Iterable[bytes]] = map
) -> dict[str, bytes]:
    """Every picture by its file name. An executor's `map` as map_calls draws them side by side."""
    names = ["comparison.png", "comparison.svg", *(f"{name}.svg" for name in panels(results))]
    drawn = map_calls(_picture, names, repeat(results), repeat(texts))
    return dict(zip(names, drawn, strict=True))


def _picture(name: str, results: Results, texts: Texts) -> bytes:
    if name == "comparison.png":
        return comparison_png(results, texts, README)
    if name == "comparison.svg":
        return comparison_svg(results, texts, PRINT)
    return panel(name.removesuffix(".svg"), results, texts)


PANELS: dict[str, Drawing] = {
    "loss": draw_loss,
    "speed": draw_speed,
    "predictions": draw_predictions,
    "errors": draw_errors,
    "accuracy": draw_accuracy,
    "forecast": draw_forecast,
    "horizon": draw_horizon,
}


def _draw_seeds(
    axes: Axes,
    model: str,
    colour: str,
    x: Floats,
    y: Floats,
    label: str | None = None,
    width: float | None = None,
) -> None:
    """Mean and range over seeds, and each seed, unseen until a page shows it. y: [seed, x]."""
    if len(y) > 1:
        band = axes.fill_between(x, y.min(axis=0), y.max(axis=0), color=colour, alpha=0.22, lw=0)
        mark(band, model, "band")
        for place, values in enumerate(y[:SHOWN_SEEDS]):
            (thin,) = axes.plot(x, values, color=colour, lw=0.7, alpha=0)
            mark(thin, model, f"seed-{place}")
    alone = "o" if len(x) == 1 else None  # one point is no line
    (line,) = axes.plot(x, y.mean(axis=0), color=colour, label=label, lw=width, marker=alone)
    mark(line, model, "mean")


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


def _row_name(predictor: str, texts: Texts) -> str:
    return texts.get(f"predictor.{predictor}", short_name(predictor))


def _rows_have_no_lines(axes: Axes) -> None:
    axes.grid(visible=False, axis="y")
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
