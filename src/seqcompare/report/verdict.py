"""Verdict: what the numbers decide, with its uncertainty, and what belongs beside it."""

from collections.abc import Iterable
from itertools import combinations
from typing import Any

from seqcompare.core.names import COMPARISON
from seqcompare.report.labels import device_name, model_name
from seqcompare.report.numbers import Ends, ends_of, percent, significant
from seqcompare.report.results import Results
from seqcompare.report.texts import Texts

UNEQUAL = 1.1  # times the smallest model: larger ones are said to differ in size


def verdict(results: Results, texts: Texts) -> str:
    """Which model predicts better than all others, or that none is shown to."""
    if len(results.models) == 1:
        return _alone(results, texts)
    if len(results.seeds) == 1:
        return _one_seed(results, texts)
    best = min(results.models, key=lambda name: float(results.metrics[name]["mse"]))
    against = _against(best, results)
    rivals = [other for other, pair in against.items() if pair["winner"] != best]
    if not rivals:
        return _best(best, results, texts)
    if len(results.models) == 2:
        return _undecided(results, texts)
    return texts(
        "verdict.no_best",
        winner=model_name(best),
        mse=significant(results.metrics[best]["mse"]),
        rivals=_listed(map(model_name, rivals), texts),
        confidence=percent(against[rivals[0]]["confidence"]),
        seq_len=results.seq_len,
        seeds=len(results.seeds),
    )


def remarks(results: Results, texts: Texts, validated: bool) -> list[str]:
    """Sentences that a reader of the verdict must know: limit, baseline, time, sizes."""
    sentences = []
    if "oracle" in results.metrics:
        sentences.append(
            texts("verdict.limit", limit=significant(results.metrics["oracle"]["mse"]))
        )
    if "ar" in results.metrics:
        sentences.append(texts("verdict.linear", ar=significant(results.metrics["ar"]["mse"])))
    if len(results.models) > 1:
        sentences.append(_speed(results, texts))
        sizes = {name: int(results.metrics[name]["parameters"]) for name in results.models}
        if max(sizes.values()) > UNEQUAL * min(sizes.values()):
            listed = (f"{model_name(name)} {size:,}" for name, size in sizes.items())
            sentences.append(texts("verdict.sizes", sizes=_listed(listed, texts)))
    if not validated:
        sentences.append(texts("verdict.no_validation"))
    return sentences


def pairs(results: Results) -> dict[tuple[str, str], dict[str, Any]]:
    """The comparison of every two models, by their names."""
    rows = results.metrics.get(COMPARISON, {})
    names = combinations(results.models, 2)
    return {(first, second): rows[f"{first}_vs_{second}"] for first, second in names}


def _alone(results: Results, texts: Texts) -> str:
    (model,) = results.models
    row = results.metrics[model]
    facts = {"model": model_name(model), "mse": significant(row["mse"]), "seq_len": results.seq_len}
    ends = ends_of(row, "mse_ci")
    if ends is None:
        return texts("verdict.alone_one_seed", **facts)
    interval = _interval(ends, results.confidence)
    return texts("verdict.alone", **facts, **interval, seeds=len(results.seeds))


def _one_seed(results: Results, texts: Texts) -> str:
    errors = (
        f"{model_name(name)} {significant(results.metrics[name]['mse'])}" for name in results.models
    )
    return texts("verdict.one_seed", errors=_listed(errors, texts), seq_len=results.seq_len)


def _undecided(results: Results, texts: Texts) -> str:
    (((first, second), pair),) = pairs(results).items()
    return texts(
        "verdict.undecided",
        first=model_name(first),
        second=model_name(second),
        difference=significant(pair["difference"], 2),
        seq_len=results.seq_len,
        seeds=len(results.seeds),
        **_interval(ends_of(pair, "difference_ci"), pair["confidence"], 2),
    )


def _best(best: str, results: Results, texts: Texts) -> str:
    """Its smallest lead is the one to be sure of."""
    leads = {}  # the other's name -> (lead, low, high, confidence)
    for (first, second), pair in pairs(results).items():
        if best in (first, second):
            sign = -1 if best == first else 1
            low, high = sorted(sign * pair[f"difference_ci_{end}"] for end in ("low", "high"))
            other = second if best == first else first
            leads[other] = (sign * pair["difference"], low, high, pair["confidence"])
    lead, low, high, confidence = min(leads.values())
    losers = _listed(map(model_name, leads), texts)
    return texts(
        "verdict.better" if len(leads) == 1 else "verdict.best",
        winner=model_name(best),
        loser=losers,
        losers=losers,
        difference=significant(lead, 2),
        seq_len=results.seq_len,
        seeds=len(results.seeds),
        **_interval((low, high), confidence, 2),
    )


def _against(model: str, results: Results) -> dict[str, dict[str, Any]]:
    """The other models' names, and how each compares with this one."""
    return {
        second if model == first else first: pair
        for (first, second), pair in pairs(results).items()
        if model in (first, second)
    }


def _listed(items: Iterable[str], texts: Texts) -> str:
    return texts("word.comma").join(items)


def _interval(ends: Ends | None, confidence: float, digits: int = 3) -> dict[str, str]:
    low, high = ends or (None, None)
    return {
        "low": significant(low, digits),
        "high": significant(high, digits),
        "confidence": percent(confidence),
    }


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
