"""The page: one file that needs no network, with the same answers as the summary."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import yaml
from made_up import (
    CSV,
    decided,
    make_map,
    make_params,
    make_results,
    make_studies,
    write_results,
)

from seqcompare.core import paths
from seqcompare.report import map as maps
from seqcompare.report import reproduce, tables, words
from seqcompare.report.figures.comparison import PANELS
from seqcompare.report.language import load_language
from seqcompare.report.page import answers, page, studies_page, summary
from seqcompare.report.results import Results
from seqcompare.report.verdict import certainty, headline
from stages import render

EN = load_language("en")
SVG = {f"{name}.svg": b"<svg/>" for name in ("loss", "time", "predictions", "errors", "accuracy")}
KINDS: list[dict[str, Any]] = [
    {"models": 1, "trials": 1}, {"models": 4, "folds": 2}, {"design": "many", "oracle": False},
]  # fmt: skip


class Elements(HTMLParser):
    """Every element's name and attributes, and whether each is closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in ("meta", "link", "img", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]


@pytest.fixture(autouse=True)
def _no_files_to_compare(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reproduce, "_check", lambda file: f"sha256sum {file}")


def html_of(results: Results, language: str = "en") -> str:
    committed = make_params().model_dump(mode="json")
    return page(results, SVG, committed, load_language(language)).decode()


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("kinds", KINDS)
def test_a_page_is_whole_needs_no_network_and_is_readable_without_eyes(
    kinds: dict[str, Any], language: str
) -> None:
    html = html_of(replace(make_results(**kinds), maps={"settings": make_map()}), language)
    elements = Elements(html)
    assert elements.open == elements.all("script") == []
    assert not re.search(r"""(?:src|href)=["'](?!data:|#)|url\((?!data:)|@import""", html)
    assert "default-src 'none'" in html
    assert f'lang="{"zh-CN" if language == "zh" else "en"}"' in html
    assert all(image["alt"] for image in elements.all("img"))
    assert all(cell.get("scope") for cell in elements.all("th"))
    regions = [each for each in elements.all("div") if each.get("role") == "region"]
    assert all(each["aria-label"] and each["tabindex"] == "0" for each in regions)
    assert len(regions) == len(elements.all("table"))
    ids = [attributes["id"] for _, attributes in elements.found if "id" in attributes]
    assert {str(link["href"])[1:] for link in elements.all("a")} <= set(ids)
    assert len(ids) == len(set(ids))


def test_the_first_screen_has_verdict_answers_and_the_four_panels() -> None:
    results = make_results(trials=10)
    first = html_of(results).partition("<main")[0].replace("&nbsp;", " ").replace("&#39;", "'")
    assert headline(results, EN) in first
    for question in ("How sure?", "Does a linear model do as well?", "What does it cost?"):
        assert f"<dt>{question}</dt>" in first
    assert first.count("<figure>") == 4


def test_a_map_answers_only_on_the_page_of_its_own_data_and_settings() -> None:
    made = {"settings": make_map()}
    of_this = replace(make_results(trials=10, test=180), maps=made)
    assert "In other settings?" in dict(answers(of_this, EN))
    other = replace(make_results(trials=10, test=180, design="one"), maps=made)
    assert "In other settings?" not in dict(answers(other, EN))
    assert "(seq_len)? Data: the built-in sine.</h2>" in html_of(other)


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "Rev_$_Q1_$", "温度|x", "#[a] `b`"])
def test_names_of_columns_and_series_are_shown_as_they_are(name: str) -> None:
    results = make_results(design="one", data={**CSV, "value": name, "time": "t"})
    html, markdown = html_of(results), summary(results, EN).decode()
    assert "<script" not in html
    assert not re.search(r"(?<!\\)[<$`]", markdown)
    assert name.replace("<", "&lt;").replace(">", "&gt;") in html
    rows = [line for line in markdown.splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {5, 8, 9}


@pytest.mark.parametrize(
    ("ratio", "low", "high", "outcome"),
    [(0.883, 0.822, 0.949, "lstm"), (1.25, 1.1, 1.4, "transformer"),
     (0.93, 0.83, 1.04, "undecided"), (0.98, 0.96, 1.03, "equivalent")],
)  # fmt: skip
def test_headline_card_tables_cell_and_summary_give_one_answer(
    ratio: float, low: float, high: float, outcome: str
) -> None:
    found, results = make_map(), decided(ratio, low, high, outcome, test=180)
    at = found.scores.query("setting == 'tutorial' and seq_len == 20").index
    found.scores.loc[at, "mse"] = results.scores["mse"][found.scores["predictor"][at]].to_numpy()
    at = found.pairs.query("setting == 'tutorial' and seq_len == 20").index
    found.pairs.loc[at, results.pairs.columns] = results.pairs.to_numpy()
    results = replace(results, maps={"settings": found})
    better, leads, ends = "LSTM", ratio, (low, high)
    if outcome == "transformer":
        better, leads, ends = "Transformer", 1 / ratio, (1 / high, 1 / low)
    change, interval = words.change_text(leads, EN), words.interval_text(*ends, EN)
    said = words.outcome_text(outcome, 0.05, EN)
    cell = maps.rows_of(found, EN)["As in the tutorial"][1]
    cards = dict(answers(results, EN))
    row = tables.pairs_table(results, EN).iloc[0]
    html = html_of(results).replace("&nbsp;", " ").replace("&#39;", "'")
    markdown = summary(results, EN).decode()

    assert (change in headline(results, EN)) == (outcome != "equivalent")
    assert cards["How sure?"] == certainty(results, EN)
    assert f" {interval} than the " in cards["How sure?"]
    assert (row["MSE ratio"], row["outcome"]) == (words.significant(ratio), said)
    assert row["interval"] == words.span(low, high)
    assert cell.kind == said
    assert [f"{better} {change}", interval] == [line for line in cell.lines if " % " in line][-2:]
    assert cards["In other settings?"] == maps.tally(found, EN)
    assert markdown.startswith(f"{headline(results, EN)} {certainty(results, EN)}\n")
    for text in (*cards.values(), headline(results, EN), maps.tally(found, EN)):
        assert text in html
        assert text in markdown
    accuracy = tables.accuracy_table(results, EN).set_index("predictor")["test MSE"]
    for text in (*accuracy, row["interval"], cell.lines[0]):
        assert f">{text}<" in html
        assert f"| {text} |" in markdown


def test_one_environment_is_one_column_and_two_are_two() -> None:
    facts = [{"cores": 2}, {"cores": 4}]
    same, other = ({"lstm": facts[0], "gru": each} for each in facts)
    assert list(tables.environments_table(same, EN).columns) == ["fact", "all models"]
    assert list(tables.environments_table(other, EN).columns) == ["fact", "LSTM", "GRU"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_of_the_studies_shows_claims_theory_and_maps(language: str) -> None:
    tr = load_language(language)
    html = studies_page(make_studies(), {"map_settings.svg": b"<svg/>"}, tr).decode()
    assert Elements(html).open == []
    for text in ("O(n² d)", "1.01 [0.940, 1.09]", tr("not measured"), "learning_rate=0.003"):
        assert text in html


def test_every_picture_of_a_run_has_a_place_on_its_page() -> None:
    drawn = {f"{name}.svg": name.encode() for name in PANELS}
    first, second = (page(make_results(), drawn, {}, EN).decode() for _ in range(2))
    assert first.count("<img") == len(PANELS)
    assert first == second


def test_the_stage_prints_the_verdict_and_a_link_to_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (home := tmp_path / "Übung #1 100%").mkdir()
    monkeypatch.chdir(home)
    monkeypatch.setattr(render, "pictures", lambda *_: {"loss.svg": b"<svg/>"})
    results = make_results()
    write_results(results, {})
    paths.PARAMS.write_text(yaml.safe_dump(results.params.model_dump(mode="json")))
    render.main()
    verdict, link = capsys.readouterr().out.splitlines()
    assert verdict == headline(results, EN)
    assert link.startswith("file:///")
    assert "%C3%9Cbung%20%231%20100%25" in link
    assert paths.PAGE.read_bytes().startswith(b"<!DOCTYPE html>")
    assert paths.SUMMARY.read_text(encoding="utf-8").startswith(verdict)
