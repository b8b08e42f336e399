"""Verdict: what the comparison decides, how sure it is, and what a reader must know beside it.

The headline is about the models; the second sentence is about the line, as a linear model is called
here; remarks are about the limit, time and sizes.
"""

from collections.abc import Iterable

from seqcompare.core.names import AR, ORACLE
from seqcompare.report.labels import device_name, model_name
from seqcompare.report.numbers import percent, percent_change, rounded_up, significant
from seqcompare.report.results import Pair, Results
from seqcompare.report.texts import Texts

UNEQUAL = 1.1  # times the smallest model: larger ones are said to differ in size


def verdict(results: Results, texts: Texts) -> str:
    """Which model predicts better than all others, or how far that is open."""
    models = results.models
    if len(models) == 1:
        return _alone(results, texts)
    if len(models) > 2:
        return _of_many(results, texts)
    (pair,) = results.comparison.family("models")
    return _of_two(pair.seen_from(_leader(results)), results, texts)


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
            texts("line.than", change=_change(pair.ratio, texts), model=model_name(model))
            for model, pair in pairs.items()
        ]
        return texts(key, parts=texts.joined(parts, "word.and", "word.clause"))
    clauses = []
    for standing in ("better", "worse", "equivalent", "undecided"):
        models = [
            texts("line.model", model=model_name(model), change=_change(pair.ratio, texts))
            for model, pair in pairs.items()
            if _standing(pair, AR) == standing
        ]
        if models:
            last = "word.or_models" if standing == "undecided" else "word.and_models"
            listed = texts.joined(models, last)
            clauses.append(texts(f"line.{standing}", models=listed))
    return texts("line.mixed", clauses=texts.joined(clauses, "word.and", "word.clause"))


def remarks(results: Results, texts: Texts) -> list[str]:
    """What the verdict holds for, the limit, time and sizes, and what numbers are not for."""
    sentences = [texts(f"verdict.holds_for_{results.comparison.design}")]
    if ORACLE in results.comparison.predictors:
        sentences.append(_limit(results, texts))
    if len(results.models) > 1:
        sentences += [_speed(results, texts), *_sizes(results, texts)]
    sentences.append(texts("verdict.no_selection"))
    return sentences


def outcome(pair: Pair, equivalence: float, texts: Texts) -> str:
    """A pair's outcome in a word or two."""
    return texts(
        f"outcome.{pair.outcome}",
        winner=texts.get(f"predictor.{pair.winner}", model_name(pair.winner or "")),
        equivalence=percent(equivalence),
    )


def _of_two(pair: Pair, results: Results, texts: Texts) -> str:
    """pair: seen from the model whose error is the lower one."""
    if pair.low is None or pair.high is None:
        return texts("verdict.no_interval", **_facts(pair, results, texts))
    if pair.outcome == "undecided":
        return texts("verdict.undecided", **_facts(pair, results, texts)) + _needed(
            pair, results, texts
        )
    return texts(f"verdict.{pair.outcome}", **_facts(pair, results, texts))


def _of_many(results: Results, texts: Texts) -> str:
    """Three models or more: the leader against each of the others."""
    leader = _leader(results)
    pairs = results.comparison.against(leader, "models")
    beaten = {other: pair for other, pair in pairs.items() if pair.winner == leader}
    if len(beaten) == len(pairs):
        closest = max(pairs.values(), key=lambda pair: pair.ratio)
        losers = _listed(map(model_name, pairs), texts)
        return texts("verdict.best", losers=losers, **_facts(closest, results, texts))
    rivals = [
        texts(
            "verdict.rival" if pair.low is not None else "verdict.rival_no_interval",
            rival=model_name(other),
            **_numbers(pair, texts),
            outcome=outcome(pair, results.comparison.equivalence, texts),
        )
        for other, pair in pairs.items()
        if other not in beaten
    ]
    return texts(
        "verdict.no_best",
        winner=model_name(leader),
        mse=significant(results.comparison.predictors[leader].mse),
        rivals=texts.joined(rivals, "word.or_models"),
        **_setting(results, texts),
    )


def _alone(results: Results, texts: Texts) -> str:
    (model,) = results.models
    score = results.comparison.predictors[model]
    facts = {"model": model_name(model), "mse": significant(score.mse)} | _setting(results, texts)
    if score.mse_low is None or score.mse_high is None:
        return texts("verdict.alone_no_interval", **facts)
    ends = {"low": significant(score.mse_low), "high": significant(score.mse_high)}
    confidence = percent(results.comparison.confidence)
    return texts("verdict.alone", **facts, **ends, confidence=confidence)


def _leader(results: Results) -> str:
    """The model that beats most others, or else has the lowest error."""
    pairs, scores = results.comparison.family("models"), results.comparison.predictors

    def rank(model: str) -> tuple[float, ...]:
        won = sum(pair.winner == model for pair in pairs)
        lower = sum(
            pair.seen_from(model).ratio < 1 for pair in pairs if model in (pair.first, pair.second)
        )
        return won, lower, -scores[model].mse

    return max(results.models, key=rank)


def _facts(pair: Pair, results: Results, texts: Texts) -> dict[str, object]:
    names = {"winner": model_name(pair.first), "loser": model_name(pair.second)}
    equivalence = percent(results.comparison.equivalence)
    return {
        **names,
        "equivalence": equivalence,
        **_numbers(pair, texts),
        **_setting(results, texts),
    }


def _numbers(pair: Pair, texts: Texts) -> dict[str, object]:
    """The change in percent and the ends of its interval, in words that fit the outcome."""
    numbers: dict[str, object] = {
        "change": _change(pair.ratio, texts),
        "confidence": percent(pair.confidence),
        "interval": "",
    }
    if pair.low is None or pair.high is None:
        return numbers
    if pair.high <= 1:  # all of it lower: the smaller gain first
        low, high = percent_change(pair.high), percent_change(pair.low)
        return numbers | {"interval": texts("change.range", low=low, high=high)}
    low, high = _change(pair.low, texts), _change(pair.high, texts)
    return numbers | {"interval": texts("change.ends", low=low, high=high)}


def _setting(results: Results, texts: Texts) -> dict[str, object]:
    design, trials = results.comparison.design, results.comparison.trials
    return {
        "scope": texts(f"scope.{design}"),
        "Scope": texts(f"scope.{design}_first"),
        "seq_len": results.seq_len,
        "trials": texts("word.one_trial" if trials == 1 else "word.trials", trials=trials),
    }


def _needed(pair: Pair, results: Results, texts: Texts) -> str:
    """What would tell the difference, where that is known."""
    if results.comparison.design == "series":
        return texts("verdict.more_values")
    if pair.trials_needed is None:
        return texts("verdict.more_trials")
    return texts("verdict.needed", trials=rounded_up(pair.trials_needed))


def _change(ratio: float, texts: Texts) -> str:
    """A ratio of errors as `12 % lower`."""
    change = percent_change(ratio)
    if change == "0":
        return texts("change.equal")
    return texts("change.lower" if ratio < 1 else "change.higher", change=change)


def _standing(pair: Pair, predictor: str) -> str:
    """better, worse, equivalent or undecided: how that predictor stands in the pair."""
    if pair.winner is None:
        return pair.outcome
    return "better" if pair.winner == predictor else "worse"


def _limit(results: Results, texts: Texts) -> str:
    """The oracle's error, and how far above it each model's is."""
    limit = significant(results.comparison.predictors[ORACLE].mse)
    parts = [
        texts("verdict.over_limit", model=model_name(model), change=_change(ratio, texts))
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
    listed = _listed((f"{model_name(name)} {size:,}" for name, size in known.items()), texts)
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


def _listed(items: Iterable[str], texts: Texts) -> str:
    return texts("word.comma").join(items)
