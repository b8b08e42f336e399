"""The panels of the studies: whatever the studies found, in both languages."""

from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pytest
from drawn_words import check_words

from seqcompare.report.figures.studies import draw_adding, draw_memory, draw_seconds, study_panels
from seqcompare.report.figures.style import draw_panel, in_style
from seqcompare.report.language import load_language

EN = load_language("en")
MODELS = ("lstm", "transformer", "gru", "a_model_with_a_long_name")
LENGTHS = (20, 40, 80, 160, 320, 640, 1280)
DRAWN = {"seconds": draw_seconds, "memory": draw_memory, "adding": draw_adding}


def make_cost(models: int = 2, lengths: tuple[int, ...] = LENGTHS) -> pd.DataFrame:
    """As of cost_points; the first model is the same at both sizes."""
    rows = [
        {"size": size, "model": model, "kind": "train", "seq_len": n, "status": "measured",
         "seconds": 0.001 * n ** (1 + place / 4) * (1 + place * scale),
         "peak_mb": 40 + n * (1 + place * scale)}
        for scale, size in enumerate(("as_configured", "equal_size"))
        for place, model in enumerate(MODELS[:models])
        for n in lengths
    ]  # fmt: skip
    return pd.DataFrame(rows).assign(
        low=lambda table: 0.9 * table["seconds"], high=lambda table: 1.1 * table["seconds"]
    )


def make_adding(models: int = 2) -> pd.DataFrame:
    """As of lag_shares."""
    lags = pd.DataFrame(product(MODELS[:models], LENGTHS), columns=["model", "lag"])
    share = 20 / lags["lag"]
    return lags.assign(share=share, low=0.7 * share, high=(1.2 * share).clip(upper=1))


def draw(name: str, rows: pd.DataFrame, language: str = "en") -> Any:
    """With words that are whole and apart."""
    with in_style():
        figure = draw_panel(DRAWN[name], rows, load_language(language))
        check_words(figure)
    return figure.axes[0]


@pytest.mark.parametrize(("models", "language"), [(1, "en"), (2, "zh"), (4, "en"), (4, "zh")])
@pytest.mark.parametrize("name", DRAWN)
def test_no_words_of_a_panel_overlap_or_are_cut(name: str, models: int, language: str) -> None:
    draw(name, make_adding(models) if name == "adding" else make_cost(models), language)


def test_window_lengths_close_to_one_another_are_not_all_labelled() -> None:
    draw("seconds", make_cost(lengths=tuple(range(1000, 1100, 5))))


def test_the_slopes_are_those_of_n_and_n_squared_and_times_have_intervals() -> None:
    axes, table = draw("seconds", make_cost(1)), make_cost(1).head(len(LENGTHS))
    for line, power in zip(axes.lines[-2:], (1, 2), strict=True):
        assert line.get_ydata()[-1] / line.get_ydata()[0] == pytest.approx(64**power)
    bars = [tuple(bar[:, 1]) for bar in axes.collections[0].get_segments()]
    assert bars == [*zip(table["low"], table["high"], strict=True)]


@pytest.mark.parametrize("measured", [0, 1, 2])
def test_the_cost_is_drawn_however_little_was_measured(measured: int) -> None:
    rows = make_cost(lengths=(20, 40))
    rows.loc[rows["seq_len"] > 20 * measured, ["seconds", "low", "high", "peak_mb"]] = np.nan
    rows[["low", "high"]] = None  # as of a single process
    assert len(study_panels(rows, make_adding(1), EN)) == 3
