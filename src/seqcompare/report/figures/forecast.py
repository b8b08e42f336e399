"""Panels of forecasts: beyond the series, and their error by steps ahead."""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from seqcompare.core.names import AR, ORACLE, PERSISTENCE, SEASONAL
from seqcompare.report.figures.end_labels import EndLabel, label_ends
from seqcompare.report.figures.style import DASHED, TRUTH, decimal_log_axis, mark
from seqcompare.report.figures.time_axis import label_times, label_values
from seqcompare.report.labels import REFERENCE, colours_of, short_name, short_predictor_name
from seqcompare.report.results import Results
from seqcompare.report.texts import Texts

# Told apart without colour, which models alone have.
BASELINE_LINES: dict[str, dict[str, Any]] = {
    ORACLE: {"color": "#1B1B1B", "ls": DASHED, "lw": 1.2},
    AR: {"color": "#4D4D4D", "ls": "-", "lw": 1.2},
    SEASONAL: {"color": "#6E6E6E", "ls": "-.", "lw": 1.2},
    PERSISTENCE: {"color": "#6E6E6E", "ls": ":", "lw": 1.4},
}


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
    axes.axvline(results.predictions["time"][-1], color=REFERENCE, lw=1, ls=DASHED)
    axes.margins(x=0.01)
    label_times(axes, results, texts("forecast.x"))
    label_values(axes, results, texts("forecast.y"))


def draw_horizon(axes: Axes, results: Results, texts: Texts) -> None:
    """The error of free-running forecasts by steps ahead."""
    columns, colours = results.by_horizon, colours_of(results.models)
    ends = []
    for name in (*results.baselines, *results.models):
        if name in columns:
            model = name if name in colours else ""
            look = {"color": colours[name]} if model else BASELINE_LINES[name]
            (line,) = axes.plot(columns["horizon"], columns[name], **look)
            if model:
                mark(line, model, "mean")
            end = float(columns[name][-1])
            text = short_predictor_name(name, texts)
            ends.append(EndLabel(text, end, look["color"], model))
    axes.set(xlabel=texts("horizon.x"), ylabel=texts("horizon.y"))
    decimal_log_axis(axes)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.margins(x=0.02)
    label_ends(axes, ends)
