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
        ("x" * 80, "x" * 26 + "…"),
        ("测" * 80, "测" * 13 + "…"),
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
    "1,234,567": [1_234_567 + 37 * i for i in range(100)],
    "1e-7": [3e-7 + 1e-9 * i for i in range(200)],
    "years as numbers": [*range(1990, 2024)],
    "30 months": [*pd.date_range("2021-02-01", periods=31, freq="MS").map(str)],
    "ends of months": [*pd.date_range("2023-01-25", periods=60, freq="D").map(str)],
    "an offset": [f"2024-10-{26 + hour // 24}T{hour % 24:02d}:00+02:00" for hour in range(17, 37)],
}  # fmt: skip


@pytest.mark.parametrize("times", TIMES)
def test_times_of_any_spacing_have_labels_that_do_not_overlap(times: str) -> None:
    with style.in_style():
        figure = style.draw_panel(draw_times, ticks.times_of(pd.Series(TIMES[times])))
        check_words(figure)
        labels = shown(figure.axes[0].xaxis)
    assert len(labels) >= min(3 if times != "30 months" else 2, len(TIMES[times])), labels
    assert all(one != other for one, other in pairwise(labels)), labels


def draw_times(axes: Any, times: Any) -> None:
    """In the narrowest plot over time, that of errors with long labels at its y axis."""
    grid = axes.get_subplotspec().get_gridspec()
    axes.set_subplotspec(grid[0, 0])
    axes.figure.add_subplot(grid[0, 1])
    axes.plot(times, np.linspace(-0.05, 0, len(times)), "o")
    ticks.time_axis(axes, times, "a column with a long name")
    ticks.value_axis(axes, "value")


def shown(axis: Any) -> list[str]:
    """Labels of ticks inside of the axis."""
    low, high = axis.get_view_interval()
    at = zip(axis.get_ticklocs(), axis.get_ticklabels(), strict=True)
    return [label.get_text() for place, label in at if low <= place <= high]


@pytest.mark.parametrize(
    ("times", "labels", "below", "name"),
    [
        ("408 × h", ["01-20", "01-23", "01-26", "01-29", "02-01", "02-04"], "2023-02-04", "time"),
        ("3 × D", ["01-20", "12:00", "01-21", "12:00", "01-22"], "2023-01-22", "time"),
        ("408 × D", ["2023-05", "2023-09", "2024-01"], "", "time"),
        ("408 × W", ["2024", "2026", "2028", "2030"], "", "time"),
        ("UTC", ["10-26", "04:00", "08:00", "12:00", "16:00", "20:00"], "2024-10-26", "time (UTC)"),
        ("summer to winter", ["10-26", "12:00", "10-27", "12:00", "10-28"], "2024-10-28",
         "time (UTC)"),
        ("an offset", ["20:00", "10-27", "04:00", "08:00", "12:00"], "2024-10-27",
         "time (UTC+02:00)"),
        ("1,234,567", ["1.235", "1.236", "1.237", "1.238"], "1e6", "time"),
        ("1e-7", ["3.0", "3.5", "4.0", "4.5", "5.0"], "1e−7", "time"),
        ("years as numbers", ["1990", "2000", "2010", "2020"], "", "time"),
    ],
)  # fmt: skip
def test_dates_are_in_iso_8601_and_what_their_labels_leave_out_stands_once_below(
    times: str, labels: list[str], below: str, name: str
) -> None:
    with style.in_style():
        axes = Figure().add_subplot()
        read = ticks.times_of(pd.Series(TIMES[times]))
        axes.plot(read, np.arange(len(read)), "o")
        ticks.time_axis(axes, read, "time")
        assert shown(axes.xaxis) == labels
    assert [axes.xaxis.get_major_formatter().get_offset(), axes.get_xlabel()] == [below, name]


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
    assert "ratio" not in shown_panels(make_results(1, **MANY))
    axes = draw("ratio", results).axes[0]
    last = results.errors.query("epoch == 20").pivot(index="seed", columns="predictor")["mse"]
    logs = np.log(last["lstm"] / last["transformer"])
    assert axes.lines[0].get_ydata()[-1] == pytest.approx(np.exp(logs.mean()))
    ends = np.exp(logs.mean() + np.array([-1, 1]) * 2.262157 * logs.std() / np.sqrt(10))
    assert ends_of_band(axes, at=20) == pytest.approx(list(ends))


@pytest.mark.parametrize(
    "span", [(0.0120, 0.0123), (1, 1.2), (0.011, 0.04), (0.01, 0.09), (0.02, 1.5), (3, 2e3),
             (1, 1e6), (0.1, 1e6), (1e-9, 1e6)],
)  # fmt: skip
@pytest.mark.parametrize("name", ["x", "y"])
def test_a_logarithmic_axis_has_three_labels_or_more(name: str, span: tuple[float, float]) -> None:
    with style.in_style():
        figure = Figure((3.5, 2.4), layout="constrained")
        axes = figure.add_subplot()
        axes.set(**{f"{name}scale": "log", f"{name}lim": span})
        axis = getattr(axes, f"{name}axis")
        ticks.log_ticks(axis)
        check_words(figure)
        assert 3 <= len(shown(axis)) <= 9
        assert len(shown(axis)) == len({*shown(axis)})


def test_errors_of_zero_are_drawn() -> None:
    results = make_results()
    draw("horizon", replace(results, horizon=results.horizon.assign(mse=0.0)))
    scores = results.scores.assign(mse=0.0, low=np.nan, high=np.nan)
    draw("accuracy", replace(results, scores=scores))
