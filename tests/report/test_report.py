"""The page's words, and that it needs nothing but itself."""

import itertools
import re
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from typing import get_args

import numpy as np
import pytest
from fontTools.ttLib import TTFont
from made_up import decided, make_content, make_results
from made_up_sweep import make_summary

from seqcompare.core.comparison import Design
from seqcompare.report.captions import intervals_text, notes, study_notes
from seqcompare.report.hover import hover_values
from seqcompare.report.labels import COLOURS
from seqcompare.report.numbers import percent_change, rounded_up, significant
from seqcompare.report.page import answers, page, summary
from seqcompare.report.remarks import cost_sentences, line_sentence, remarks
from seqcompare.report.results import Results
from seqcompare.report.sections import embedded
from seqcompare.report.sweep_map import sweep_map
from seqcompare.report.tables import Table, accuracy, cell, compared_pairs, forecast
from seqcompare.report.texts import FONT, LANGUAGES, load_texts
from seqcompare.report.verdict import verdict
from seqcompare.report.wording import change_text

EN, ZH = load_texts("en"), load_texts("zh")
DESIGNS: tuple[Design, ...] = get_args(Design)


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"{(\w+)}", text))


def test_both_languages_have_the_same_keys_and_placeholders() -> None:
    one, other = (
        {key: placeholders(text) for key, text in load_texts(language)} for language in LANGUAGES
    )
    assert one == other


def test_every_letter_of_the_texts_has_a_glyph_in_the_shipped_font() -> None:
    glyphs = set(TTFont(FONT).getBestCmap())
    letters = {
        letter for language in LANGUAGES for _, text in load_texts(language) for letter in text
    }
    assert {letter for letter in letters if ord(letter) not in glyphs} == set()


def test_the_shipped_font_is_small_and_its_licence_lies_beside_it() -> None:
    assert 20_000 < len(FONT.read_bytes()) < 200_000
    assert "SIL OPEN FONT LICENSE" in (FONT.parent / "OFL.txt").read_text()


@pytest.mark.parametrize("colour", COLOURS)
def test_letters_in_a_model_s_colour_are_readable_on_white(colour: str) -> None:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    assert 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05) >= 4.5


BETTER = decided(0.88, 0.82, 0.95, "better")
TURNED = decided(1 / 0.88, 1 / 0.95, 1 / 0.82, "better")
UNDECIDED = decided(0.96, 0.89, 1.03, "undecided")


@pytest.mark.parametrize(
    ("results", "words"),
    [
        (
            BETTER,
            "The LSTM predicts better than the Transformer: its test MSE is 12 % lower. For series "
            "of this kind, at seq_len 20: 95 % interval 5 to 18 % lower, 10 trials.",
        ),
        (
            TURNED,
            "The Transformer predicts better than the LSTM: its test MSE is 12 % lower. For series "
            "of this kind, at seq_len 20: 95 % interval 5 to 18 % lower, 10 trials.",
        ),
        (
            UNDECIDED,
            "Undecided: the LSTM's test MSE is 4 % lower than the Transformer's, which may be "
            "chance. For series of this kind, at seq_len 20: 95 % interval 11 % lower to 3 % "
            "higher, 10 trials; to tell a difference this large would take about 57 trials.",
        ),
        (
            decided(0.96, 0.89, 1.03, "undecided", design="series"),
            "Undecided: the LSTM's test MSE is 4 % lower than the Transformer's, which may be "
            "chance. On this series, at seq_len 20: 95 % interval 11 % lower to 3 % higher, 10 "
            "trials; to tell a difference this large would take more test values.",
        ),
        (
            decided(0.99, 0.97, 1.01, "equivalent"),
            "The LSTM and the Transformer predict equally well: their test MSEs differ by less "
            "than 5 %. For series of this kind, at seq_len 20: the LSTM's is 1 % lower, 95 % "
            "interval 3 % lower to 1 % higher, 10 trials.",
        ),
    ],
    ids=["better", "turned", "undecided", "undecided on a series", "equivalent"],
)
def test_the_verdict_says_what_the_comparison_decides(results: Results, words: str) -> None:
    assert verdict(results, EN) == words
    assert "{" not in verdict(results, ZH)


@pytest.mark.parametrize(
    ("results", "words"),
    [
        (
            make_results(trials=1),
            "At seq_len 20: one trial, so without an interval",
        ),
        (make_results(models=1), "The LSTM reaches a test MSE of"),
        (make_results(models=1, trials=1), "one trial, so without an interval"),
        (make_results(models=3, gap=0.2), "better than all other models (Transformer, GRU)"),
        (make_results(models=3, gap=0.001), "No single best model is established"),
        (make_results(models=3, trials=1), "No single best model is established"),
        (make_results(models=2, design="series", gap=0.2), "On this series, at seq_len 20"),
    ],
    ids=["one trial", "alone", "alone, one trial", "best of 3", "none of 3", "3 once", "series"],
)
def test_the_verdict_fits_however_many_models_and_trials_there_are(
    results: Results, words: str
) -> None:
    assert words in verdict(results, EN)
    for texts in (EN, ZH):
        said = [verdict(results, texts), line_sentence(results, texts)]
        said += [*cost_sentences(results, texts), *remarks(results, texts)]
        assert all(said)
        assert not re.findall(r"[{}]|None|–", " ".join(said))


def test_an_undecided_verdict_never_says_that_there_is_no_difference() -> None:
    for language in LANGUAGES:
        for key, text in load_texts(language):
            assert not re.search("[Nn]o difference|没有差异|无差异", text), key


def line_of(*outcomes: tuple[float, str], models: int = 2) -> str:
    """The sentence about the line when the models' errors are so many times its own."""
    results = make_results(models)
    found = iter(outcomes)
    pairs = []
    for pair in results.comparison.pairs:
        if pair.family == "line":
            ratio, outcome = next(found)
            winner = None if outcome != "better" else ("ar" if ratio > 1 else pair.first)
            update = {"ratio": ratio, "outcome": outcome, "winner": winner}
            pair = pair.model_copy(update=update)
        pairs.append(pair)
    comparison = results.comparison.model_copy(update={"pairs": pairs})
    return line_sentence(replace(results, comparison=comparison), EN)


def test_the_second_sentence_says_whether_a_line_does_as_well() -> None:
    assert line_of((1 / 0.92, "better"), (1 / 0.9, "better")) == (
        "A linear model predicts better than both: its test MSE is 8 % lower than the LSTM's and "
        "10 % lower than the Transformer's."
    )
    assert line_of((1 / 0.92, "better"), models=1) == (
        "A linear model predicts better than it: its test MSE is 8 % lower than the LSTM's."
    )
    assert line_of((0.5, "better"), (1.02, "undecided")) == (
        "A linear model predicts worse than the LSTM (test MSE 100 % higher) and is not told "
        "apart from the Transformer (test MSE 2 % lower)."
    )
    assert line_of((1.02, "undecided"), (1.1, "undecided")) == (
        "A linear model is not told apart from the LSTM (test MSE 2 % lower) or the Transformer "
        "(test MSE 9.1 % lower)."
    )


def test_nothing_is_said_about_a_line_that_was_not_compared() -> None:
    results = make_results()
    comparison = results.comparison.model_copy(update={"pairs": results.comparison.pairs[:1]})
    assert line_sentence(replace(results, comparison=comparison), EN) == ""


def test_the_verdict_does_not_depend_on_the_order_of_the_models() -> None:
    histories = dict(reversed(UNDECIDED.histories.items()))
    for texts in (EN, ZH):
        assert verdict(replace(UNDECIDED, histories=histories), texts) == verdict(UNDECIDED, texts)


def test_a_pair_can_be_seen_from_both_sides() -> None:
    (pair,) = BETTER.comparison.family("models")
    turned = pair.seen_from("transformer")
    assert (turned.first, turned.second, turned.winner) == ("transformer", "lstm", "lstm")
    assert (turned.low, turned.ratio, turned.high) == (1 / 0.95, 1 / 0.88, 1 / 0.82)
    assert turned.seen_from("lstm").ratio == pytest.approx(pair.ratio)


@pytest.mark.parametrize(
    ("ratio", "text"),
    [(0.88, "12"), (1.03, "3"), (0.955, "4.5"), (1, "0"), (0.9999, "0"), (0.00001, "99.9"),
     (0.004, "99.6"), (26.0, "2,500")],
)  # fmt: skip
def test_a_change_in_percent_is_short_and_never_all(ratio: float, text: str) -> None:
    assert percent_change(ratio) == text


def test_errors_that_are_next_to_equal_are_not_said_to_be_0_percent_apart() -> None:
    assert change_text(0.9999, EN) == "<0.1 % lower"


@pytest.mark.parametrize(("count", "text"), [(7, "7"), (57, "57"), (1201, "1,300")])
def test_a_number_of_trials_needed_is_rounded_up(count: int, text: str) -> None:
    assert rounded_up(count) == text


def test_the_tables_hold_every_predictor_and_every_pair() -> None:
    results = make_results()
    assert [row[0] for row in accuracy(results, EN).rows] == [
        "LSTM", "Transformer", "Persistence", "Linear (AR)", "Oracle (limit)",
    ]  # fmt: skip
    table = compared_pairs(BETTER, EN)
    assert table is not None
    assert table.rows[0][:3] == ("LSTM / Transformer", "0.880", "0.820 … 0.950 (95 %)")
    assert table.rows[0][4:] == ("LSTM is better", "–")
    assert len(table.rows) == 5


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.006, "0.00600"), (-0.0117476, "−0.0117"), (0, "0"), (None, "–"), (12345.6, "12,346"),
     (0.99999, "1.00"), (1e-9, "1e−09")],
)  # fmt: skip
def test_numbers_are_short_and_keep_their_digits(value: float | None, text: str) -> None:
    assert significant(value) == text


@pytest.mark.parametrize(("value", "text"), [(None, "–"), (1600.0, "1,600"), ("text", "text")])
def test_cells_of_a_study_are_readable(value: str, text: str) -> None:
    assert cell(value) == text


class Outside(HTMLParser):
    """Collects every address that a page would fetch, and every id."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, _: str, attrs: list[tuple[str, str | None]]) -> None:
        self.addresses += [v for k, v in attrs if k.split(":")[-1] in ("src", "href") and v]
        self.ids += [v for k, v in attrs if k == "id" and v]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_refers_to_nothing_outside_and_has_no_id_twice(language: str) -> None:
    html = page(make_content(make_results(3), language, studied=True), load_texts(language))
    seen = Outside()
    seen.feed(html.decode())
    assert [a for a in seen.addresses if not a.startswith(("#", "data:"))] == []
    assert len(seen.ids) == len(set(seen.ids))
    assert len(html) < 2_000_000


def test_a_forecast_stands_with_its_interval_and_without_one_is_left_out() -> None:
    columns = {"time": [50.05], "ar": [0.5], "ar_low": [0.4], "ar_high": [0.6], "lstm": [0.7]}
    made = {name: np.array(column) for name, column in columns.items()}
    table = forecast(replace(make_results(), forecast=made), EN)
    assert table.columns == ("time", "Linear (AR)")
    assert table.rows == (("50.05", "0.500 [0.400, 0.600]"),)
    assert table.numeric == [True, True]


class Words(HTMLParser):
    """Collects what a reader reads, but for code and names of settings and files."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.unread = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.words += [values[k] or "" for k in ("alt", "aria-label", "title") if k in values]
        if self.unread or tag in ("script", "style", "pre") or values.get("id") == "parameters":
            self.unread += tag not in ("meta", "link", "input", "use", "br")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, _: str) -> None:
        self.unread -= bool(self.unread)

    def handle_data(self, data: str) -> None:
        if not self.unread:
            self.words.append(data)


def test_no_english_words_stand_on_a_chinese_page_or_in_its_summary() -> None:
    content = make_content(make_results(2), "zh", studied=True)
    zh = load_texts("zh")
    seen = Words()
    seen.feed(page(content, zh).decode())
    assert "各模型的计算代价" in "".join(seen.words)
    for text in [*seen.words, summary(content, zh).decode()]:
        assert re.findall(r"[A-Za-z]{2,} [a-z]{2,}", text) == [], text


def test_the_same_results_give_the_same_page() -> None:
    first, second = (page(make_content(make_results()), EN) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize(("trials", "folds"), [(1, 1), (1, 3), (3, 3)])
def test_a_page_is_made_of_however_many_trials_and_folds_there_are(
    language: str, design: Design, trials: int, folds: int
) -> None:
    results, texts = make_results(trials=trials, design=design, folds=folds), load_texts(language)
    assert page(make_content(results, language, studied=True), texts)
    assert not re.findall(
        r"[{}]|None|nan", summary(make_content(results, language), texts).decode()
    )
    for figure in hover_values(results, texts).values():
        for series in figure["series"]:
            for values in (series["values"], *series.get("seeds", ())):
                assert len(values) == len(figure["x"])


def test_sections_without_results_are_left_out() -> None:
    bare, studied = (
        page(make_content(make_results(), studied=studied), EN).decode()
        for studied in (False, True)
    )
    for name in ("claims", "cost"):
        assert f'<section id="{name}">' not in bare
        assert f'<section id="{name}">' in studied
    assert 'href="#cost"' not in bare


def test_the_summary_starts_with_the_verdict_and_its_tables_are_whole() -> None:
    results = make_results()
    lines = summary(make_content(results, studied=True), EN).decode().splitlines()
    assert lines[0] == verdict(results, EN)
    for above, below in itertools.pairwise(lines):
        if above.startswith("|") and below.startswith("|"):
            assert len(re.findall(r"(?<!\\)\|", above)) == len(re.findall(r"(?<!\\)\|", below))


def test_an_embedded_picture_keeps_its_references_and_marks_its_models() -> None:
    svg = '<?xml?><svg width="9pt" height="8pt"><defs><path id="a"/></defs><g id="lstm--seed-0">'
    assert embedded(f'{svg}<use xlink:href="#a" clip-path="url(#b)"/></g></svg>', "x", 'a "b"') == (
        '<svg role="img" aria-label="a &quot;b&quot;"><defs><path id="x-a"/></defs>'
        '<g data-model="lstm" data-part="seed-0"><use xlink:href="#x-a" clip-path="url(#x-b)"/>'
        "</g></svg>"
    )


def test_the_page_says_how_well_forecast_intervals_held_and_from_how_many_points() -> None:
    results = make_results()
    said = intervals_text(results, EN)
    assert said.startswith("Forecast intervals of 95 %, checked at 161 held-out points (90 ")
    for model in ("LSTM", "Transformer"):
        assert f"{model}: coverage 93 % [88, 97], mean width 0.520, interval score 0.610" in said
    assert said in unescape(page(make_content(results), EN).decode())
    assert "from 161 points, evenly spaced" in notes(results, EN)["horizon"]
    assert intervals_text(replace(results, forecast_scores={}), EN) == ""


def test_the_page_says_over_how_many_windows_the_lookback_was_measured() -> None:
    notes_of_studies = study_notes(make_content(make_results(), studied=True), EN)
    assert "over 120 of 120 test windows" in notes_of_studies["lookback_gradient"]


def dated() -> Results:
    """Of a file with a column `day` of dates and one `price`."""
    results = make_results(2, oracle=False, design="series")
    days = 2024 + np.arange(120) / 366
    return replace(
        results, predictions=results.predictions | {"time": days},
        forecast=results.forecast | {"time": 2024 + np.arange(120, 140) / 366},
        time_name="day", value_name="price", dated=True,
    )  # fmt: skip


def test_dates_are_dates_wherever_times_are_shown() -> None:
    hovered = hover_values(dated(), EN)
    for name in ("predictions", "errors"):
        assert hovered[name]["label"] == "day"
        assert hovered[name]["shown"][:2] == ["2024-01-01", "2024-01-02"]
    table = forecast(dated(), EN)
    assert table.columns[0] == "day"
    assert table.rows[0][0] == "2024-04-30"


def test_the_page_says_what_series_it_is_of() -> None:
    content = make_content(dated())
    data = {"source": "csv", "path": "data/input/my.csv", "value": "price"}
    content = replace(content, settings=content.settings | {"data": data})
    assert "my.csv, price · one step ahead" in page(content, EN).decode()
    assert "Sine with noise σ = 0.1 · one" in page(make_content(make_results()), EN).decode()


def test_the_first_screen_answers_what_is_asked_first() -> None:
    asked = [question for question, _ in answers(make_content(make_results(), studied=True), EN)]
    assert asked == [
        "How sure?", "Does a line do as well?", "What does it cost?", "In other settings?",
    ]  # fmt: skip
    alone = [question for question, _ in answers(make_content(make_results(1)), EN)]
    assert alone == ["How sure?", "Does a line do as well?"]


def test_the_map_counts_in_which_settings_the_answer_changes() -> None:
    found = make_summary()
    assert sweep_map("settings", found, EN).tally.startswith(
        "The answer changes with the setting: LSTM is better in 3, equal within 5 % in 3, "
        "undecided in 3, Transformer is better in 3, of 12 cells."
    )
    same = found.model_copy(update={"cells": found.cells[:1]})
    assert sweep_map("settings", same, EN).tally.startswith("The answer is the same in every")


def test_a_map_says_that_its_settings_are_not_those_of_the_page() -> None:
    html = page(make_content(make_results(), studied=True), EN).decode()
    assert "with settings and trials of its own (10 a cell), not those of this page" in html
    assert '<section id="map">' not in page(make_content(make_results()), EN).decode()


def test_which_columns_hold_numbers_is_found_once_for_a_table_however_long() -> None:
    table = Table(("model", "lag"), (("LSTM", "1"), ("LSTM", "20")))
    assert table.numeric == [False, True]
    assert table.numeric is table.numeric, "at every cell it would cost rows squared"
