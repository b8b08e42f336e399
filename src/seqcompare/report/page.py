"""Page and summary: everything that was found out, as HTML that needs no network and as Markdown.

The same results give the same bytes: nothing here knows the date, the machine or a random number.
"""

import base64
import json
from collections.abc import Mapping
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from seqcompare.core.names import AR
from seqcompare.report import tables
from seqcompare.report.content import PageContent
from seqcompare.report.hover import HOVER_FIGURES, hover_values
from seqcompare.report.labels import REFERENCE, colours_of, model_name, predictor_name
from seqcompare.report.numbers import percent_change, significant, span
from seqcompare.report.remarks import line_sentence, remarks
from seqcompare.report.results import Results
from seqcompare.report.sections import sections
from seqcompare.report.texts import FONT, Texts
from seqcompare.report.verdict import verdict
from seqcompare.report.warnings import warned, warnings
from seqcompare.report.wording import trials_text


def page(content: PageContent, texts: Texts) -> bytes:
    """HTML."""
    results = content.results
    colours = colours_of(results.models)
    hovered = texts("word.comma").join(texts(f"{name}.title") for name in HOVER_FIGURES)
    html = (
        _environment()
        .get_template("report.html.j2")
        .render(
            t=texts,
            language={"zh": "zh-CN"}.get(texts.language, texts.language),
            font=base64.b64encode(FONT.read_bytes()).decode() if texts.language == "zh" else "",
            title=title(results, texts),
            setting=setting(results, texts),
            verdict=warned(verdict(results, texts), results, texts),
            line=line_sentence(results, texts),
            remarks=[*warnings(results, texts), *remarks(results, texts)],
            models=[(model, model_name(model), colours[model]) for model in results.models],
            scores=_scores(results, texts),
            several_trials=len(results.seeds) > 1,
            hint=texts("page.hint", figures=hovered),
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
            verdict=warned(verdict(results, texts), results, texts),
            line=line_sentence(results, texts),
            remarks=[*warnings(results, texts), *remarks(results, texts)],
            accuracy=tables.accuracy(results, texts),
            pairs=tables.compared_pairs(results, texts),
            claims=tables.claims(content.claims, texts) if content.claims else None,
            hashes=tables.hashes(content.hashes, texts),
        )
    )
    return markdown.encode()


def title(results: Results, texts: Texts) -> str:
    names = [model_name(model) for model in results.models]
    key = "page.title" if len(names) > 1 else "page.title_one"
    return texts(key, models=texts.joined(names, "word.or"))


def setting(results: Results, texts: Texts) -> str:
    points = results.predictions["time"].size
    return texts(
        "page.setting",
        seq_len=results.seq_len,
        trials=trials_text(results.comparison.trials, texts),
        points=points,
        design=texts(f"page.design_{results.comparison.design}"),
    )


def commands(settings: Mapping[str, Any]) -> str:
    """How to make this page again, and how to change it."""
    return (
        "git clone <this repository> && cd seqcompare\n"
        "make run\n"
        "source .venv/bin/activate\n"
        f"dvc exp run -S seq_len={settings.get('seq_len', 20)}\n"
        "dvc exp show --only-changed"
    )


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
