"""Verdict: which model predicts better, and how sure that is, in one sentence."""

from seqcompare.core.comparison import Pair
from seqcompare.report.labels import model_name
from seqcompare.report.numbers import percent, percent_change, rounded_up, significant
from seqcompare.report.results import Results
from seqcompare.report.texts import Texts
from seqcompare.report.wording import change_text, outcome_text, trials_text


def verdict(results: Results, texts: Texts) -> str:
    """Which model predicts better than all others, or how far that is open."""
    models = results.models
    if len(models) == 1:
        return _alone(results, texts)
    if len(models) > 2:
        return _of_many(results, texts)
    (pair,) = results.comparison.family("models")
    return _of_two(pair.seen_from(_leader(results)), results, texts)


def _of_two(pair: Pair, results: Results, texts: Texts) -> str:
    """pair: seen from the model whose error is the lower one."""
    known = pair.low is not None and pair.high is not None
    key = f"verdict.{pair.outcome}" if known else "verdict.no_interval"
    sentence = texts(key, **_facts(pair, results, texts))
    open_yet = known and pair.outcome == "undecided"
    return sentence + _needed(pair, results, texts) if open_yet else sentence


def _of_many(results: Results, texts: Texts) -> str:
    """Three models or more: the leader against each of the others."""
    leader = _leader(results)
    pairs = results.comparison.against(leader, "models")
    beaten = {other: pair for other, pair in pairs.items() if pair.winner == leader}
    if len(beaten) == len(pairs):
        closest = max(pairs.values(), key=lambda pair: pair.ratio)
        losers = texts("word.comma").join(map(model_name, pairs))
        return texts("verdict.best", losers=losers, **_facts(closest, results, texts))
    rivals = [
        texts(
            "verdict.rival" if pair.low is not None else "verdict.rival_no_interval",
            rival=model_name(other),
            **_numbers(pair, texts),
            outcome=outcome_text(pair, results.comparison.equivalence, texts),
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
    return {
        "winner": model_name(pair.first),
        "loser": model_name(pair.second),
        "equivalence": percent(results.comparison.equivalence),
        **_numbers(pair, texts),
        **_setting(results, texts),
    }


def _numbers(pair: Pair, texts: Texts) -> dict[str, object]:
    """The change in percent and the ends of its interval, in words that fit the outcome."""
    numbers: dict[str, object] = {
        "change": change_text(pair.ratio, texts),
        "confidence": percent(pair.confidence),
        "interval": "",
    }
    if pair.low is None or pair.high is None:
        return numbers
    if pair.high <= 1:  # all of it lower: the smaller gain first
        low, high = percent_change(pair.high), percent_change(pair.low)
        return numbers | {"interval": texts("change.range", low=low, high=high)}
    low, high = change_text(pair.low, texts), change_text(pair.high, texts)
    return numbers | {"interval": texts("change.ends", low=low, high=high)}


def _setting(results: Results, texts: Texts) -> dict[str, object]:
    design = results.comparison.design
    return {
        "scope": texts(f"scope.{design}"),
        "Scope": texts(f"scope.{design}_first"),
        "seq_len": results.seq_len,
        "trials": trials_text(results.comparison.trials, texts),
    }


def _needed(pair: Pair, results: Results, texts: Texts) -> str:
    """What would tell the difference, where that is known."""
    if results.comparison.design == "series":
        return texts("verdict.more_values")
    if pair.trials_needed is None:
        return texts("verdict.more_trials")
    return texts("verdict.needed", trials=rounded_up(pair.trials_needed))
