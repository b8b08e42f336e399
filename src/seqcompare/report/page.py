"""Everything that was found out, as one page that needs no network, and as Markdown.

The same results give the same bytes: nothing here knows the date, the machine or a random number.
"""

import base64
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from seqcompare.core.types import Floats
from seqcompare.report import tables
from seqcompare.report.captions import COST_PANELS, LOOKBACK_PANELS, notes, study_notes
from seqcompare.report.labels import colours_of, shown, shown_name
from seqcompare.report.results import SHOWN_POINTS, SHOWN_SEEDS, Results
from seqcompare.report.tables import Row, Table
from seqcompare.report.texts import FONT, Texts
from seqcompare.report.verdict import number, remarks, verdict

COMPARISON_PANELS = ("loss", "speed", "predictions", "errors")
# Of the tables of the studies, what a reader asks for: the CSV files hold more.
COST_COLUMNS = (
    "model", "seq_len", "status", "train_seconds", "train_q1", "train_q3",
    "train_windows_per_second", "train_peak_mb", "predict_seconds", "predict_peak_mb",
)  # fmt: skip
LOOKBACK_COLUMNS = (
    "model", "lag", "gradient", "gradient_ci_low", "gradient_ci_high", "mse_older_swapped",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class PageContent:
    """What a page shows. Of what is empty, it says nothing."""

    results: Results
    settings: Mapping[str, Any]  # params.yaml
    figures: Mapping[str, str]  # name -> SVG; those named after a section belong to it
    environments: Mapping[str, Row]  # model -> what it was trained on
    hashes: Mapping[str, str]  # file -> SHA-256
    claims: Mapping[str, Row] = field(default_factory=dict)  # claims.json
    studies: Mapping[str, Sequence[Row]] = field(default_factory=dict)  # cost, lookback
    measured_on: Row = field(default_factory=dict)  # the setting of the study of cost


@dataclass(frozen=True)
class Figure:
    name: str
    title: str
    note: str
    svg: Markup


@dataclass(frozen=True)
class Section:
    """Of the page: what it shows in this order."""

    name: str
    figures: Sequence[Figure] = ()
    tables: Sequence[Table] = ()
    explained: str = ""
    long: bool = False  # its table opens on demand


def page(content: PageContent, texts: Texts) -> bytes:
    """HTML."""
    results = content.results
    colours = colours_of(results.models)
    html = (
        _environment()
        .get_template("report.html.j2")
        .render(
            t=texts,
            language={"zh": "zh-CN"}.get(texts.language, texts.language),
            font=base64.b64encode(FONT.read_bytes()).decode() if texts.language == "zh" else "",
            title=title(results, texts),
            setting=setting(results, texts),
            verdict=verdict(results, texts),
            remarks=remarks(results, texts, _validated(content)),
            models=[(model, shown_name(model), colours[model]) for model in results.models],
            scores=_scores(results),
            several_seeds=len(results.seeds) > 1,
            sections=sections(content, texts),
            commands=commands(content.settings),
            data=Markup(json.dumps(hover_values(results, texts), separators=(",", ":"))),
        )
    )
    return html.encode()


def summary(content: PageContent, texts: Texts) -> bytes:
    """Markdown for a pull request. Its first line is the verdict."""
    results = content.results
    markdown = (
        _environment()
        .get_template("summary.md.j2")
        .render(
            t=texts,
            setting=setting(results, texts),
            verdict=verdict(results, texts),
            remarks=remarks(results, texts, _validated(content)),
            accuracy=tables.accuracy(results, texts),
            pairs=tables.model_pairs(results, texts),
            claims=tables.claims(content.claims, texts) if content.claims else None,
            hashes=tables.hashes(content.hashes, texts),
        )
    )
    return markdown.encode()


def title(results: Results, texts: Texts) -> str:
    names = [shown_name(model) for model in results.models]
    key = "page.title" if len(names) > 1 else "page.title_one"
    return texts(key, models=texts("word.or").join(names))


def setting(results: Results, texts: Texts) -> str:
    points = results.predictions["time"].size
    return texts("page.setting", seq_len=results.seq_len, seeds=len(results.seeds), points=points)


def commands(settings: Mapping[str, Any]) -> str:
    """How to make this page again, and how to change it."""
    return (
        "git clone <this repository> && cd seqcompare\n"
        "make run\n"
        "source .venv/bin/activate\n"
        f"dvc exp run -S seq_len={settings.get('seq_len', 20)}\n"
        "dvc exp show --only-changed"
    )


def sections(content: PageContent, texts: Texts) -> list[Section]:
    """Those that have something to show, in the page's order."""
    results, models = content.results, content.results.models
    captions = notes(results, texts) | study_notes(results, content.measured_on, texts)

    def drawn(*names: str) -> list[Figure]:
        return [
            Figure(
                name,
                texts(f"{name}.title"),
                captions[name],
                embedded(content.figures[name], name, texts(f"{name}.alt")),
            )
            for name in names
            if name in content.figures
        ]

    def study(name: str, panels: Sequence[str], columns: Sequence[str]) -> Section:
        rows = content.studies.get(name, ())
        shown_tables = [tables.study(rows, columns, texts, models)] if rows else []
        return Section(name, drawn(*panels), shown_tables, long=True)

    paired = tables.model_pairs(results, texts)
    explained = "explain.accuracy" if "oracle" in results.metrics else "explain.accuracy_no_limit"
    claims = tables.claims(content.claims, texts) if content.claims else None
    forecast = [tables.forecast(results.forecast, texts)] if results.forecast else []
    confidence = f"{100 * results.confidence:.4g}"
    claims_explained = texts("explain.claims", confidence=confidence)
    trained_on = tables.environments(results.timings, content.environments, texts)
    hashes = tables.hashes(content.hashes, texts)
    all_sections = [
        Section("comparison", drawn(*COMPARISON_PANELS)),
        Section("claims", (), [claims] if claims else [], claims_explained),
        Section("accuracy", drawn("accuracy"), [tables.accuracy(results, texts)], texts(explained)),
        Section("pairs", (), [paired] if paired else [], texts("explain.pairs")),
        study("cost", COST_PANELS, COST_COLUMNS),
        study("lookback", LOOKBACK_PANELS, LOOKBACK_COLUMNS),
        Section("forecast", drawn("forecast", "horizon"), forecast, long=True),
        Section("parameters", (), [tables.settings(content.settings, texts)]),
        Section("environment", (), [trained_on, hashes], texts("explain.hashes")),
    ]
    return [section for section in all_sections if section.figures or section.tables]


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


def hover_values(results: Results, texts: Texts) -> dict[str, Any]:
    """What the page reads out at each x: figure -> name of x, its values, and series."""
    columns = {name: column[-SHOWN_POINTS:] for name, column in results.predictions.items()}
    times, limit = columns["time"], "oracle" in columns

    def other(name: str, values: Floats) -> dict[str, Any]:
        return {"name": shown(name, texts), "values": _short(values)}

    def series(model: str, mean: Floats, seeds: Sequence[Floats] = ()) -> dict[str, Any]:
        return {
            "model": model,
            "name": shown_name(model),
            "values": _short(mean),
            "seeds": [_short(values) for values in seeds[:SHOWN_SEEDS]],
        }

    return {
        "loss": {
            "label": texts("loss.x"),
            "x": _short(results.epochs(results.models[0])),
            "series": [
                series(model, (losses := results.losses(model)).mean(axis=0), list(losses))
                for model in results.models
            ],
        },
        "predictions": {
            "label": texts("predictions.x"),
            "x": _short(times),
            "series": [
                other("truth", columns["truth"]),
                *(
                    series(
                        model,
                        columns[model],
                        [made[-SHOWN_POINTS:] for made in results.by_seed[model].values()],
                    )
                    for model in results.models
                ),
                *([other("oracle", columns["oracle"])] if limit else []),
            ],
        },
        "errors": {
            "label": texts("errors.x"),
            "x": _short(times),
            "series": [
                *(
                    series(model, results.running_error(model)[-SHOWN_POINTS:])
                    for model in results.models
                ),
                *(
                    [other("oracle", results.running_error("oracle")[-SHOWN_POINTS:])]
                    if limit
                    else []
                ),
            ],
        },
    }


def _short(values: Floats) -> list[float]:
    return [float(f"{value:.4g}") for value in np.asarray(values).tolist()]


def _scores(results: Results) -> list[dict[str, str]]:
    """The numbers beside the verdict: each model's error, with its interval."""
    return [
        {
            "model": model,
            "name": shown_name(model),
            "mse": number(results.metrics[model]["mse"]),
            "interval": tables.span(results.metrics[model], "mse_ci"),
        }
        for model in results.models
    ]


def _validated(content: PageContent) -> bool:
    return bool(content.settings.get("split", {}).get("validation", 0))


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("seqcompare.report", "templates"),
        autoescape=lambda name: name is not None and ".html" in name,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["cell"] = lambda text: text.replace("|", "\\|")
    return environment
