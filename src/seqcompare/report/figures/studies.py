"""Panels of the studies: cost, lookback, adding problem. Tables in, SVGs out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, MaxNLocator, NullLocator

from seqcompare.core.arrays import Floats
from seqcompare.core.names import BASELINES
from seqcompare.core.types import Row
from seqcompare.report.figures.forecast import BASELINE_LINES
from seqcompare.report.figures.panel import panel_svg
from seqcompare.report.figures.style import TRUTH, decimal_log_axis, mark
from seqcompare.report.labels import colours_of, short_name, short_predictor_name, size_name
from seqcompare.report.texts import Texts

GUIDE: Any = {"color": TRUTH, "ls": ":", "lw": 1.1}

STROKES = ("-", "--", ":", "-.")  # of the sizes, in their order

Rows = Sequence[Row]


@dataclass(frozen=True)
class Line:
    """One model at one size."""

    model: str
    size: str
    colour: str
    stroke: str
    rows: Rows


def cost_panels(points: Rows, counts: Rows, texts: Texts) -> dict[str, bytes]:
    """Time, operations, memory and speed of a training step by window length.

    points: of cost.csv; counts: of operations.csv.
    """
    train = [row for row in points if row["kind"] == "train"]
    return {
        "cost_seconds": panel_svg(lambda axes: draw_seconds(axes, train, texts)),
        "cost_macs": panel_svg(lambda axes: draw_macs(axes, counts, texts)),
        "cost_memory": panel_svg(lambda axes: draw_memory(axes, train, texts)),
        "cost_speed": panel_svg(lambda axes: draw_speed(axes, train, texts)),
    }


def lookback_panels(rows: Rows, adding: Row, texts: Texts) -> dict[str, bytes]:
    """What trained models look at by lag, and which lags of the adding problem they solve.

    rows: of lookback.csv; adding: adding_problem.json.
    """
    return {
        "lookback_gradient": panel_svg(lambda axes: draw_gradient(axes, rows, texts)),
        "lookback_context": panel_svg(lambda axes: draw_context(axes, rows, texts)),
        "adding_problem": panel_svg(lambda axes: draw_adding(axes, adding, texts)),
    }


def draw_seconds(axes: Axes, train: Rows, texts: Texts) -> None:
    """Means over processes, with their intervals, and the theory's slopes."""
    for line in _lines(train, "seconds"):
        known = [row for row in line.rows if row["seconds_ci_low"] is not None]
        low, high = (_column(known, f"seconds_ci_{end}") for end in ("low", "high"))
        bars = axes.vlines(_column(known, "seq_len"), low, high, color=line.colour, lw=1.2)
        mark(bars, line.model, f"interval-{line.size}")
    _draw_lines(axes, train, "seconds", texts)
    axes.set(ylabel=texts("cost_seconds.y"))
    _draw_slopes(axes, train, "seconds")
    decimal_log_axis(axes)
    _length_axis(axes, train, "seq_len", texts("cost.x"))


def draw_macs(axes: Axes, counts: Rows, texts: Texts) -> None:
    _draw_lines(axes, counts, "train_macs", texts)
    _draw_slopes(axes, counts, "train_macs")
    axes.set(yscale="log", ylabel=texts("cost_macs.y"))
    _length_axis(axes, counts, "seq_len", texts("cost.x"))


def draw_memory(axes: Axes, train: Rows, texts: Texts) -> None:
    _draw_lines(axes, train, "peak_mb", texts)
    axes.set(ylabel=texts("cost_memory.y"))
    decimal_log_axis(axes)
    _length_axis(axes, train, "seq_len", texts("cost.x"))


def draw_speed(axes: Axes, train: Rows, texts: Texts) -> None:
    _draw_lines(axes, train, "share", texts, unit=100)
    axes.set(ylabel=texts("cost_speed.y"), ylim=(0, None))
    _length_axis(axes, train, "seq_len", texts("cost.x"))


def draw_gradient(axes: Axes, rows: Rows, texts: Texts) -> None:
    """Mean over windows and trials by lag, with its interval over trials; dark, the baselines."""
    for model, colour, own in _by_model(rows):
        lags, mean = _column(own, "lag"), _column(own, "gradient")
        (line,) = axes.plot(lags, mean, color=colour, label=short_name(model))
        mark(line, model, "mean")
        if own[0]["gradient_ci_low"] is not None:
            low, high = _column(own, "gradient_ci_low"), _column(own, "gradient_ci_high")
            low = np.maximum(low, mean / 100)  # a log axis has no place for an end below 0
            band = axes.fill_between(lags, low, high, color=colour, alpha=0.2, lw=0)
            mark(band, model, "band")
    _draw_baselines(axes, rows, "lag", "gradient", texts)
    axes.set(xlabel=texts("lookback.x"), ylabel=texts("lookback_gradient.y"))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    decimal_log_axis(axes)


def draw_context(axes: Axes, rows: Rows, texts: Texts) -> None:
    _draw_column(axes, rows, "lag", "mse_older_removed")
    _draw_baselines(axes, rows, "lag", "mse_older_removed", texts)
    axes.set(xlabel=texts("lookback.x"), ylabel=texts("lookback_context.y"))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    decimal_log_axis(axes)


def draw_adding(axes: Axes, adding: Row, texts: Texts) -> None:
    """The share of trials that solve a lag, with Wilson's interval: in equal steps, in equal time.

    adding: adding_problem.json, so that the picture shows the numbers that the claim rests on.
    """
    models = [name for name in adding if name != "setting"]
    for place, (model, colour) in enumerate(colours_of(models).items()):
        rows = adding[model]["lags"]
        shift = 1.05 ** (place - (len(models) - 1) / 2)  # so that equal shares both show
        lags, share = shift * _column(rows, "lag"), _column(rows, "solved_in_steps")
        low, high = (_column(rows, f"solved_in_steps_ci_{end}") for end in ("low", "high"))
        bars = axes.vlines(lags, low, high, color=colour, lw=1.2)
        (line,) = axes.plot(lags, share, "o-", ms=4, lw=1.2, color=colour, label=short_name(model))
        (timed,) = axes.plot(
            lags, _column(rows, "solved_in_seconds"), "o", ls=":", lw=1.2, ms=5, mfc="none",
            color=colour,
        )  # fmt: skip
        mark(bars, model, "intervals")
        mark(line, model, "mean")
        mark(timed, model, "dots")
    axes.set(ylabel=texts("adding_problem.y"), ylim=(-0.05, 1.05))
    _length_axis(axes, adding[models[0]]["lags"], "lag", texts("lookback.x"))


def _by_model(rows: Rows) -> list[tuple[str, str, list[Row]]]:
    """Each model in its colour, with its rows."""
    models = dict.fromkeys(row["model"] for row in rows if row["model"] not in BASELINES)
    return [
        (model, colour, [row for row in rows if row["model"] == model])
        for model, colour in colours_of(models).items()
    ]


def _lines(rows: Rows, y: str) -> list[Line]:
    """A line for each model at each size that has numbers, and other ones than an earlier size."""
    sizes = list(dict.fromkeys(row["size"] for row in rows))
    lines: list[Line] = []
    for model, colour, of_model in _by_model(rows):
        drawn: list[list[tuple[object, object]]] = [[]]
        for place, size in enumerate(sizes):
            own = [row for row in of_model if row["size"] == size and row[y] is not None]
            values = [(row["seq_len"], row[y]) for row in own]
            if values not in drawn:
                drawn.append(values)
                lines.append(Line(model, size, colour, STROKES[place % len(STROKES)], own))
    return lines


def _draw_lines(axes: Axes, rows: Rows, y: str, texts: Texts, unit: float = 1.0) -> None:
    """By window length. The legend has the models by colour and the sizes by stroke."""
    lines = _lines(rows, y)
    models: set[str] = set()
    for line in lines:
        (drawn,) = axes.plot(
            _column(line.rows, "seq_len"), unit * _column(line.rows, y), "o", ls=line.stroke, ms=4,
            color=line.colour, label=None if line.model in models else short_name(line.model),
        )  # fmt: skip
        mark(drawn, line.model, f"mean-{line.size}")
        models.add(line.model)
    strokes = {line.size: line.stroke for line in lines}
    for size, stroke in strokes.items() if len(strokes) > 1 else ():
        axes.plot([], [], color=TRUTH, ls=stroke, label=size_name(size, texts))


def _draw_column(axes: Axes, rows: Rows, x: str, y: str) -> None:
    """A line a model through the numbers that there are."""
    for model, colour, own in _by_model(rows):
        known = [row for row in own if row[y] is not None]
        if known:
            (line,) = axes.plot(
                _column(known, x), _column(known, y), "o-", ms=4, color=colour,
                label=short_name(model),
            )  # fmt: skip
            mark(line, model, "mean")


def _draw_baselines(axes: Axes, rows: Rows, x: str, y: str, texts: Texts) -> None:
    """Those that there are, behind the models."""
    for name in BASELINES:
        known = [row for row in rows if row["model"] == name and row[y] is not None]
        if known:
            axes.plot(
                _column(known, x), _column(known, y), zorder=1.5, **BASELINE_LINES[name],
                label=short_predictor_name(name, texts),
            )  # fmt: skip


def _draw_slopes(axes: Axes, rows: Rows, column: str) -> None:
    """The theory's slopes, n and n^2, from below the lowest point at the shortest length."""
    n = np.unique(_column(rows, "seq_len"))
    lowest = [row[column] for row in rows if row["seq_len"] == n[0] and row[column]]
    if not lowest:
        return
    for power, name in ((1, "n"), (2, "n²")):
        y = 0.5 * min(lowest) * (n / n[0]) ** power
        axes.plot(n, y, **GUIDE)
        axes.annotate(f"∝ {name}", (n[-1], y[-1]), (4, 0), textcoords="offset points", va="center")


def _length_axis(axes: Axes, rows: Rows, column: str, label: str) -> None:
    lengths = sorted({row[column] for row in rows})
    axes.set(xscale="log", xlabel=label)
    axes.xaxis.set_major_locator(FixedLocator(lengths))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xticks(lengths, [f"{length:.0f}" for length in lengths])


def _column(rows: Rows, name: str) -> Floats:
    return np.array([row[name] for row in rows], dtype=np.float64)
