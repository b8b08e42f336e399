"""The panels of the studies: whatever the studies found, in both languages."""

import warnings
from collections.abc import Sequence

import numpy as np
import pytest
from made_up import SETTING, make_cost, make_lookback
from matplotlib.collections import LineCollection
from test_figures import check_words

from seqcompare.core.params import Cost, Setting
from seqcompare.core.types import Row
from seqcompare.models import count_operations
from seqcompare.report.captions import COST_PANELS, LOOKBACK_PANELS
from seqcompare.report.figures import studies
from seqcompare.report.figures.studies import cost_panels, draw_adding, lookback_panels
from seqcompare.report.figures.style import PANEL, drawn_in, heading, new_figure
from seqcompare.report.texts import LANGUAGES, load_texts
from seqcompare.studies.cost.summary import summarise_cost
from seqcompare.studies.cost.table import CostRow, Measurement, Status, model_rows

EN = load_texts("en")
COST = Cost(seq_lens=(4, 8, 16), repeats=2, fit_lengths=3, memory_limit_gb=1.0, time_budget_s=1.0)
LSTM: dict[str, Setting] = {"hidden_size": 8, "num_layers": 1}
MODELS = ("lstm", "transformer", "gru", "a_model_with_a_long_name")


def cost_rows(measured: int) -> list[CostRow]:
    """The first so many lengths measured, the others not."""
    known = {n: Measurement(np.full(3, n), np.full(3, n), None, None, 1.0) for n in COST.seq_lens}
    results: dict[int, Measurement | Status] = {
        n: each if place < measured else "time" for place, (n, each) in enumerate(known.items())
    }
    return model_rows("lstm", SETTING, count_operations("lstm", LSTM), results)


@pytest.mark.parametrize("measured", [0, 1, 2, 3])
def test_the_cost_is_drawn_however_many_lengths_were_measured(measured: int) -> None:
    rows = cost_rows(measured)
    counts: list[Row] = [{"model": "lstm", "seq_len": n, "train_macs": None} for n in COST.seq_lens]
    cells = [row.to_cells() for row in rows]
    drawn = cost_panels(cells, counts, summarise_cost(rows, COST, 0.95).to_json(), EN)
    assert tuple(drawn) == COST_PANELS


@pytest.mark.parametrize("low", [None, -0.1])
def test_the_lookback_is_drawn_with_and_without_intervals(low: float | None) -> None:
    rows = [
        {"model": "lstm", "lag": lag, "gradient": 0.1, "gradient_ci_low": low,
         "gradient_ci_high": 0.3, "mse_older_swapped": mse}
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
         "gradient_ci_high": high, "mse_older_swapped": 0.0}
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
@pytest.mark.parametrize("models", [1, 4])
@pytest.mark.parametrize("name", ["seconds", "macs", "memory", "speed"])
def test_no_words_of_a_cost_panel_overlap_or_are_cut(language: str, models: int, name: str) -> None:
    rows, counts, found = make_cost(MODELS[:models])
    measured = [row for row in rows if row["train_seconds"]]
    given = {"seconds": (rows, found), "macs": (counts,)}.get(name, (measured,))
    check_panel(name, given, language)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("models", [1, 4])
@pytest.mark.parametrize("name", ["gradient", "context", "adding"])
def test_no_words_of_a_lookback_panel_overlap_or_are_cut(
    language: str, models: int, name: str
) -> None:
    lookback, adding = make_lookback(MODELS[:models])
    given = (adding,) if name == "adding" else (lookback,)
    check_panel(name, given, language)


def test_everything_of_a_model_is_marked_with_its_name() -> None:
    rows, counts, found = make_cost(MODELS[:2])
    lookback, adding = make_lookback(MODELS[:2])
    drawn = cost_panels(rows, counts, found, EN) | lookback_panels(lookback, adding, EN)
    for name, svg in drawn.items():
        marks = {model: svg.count(f'id="{model}--'.encode()) for model in MODELS[:2]}
        assert marks["lstm"] == marks["transformer"] >= 3, (
            name
        )  # a line, and its legend's two parts


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
