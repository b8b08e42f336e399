"""Pages and summary: everything that a run or the studies found, as HTML and as Markdown.

Templates call the functions of this room for tables and sentences. HTML is one file that needs
neither network nor JavaScript. The same results give the same bytes: nothing here knows the date,
the machine or a random number.
"""

import base64
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from seqcompare.report import map as maps
from seqcompare.report import studies, tables, verdict, words
from seqcompare.report.language import FONT, Language
from seqcompare.report.reproduce import commands
from seqcompare.report.results import Results


def page(
    results: Results, pictures: Mapping[str, bytes], committed: Mapping[str, Any], tr: Language
) -> bytes:
    """HTML.

    pictures: file name -> content, of which it shows PANEL.svg. committed: params.yaml of the last
    commit, {} without one.
    """
    settings = results.params.model_dump(mode="json")
    return _render(
        "report.html.j2", tr, pictures, title=title(results, tr), results=results,
        settings=settings, commands=commands(settings, committed),
    )  # fmt: skip


def summary(results: Results, tr: Language) -> bytes:
    """Markdown for a pull request. Its first line is the verdict."""
    return _render("summary.md.j2", tr, results=results)


def studies_page(found: studies.StudyResults, pictures: Mapping[str, bytes], tr: Language) -> bytes:
    """HTML. pictures: file name -> content, of which it shows PANEL.svg and map_NAME.svg."""
    title = tr("Why, and where does the answer change?")
    return _render("studies.html.j2", tr, pictures, title=title, found=found)


def title(results: Results, tr: Language) -> str:
    names = [words.model_name(model) for model in results.models]
    if len(names) == 1:
        return tr("How well does {model} predict?", model=names[0])
    return tr("{models}: which predicts better?", models=tr.joined(names, "or"))


def setting(results: Results, tr: Language) -> str:
    """What was predicted, in a line."""
    data, count = results.params.data, results.errors["series"].nunique()
    series = tr("Sine with noise σ = {noise}", noise=f"{data.noise:g}")
    if data.source == "csv":
        series = tr("{file}, {value}", file=Path(data.path or "").name, value=data.value)
    trials = words.trials_text(results.trials, tr)
    if count > 1:
        trials = tr("{trials} on {count} series", trials=trials, count=count)
    targets = tr("{targets} test values each", targets=words.in_full(results.targets))
    seq_len = f"seq_len {results.params.seq_len}"
    return " · ".join([series, tr("one step ahead"), seq_len, trials, targets])


def answers(results: Results, tr: Language) -> list[tuple[str, str]]:
    """What is asked first, and its answer in a sentence or two.

    A map answers only where it is of the page's own data and settings.
    """
    of_this = [m for m in results.maps.values() if not m.differences(results.params)]
    asked = {
        tr("How sure?"): verdict.certainty(results, tr),
        tr("Does a linear model do as well?"): verdict.linear_answer(results, tr),
        tr("What does it cost?"): verdict.cost_answer(results, tr),
        tr("On how many series does each win?"): verdict.series_answer(results, tr),
        tr("In other settings?"): maps.tally(of_this[0], tr) if of_this else "",
    }
    return [(question, answer) for question, answer in asked.items() if answer]


def _render(
    template: str, tr: Language, pictures: Mapping[str, bytes] | None = None, **content: Any
) -> bytes:
    environment = Environment(
        loader=PackageLoader("seqcompare.report", "templates"),
        autoescape=lambda name: name is not None and ".html" in name,
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        keep_trailing_newline=True,
    )  # fmt: skip
    environment.filters |= {"cell": _markdown_cell, "unbroken": _unbroken, "base64": _base64}
    environment.globals |= {
        "tr": tr, "answers": answers, "setting": setting, "maps": maps, "studies": studies,
        "tables": tables, "verdict": verdict, "words": words,
    }  # fmt: skip
    font = FONT.read_bytes() if tr.code == "zh" else b""
    return environment.get_template(template).render(content, font=font, pictures=pictures).encode()


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _markdown_cell(text: str) -> str:
    """Escapes what would end a cell or begin markup; an underscore inside a word begins none."""
    text = re.sub(r"([|\\`*<>\[\]$])", r"\\\1", " ".join(text.split()))
    return re.sub(r"(?<![^\W_])_|_(?![^\W_])", r"\\_", text)


def _unbroken(text: str) -> Markup:
    """A number and its unit stay on one line."""
    return Markup(re.sub(r"(\d) (%|s\b)", r"\1&nbsp;\2", str(escape(text))))
