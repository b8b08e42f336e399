"""The panels of the studies: whatever the studies found, in both languages."""

from typing import Any

import pytest
from made_up import MEASURED_ON, make_cost, make_lookback
from test_figures import check_words

from seqcompare.core.params import Cost
from seqcompare.models import count_operations
from seqcompare.report.captions import COST_PANELS, LOOKBACK_PANELS
from seqcompare.report.figures import studies
from seqcompare.report.figures.studies import cost_panels, lookback_panels
from seqcompare.report.figures.style import PANEL, drawn_in, heading, new_figure
from seqcompare.report.texts import LANGUAGES, load_texts
from seqcompare.studies.cost.table import Measurement, model_rows, summarise_cost

EN = load_texts("en")
COST = Cost(seq_lens=(4, 8, 16), repeats=2, fit_lengths=3, memory_limit_gb=1.0, time_budget_s=1.0)
LSTM = {"hidden_size": 8, "num_layers": 1}
MODELS = ("lstm", "transformer", "gru", "a_model_with_a_long_name")


def cost_rows(measured: int) -> list[dict[str, Any]]:
    """The first so many lengths measured, the others not."""
    import numpy as np

    known = {n: Measurement(np.full(3, n), np.full(3, n), None, None, 1.0) for n in COST.seq_lens}
    results = {n: m if i < measured else "time" for i, (n, m) in enumerate(known.items())}
    counts = count_operations("lstm", LSTM)
    return model_rows("lstm", MEASURED_ON, counts, results)  # type: ignore[arg-type]


@pytest.mark.parametrize("measured", [0, 1, 2, 3])
def test_the_cost_is_drawn_however_many_lengths_were_measured(measured: int) -> None:
    rows = cost_rows(measured)
    counts = [{"model": "lstm", "seq_len": n, "train_macs": None} for n in COST.seq_lens]
    drawn = cost_panels(rows, counts, summarise_cost(rows, COST, 0.95), EN)
    assert tuple(drawn) == COST_PANELS


@pytest.mark.parametrize("low", [None, -0.1])
def test_the_lookback_is_drawn_with_and_without_intervals(low: float | None) -> None:
    rows = [
        {"model": "lstm", "lag": lag, "gradient": 0.1, "gradient_ci_low": low,
         "gradient_ci_high": 0.3, "mse_older_swapped": mse}
        for lag, mse in ((1, 0.2), (2, None), (3, 0.1))
    ]  # fmt: skip
    adding = [{"model": "lstm", "lag": lag, "seed": 0, "mse": 0.1} for lag in (5, 10)]
    assert tuple(lookback_panels(rows, adding, 0.1, EN)) == LOOKBACK_PANELS


def check_panel(name: str, given: tuple[Any, ...], language: str) -> None:
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
    given = (adding, 0.1) if name == "adding" else (lookback,)
    check_panel(name, given, language)


def test_everything_of_a_model_is_marked_with_its_name() -> None:
    rows, counts, found = make_cost(MODELS[:2])
    lookback, adding = make_lookback(MODELS[:2])
    drawn = cost_panels(rows, counts, found, EN) | lookback_panels(lookback, adding, 0.1, EN)
    for name, svg in drawn.items():
        marks = {model: svg.count(f'id="{model}--'.encode()) for model in MODELS[:2]}
        assert marks["lstm"] == marks["transformer"] >= 3, (
            name
        )  # a line, and its legend's two parts
