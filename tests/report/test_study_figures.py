"""The panels of the studies: whatever the studies found, in both languages."""

import warnings
from collections.abc import Sequence

import numpy as np
import pytest
from made_up import SETTING, make_cost, make_lookback
from matplotlib.collections import LineCollection
from test_figures import check_words

from seqcompare.core.types import Row
from seqcompare.report.captions import COST_PANELS, LOOKBACK_PANELS
from seqcompare.report.figures import studies
from seqcompare.report.figures.studies import cost_panels, draw_adding, lookback_panels
from seqcompare.report.figures.style import PANEL, drawn_in, heading, new_figure
from seqcompare.report.texts import LANGUAGES, load_texts
from seqcompare.studies.cost.summary import summarise_cost
from seqcompare.studies.cost.table import Timing

EN = load_texts("en")
MODELS = ("lstm", "transformer", "gru", "a_model_with_a_long_name")


@pytest.mark.parametrize("measured", [0, 1, 2, 3])
@pytest.mark.parametrize("processes", [1, 3])
def test_the_cost_is_drawn_however_little_was_measured(measured: int, processes: int) -> None:
    timings = [
        Timing("only", "lstm", n, i, "train", "measured", float(n), 3)
        if place < measured
        else Timing("only", "lstm", n, i, "train", "time")
        for place, n in enumerate((4, 8, 16))
        for i in range(processes)
    ]
    counts: list[Row] = [
        {"size": "only", "model": "lstm", "seq_len": n, "train_macs": None} for n in (4, 8, 16)
    ]
    points = summarise_cost(timings, SETTING, 0.95).to_rows()
    assert tuple(cost_panels(points, counts, EN)) == COST_PANELS


def test_each_size_has_a_stroke_and_what_two_sizes_share_is_drawn_once() -> None:
    timings = [
        Timing(size, model, n, 0, "train", "measured", factor * n, 3)
        for size, model, factor in (
            ("as_configured", "lstm", 1), ("as_configured", "transformer", 3),
            ("equal_size", "lstm", 1), ("equal_size", "transformer", 2),
        )
        for n in (4, 8)
    ]  # fmt: skip
    with drawn_in(PANEL):
        axes = new_figure(PANEL).subplots()
        studies.draw_seconds(axes, summarise_cost(timings, SETTING, 0.95).to_rows(), EN)
        drawn = {line.get_gid(): line.get_linestyle() for line in axes.lines if line.get_gid()}
        assert drawn == {
            "lstm--mean-as_configured": "-",
            "transformer--mean-as_configured": "-",
            "transformer--mean-equal_size": "--",
        }
        labels = axes.get_legend_handles_labels()[1]
        assert labels == ["LSTM", "Transformer", "as configured", "equal size"]


@pytest.mark.parametrize("low", [None, -0.1])
def test_the_lookback_is_drawn_with_and_without_intervals(low: float | None) -> None:
    rows = [
        {"model": "lstm", "lag": lag, "gradient": 0.1, "gradient_ci_low": low,
         "gradient_ci_high": 0.3, "mse_older_removed": mse}
        for lag, mse in ((1, 0.2), (2, None), (3, 0.1))
    ]  # fmt: skip
    _, adding = make_lookback(["lstm"])
    assert tuple(lookback_panels(rows, adding, EN)) == LOOKBACK_PANELS


@pytest.mark.parametrize("ends", [(0.0, 0.0), (None, None), (-1.0, 1.0)])
@pytest.mark.parametrize("lags", [1, 3])
def test_networks_that_look_nowhere_are_drawn_without_a_warning(
    ends: tuple[float | None, float | None], lags: int
) -> None:
    low, high = ends
    rows = [
        {"model": "lstm", "lag": lag, "gradient": 0.0, "gradient_ci_low": low,
         "gradient_ci_high": high, "mse_older_removed": 0.0}
        for lag in range(1, lags + 1)
    ]  # fmt: skip
    _, adding = make_lookback(["lstm"])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        drawn = lookback_panels(rows, adding, EN)
    assert b'id="lstm--mean"' in drawn["lookback_gradient"]


def check_panel(name: str, given: Sequence[object], language: str) -> None:
    draw = getattr(studies, f"draw_{name}")
    with drawn_in(PANEL):
        figure = new_figure(PANEL)
        axes = figure.subplots()
        draw(axes, *given, load_texts(language))
        heading(axes)
        check_words(figure)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("models", [1, 2, 4])
@pytest.mark.parametrize("name", ["seconds", "macs", "memory", "speed"])
def test_no_words_of_a_cost_panel_overlap_or_are_cut(language: str, models: int, name: str) -> None:
    points, counts = make_cost(MODELS[:models])
    check_panel(name, (counts if name == "macs" else points,), language)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("models", [1, 2, 4])
@pytest.mark.parametrize("name", ["gradient", "context", "adding"])
def test_no_words_of_a_lookback_panel_overlap_or_are_cut(
    language: str, models: int, name: str
) -> None:
    lookback, adding = make_lookback(MODELS[:models])
    given = (adding,) if name == "adding" else (lookback,)
    check_panel(name, given, language)


def test_everything_of_a_model_is_marked_with_its_name() -> None:
    points, counts = make_cost(MODELS[:2])
    lookback, adding = make_lookback(MODELS[:2])
    drawn = cost_panels(points, counts, EN) | lookback_panels(lookback, adding, EN)
    for name, svg in drawn.items():
        marks = {model: svg.count(f'id="{model}--'.encode()) for model in MODELS[:2]}
        assert marks["lstm"] == marks["transformer"] >= 3, (
            name
        )  # a line, and its legend's two parts


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_lookback_of_the_line_and_the_limit_is_drawn_beside_the_models(language: str) -> None:
    texts = load_texts(language)
    rows, _ = make_lookback(MODELS[:2])
    for draw in (studies.draw_gradient, studies.draw_context):
        with drawn_in(PANEL):
            axes = new_figure(PANEL).subplots()
            draw(axes, rows, texts)
        labels = axes.get_legend_handles_labels()[1]
        assert labels == [
            "LSTM", "Transformer", texts("predictor.oracle"), texts("predictor.ar"),
        ]  # fmt: skip


def test_the_adding_problem_is_drawn_as_its_summary_has_it() -> None:
    _, adding = make_lookback(MODELS[:2])
    with drawn_in(PANEL):
        axes = new_figure(PANEL).subplots()
        draw_adding(axes, adding, EN)
    full = [line for line in axes.lines if line.get_linestyle() == "-"]
    for line, model in zip(full, MODELS[:2], strict=True):
        shares = [row["solved_in_steps"] for row in adding[model]["lags"]]
        assert list(np.asarray(line.get_ydata())) == shares
    bars = [bar for bar in axes.collections if isinstance(bar, LineCollection)]
    drawn = [tuple(segment[:, 1]) for segment in bars[1].get_segments()]
    ends = [
        (row["solved_in_steps_ci_low"], row["solved_in_steps_ci_high"])
        for row in adding[MODELS[1]]["lags"]
    ]
    assert drawn == ends
