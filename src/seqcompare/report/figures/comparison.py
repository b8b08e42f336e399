"""The comparison as pictures: its panels, each alone for the page and the first four together."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from seqcompare.core.types import AR, ORACLE
from seqcompare.report.figures import style, ticks
from seqcompare.report.language import Language
from seqcompare.report.results import RATIO, TRIAL, Results
from seqcompare.report.words import panel_title, percent, significant

SHOWN = 400  # last test values in a picture over time: more are a smear
NOISE, REACH = "#E3E3E3", 1.96  # standard deviations of 95 % of a normal distribution
BINS = 31
POINTS: dict[str, Any] = {"color": style.TRUTH, "ms": 2.6, "mew": 0}  # of the truth
WIDE = 20.0  # the largest error / the smallest, from which on the axis is logarithmic


def draw_loss(axes: Axes, results: Results, tr: Language) -> None:
    """Mean over trials and their range; dashed the validation error, where there is one."""
    looks, validated = style.looks_of(results.models), "validation_mse" in results.training
    by_trial = results.training.pivot_table(index=["model", *TRIAL], columns="epoch")
    for name in results.models:
        table = by_trial.loc[name]
        losses, colour = table["eval_mse"], looks[name]["color"]
        epochs = losses.columns.to_numpy(np.float64)
        if len(losses) > 1:
            axes.fill_between(epochs, losses.min(), losses.max(), color=colour, alpha=0.2, lw=0)
        look = looks[name] | {"markevery": max(1, epochs.size // 10)}
        axes.plot(epochs, losses.mean(), label=style.label_of(name, tr), **look)
        if validated:
            axes.plot(epochs, table["validation_mse"].mean(), "--", color=colour, lw=1.2)
    if validated:
        axes.plot([], [], "--", color=style.TRUTH, lw=1.2, label=tr("validation"))
    if ORACLE in results.scores.index and results.params.data.noise > 0:  # without noise, about 0
        oracle, look = results.scores["train_mse"][ORACLE], looks[ORACLE]
        axes.axhline(oracle, label=style.label_of(ORACLE, tr), zorder=1.9, **look)
    ticks.log_axis(axes, tr("training MSE"))
    ticks.number_axis(axes, tr("epoch"), whole=True)


def draw_time(axes: Axes, results: Results, tr: Language) -> None:
    """Seconds for all epochs of a trial: a bar to their mean, a line over the range of trials."""
    totals = results.seconds.groupby(["model", *TRIAL], sort=False)["seconds"].sum()
    means = totals.groupby("model").mean()
    looks = style.looks_of(results.models)
    for row, model in enumerate(results.models):
        axes.barh(row, means[model], 0.3, color=looks[model]["color"])
        if len(totals[model]) > 1:
            ends = [totals[model].min(), totals[model].max()]
            axes.plot(ends, [row, row], color=style.TRUTH, lw=1.4, marker="|", ms=8)
        text = tr("{model}: {total} s ({each} s per epoch)", model=style.label_of(model, tr),
                  total=significant(means[model]),
                  each=significant(results.timing[model], 2))  # fmt: skip
        if (times := means[model] / means.min()) > 1.05:
            text += f"{tr(', ')}{significant(times, 2)}×"
        axes.annotate(text, (0, row - 0.18), (1, 2), textcoords="offset points", va="bottom")
    axes.set_xlim(0, 1.05 * float(totals.max()))
    rows_axis(axes, len(results.models) - 0.6, -0.65)
    axes.set_yticks([])
    ticks.number_axis(axes, tr("seconds per trial"))


def rows_axis(axes: Axes, low: float, high: float) -> None:
    """The y axis of a plot with one predictor a row, the first one on top."""
    axes.set_ylim(low, high)
    axes.grid(visible=False, axis="y")
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)


def draw_predictions(axes: Axes, results: Results, tr: Language) -> None:
    """Truth, networks and linear model; grey, where 95 % of truths lie around the oracle."""
    table = results.first_trial.tail(SHOWN)
    times, looks = ticks.times_of(table["time"]), style.looks_of(results.models)
    for name in (*results.models, AR):
        if name in table:
            look = looks[name] | {"marker": "", "lw": 1.2, "zorder": 1.9 if name == AR else 2}
            axes.plot(times, table[name], label=style.label_of(name, tr), **look)
    axes.plot(times, table["truth"], "o", zorder=1.8, label=tr("Truth"), **POINTS)
    data = results.params.data
    if data.source == "sine" and data.noise > 0 and ORACLE in table:
        low, high = table[ORACLE] - REACH * data.noise, table[ORACLE] + REACH * data.noise
        axes.fill_between(times, low, high, color=NOISE, lw=0, label=tr("95 % of the noise"))
    ticks.time_axis(axes, times, style.axis_name(results.column("time"), tr("time")))
    ticks.value_axis(axes, style.axis_name(results.column("value"), tr("value")))


def draw_errors(axes: Axes, results: Results, tr: Language) -> None:
    """Prediction − truth of the first trial; beside it how often which error is, in all trials."""
    table = results.first_trial.tail(SHOWN)
    times, looks = ticks.times_of(table["time"]), style.looks_of(results.models)
    axes.axhline(0, color=style.TRUTH, lw=0.8)
    for place, model in enumerate(results.models):
        look = looks[model] | {"marker": "", "lw": 1, "alpha": 0.85, "zorder": 2 - place / 100}
        errors = table[model] - table["truth"]
        axes.plot(times, errors, label=style.label_of(model, tr), **look)
    ticks.time_axis(axes, times, style.axis_name(results.column("time"), tr("time")))
    ticks.value_axis(axes, tr("prediction − truth"))
    _draw_histogram(axes, results, tr)


def _draw_histogram(axes: Axes, results: Results, tr: Language) -> None:
    """In the last column of the grid that the axes have two of."""
    place = axes.get_subplotspec()
    assert place is not None
    grid, row, last = place.get_gridspec(), place.rowspan.start, place.colspan.stop - 1
    axes.set_subplotspec(grid[row, last - 1])
    histogram = axes.figure.add_subplot(grid[row, last], sharey=axes)
    looks, predictions = style.looks_of(results.models), results.predictions
    names = [name for name in (*results.models, ORACLE) if name in predictions]
    errors = predictions[names].sub(predictions["truth"], axis=0)
    widest = float(np.abs(errors.to_numpy()).max()) or 1.0
    edges = np.linspace(-widest, widest, BINS + 1)
    for name in names:
        shares = 100 * np.histogram(errors[name], edges)[0] / len(errors)
        look = {"color": looks[name]["color"], "ls": looks[name].get("ls", "-"), "lw": 1.2}
        histogram.stairs(shares, edges, orientation="horizontal", **look)
    if ORACLE in names:
        axes.plot([], [], label=style.label_of(ORACLE, tr), **looks[ORACLE])
    histogram.set_xlim(left=0)
    histogram.set_xlabel(style.wrapped(tr("% of errors"), 5), loc="right")
    histogram.xaxis.set_major_locator(MaxNLocator(2, steps=[1, 2, 5, 10]))
    histogram.tick_params(labelleft=False)


def draw_forecast(axes: Axes, results: Results, tr: Language) -> None:
    """The end of the series, then what networks and linear model forecast, with intervals."""
    forecast, looks = results.forecast, style.looks_of(results.models)
    names = [name for name in (*results.models, AR) if name in set(forecast["predictor"])]
    future = forecast.loc[forecast["predictor"] == names[0], "time"]
    history = results.first_trial.tail(max(len(future), 2 * results.params.seq_len))
    if future.notna().all():
        name = style.axis_name(results.column("time"), tr("time"))
        times = ticks.times_of(pd.concat([history["time"], future]))
    else:  # nobody knows the times ahead: counted from the end of the series
        name = tr("steps ahead")
        times = ticks.times_of(pd.Series(np.arange(1.0 - len(history), len(future) + 1)))
    past, ahead = times[: len(history)], times[len(history) :]
    axes.plot(past, history["truth"], "o-", lw=0.5, label=tr("Truth"), **POINTS)
    for predictor in names:
        rows = forecast[forecast["predictor"] == predictor]
        look = looks[predictor] | {"markevery": max(1, len(future) // 8), "lw": 1.4}
        axes.plot(ahead, rows["mean"], label=style.label_of(predictor, tr), **look)
        axes.fill_between(ahead, rows["low"], rows["high"], color=look["color"], alpha=0.13, lw=0)
    axes.axvline(past[-1], color=style.NOTE, lw=1, ls=style.DASHED)
    ticks.time_axis(axes, times, name)
    ticks.value_axis(axes, style.axis_name(results.column("value"), tr("value")))


def draw_horizon(axes: Axes, results: Results, tr: Language) -> None:
    """MSE of free-running forecasts by steps ahead."""
    looks = style.looks_of(results.models)
    for name in (*results.models, *results.baselines):
        rows = results.horizon[results.horizon["predictor"] == name]
        if not rows.empty:
            look = looks[name] | {"markevery": max(1, len(rows) // 8)}
            axes.plot(rows["step"], rows["mse"], label=style.label_of(name, tr), **look)
    ticks.log_axis(axes, tr("MSE"))
    ticks.number_axis(axes, tr("steps ahead"), whole=True)


def draw_accuracy(axes: Axes, results: Results, tr: Language) -> None:
    """Test MSE of each predictor with its interval; small, each trial's; dashed, the oracle's."""
    names = results.models + [name for name in results.baselines if name != ORACLE]
    looks, scores = style.looks_of(results.models), results.scores
    of_trials = results.errors.groupby(["predictor", *TRIAL], sort=False)["mse"].mean()
    for row, name in enumerate(names):
        mse, low, high = (float(scores[column][name]) for column in ("mse", "low", "high"))
        colour = looks[name]["color"]
        if math.isfinite(low):
            axes.plot([low, high], [row, row], color=colour, lw=4.5)
        mses = np.unique(of_trials[name])  # a baseline's are equal where all share one series
        if mses.size > 1:
            at = np.full(mses.size, row + 0.22)
            axes.plot(mses, at, "o", color=colour, ms=3.5, mew=0, alpha=0.6)
        axes.plot(mse, row, "o", color="white", mec=colour, mew=1.8, ms=7.5)
        axes.annotate(
            significant(mse), (mse, row), (0, 8), color=colour, textcoords="offset points",
            ha="center", bbox={"fc": "white", "ec": "none", "pad": 0.4},
        )  # fmt: skip
    if ORACLE in scores.index:
        oracle = scores["mse"][ORACLE]
        label = f"{style.label_of(ORACLE, tr)} {significant(oracle)}"
        axes.axvline(oracle, label=label, **looks[ORACLE])
    rows_axis(axes, len(names) - 0.5, -0.7)
    axes.set_yticks(range(len(names)), [style.label_of(name, tr) for name in names])
    if 0 < WIDE * scores["mse"].min() < scores["mse"].max():
        axes.set_xscale("log")
        axes.set_xlabel(tr("test MSE"))
        ticks.log_ticks(axes.xaxis)
    else:
        ticks.number_axis(axes, tr("test MSE"))


def draw_ratio(axes: Axes, results: Results, tr: Language) -> None:
    """MSE of the first model / that of the second after each tested epoch, with its interval."""
    (first, second), by_epoch = results.models[:2], results.by_epoch
    if by_epoch["low"].notna().all():
        band = tr("{confidence} % interval",
                  confidence=percent(results.params.evaluation.confidence))  # fmt: skip
        ends = by_epoch["low"].astype(float), by_epoch["high"].astype(float)
        axes.fill_between(by_epoch.index, *ends, color=style.TRUTH, alpha=0.2, lw=0, label=band)
    names = f"{style.label_of(first, tr)} / {style.label_of(second, tr)}"
    axes.plot(by_epoch["ratio"], color=style.TRUTH, marker="o", label=names)
    pair = results.pairs.query("first == @first and second == @second").iloc[0]
    mean = tr("all tested epochs: {ratio}", ratio=significant(pair["ratio"], 2))
    colour = style.looks_of(results.models)[first]["color"]
    axes.axhline(pair["ratio"], color=colour, lw=1.2, ls=style.DASHED, label=mean)
    axes.axhline(1, color=style.TRUTH, lw=0.8)
    ticks.log_axis(axes, tr("ratio of test MSEs"))
    ticks.number_axis(axes, tr("epoch"), whole=True)


def draw_series(axes: Axes, results: Results, tr: Language) -> None:
    """A dot a series, sorted: MSE of the first model / of the second, coloured by the better."""
    ratios = results.by_series[RATIO].to_numpy()
    series, looks = np.arange(1, len(ratios) + 1), style.looks_of(results.models)
    axes.axhline(1, color=style.TRUTH, lw=0.8)
    axes.plot(series[ratios == 1], ratios[ratios == 1], "o", color=style.TRUTH, ms=4)
    for model, better in zip(results.models, (ratios < 1, ratios > 1), strict=False):
        look = looks[model] | {"ls": "", "ms": 4}
        label = tr("{winner} better", winner=style.label_of(model, tr))
        axes.plot(series[better], ratios[better], label=label, **look)
    ticks.log_axis(axes, tr("ratio of test MSEs"))
    ticks.number_axis(axes, tr("series, sorted"), whole=True)


PANELS: dict[str, Callable[[Axes, Results, Language], None]] = {  # first the tutorial's four
    "loss": draw_loss, "time": draw_time, "predictions": draw_predictions, "errors": draw_errors,
    "accuracy": draw_accuracy, "forecast": draw_forecast, "horizon": draw_horizon,
    "ratio": draw_ratio, "series": draw_series,
}  # fmt: skip


def pictures(results: Results, tr: Language) -> dict[str, bytes]:
    """Every picture by its file name."""
    with style.in_style():
        together = draw_comparison(results, tr)
        return {"comparison.png": style.png(together), "comparison.svg": style.svg(together)} | {
            f"{name}.svg": style.svg(style.draw_panel(PANELS[name], results, tr))
            for name in shown_panels(results)
        }


def shown_panels(results: Results) -> list[str]:
    """Names of those that there are results for."""
    left_out = {"ratio": len(results.by_epoch) < 2, "series": results.by_series.empty}
    return [name for name in PANELS if not left_out.get(name)]


def draw_comparison(results: Results, tr: Language) -> Figure:
    """Training loss, training time, predictions, errors; the first line says what they do not."""
    figure = Figure((10.5, 7.6), layout="constrained")
    grid = figure.add_gridspec(2, 3, width_ratios=(5.2, 4.2, 1))
    places = (grid[0, 0], grid[0, 1:], grid[1, 0], grid[1, 1:])
    for name, place in zip(PANELS, places, strict=False):
        axes = figure.add_subplot(place)
        PANELS[name](axes, results, tr)
        axes.set_title(panel_title(name, tr))
    scores = results.scores["mse"]
    shown = [name for name in (*results.models, AR, ORACLE) if name in scores]
    mses = [f"{style.label_of(name, tr)} {significant(scores[name])}" for name in shown]
    header = tr("Test MSE: {mses}", mses=tr(", ").join(mses))
    style.add_legend(figure, title=header, fontsize=11)
    style.add_legend(figure, "lower", about(results, tr), color=style.NOTE, handles=[])
    return figure


def about(results: Results, tr: Language) -> str:
    """How to read the four panels."""
    notes = []
    if results.trials > 1:
        notes.append(tr(
            "Training: mean over {trials} trials; coloured bands and whiskers reach from the "
            "lowest to the highest trial. Curves over time: the first trial. Histogram: all "
            "trials.", trials=results.trials,
        ))  # fmt: skip
    if results.targets > SHOWN:
        notes.append(tr("Last {shown} of {all} test values.", shown=SHOWN, all=results.targets))
    return tr.sentences(notes)
