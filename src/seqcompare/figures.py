"""Results as pictures. Takes columns of numbers, returns the bytes of a picture."""

import io
from collections.abc import Mapping
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from seqcompare.arrays import Floats

# Okabe & Ito's palette: told apart by colour-blind readers and in grey.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
TRUTH = "#444444"
STYLE: Any = {
    "font.size": 10,
    "axes.titlesize": 11,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#e6e6e6",
    "grid.linewidth": 0.6,
    "axes.axisbelow": True,
    "legend.frameon": False,
    "lines.linewidth": 1.6,
}
SIZE_INCHES = (11.0, 7.5)
DOTS_PER_INCH = 110
SHOWN_NAMES = {"lstm": "LSTM", "transformer": "Transformer"}


def comparison(
    curves: Mapping[str, Mapping[str, Floats]],
    timings: Mapping[str, Mapping[str, Any]],
    epoch_seconds: Mapping[str, Floats],
    predictions: Mapping[str, Floats],
    metrics: Mapping[str, Mapping[str, Any]],
) -> bytes:
    """The tutorial's four panels: training loss, training time, predictions, errors.

    curves: model -> columns seed, epoch and train_mse; timings: model -> its timing metrics;
    epoch_seconds: model -> [seed x epoch]; predictions: columns time, truth and each model [test];
    metrics: as in metrics.json. Returns a PNG.
    """
    models = list(curves)
    colours = dict(zip(models, (COLOURS * len(models))[: len(models)], strict=True))
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=SIZE_INCHES, dpi=DOTS_PER_INCH, layout="constrained")
        (loss, speed), (values, errors) = figure.subplots(2, 2)
        _draw_loss(loss, curves, colours)
        _draw_speed(speed, timings, epoch_seconds, colours)
        _draw_predictions(values, predictions, colours)
        _draw_errors(errors, predictions, metrics, colours)
        return picture_bytes(figure)


def _draw_loss(
    axes: Axes, curves: Mapping[str, Mapping[str, Floats]], colours: Mapping[str, str]
) -> None:
    for model, columns in curves.items():
        epochs = np.unique(columns["epoch"])
        losses = columns["train_mse"].reshape(-1, len(epochs))  # [seed, epoch]
        axes.plot(epochs, losses.mean(axis=0), color=colours[model], label=shown_name(model))
        axes.fill_between(
            epochs, losses.min(axis=0), losses.max(axis=0), color=colours[model], alpha=0.2, lw=0
        )
    seeds = len(np.unique(next(iter(curves.values()))["seed"]))
    axes.set_title(f"Training loss: mean and range of {seeds} seed{'s' * (seeds > 1)}")
    axes.set(yscale="log", xlabel="epoch", ylabel="train MSE")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.legend()


def _draw_speed(
    axes: Axes,
    timings: Mapping[str, Mapping[str, Any]],
    epoch_seconds: Mapping[str, Floats],
    colours: Mapping[str, str],
) -> None:
    for row, (model, timing) in enumerate(timings.items()):
        seconds = timing["seconds_per_epoch"]
        low, high = np.quantile(epoch_seconds[model], [0.05, 0.95])
        spread = [[max(seconds - low, 0)], [max(high - seconds, 0)]]
        axes.barh(row, seconds, 0.55, xerr=spread, color=colours[model], ecolor=TRUTH, capsize=3)
        axes.annotate(
            f"{seconds:.3g} s", (max(seconds, high), row), (6, 0),
            textcoords="offset points", va="center",
        )  # fmt: skip
    first = next(iter(timings.values()))
    axes.set_title(
        f"Training time per epoch on {first['device']}: median, 5-95 %\n"
        f"{first['threads_per_run']} thread a run, {first['runs_side_by_side']} side by side",
        fontsize=10,
    )
    axes.set_yticks(range(len(timings)), [shown_name(model) for model in timings])
    axes.set(xlabel="seconds per epoch")
    axes.margins(x=0.18)
    axes.invert_yaxis()
    axes.grid(visible=False, axis="y")


def _draw_predictions(
    axes: Axes, predictions: Mapping[str, Floats], colours: Mapping[str, str]
) -> None:
    times = predictions["time"]
    axes.plot(times, predictions["truth"], ".", color=TRUTH, ms=4, alpha=0.6, label="truth")
    for model, colour in colours.items():
        axes.plot(times, predictions[model], color=colour, label=shown_name(model))
    axes.set_title("Test predictions: mean over seeds")
    axes.set(xlabel="time", ylabel="value")
    axes.margins(y=0.2)
    axes.legend(ncols=3, loc="upper center")


def _draw_errors(
    axes: Axes,
    predictions: Mapping[str, Floats],
    metrics: Mapping[str, Mapping[str, Any]],
    colours: Mapping[str, str],
) -> None:
    times, truth = predictions["time"], predictions["truth"]
    for model, colour in colours.items():
        label = f"{shown_name(model)}, MSE {metrics[model]['mse']:.4f}"
        axes.plot(times, np.abs(predictions[model] - truth), color=colour, lw=1.1, label=label)
    axes.set_title("Absolute error over time")
    axes.set(xlabel="time", ylabel="|prediction - truth|")
    axes.set_ylim(0, 1.2 * axes.get_ylim()[1])
    axes.legend(ncols=2, loc="upper center")


def shown_name(model: str) -> str:
    return SHOWN_NAMES.get(model, model)


def picture_bytes(figure: Figure) -> bytes:
    picture = io.BytesIO()
    figure.savefig(picture, format="png", metadata={"Software": None})
    return picture.getvalue()
