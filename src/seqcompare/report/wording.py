"""Wording that sentences and tables share: changes in percent, outcomes, numbers of trials."""

from seqcompare.core.comparison import Pair
from seqcompare.report.labels import predictor_name
from seqcompare.report.numbers import percent, percent_change
from seqcompare.report.texts import Texts


def change_text(ratio: float, texts: Texts) -> str:
    """A ratio of errors as `12 % lower`."""
    change = percent_change(ratio)
    little = change == "0"
    key = "change.lower" if ratio < 1 else "change.higher"
    return texts(key, change="<0.1" if little else change)


def interval_text(low: float | None, high: float | None, texts: Texts) -> str:
    """The interval of a ratio in percent; empty where there is none."""
    if low is None or high is None:
        return ""
    if high <= 1:  # all of it lower: the smaller gain first
        return texts("change.range_lower", low=percent_change(high), high=percent_change(low))
    return texts("change.ends", low=change_text(low, texts), high=change_text(high, texts))


def outcome_text(pair: Pair, equivalence: float, texts: Texts) -> str:
    """A pair's outcome in a word or two."""
    return texts(
        f"outcome.{pair.outcome}",
        winner=predictor_name(pair.winner or "", texts),
        equivalence=percent(equivalence),
    )


def trials_text(trials: int, texts: Texts) -> str:
    return texts("word.one_trial" if trials == 1 else "word.trials", trials=trials)
