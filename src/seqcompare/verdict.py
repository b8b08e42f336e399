"""What the numbers decide, in a sentence with its uncertainty, and what belongs beside it."""

import math
from collections.abc import Iterable
from itertools import combinations
from typing import Any

from seqcompare.evaluation import COMPARISON, sizes_differ
from seqcompare.naming import shown_device, shown_name
from seqcompare.outcome import Outcome
from seqcompare.texts import Texts


def verdict(outcome: Outcome, texts: Texts) -> str:
    """Which model predicts better than all others, or that none is shown to."""
    if len(outcome.models) == 1:
        return _alone(outcome, texts)
    if len(outcome.seeds) == 1:
        return _one_seed(outcome, texts)
    best = min(outcome.models, key=lambda name: float(outcome.metrics[name]["mse"]))
    against = _against(best, outcome)
    rivals = [other for other, pair in against.items() if pair["winner"] != best]
    if not rivals:
        return _best(best, outcome, texts)
    if len(outcome.models) == 2:
        return _undecided(outcome, texts)
    return texts(
        "verdict.no_best",
        winner=shown_name(best),
        mse=number(outcome.metrics[best]["mse"]),
        rivals=_listed(map(shown_name, rivals), texts),
        confidence=f"{100 * against[rivals[0]]['confidence']:.3g}",
        seq_len=outcome.seq_len,
        seeds=len(outcome.seeds),
    )


def remarks(outcome: Outcome, texts: Texts, validated: bool) -> list[str]:
    """Sentences that a reader of the verdict must know: limit, baseline, time, sizes."""
    said = []
    if "oracle" in outcome.metrics:
        said.append(texts("verdict.limit", limit=number(outcome.metrics["oracle"]["mse"])))
    if "ar" in outcome.metrics:
        said.append(texts("verdict.linear", ar=number(outcome.metrics["ar"]["mse"])))
    if len(outcome.models) > 1:
        said.append(_speed(outcome, texts))
        sizes = {name: int(outcome.metrics[name]["parameters"]) for name in outcome.models}
        if sizes_differ(sizes):
            listed = (f"{shown_name(name)} {size:,}" for name, size in sizes.items())
            said.append(texts("verdict.sizes", sizes=_listed(listed, texts)))
    if not validated:
        said.append(texts("verdict.no_validation"))
    return said


def pairs(outcome: Outcome) -> dict[tuple[str, str], dict[str, Any]]:
    """The comparison of every two models, by their names."""
    rows = outcome.metrics.get(COMPARISON, {})
    names = combinations(outcome.models, 2)
    return {(first, second): rows[f"{first}_vs_{second}"] for first, second in names}


def number(value: float | None, digits: int = 3) -> str:
    """Short, with trailing zeros that mean something, and no e in it unless far from 1."""
    if value is None:
        return "–"
    if value == 0 or not 1e-6 < abs(value) < 1e6:
        return f"{value:.{digits}g}".replace("-", "−")
    places = max(0, digits - 1 - math.floor(math.log10(abs(float(f"{value:.{digits}g}")))))
    return f"{value:,.{places}f}".replace("-", "−")


def _alone(outcome: Outcome, texts: Texts) -> str:
    (model,) = outcome.models
    row = outcome.metrics[model]
    facts = {"model": shown_name(model), "mse": number(row["mse"]), "seq_len": outcome.seq_len}
    if row.get("mse_ci_low") is None:
        return texts("verdict.alone_one_seed", **facts)
    interval = _interval(row["mse_ci_low"], row["mse_ci_high"], outcome.confidence)
    return texts("verdict.alone", **facts, **interval, seeds=len(outcome.seeds))


def _one_seed(outcome: Outcome, texts: Texts) -> str:
    errors = (
        f"{shown_name(name)} {number(outcome.metrics[name]['mse'])}" for name in outcome.models
    )
    return texts("verdict.one_seed", errors=_listed(errors, texts), seq_len=outcome.seq_len)


def _undecided(outcome: Outcome, texts: Texts) -> str:
    (((first, second), pair),) = pairs(outcome).items()
    return texts(
        "verdict.undecided",
        first=shown_name(first),
        second=shown_name(second),
        difference=number(pair["difference"], 2),
        seq_len=outcome.seq_len,
        seeds=len(outcome.seeds),
        **_interval(pair["difference_ci_low"], pair["difference_ci_high"], pair["confidence"], 2),
    )


def _best(best: str, outcome: Outcome, texts: Texts) -> str:
    """Its smallest lead is the one to be sure of."""
    leads = {}  # the other's name -> (lead, low, high, confidence)
    for (first, second), pair in pairs(outcome).items():
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
        seq_len=outcome.seq_len,
        seeds=len(outcome.seeds),
        **_interval(low, high, confidence, 2),
    )


def _against(model: str, outcome: Outcome) -> dict[str, dict[str, Any]]:
    """The other models' names, and how each compares with this one."""
    return {
        second if model == first else first: pair
        for (first, second), pair in pairs(outcome).items()
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


def _speed(outcome: Outcome, texts: Texts) -> str:
    seconds = {name: timing["seconds_per_epoch"] for name, timing in outcome.timings.items()}
    fast, slow = min(seconds, key=seconds.__getitem__), max(seconds, key=seconds.__getitem__)
    return texts(
        "verdict.speed",
        fast=shown_name(fast),
        slow=shown_name(slow),
        ratio=number(seconds[slow] / seconds[fast], 2),
        device=shown_device(outcome.timings[slow]["device"]),
    )
