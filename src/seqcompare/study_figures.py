"""The studies of cost and reach as pictures. Takes tables of numbers, returns SVGs."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, NullFormatter, NullLocator

from seqcompare.arrays import Floats
from seqcompare.naming import colours_of, shown_name
from seqcompare.style import TRUTH, Size, drawn_in, new_figure, svg

COST = Size(11.0, 8.0, font=10.0)
REACH = Size(13.0, 4.6, font=10.0)
GUIDE: Any = {"color": TRUTH, "ls": ":", "lw": 1.1}
CONSTANT_MSE = 1 / 6  # of the adding task's best constant prediction

Row = Mapping[str, Any]


def cost_picture(rows: Sequence[Row], counts: Sequence[Row], summary: Mapping[str, Any]) -> bytes:
    """Time, operations, memory and speed of a training step by window length.

    rows: of cost.csv; counts: of complexity.csv; summary: cost.json.
    """
    models = list(dict.fromkeys(row["model"] for row in rows))
    lengths = sorted({row["seq_len"] for row in rows})
    setting = summary["setting"]
    with drawn_in(COST):
        figure = new_figure(COST)
        (seconds, macs), (memory, speed) = figure.subplots(2, 2)
        for model, colour in colours_of(models).items():
            measured = [row for row in rows if row["model"] == model and row["train_seconds"]]
            _draw_seconds(seconds, measured, summary[model], colour)
            _draw_counts(macs, [row for row in counts if row["model"] == model], colour)
            _draw_column(memory, measured, "train_peak_mb", 1.0, colour)
            _draw_column(speed, measured, "train_flops", 1e-9, colour)
        _draw_slopes(seconds, rows, "train_seconds", lengths)
        _draw_slopes(macs, counts, "train_macs", lengths)
        seconds.set_title(
            f"Seconds per training step of {setting['batch_size']} windows on {setting['device']}\n"
            "median and quartiles; the line is the fit",
            fontsize=10,
        )
        seconds.set(yscale="log", ylabel="s")
        macs.set_title("Counted multiply-accumulates per window, forward and backward", fontsize=10)
        macs.set(yscale="log", ylabel="MAC")
        memory.set_title("Peak memory of a training step (attention: explicit)", fontsize=10)
        memory.set(yscale="log", ylabel="MB")
        memory.yaxis.set_major_formatter(lambda megabytes, _: f"{megabytes:.0f}")
        memory.yaxis.set_minor_formatter(NullFormatter())
        speed.set_title("Achieved speed: counted operations / measured seconds", fontsize=10)
        speed.set(ylabel="GFLOP/s", ylim=(0, None))
        for axes in (seconds, macs, memory, speed):
            _length_axis(axes, lengths, "window length n")
            if axes.get_legend_handles_labels()[0]:
                axes.legend(fontsize=9)
        return svg(figure)


def reach_picture(
    rows: Sequence[Row], recall: Sequence[Row], solved_below: float, trained_on: int
) -> bytes:
    """What trained models look at by lag, and which lags of the adding task they solve.

    rows: of reach.csv; recall: of recall.csv; solved_below: share of 1/6; trained_on: seq_len.
    """
    models = list(dict.fromkeys(row["model"] for row in rows))
    with drawn_in(REACH):
        figure = new_figure(REACH)
        gradient, context, adding = figure.subplots(1, 3)
        for index, (model, colour) in enumerate(colours_of(models).items()):
            _draw_gradient(gradient, [row for row in rows if row["model"] == model], colour)
            known = [row for row in rows if row["model"] == model and row["mse_without_older"]]
            _draw_column(context, known, "mse_without_older", 1.0, colour, x="lag")
            shift = 1.0 + 0.04 * (index - (len(models) - 1) / 2)  # so that equal points both show
            _draw_recall(adding, [row for row in recall if row["model"] == model], colour, shift)
        gradient.set_title(f"Trained on windows of {trained_on}:\nmean |d prediction / d value|")
        gradient.set(yscale="log", xlabel="lag (steps back)", ylabel="absolute gradient")
        context.set_title("Trained models: test error when\nvalues older than a lag are swapped")
        context.set(yscale="log", xlabel="lag (steps back)", ylabel="MSE")
        adding.set_title("Adding task: error after an equal\nbudget of steps, a point a seed")
        _draw_adding_lines(adding, solved_below)
        _length_axis(adding, sorted({row["lag"] for row in recall}), "lag (steps back)")
        for axes in (gradient, context):
            axes.legend()
        adding.legend(loc="lower left", ncols=len(models))
        return svg(figure)


def _draw_seconds(axes: Axes, rows: Sequence[Row], growth: Row, colour: str) -> None:
    n, seconds = _column(rows, "seq_len"), _column(rows, "train_seconds")
    spread = [seconds - _column(rows, "train_q1"), _column(rows, "train_q3") - seconds]
    exponent = growth["train_exponent"]
    label = shown_name(rows[0]["model"]) if rows else None
    if exponent is not None and label:
        fitted = n >= growth["fitted_from_seq_len"]
        level = np.exp(np.mean(np.log(seconds[fitted]) - exponent * np.log(n[fitted])))
        axes.plot(n[fitted], level * n[fitted] ** exponent, color=colour, lw=1.2)
        low, high = growth["train_exponent_ci_low"], growth["train_exponent_ci_high"]
        interval = "" if low is None else f" [{low:.2f}, {high:.2f}]"
        label += f": n^{exponent:.2f}{interval}"
    axes.errorbar(n, seconds, np.abs(spread), fmt="o", ms=4, color=colour, capsize=2, label=label)


def _draw_counts(axes: Axes, rows: Sequence[Row], colour: str) -> None:
    known = [row for row in rows if row["train_macs"]]
    _draw_column(axes, known, "train_macs", 1.0, colour)


def _draw_slopes(axes: Axes, rows: Sequence[Row], column: str, lengths: Sequence[float]) -> None:
    """The theory's slopes, n and n^2, from below the lowest point at the shortest length."""
    lowest = [row[column] for row in rows if row["seq_len"] == lengths[0] and row[column]]
    if not lowest:
        return
    n = np.array(lengths)
    for power, name in ((1, "n"), (2, "n²")):
        y = 0.5 * min(lowest) * (n / n[0]) ** power
        axes.plot(n, y, **GUIDE)
        axes.annotate(f"∝ {name}", (n[-1], y[-1]), (4, 0), textcoords="offset points", va="center")


def _draw_column(
    axes: Axes, rows: Sequence[Row], column: str, unit: float, colour: str, x: str = "seq_len"
) -> None:
    known = [row for row in rows if row[column] is not None]
    if known:
        values = unit * _column(known, column)
        label = shown_name(known[0]["model"])
        axes.plot(_column(known, x), values, "o-", ms=4, color=colour, label=label)


def _draw_gradient(axes: Axes, rows: Sequence[Row], colour: str) -> None:
    lags, mean = _column(rows, "lag"), _column(rows, "gradient")
    axes.plot(lags, mean, color=colour, label=shown_name(rows[0]["model"]))
    if rows[0]["gradient_ci_low"] is not None:
        low, high = _column(rows, "gradient_ci_low"), _column(rows, "gradient_ci_high")
        axes.fill_between(
            lags, np.maximum(low, mean / 100), high, color=colour, alpha=0.2, lw=0
        )  # a log axis has no place for an end below 0


def _draw_recall(axes: Axes, rows: Sequence[Row], colour: str, shift: float) -> None:
    lags = sorted({row["lag"] for row in rows})
    means = [np.mean([row["mse"] for row in rows if row["lag"] == lag]) for lag in lags]
    axes.plot(shift * np.array(lags), means, color=colour, lw=1.0, alpha=0.5)
    axes.plot(
        shift * _column(rows, "lag"), _column(rows, "mse"), "o", ms=5, color=colour,
        label=shown_name(rows[0]["model"]),
    )  # fmt: skip


def _draw_adding_lines(axes: Axes, solved_below: float) -> None:
    axes.set(yscale="log", ylabel="MSE")
    axes.margins(y=0.15)
    for level, text in (
        (CONSTANT_MSE, "1/6: learned nothing"),
        (CONSTANT_MSE / 2, "1/12: only the newer number"),
        (CONSTANT_MSE * solved_below, "solved below"),
    ):
        axes.axhline(level, **GUIDE)
        axes.annotate(
            text, (0.01, level), (0, 3), xycoords=("axes fraction", "data"),
            textcoords="offset points", fontsize=8, color=TRUTH,
        )  # fmt: skip


def _length_axis(axes: Axes, lengths: Sequence[float], label: str) -> None:
    axes.set(xscale="log", xlabel=label)
    axes.xaxis.set_major_locator(FixedLocator(lengths))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xticks(lengths, [f"{length:.0f}" for length in lengths])


def _column(rows: Sequence[Row], name: str) -> Floats:
    return np.array([row[name] for row in rows], dtype=np.float64)
