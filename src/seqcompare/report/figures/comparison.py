"""Comparison as pictures: its panels, each alone for the page and the first four together."""

from collections.abc import Callable, Iterable, Sequence
from itertools import repeat
from typing import TypeAlias

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from seqcompare.core.names import AR
from seqcompare.report.captions import notes
from seqcompare.report.figures.accuracy import draw_accuracy
from seqcompare.report.figures.forecast import draw_forecast, draw_horizon
from seqcompare.report.figures.panel import panel_svg
from seqcompare.report.figures.predictions import draw_errors, draw_predictions
from seqcompare.report.figures.style import (
    PRINT,
    README,
    Size,
    drawn_in,
    heading,
    legend_rows,
    new_figure,
    png,
    svg,
)
from seqcompare.report.figures.training import draw_loss, draw_speed
from seqcompare.report.labels import short_predictor_name
from seqcompare.report.numbers import significant
from seqcompare.report.results import Results
from seqcompare.report.texts import Texts

Drawing: TypeAlias = Callable[[Axes, Results, Texts], None]
PANELS: dict[str, Drawing] = {
    "loss": draw_loss,
    "speed": draw_speed,
    "predictions": draw_predictions,
    "errors": draw_errors,
    "accuracy": draw_accuracy,
    "forecast": draw_forecast,
    "horizon": draw_horizon,
}


def file_names(results: Results) -> list[str]:
    """Of all pictures that there are to draw."""
    return ["comparison.png", "comparison.svg", *(f"{name}.svg" for name in panels(results))]


def pictures(
    names: Sequence[str],
    results: Results,
    texts: Texts,
    map_calls: Callable[..., Iterable[bytes]] = map,
) -> dict[str, bytes]:
    """Each by its file name. An executor's `map` as map_calls draws them side by side."""
    drawn = map_calls(_picture, names, repeat(results), repeat(texts))
    return dict(zip(names, drawn, strict=True))


def _picture(name: str, results: Results, texts: Texts) -> bytes:
    if name == "comparison.png":
        return comparison_png(results, texts, README)
    if name == "comparison.svg":
        return comparison_svg(results, texts, PRINT)
    return panel(name.removesuffix(".svg"), results, texts)


def panels(results: Results) -> list[str]:
    """The names of those for which there are results."""
    made = {"forecast": results.forecast, "horizon": results.by_horizon}
    return [name for name in PANELS if made.get(name, True)]


def panel(name: str, results: Results, texts: Texts) -> bytes:
    """One of PANELS as an SVG."""
    return panel_svg(lambda axes: PANELS[name](axes, results, texts))


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
    figure.suptitle(_test_errors(results, texts), x=0.01, ha="left", fontsize="medium")
    draw_speed(speed, results, texts)
    draw_predictions(values, results, texts)
    draw_errors(errors, results, texts)
    rows = max(legend_rows(values), legend_rows(errors))
    drawn = {"loss": (loss, 0), "speed": (speed, 0), "predictions": (values, rows)}
    for name, (axes, kept) in (drawn | {"errors": (errors, rows)}).items():
        heading(axes, texts(f"{name}.title"), captions[name], kept)
    draw_loss(loss, results, texts)  # last: its labels need the final layout
    return figure


def _test_errors(results: Results, texts: Texts) -> str:
    """What the four panels do not show: the error of each model, and of the line."""
    scores = results.comparison.predictors
    mses = {name: significant(scores[name].mse) for name in (*results.models, AR) if name in scores}
    named = [
        texts("comparison.mse", predictor=short_predictor_name(name, texts), mse=mse)
        for name, mse in mses.items()
    ]
    return texts("comparison.mses", mses=texts("word.comma").join(named))
