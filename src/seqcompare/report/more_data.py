"""More data: whether it would help, by what the last doubling in a sweep of its amount did.

A sweep tells it of its own series and settings. So the page speaks of one of the same series alone,
and names it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from seqcompare.core.files import rounded
from seqcompare.core.sweep import Doubling, SweepSummary, hash_of_files
from seqcompare.report.content import PageContent
from seqcompare.report.labels import model_name
from seqcompare.report.numbers import percent
from seqcompare.report.sweep_cells import setting_name
from seqcompare.report.texts import Texts
from seqcompare.report.wording import change_text, interval_text

# What makes two series and what is done to them the same; the other keys change nothing of it.
DECISIVE = {
    "csv": ("path", "value", "time", "missing", "centre"),
    "sine": ("seed", "size", "x_max", "noise", "centre"),
}


def more_data(content: PageContent, texts: Texts) -> list[str]:
    """What a sweep of this series found out; without one, for a user's own, how to find it out."""
    for name, summary in content.maps.items():
        told = _of_setting(summary, content.results.models)
        if told and _same_series(summary, content):
            sentence = _sentence(told, summary, texts)
            return [texts("more_data.by_sweep", name=name, sentence=sentence)]
    return [texts("more_data.unknown")] if content.settings["data"]["source"] == "csv" else []


def doubling_sentences(summary: SweepSummary, texts: Texts) -> list[str]:
    """One for each setting."""
    settings = dict.fromkeys(each.setting for each in summary.doublings)
    by_setting = [[d for d in summary.doublings if d.setting == each] for each in settings]
    return [_sentence(told, summary, texts) for told in by_setting]


def _of_setting(summary: SweepSummary, models: Sequence[str]) -> list[Doubling]:
    """The first setting's, which is the models as they stand in its base, of these models."""
    return [
        each
        for each in summary.doublings
        if each.setting == summary.doublings[0].setting and each.model in models
    ]


def _same_series(summary: SweepSummary, content: PageContent) -> bool:
    """Has the sweep the data of the page? Of a CSV file, byte for byte."""
    if content.data_digest:
        here = hash_of_files([bytes.fromhex(content.data_digest)])
        if here != summary.made_from.data:
            return False
    return _decisive(summary.data) == _decisive(content.settings["data"])


def _decisive(data: Mapping[str, Any]) -> dict[str, Any]:
    """Numbers as files of results hold them."""
    source = data.get("source", "")
    scale = data.get("scale")
    scale = ("standard" if source == "csv" else "none") if scale == "auto" else scale
    kept = {key: data.get(key) for key in DECISIVE.get(source, ())}
    decisive: dict[str, Any] = rounded({"source": source, "scale": scale, **kept})
    return decisive


def _sentence(told: Sequence[Doubling], summary: SweepSummary, texts: Texts) -> str:
    first = told[0]
    return texts(
        "more_data.doubling",
        setting=setting_name(first.setting, texts),
        fewer=f"{first.fewer:,}",
        more=f"{first.more:,}",
        parts=texts("word.semicolon").join(_part(each, summary, texts) for each in told),
    )


def _part(doubling: Doubling, summary: SweepSummary, texts: Texts) -> str:
    interval = interval_text(doubling.low, doubling.high, texts)
    if interval:
        confidence = percent(doubling.confidence)
        interval = texts("more_data.interval", confidence=confidence, interval=interval)
    return texts(
        "more_data.part",
        model=model_name(doubling.model),
        change=change_text(doubling.ratio, texts),
        interval=interval,
        says=texts(f"more_data.{_says(doubling)}", equivalence=percent(summary.equivalence)),
    )


def _says(doubling: Doubling) -> str:
    if doubling.outcome == "better":
        return "helps" if doubling.ratio < 1 else "harms"
    return doubling.outcome
