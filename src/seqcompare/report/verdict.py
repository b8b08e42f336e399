"""What the numbers decide, in a sentence with its uncertainty, and what belongs beside it."""

import math
from collections.abc import Iterable
from itertools import combinations
from typing import Any

from seqcompare.core.names import COMPARISON
from seqcompare.report.labels import shown_device, shown_name
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
        winner=shown_name(best),
        mse=number(results.metrics[best]["mse"]),
        rivals=_listed(map(shown_name, rivals), texts),
        confidence=f"{100 * against[rivals[0]]['confidence']:.3g}",
        seq_len=results.seq_len,
        seeds=len(results.seeds),
    )


def remarks(results: Results, texts: Texts, validated: bool) -> list[str]:
    """Sentences that a reader of the verdict must know: limit, baseline, time, sizes."""
    said = []
    if "oracle" in results.metrics:
        said.append(texts("verdict.limit", limit=number(results.metrics["oracle"]["mse"])))
    if "ar" in results.metrics:
        said.append(texts("verdict.linear", ar=number(results.metrics["ar"]["mse"])))
    if len(results.models) > 1:
        said.append(_speed(results, texts))
        sizes = {name: int(results.metrics[name]["parameters"]) for name in results.models}
        if max(sizes.values()) > UNEQUAL * min(sizes.values()):
            listed = (f"{shown_name(name)} {size:,}" for name, size in sizes.items())
            said.append(texts("verdict.sizes", sizes=_listed(listed, texts)))
    if not validated:
        said.append(texts("verdict.no_validation"))
    return said


def pairs(results: Results) -> dict[tuple[str, str], dict[str, Any]]:
    """The comparison of every two models, by their names."""
    rows = results.metrics.get(COMPARISON, {})
    names = combinations(results.models, 2)
    return {(first, second): rows[f"{first}_vs_{second}"] for first, second in names}


def number(value: float | None, digits: int = 3) -> str:
    """Short, with trailing zeros that mean something, and no e in it unless far from 1."""
    if value is None:
        return "–"
    if value == 0 or not 1e-6 < abs(value) < 1e6:
        return f"{value:.{digits}g}".replace("-", "−")
    places = max(0, digits - 1 - math.floor(math.log10(abs(float(f"{value:.{digits}g}")))))
    return f"{value:,.{places}f}".replace("-", "−")


def _alone(results: Results, texts: Texts) -> str:
    (model,) = results.models
    row = results.metrics[model]
    facts = {"model": shown_name(model), "mse": number(row["mse"]), "seq_len": results.seq_len}
    if row.get("mse_ci_low") is None:
        return texts("verdict.alone_one_seed", **facts)
    interval = _interval(row["mse_ci_low"], row["mse_ci_high"], results.confidence)
    return texts("verdict.alone", **facts, **interval, seeds=len(results.seeds))


def _one_seed(results: Results, texts: Texts) -> str:
    errors = (
        f"{shown_name(name)} {number(results.metrics[name]['mse'])}" for name in results.models
    )
    return texts("verdict.one_seed", errors=_listed(errors, texts), seq_len=results.seq_len)


def _undecided(results: Results, texts: Texts) -> str:
    (((first, second), pair),) = pairs(results).items()
    return texts(
        "verdict.undecided",
        first=shown_name(first),
        second=shown_name(second),
        difference=number(pair["difference"], 2),
        seq_len=results.seq_len,
        seeds=len(results.seeds),
        **_interval(pair["difference_ci_low"], pair["difference_ci_high"], pair["confidence"], 2),
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
    losers = _listed(map(shown_name, leads), texts)
    return texts(
        "verdict.better" if len(leads) == 1 else "verdict.best",
        winner=shown_name(best),
        loser=losers,
        losers=losers,
        difference=number(lead, 2),
        seq_len=results.seq_len,
        seeds=len(results.seeds),
        **_interval(low, high, confidence, 2),
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


def _interval(low: float, high: float, confidence: float, digits: int = 3) -> dict[str, str]:
    return {
        "low": number(low, digits),
        "high": number(high, digits),
        "confidence": f"{100 * confidence:.3g}",
    }


def _speed(results: Results, texts: Texts) -> str:
    seconds = {name: timing["seconds_per_epoch"] for name, timing in results.timings.items()}
    fast, slow = min(seconds, key=seconds.__getitem__), max(seconds, key=seconds.__getitem__)
    return texts(
        "verdict.speed",
        fast=shown_name(fast),
        slow=shown_name(slow),
        ratio=number(seconds[slow] / seconds[fast], 2),
        device=shown_device(results.timings[slow]["device"]),
    )
