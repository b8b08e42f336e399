"""Page and summary: everything that was found out, as HTML that needs no network and as Markdown.

The same results give the same bytes: nothing here knows the date, the machine or a random number.
"""

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from seqcompare.core.names import AR
from seqcompare.report import tables
from seqcompare.report.content import PageContent
from seqcompare.report.hover import HOVER_FIGURES, hover_values
from seqcompare.report.labels import REFERENCE, colours_of, model_name, predictor_name
from seqcompare.report.more_data import more_data
from seqcompare.report.numbers import percent_change, significant, span
from seqcompare.report.remarks import cost_sentences, line_sentence, remarks
from seqcompare.report.reproduce import commands
from seqcompare.report.results import Results
from seqcompare.report.sections import sections
from seqcompare.report.sweep_map import sweep_map
from seqcompare.report.texts import FONT, Texts
from seqcompare.report.verdict import certainty, headline, verdict
from seqcompare.report.warnings import warned, warnings
from seqcompare.report.wording import trials_text


def page(content: PageContent, texts: Texts) -> bytes:
    """HTML."""
    results = content.results
    colours = colours_of(results.models)
    maps = [sweep_map(name, found, texts) for name, found in content.maps.items()]
    hovered = texts("word.comma").join(texts(f"{name}.title") for name in HOVER_FIGURES)
    html = (
        _environment()
        .get_template("report.html.j2")
        .render(
            t=texts,
            language={"zh": "zh-CN"}.get(texts.language, texts.language),
            font=base64.b64encode(FONT.read_bytes()).decode() if texts.language == "zh" else "",
            title=title(results, texts),
            setting=setting(content, texts),
            headline=warned(headline(results, texts), results, texts),
            answers=answers(content, texts),
            remarks=_remarks(content, texts),
            maps=maps,
            models=[(model, model_name(model), colours[model]) for model in results.models],
            scores=_scores(results, texts),
            several_trials=len(results.seeds) > 1,
            hint=texts("page.hint", figures=hovered),
            sections=sections(content, maps, texts),
            commands=commands(content),
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
            setting=setting(content, texts),
            verdict=warned(verdict(results, texts), results, texts),
            answers=answers(content, texts)[1:],
            maps=[sweep_map(name, found, texts) for name, found in content.maps.items()],
            remarks=_remarks(content, texts),
            accuracy=tables.accuracy(results, texts),
            pairs=tables.compared_pairs(results, texts),
            claims=tables.claims(content.claims, texts) if content.claims else None,
            environments=tables.environments(content.environments, texts),
            hashes=tables.hashes(content.hashes, texts),
        )
    )
    return markdown.encode()


def title(results: Results, texts: Texts) -> str:
    names = [model_name(model) for model in results.models]
    key = "page.title" if len(names) > 1 else "page.title_one"
    return texts(key, models=texts.joined(names, "word.or"))


def answers(content: PageContent, texts: Texts) -> list[tuple[str, str]]:
    """What is asked first, and its answer in a sentence or two: those that there is one to."""
    results = content.results
    maps = [sweep_map(name, found, texts) for name, found in content.maps.items()]
    told = {
        "sure": certainty(results, texts),
        "line": line_sentence(results, texts),
        "cost": texts("word.sentence").join(cost_sentences(results, texts)),
        "map": maps[0].tally if maps else "",
    }
    return [(texts(f"question.{name}"), answer) for name, answer in told.items() if answer]


def setting(content: PageContent, texts: Texts) -> str:
    results = content.results
    points = results.predictions["time"].size
    return texts(
        "page.setting",
        seq_len=results.seq_len,
        trials=trials_text(results.comparison.trials, texts),
        points=points,
        design=texts(f"page.design_{results.comparison.design}"),
        series=_series(content.settings["data"], texts),
    )


def _remarks(content: PageContent, texts: Texts) -> list[str]:
    """What a reader of the verdict must know, warnings first."""
    results = content.results
    return [*warnings(results, texts), *more_data(content, texts), *remarks(results, texts)]


def _series(data: Mapping[str, Any], texts: Texts) -> str:
    if data["source"] == "csv":
        return texts("page.series_csv", file=Path(data["path"]).name, value=data["value"])
    return texts("page.series_sine", noise=f"{data['noise']:g}")


def _scores(results: Results, texts: Texts) -> list[dict[str, str]]:
    """The numbers beside the verdict: errors of models and the line, and how far from the limit."""
    colours, scores = colours_of(results.models), results.comparison.predictors
    names = [*results.models, *([AR] if AR in scores else [])]
    return [
        {
            "model": name if name in colours else "",
            "colour": colours.get(name, REFERENCE),
            "name": predictor_name(name, texts),
            "mse": significant(scores[name].mse),
            "interval": span(scores[name].mse_low, scores[name].mse_high),
            "percent": _percent(name, results, texts),
        }
        for name in names
    ]


def _percent(name: str, results: Results, texts: Texts) -> str:
    """How far above the limit an error is, or, without one, what it gains over persistence."""
    if ratio := results.over_limit(name):
        return texts("page.over_limit", percent=percent_change(ratio))
    skill = results.comparison.predictors[name].skill
    return "" if skill is None else texts("page.skill", percent=significant(100 * skill, 2))


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
