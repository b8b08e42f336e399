"""Figures: nothing over or outside anything else, and nothing that depends on the machine."""

import hashlib
import os
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from drawn_words import check_words, words
from made_up import CSV, make_results
from matplotlib.figure import Figure

from seqcompare.report.figures import style, ticks
from seqcompare.report.figures.comparison import PANELS, draw_comparison, pictures, shown_panels
from seqcompare.report.language import load_language
from seqcompare.report.results import Results

EN = load_language("en")
MANY: dict[str, Any] = {"training": {"tested_epochs": 8}, "trials": 10}


def draw(name: str, results: Results, language: str = "en") -> Figure:
    """With words that are whole and apart."""
    with style.in_style():
        figure = style.draw_panel(PANELS[name], results, load_language(language))
        check_words(figure)
    assert figure.axes[0].get_position().width > 0.5, "no room for the plot"
    return figure


ANY_RESULTS: list[tuple[str, dict[str, Any]]] = [
    ("en", {"models": 1, "trials": 1}),
    ("zh", {"models": 4, "dated": True, **MANY}),
    ("en", {"models": 3, "design": "many", "folds": 4, "oracle": False, "dated": True}),
    ("zh", {"models": 2, "test": 500, "design": "one", "evaluation": {"horizon": 1}}),
]


@pytest.mark.parametrize(("language", "kinds"), ANY_RESULTS)
def test_no_words_of_a_picture_overlap_or_are_cut(language: str, kinds: dict[str, Any]) -> None:
    results = make_results(**kinds)
    with style.in_style():
        check_words(draw_comparison(results, load_language(language)))
    for name in shown_panels(results):
        draw(name, results, language)


def test_the_same_results_give_the_same_bytes() -> None:
    results = make_results(design="many", **MANY)
    first, second = pictures(results, EN), pictures(results, EN)
    assert first == second
    assert list(first) == ["comparison.png", "comparison.svg", *(f"{name}.svg" for name in PANELS)]
    assert max(map(len, first.values())) < 400_000


def test_the_user_s_settings_backend_locale_and_time_zone_change_no_byte(tmp_path: Path) -> None:
    rc = tmp_path / "matplotlibrc"
    rc.write_text("lines.linewidth: 9\ntext.usetex: True\ntimezone: Asia/Tokyo\nfont.size: 30\n")
    code = (
        "import hashlib, seqcompare.report.figures, test_figures as t\n"
        "drawn = t.pictures(t.make_results(dated=True, design='one'), t.EN)\n"
        "print(hashlib.sha256(b''.join(drawn.values())).hexdigest())\n"
    )
    environment = os.environ | {
        "MPLBACKEND": "module://matplotlib_inline.backend_inline", "MATPLOTLIBRC": str(rc),
        "TZ": "Asia/Tokyo", "LC_ALL": "C", "PYTHONPATH": os.pathsep.join(sys.path),
    }  # fmt: skip
    command = [sys.executable, "-W", "error", "-c", code]
    there = subprocess.check_output(command, env=environment, cwd=tmp_path, text=True)
    here = pictures(make_results(dated=True, design="one"), EN)
    assert there.strip() == hashlib.sha256(b"".join(here.values())).hexdigest()


@pytest.mark.parametrize(
    ("name", "drawn"),
    [
        ("Rev_$_Q1_$ (50% of $)", "Rev_$_Q1_$ (50% of $)"),
        (r"a $\frac b$ \_{x}^2", r"a $\frac b$ \_{x}^2"),
        ("two\nlines", "two lines"),
        ("x" * 80, "x" * 29 + "…"),
        ("温度", "value"),  # the font that we ship has no glyph for it: better a word than a box
    ],
)
def test_a_column_s_name_stands_as_it_is_on_the_axis(name: str, drawn: str) -> None:
    results = make_results(design="one", data=CSV | {"value": name})
    assert drawn in [text for text, _ in words(draw("predictions", results))]


SPACINGS = ("5ms", "1s", "5min", "h", "6h", "D", "B", "W", "MS", "QE", "YE")
TIMES: dict[str, list[Any]] = {
    **{f"{n} × {f}": [*pd.date_range("2023-01-20", periods=n, freq=f).map(str)]
       for f in SPACINGS for n in (3, 408) if (f, n) != ("YE", 408)},
    "months, as a file has them": [f"{1949 + i // 12}-{i % 12 + 1:02d}" for i in range(56)],
    "one date": ["2023-01-20"],
    "centuries": [f"{year}-01-01" for year in range(1500, 2300, 10)],
    "irregular": ["2023-01-01", "2023-01-02", "2023-01-05 07:00", "2023-06-30", "2024-02-29"],
    "UTC": [f"2024-10-26T{hour:02d}:00:00Z" for hour in range(24)],
    "summer to winter": [*pd.date_range("2024-10-26", periods=60, freq="h", tz="Europe/Berlin")
                         .map(pd.Timestamp.isoformat)],
    "far from zero": [1e12 + i for i in range(50)],
    "tiny": [1e-9 * i for i in range(50)],
    "below zero": [-5e8 + 1e7 * i for i in range(100)],
}  # fmt: skip


@pytest.mark.parametrize("times", TIMES)
def test_times_of_any_spacing_have_labels_that_do_not_overlap(times: str) -> None:
    with style.in_style():
        figure = Figure((8, 3), layout="constrained")
        both = figure.subplots(1, 2, width_ratios=(2, 1))
        read = ticks.times_of(pd.Series(TIMES[times]))
        for axes in both:
            axes.plot(read.places, np.arange(len(read.places)), "o")
            ticks.time_axis(axes, read, "time")
        check_words(figure)
        wide, narrow = ([label.get_text() for label in axes.get_xticklabels()] for axes in both)
    assert len(wide) >= len(narrow) >= 1
    assert len(wide) >= min(3, len(read.places)), wide
    assert all(one != other for one, other in pairwise(wide)), wide
    assert both[0].get_xlabel() == (
        "time (UTC)" if times in ("UTC", "summer to winter") else "time"
    )


def test_forecast_times_that_nobody_knows_are_counted() -> None:
    results = make_results(dated=True, design="one")
    unknown = replace(results, forecast=results.forecast.assign(time=np.nan))
    assert draw("forecast", unknown).axes[0].get_xlabel() == "steps ahead"


def test_a_trial_s_loss_is_the_mean_of_its_folds_and_the_band_the_range_of_trials() -> None:
    results = make_results(models=1, folds=2)
    axes = draw("loss", results).axes[0]
    trials = results.training.groupby(["seed", "epoch"])["eval_mse"].mean().unstack()
    assert np.allclose(axes.lines[0].get_ydata(), trials.mean())
    assert ends_of_band(axes) == [trials.min(axis=None), trials.max(axis=None)]


def ends_of_band(axes: Any, at: float | None = None) -> list[float]:
    """Lowest and highest value of the first band, at one place of the x axis or at all."""
    band = axes.collections[0].get_paths()[0].vertices
    values = band[:, 1] if at is None else band[band[:, 0] == at][:, 1]
    return [values.min(), values.max()]


def test_a_bar_is_the_time_of_all_epochs_of_a_trial() -> None:
    results = make_results(folds=2)
    figure = draw("time", results)
    totals = results.seconds.groupby(["model", "seed"])["seconds"].sum().groupby("model").mean()
    assert [bar.get_width() for bar in figure.axes[0].patches] == pytest.approx(list(totals))
    assert any("LSTM: 3." in word and "(0.080 s per epoch)" in word for word, _ in words(figure))


def test_errors_over_time_have_their_sign_and_the_histogram_counts_all_trials() -> None:
    results = make_results(models=1, oracle=False)
    errors, histogram = draw("errors", results).axes
    table = results.first_trial
    assert np.allclose(errors.lines[1].get_ydata(), table["lstm"] - table["truth"])
    assert histogram.patches[0].get_data().values.sum() == pytest.approx(100)


def test_the_ratio_by_epoch_is_that_of_the_first_two_models_with_student_s_interval() -> None:
    results = make_results(3, **MANY)
    assert "ratio" in shown_panels(results)
    assert "ratio" not in shown_panels(make_results(3))
    axes = draw("ratio", results).axes[0]
    last = results.errors.query("epoch == 20").pivot(index="seed", columns="predictor")["mse"]
    logs = np.log(last["lstm"] / last["transformer"])
    assert axes.lines[0].get_ydata()[-1] == pytest.approx(np.exp(logs.mean()))
    ends = np.exp(logs.mean() + np.array([-1, 1]) * 2.262157 * logs.std() / np.sqrt(10))
    assert ends_of_band(axes, at=20) == pytest.approx(list(ends))


@pytest.mark.parametrize(
    "span", [(0.0120, 0.0123), (0.011, 0.04), (0.01, 0.09), (0.02, 1.5), (1e-9, 1e6)]
)
def test_a_logarithmic_axis_has_three_labels_or_more(span: tuple[float, float]) -> None:
    assert 3 <= len(ticks.log_ticks(*span)) <= 12


def test_errors_of_zero_are_drawn() -> None:
    results = make_results()
    draw("horizon", replace(results, horizon=results.horizon.assign(mse=0.0)))
    scores = results.scores.assign(mse=0.0, low=np.nan, high=np.nan)
    draw("accuracy", replace(results, scores=scores))
