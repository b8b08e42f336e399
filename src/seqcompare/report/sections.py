"""Sections of the page: which figures and tables stand in each, in which order."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from markupsafe import Markup

from seqcompare.report import tables
from seqcompare.report.captions import (
    COST_PANELS,
    LOOKBACK_PANELS,
    intervals_text,
    notes,
    study_notes,
)
from seqcompare.report.claims import claims_note
from seqcompare.report.content import PageContent
from seqcompare.report.data_checks import data_table
from seqcompare.report.numbers import percent
from seqcompare.report.sweep_map import SweepMap
from seqcompare.report.tables import Table
from seqcompare.report.texts import Texts

COMPARISON_PANELS = ("loss", "speed", "predictions", "errors")
# Of the tables of the studies, what a reader asks for: the CSV files hold more.
COST_COLUMNS = (
    "size", "model", "seq_len", "status", "seconds", "seconds_ci_low", "seconds_ci_high", "slope",
    "share", "peak_mb",
)  # fmt: skip
LOOKBACK_COLUMNS = (
    "model", "lag", "gradient", "gradient_ci_low", "gradient_ci_high", "mse_older_removed",
)  # fmt: skip


@dataclass(frozen=True)
class Figure:
    name: str
    title: str
    note: str
    svg: Markup


@dataclass(frozen=True)
class Section:
    """What it shows, in this order."""

    name: str
    figures: Sequence[Figure] = ()
    tables: Sequence[Table] = ()
    explained: str = ""
    maps: Sequence[SweepMap] = ()
    folded: bool = False  # its tables open on demand


def sections(content: PageContent, maps: Sequence[SweepMap], texts: Texts) -> list[Section]:
    """Those that have something to show, in the order in which a reader asks."""
    known = _figures(content, texts)

    def drawn(*names: str) -> list[Figure]:
        return [known[name] for name in names if name in known]

    lookback = _study_table("lookback", LOOKBACK_COLUMNS, content, texts)
    every = [
        Section("comparison", drawn(*COMPARISON_PANELS)),
        _accuracy(content, drawn("accuracy"), texts),
        _pairs(content, texts),
        Section("map", maps=maps),
        _forecast(content, drawn("forecast", "horizon"), texts),
        Section("cost", drawn(*COST_PANELS), _study_table("cost", COST_COLUMNS, content, texts),
                folded=True),
        Section("lookback", drawn(*LOOKBACK_PANELS), lookback, folded=True),
        _claims(content, texts),
        _data(content, texts),
        Section("parameters", (), [tables.settings(content.settings, texts)], folded=True),
        _environment(content, texts),
    ]  # fmt: skip
    return [section for section in every if section.figures or section.tables or section.maps]


def _figures(content: PageContent, texts: Texts) -> Mapping[str, Figure]:
    captions = notes(content.results, texts) | study_notes(content, texts)
    return {
        name: Figure(
            name, texts(f"{name}.title"), captions[name], embedded(svg, name, texts(f"{name}.alt"))
        )
        for name, svg in content.figures.items()
        if name in captions
    }


def _claims(content: PageContent, texts: Texts) -> Section:
    shown = [tables.claims(content.claims, texts)] if content.claims else []
    explained = claims_note(content.claims, content.results.comparison.confidence, texts)
    return Section("claims", (), shown, explained)


def _accuracy(content: PageContent, figures: Sequence[Figure], texts: Texts) -> Section:
    limited = "oracle" in content.results.comparison.predictors
    explained = texts("explain.accuracy" if limited else "explain.accuracy_no_limit")
    return Section("accuracy", figures, [tables.accuracy(content.results, texts)], explained)


def _pairs(content: PageContent, texts: Texts) -> Section:
    table = tables.compared_pairs(content.results, texts)
    equivalence = percent(content.results.comparison.equivalence)
    explained = texts("explain.pairs", equivalence=equivalence)
    return Section("pairs", (), [table] if table else [], explained)


def _forecast(content: PageContent, figures: Sequence[Figure], texts: Texts) -> Section:
    shown = [tables.forecast(content.results, texts)] if content.results.forecast else []
    return Section("forecast", figures, shown, intervals_text(content.results, texts), folded=True)


def _data(content: PageContent, texts: Texts) -> Section:
    checks = content.results.comparison.checks
    return Section("data", (), [data_table(checks, texts)] if checks else [])


def _study_table(
    name: str, columns: Sequence[str], content: PageContent, texts: Texts
) -> list[Table]:
    rows = content.studies.get(name, ())
    return [tables.study(rows, columns, texts, content.results.models)] if rows else []


def _environment(content: PageContent, texts: Texts) -> Section:
    trained_on = tables.environments(content.environments, texts)
    hashes = tables.hashes(content.hashes, texts)
    return Section("environment", (), [trained_on, hashes], texts("explain.hashes"), folded=True)


def embedded(svg: str, name: str, label: str) -> Markup:
    """A picture's SVG as a part of the page: ids of its own, models marked, and a label."""
    body = svg[svg.index("<svg") :]
    body = re.sub(r"<metadata>.*?</metadata>", "", body, flags=re.DOTALL)
    body = re.sub(r'<g id="(\w+?)--([\w-]+)">', r'<g data-model="\1" data-part="\2">', body)
    body = re.sub(r'\bid="', f'id="{name}-', body)
    body = re.sub(r'href="#', f'href="#{name}-', body)
    body = re.sub(r"url\(#", f"url(#{name}-", body)
    body = re.sub(r' (?:width|height)="[\d.]+pt"', "", body, count=2)
    return Markup(body.replace("<svg", f'<svg role="img" aria-label="{escape(label)}"', 1))
