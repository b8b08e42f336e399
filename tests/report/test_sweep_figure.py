"""The map of a sweep can be drawn, in both languages, whatever the sweep; its table agrees."""

import re
import warnings
from typing import Any

import matplotlib.colors
import pytest
from drawn_words import check_words
from made_up_sweep import make_summary
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from seqcompare.core.sweep import SweepSummary
from seqcompare.report.figures.style import drawn_in
from seqcompare.report.figures.sweep import (
    EQUIVALENT,
    UNDECIDED,
    draw_sweep,
    size_of,
    sweep_pictures,
)
from seqcompare.report.labels import COLOURS
from seqcompare.report.sweep_cells import axis_of, rows_of, said_by
from seqcompare.report.sweep_table import sweep_markdown
from seqcompare.report.texts import LANGUAGES, load_texts

EN = load_texts("en")
AMOUNTS = (50, 100, 200, 400, 800, 1600)
SWEEPS = {
    "settings": make_summary(),
    "data_amount": make_summary("split.train", AMOUNTS, ("tutorial", "tuned")),
    "one cell": make_summary(values=(20,), settings=("mine",)),
    "words": make_summary("data.scale", ("none", "standard"), ("a_long_name_of_a_setting",)),
    "three models": make_summary(models=("lstm", "transformer", "gru")),
    "one model": make_summary(models=("lstm",)),
    "four rows": make_summary(settings=("a", "b", "c", "d"), also={"data.noise": 0.1}),
    "ten columns": make_summary(values=tuple(range(10, 110, 10))),
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("sweep", SWEEPS)
def test_no_words_of_a_map_overlap_or_are_cut(language: str, sweep: str) -> None:
    texts, summary = load_texts(language), SWEEPS[sweep]
    with drawn_in(size_of(rows_of(summary, texts))):
        check_words(draw_sweep(summary, texts))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_letter_of_a_map_is_a_box(language: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # matplotlib warns of a glyph that no font has
        sweep_pictures(SWEEPS["settings"], load_texts(language))


def the_map(summary: SweepSummary) -> Axes:
    with drawn_in(size_of(rows_of(summary, EN))):
        axes: Axes = draw_sweep(summary, EN).axes[0]
    return axes


def test_a_cell_has_the_colour_of_its_outcome() -> None:
    axes = the_map(SWEEPS["settings"])
    found: dict[tuple[int, int], str] = {}
    for patch in axes.patches:
        assert isinstance(patch, Rectangle)
        if patch.get_width():  # those of the legend have none
            at = (round(patch.get_y() + 0.5), round(patch.get_x() + 0.5))
            found[at] = matplotlib.colors.to_hex(patch.get_facecolor()).upper()
            assert bool(patch.get_hatch()) == (found[at] == EQUIVALENT)
    lstm, transformer = COLOURS[:2]
    assert [found[0, column] for column in range(4)] == [lstm, EQUIVALENT, UNDECIDED, transformer]
    assert [found[1, column] for column in range(4)] == [EQUIVALENT, UNDECIDED, transformer, lstm]


def test_a_cell_where_the_line_beats_all_is_marked() -> None:
    summary = SWEEPS["settings"]
    beaten = [cell for cell in summary.cells if cell.line_beats_all]
    marks = [mark for mark in the_map(summary).collections if len(mark.get_offsets())]
    assert 0 < len(beaten) < len(summary.cells)
    assert len(marks) == 2 * len(beaten)  # a stroke on white


def test_what_a_cell_says_is_seen_from_the_model_with_the_lower_error() -> None:
    said = [said_by(cell, EN) for cell in SWEEPS["settings"].cells[:4]]
    assert [(each.kind, *each.lines) for each in said] == [
        ("better", "LSTM", "28 % lower", "−34 to −21 %"),
        ("equivalent", "equal", "Transformer −1 %", "−4 to +2 %"),
        ("undecided", "undecided", "LSTM −7 %", "−22 to +11 %"),
        ("better", "Transformer", "24 % lower", "−34 to −11 %"),
    ]


def test_every_model_has_a_line_in_its_own_colour_and_the_limits_are_dashed() -> None:
    with drawn_in(size_of(rows_of(SWEEPS["settings"], EN))):
        _, *curves = draw_sweep(SWEEPS["settings"], EN).axes
    assert len(curves) == 3
    for axes in curves:
        labels = {text.get_text(): text.get_color() for text in axes.texts}
        assert (labels["LSTM"], labels["Transformer"]) == COLOURS[:2]
        drawn = [matplotlib.colors.to_hex(line.get_color()).upper() for line in axes.lines]
        assert drawn[2:] == list(COLOURS[:2])
        assert [line.get_linestyle() for line in axes.lines] == ["--", "--", "-", "-"]


def test_the_columns_are_the_first_key_and_further_keys_are_rows() -> None:
    summary = make_summary(values=(10, 20), settings=("a", "b"))
    cells = [
        cell.model_copy(update={"point": {**cell.point, "data.noise": noise}})
        for noise in (0.1, 0.2)
        for cell in summary.cells
    ]
    wider = summary.model_copy(update={"cells": tuple(cells)})
    assert axis_of(wider) == ("seq_len", [10, 20])
    labels = [row.label for row in rows_of(wider, EN)]
    assert labels == [
        "a, data.noise 0.1",
        "b, data.noise 0.1",
        "a, data.noise 0.2",
        "b, data.noise 0.2",
    ]


def test_the_same_summary_gives_the_same_bytes() -> None:
    first, second = (sweep_pictures(SWEEPS["one cell"], EN) for _ in range(2))
    assert first == second
    assert first["png"].startswith(b"\x89PNG")
    assert first["svg"].startswith(b"<?xml")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("sweep", SWEEPS)
def test_the_table_has_a_row_and_a_sentence_for_each_row_of_the_map(
    language: str, sweep: str
) -> None:
    texts: Any = load_texts(language)
    summary = SWEEPS[sweep]
    page = sweep_markdown(sweep, summary, texts)
    rows = rows_of(summary, texts)
    first_table = page.split("\n\n")[2].splitlines()
    assert len(first_table) == 2 + len(rows)
    assert len({line.count("|") for line in first_table}) == 1
    assert len(re.findall(r"^- ", page, re.MULTILINE)) == len(rows)
    assert "{" not in page


def test_the_sentence_of_a_row_says_where_which_model_is_better() -> None:
    page = sweep_markdown("settings", SWEEPS["settings"], EN)
    assert (
        "- As in the tutorial: LSTM is better at 10; equal within 5 % at 20; undecided at 50; "
        "Transformer is better at 100. The linear model beats every network at 20, 50, 100.\n"
    ) in page


def test_the_table_says_what_was_chosen_for_whom() -> None:
    page = sweep_markdown("settings", SWEEPS["settings"], EN)
    assert "| Tuned | 10 | LSTM | learning_rate 0.003, schedule cosine | 0.0051" in page
    assert sweep_markdown("one cell", SWEEPS["one cell"], EN).count("\n## ") == 0
