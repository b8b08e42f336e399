"""Hover: the values that the page reads out under the pointer, figure by figure."""

from collections.abc import Sequence
from typing import Any, TypedDict

from seqcompare.core.arrays import Floats
from seqcompare.core.names import ORACLE
from seqcompare.report.labels import model_name, predictor_name
from seqcompare.report.numbers import shortened
from seqcompare.report.results import SHOWN_POINTS, SHOWN_SEEDS, Results
from seqcompare.report.texts import Texts

HOVER_FIGURES = ("loss", "predictions", "errors")


class HoverFigure(TypedDict):
    """label: the name of x; shown: its values as text, where they are dates.

    series: name, values and perhaps model and seeds, each.
    """

    label: str
    shown: list[str]
    x: list[float]
    series: list[dict[str, Any]]


def hover_values(results: Results, texts: Texts) -> dict[str, HoverFigure]:
    """Of HOVER_FIGURES, by their names."""
    return {
        "loss": _loss(results, texts),
        "predictions": _predictions(results, texts),
        "errors": _errors(results, texts),
    }


def _loss(results: Results, texts: Texts) -> HoverFigure:
    losses = {model: results.losses(model) for model in results.models}
    return {
        "label": texts("loss.x"),
        "shown": [],
        "x": shortened(max(map(results.epochs, results.models), key=len)),
        "series": [_model(name, each.mean(axis=0), list(each)) for name, each in losses.items()],
    }


def _predictions(results: Results, texts: Texts) -> HoverFigure:
    columns = {name: column[-SHOWN_POINTS:] for name, column in results.predictions.items()}
    series = [_other("truth", columns["truth"], texts)]
    series += [_model(model, columns[model]) for model in results.models]
    if ORACLE in columns:
        series.append(_other(ORACLE, columns[ORACLE], texts))
    return _over_time(columns["time"], series, results, texts)


def _errors(results: Results, texts: Texts) -> HoverFigure:
    shown = slice(-SHOWN_POINTS, None)
    series = [_model(model, results.running_error(model)[shown]) for model in results.models]
    if ORACLE in results.predictions:
        series.append(_other(ORACLE, results.running_error(ORACLE)[shown], texts))
    return _over_time(results.predictions["time"][shown], series, results, texts)


def _over_time(
    times: Floats, series: list[dict[str, Any]], results: Results, texts: Texts
) -> HoverFigure:
    return {
        "label": results.time_name or texts("column.time"),
        "shown": results.time_texts(times) if results.dated else [],
        "x": times.tolist() if results.dated else shortened(times),
        "series": series,
    }


def _model(model: str, mean: Floats, seeds: Sequence[Floats] = ()) -> dict[str, Any]:
    return {
        "model": model,
        "name": model_name(model),
        "values": shortened(mean),
        "seeds": [shortened(values) for values in seeds[:SHOWN_SEEDS]],
    }


def _other(name: str, values: Floats, texts: Texts) -> dict[str, Any]:
    return {"name": predictor_name(name, texts), "values": shortened(values)}
