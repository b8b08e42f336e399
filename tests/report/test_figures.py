"""Pictures: the same bytes for the same results, and nothing over or outside anything else."""

import warnings
from dataclasses import replace
from typing import get_args

import pytest
from drawn_words import check_words
from made_up import make_results

from seqcompare.core.comparison import Design
from seqcompare.report.captions import notes
from seqcompare.report.figures import comparison
from seqcompare.report.figures.comparison import PANELS, comparison_png, comparison_svg, panel
from seqcompare.report.figures.end_labels import spread
from seqcompare.report.figures.style import (
    PANEL,
    PRINT,
    README,
    Size,
    drawn_in,
    heading,
    new_figure,
)
from seqcompare.report.results import SHOWN_POINTS
from seqcompare.report.texts import LANGUAGES, load_texts

EN = load_texts("en")
DRAWN = list(PANELS)
DESIGNS: tuple[Design, ...] = get_args(Design)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("models", "size"), [(1, PRINT), (2, README), (3, PRINT), (4, README)])
def test_no_words_of_the_comparison_overlap_or_are_cut(
    language: str, models: int, size: Size
) -> None:
    with drawn_in(size):
        check_words(comparison._comparison(make_results(models), load_texts(language), size))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("models", [1, 4])
@pytest.mark.parametrize("name", DRAWN)
def test_no_words_of_a_panel_overlap_or_are_cut(language: str, models: int, name: str) -> None:
    with drawn_in(PANEL):
        figure = new_figure(PANEL)
        axes = figure.subplots()
        PANELS[name](axes, make_results(models), load_texts(language))
        heading(axes)
        check_words(figure)


def test_pictures_have_the_same_bytes_every_time() -> None:
    results = make_results()
    assert comparison_png(results, EN, README) == comparison_png(results, EN, README)
    assert comparison_svg(results, EN, PRINT) == comparison_svg(results, EN, PRINT)
    assert [panel(name, results, EN) for name in DRAWN] == [
        panel(name, results, EN) for name in DRAWN
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_letter_is_a_box(language: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # matplotlib warns of a glyph that no font has
        comparison_png(make_results(3), load_texts(language), README)


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("trials", [1, 3])
@pytest.mark.parametrize("folds", [1, 4])
def test_results_without_oracle_or_noise_are_drawn(design: Design, trials: int, folds: int) -> None:
    results = make_results(trials=trials, oracle=False, design=design, folds=folds)
    for name in DRAWN:
        assert b"lstm--" in panel(name, results, EN)


def test_a_trial_s_loss_is_the_mean_of_its_folds() -> None:
    results = make_results(trials=3, folds=2)
    history = results.histories["lstm"]
    for place, seed in enumerate(results.seeds):
        of_seed = history["train_mse"][history["seed"] == seed]
        both = (of_seed[:20] + of_seed[20:]) / 2
        assert results.losses("lstm")[place].tolist() == both.tolist()
    assert results.epochs("lstm").tolist() == list(range(1, 21))
    with drawn_in(PANEL):
        axes = new_figure(PANEL).subplots()
        PANELS["loss"](axes, results, EN)
    drawn = {line.get_gid(): line for line in axes.lines}
    assert drawn["lstm--mean"].get_xydata().tolist() == [
        [epoch, loss] for epoch, loss in enumerate(results.losses("lstm").mean(axis=0), start=1)
    ]
    assert sum((gid or "").startswith("lstm--seed-") for gid in drawn) == 3


def test_the_smallest_and_the_largest_test_parts_are_drawn() -> None:
    assert make_results(test=2).error_window == 1
    for points in (3, 5000):
        for name in DRAWN:
            assert len(panel(name, make_results(test=points), EN)) < 300_000
    assert str(SHOWN_POINTS) in notes(make_results(test=5000), EN)["errors"]


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        ([0, 10], [0, 10]),
        ([0, 1], [-2, 3]),
        ([3, 3, 3], [-2, 3, 8]),
        ([20, 0, 1], [20, -2, 3]),
        ([0, 4, 6], [-5 / 3, 10 / 3, 25 / 3]),
    ],
)
def test_labels_are_moved_apart_and_no_further(places: list[float], expected: list[float]) -> None:
    assert spread(places, 5) == pytest.approx(expected)


def test_the_predictions_shown_are_of_one_trial_and_the_errors_of_all() -> None:
    results = make_results()
    with drawn_in(PANEL):
        predictions, errors = new_figure(PANEL).subplots(1, 2)
        PANELS["predictions"](predictions, results, EN)
        PANELS["errors"](errors, results, EN)
    drawn = {line.get_gid(): line.get_ydata() for line in (*predictions.lines, *errors.lines)}
    assert "Trial of seed 0" in notes(results, EN)["predictions"]
    labelled = {line.get_label(): line for line in predictions.lines}
    assert list(labelled["LSTM"].get_ydata()) == list(results.by_trial["lstm"][0])
    assert list(drawn["lstm--mean"]) == list(results.running_error("lstm"))
    alone = replace(results, by_trial={k: v[:1] for k, v in results.by_trial.items()})
    assert list(alone.running_error("lstm")) != list(results.running_error("lstm"))


def test_a_baseline_has_one_dot_for_each_series() -> None:
    def dots(design: Design) -> list[int]:
        with drawn_in(PANEL):
            axes = new_figure(PANEL).subplots()
            PANELS["accuracy"](axes, make_results(design=design), EN)
        return [len(line.get_xdata()) for line in axes.lines if line.get_gid() == "ar--row"]

    assert dots("draws") == [2, 3, 1]  # interval, trials, mean
    assert dots("series") == [2, 1]


def test_a_single_epoch_is_a_dot_at_its_number() -> None:
    results = make_results()
    once = {
        model: {name: column[::20] for name, column in history.items()}
        for model, history in results.histories.items()
    }
    with drawn_in(PANEL):
        axes = new_figure(PANEL).subplots()
        PANELS["loss"](axes, replace(results, histories=once), EN)
        lines = [line for line in axes.lines if (line.get_gid() or "").endswith("--mean")]
    assert [(line.get_marker(), line.get_xdata().tolist()) for line in lines] == [("o", [1])] * 2
    assert axes.get_xlim() == (0, 2)
