"""Verdict: which model predicts better, by how much, and how sure that is."""

from collections.abc import Mapping

from seqcompare.core.comparison import Pair
from seqcompare.report.labels import model_name
from seqcompare.report.numbers import percent, rounded_up, significant
from seqcompare.report.results import Results
from seqcompare.report.texts import Texts
from seqcompare.report.wording import change_text, interval_text, outcome_text, trials_text


def verdict(results: Results, texts: Texts) -> str:
    """Headline and certainty together."""
    return texts("word.sentence").join([headline(results, texts), certainty(results, texts)])


def headline(results: Results, texts: Texts) -> str:
    """Which model predicts better than all others and by how many percent, or that it is open."""
    if len(results.models) == 1:
        (model,) = results.models
        mse = significant(results.comparison.predictors[model].mse)
        return texts("verdict.alone", model=model_name(model), mse=mse)
    leader = _leader(results)
    pairs = results.comparison.against(leader, "models")
    closest = _closest(pairs)
    if len(pairs) == 1:
        return texts(f"verdict.{closest.outcome}", **_facts(closest, results, texts))
    open_yet = {other: pair for other, pair in pairs.items() if pair.winner != leader}
    if not open_yet:
        losers = texts("word.comma").join(map(model_name, pairs))
        return texts("verdict.best", losers=losers, **_facts(closest, results, texts))
    rivals = [
        texts("verdict.rival", rival=model_name(other), change=change_text(pair.ratio, texts))
        for other, pair in open_yet.items()
    ]
    listed = texts.joined(rivals, "word.and_models")
    return texts("verdict.no_best", winner=model_name(leader), rivals=listed)


def certainty(results: Results, texts: Texts) -> str:
    """How sure the headline is and for which series, and what would tell more."""
    setting = _setting(results, texts)
    if len(results.models) == 1:
        (score,) = (results.comparison.predictors[model] for model in results.models)
        if score.mse_low is None or score.mse_high is None:
            return texts("sure.none", **setting)
        ends = {"low": significant(score.mse_low), "high": significant(score.mse_high)}
        confidence = percent(results.comparison.confidence)
        return texts("sure.alone", **ends, confidence=confidence, **setting)
    leader = _leader(results)
    pairs = results.comparison.against(leader, "models")
    shown = [pair for pair in pairs.values() if pair.winner != leader] or [_closest(pairs)]
    if any(pair.low is None for pair in shown):
        return texts("sure.none", **setting)
    if len(shown) > 1:
        intervals = [_against(pair, results, texts) for pair in shown]
        return texts("sure.several", intervals=texts("word.clause").join(intervals), **setting)
    (pair,) = shown
    key = "sure.equivalent" if pair.outcome == "equivalent" else "sure.interval"
    sentence = texts(key, **_facts(pair, results, texts))
    more = _needed(pair, results, texts) if pair.outcome == "undecided" else texts("sure.end")
    return sentence + more


def _against(pair: Pair, results: Results, texts: Texts) -> str:
    """One interval of several, and what it decides."""
    outcome = outcome_text(pair, results.comparison.equivalence, texts)
    rival = model_name(pair.second)
    return texts("sure.against", rival=rival, outcome=outcome, **_numbers(pair, texts))


def _closest(pairs: Mapping[str, Pair]) -> Pair:
    """The pair in which the other model comes closest to the leader."""
    return max(pairs.values(), key=lambda pair: pair.ratio)


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
    return {
        "change": change_text(pair.ratio, texts),
        "confidence": percent(pair.confidence),
        "interval": interval_text(pair.low, pair.high, texts),
    }


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
        return texts("sure.more_values")
    if pair.trials_needed is None:
        return texts("sure.more_trials")
    return texts("sure.needed", trials=rounded_up(pair.trials_needed))
