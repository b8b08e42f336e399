"""Remarks: what a reader of the verdict must know, whether a line does as well first of all.

The line is a linear model of the window's values.
"""

from seqcompare.core.comparison import Pair
from seqcompare.core.names import AR, ORACLE
from seqcompare.report.labels import device_name, model_name
from seqcompare.report.numbers import significant
from seqcompare.report.results import Results
from seqcompare.report.texts import Texts
from seqcompare.report.wording import change_text

UNEQUAL = 1.1  # times the smallest model: larger ones are said to differ in size


def line_sentence(results: Results, texts: Texts) -> str:
    """Whether a linear model does as well; empty where none was compared."""
    pairs = {
        model: pair.seen_from(AR)
        for model in results.models
        if (pair := results.comparison.against(model, "line").get(AR))
    }
    if not pairs:
        return ""
    if all(pair.winner == AR for pair in pairs.values()):
        key = {1: "line.better_than_it", 2: "line.better_than_both"}.get(len(pairs), "line.best")
        parts = [
            texts("line.than", change=change_text(pair.ratio, texts), model=model_name(model))
            for model, pair in pairs.items()
        ]
        return texts(key, parts=texts.joined(parts, "word.and", "word.clause"))
    clauses = []
    for standing in ("better", "worse", "equivalent", "undecided"):
        models = [
            texts("line.model", model=model_name(model), change=change_text(pair.ratio, texts))
            for model, pair in pairs.items()
            if _standing(pair, AR) == standing
        ]
        if models:
            last = "word.or_models" if standing == "undecided" else "word.and_models"
            listed = texts.joined(models, last)
            clauses.append(texts(f"line.{standing}", models=listed))
    return texts("line.mixed", clauses=texts.joined(clauses, "word.and", "word.clause"))


def remarks(results: Results, texts: Texts) -> list[str]:
    """What the verdict holds for, the limit, and what numbers are not for."""
    sentences = [texts(f"verdict.holds_for_{results.comparison.design}")]
    if ORACLE in results.comparison.predictors:
        sentences.append(_limit(results, texts))
    sentences.append(texts("verdict.no_selection"))
    return sentences


def cost_sentences(results: Results, texts: Texts) -> list[str]:
    """How much longer one model trains than another, and how much larger it is."""
    if len(results.models) == 1:
        return []
    return [_speed(results, texts), *_sizes(results, texts)]


def _standing(pair: Pair, predictor: str) -> str:
    """better, worse, equivalent or undecided: how that predictor stands in the pair."""
    if pair.winner is None:
        return pair.outcome
    return "better" if pair.winner == predictor else "worse"


def _limit(results: Results, texts: Texts) -> str:
    """The oracle's error, and how far above it each model's is."""
    limit = significant(results.comparison.predictors[ORACLE].mse)
    parts = [
        texts("verdict.over_limit", model=model_name(model), change=change_text(ratio, texts))
        for model in results.models
        if (ratio := results.over_limit(model))
    ]
    if not parts:
        return texts("verdict.limit", limit=limit)
    listed = texts.joined(parts, "word.and", "word.clause")
    return texts("verdict.limits", limit=limit, parts=listed)


def _sizes(results: Results, texts: Texts) -> list[str]:
    """A sentence where the models' sizes differ, and are known."""
    sizes = {name: results.comparison.predictors[name].parameters for name in results.models}
    known = {name: size for name, size in sizes.items() if size}
    if not known or max(known.values()) <= UNEQUAL * min(known.values()):
        return []
    factor = significant(max(known.values()) / min(known.values()), 2)
    listed = texts("word.comma").join(
        f"{model_name(name)} {size:,}" for name, size in known.items()
    )
    return [texts("verdict.sizes", factor=factor, sizes=listed)]


def _speed(results: Results, texts: Texts) -> str:
    seconds = {name: timing["seconds_per_epoch"] for name, timing in results.timings.items()}
    fast, slow = min(seconds, key=seconds.__getitem__), max(seconds, key=seconds.__getitem__)
    return texts(
        "verdict.speed",
        fast=model_name(fast),
        slow=model_name(slow),
        ratio=significant(seconds[slow] / seconds[fast], 2),
        device=device_name(results.timings[slow]["device"]),
    )
