"""Words for numbers, changes, intervals, outcomes and predictors: the same wherever they stand."""

import json
import math
from collections.abc import Iterable

from seqcompare.core.types import AR, ORACLE, PERSISTENCE, SEASONAL
from seqcompare.report.language import Language

MISSING = "–"
# Okabe & Ito's hues, told apart by colour-blind readers, darkened until letters in them stand out
# from white by 4.5:1 (WCAG AA).
COLOURS = ("#0072B2", "#C45500", "#00805A", "#A94F86", "#8A6500", "#6B4FA0")
MODEL_NAMES = {"lstm": "LSTM", "transformer": "Transformer", "gru": "GRU"}


def significant(value: float | None, digits: int = 3) -> str:
    """So many digits, with trailing zeros that mean something; an exponent only far from 1."""
    if value is None or math.isnan(value):
        return MISSING
    if value == 0 or abs(value) < 1e-12:
        return "0"
    if not 1e-6 < abs(value) < 1e6:
        return f"{value:.{digits}g}".replace("-", "−")
    places = max(0, digits - 1 - math.floor(math.log10(abs(float(f"{value:.{digits}g}")))))
    return f"{value:,.{places}f}".replace("-", "−")


def in_full(value: float | None, digits: int = 3) -> str:
    """A whole number with all its digits, any other with so many."""
    if value is not None and float(value).is_integer():
        return f"{int(value):,}".replace("-", "−")
    return significant(value, digits)


def percent(share: float) -> str:
    """0.95 as 95, without the sign."""
    return f"{100 * share:.4g}".replace("-", "−")


def percent_change(ratio: float) -> str:
    """By how many percent a ratio differs from 1: whole, with one decimal below 10.

    Between 99 and 100 it is rounded down: an error that is lower by 100 % would be none.
    """
    change = 100 * abs(ratio - 1)
    if ratio < 1 and change > 99:
        return f"{math.floor(10 * change) / 10:.4g}"
    return f"{change:,.0f}" if change >= 9.95 else f"{change:.1f}".removesuffix(".0")


def change_text(ratio: float, tr: Language) -> str:
    """A ratio of errors as `12 % lower`."""
    change = percent_change(ratio)
    change = "<0.1" if change == "0" else change
    if ratio < 1:
        return tr("{change} % lower", change=change)
    return tr("{change} % higher", change=change)


def interval_text(low: float, high: float, tr: Language) -> str:
    """The interval of a ratio in percent: `3 to 12 % lower`, `5 % lower to 2 % higher`."""
    if high <= 1:  # all of it lower: the smaller gain first
        ends = {"low": percent_change(high), "high": percent_change(low)}
        return tr("{low} to {high} % lower", **ends)
    return tr("{low} to {high}", low=change_text(low, tr), high=change_text(high, tr))


def span(low: float | None, high: float | None) -> str:
    """An interval alone: `low … high`."""
    ends = significant(low), significant(high)
    return MISSING if MISSING in ends else " … ".join(ends)


def bracketed(value: float | None, low: float | None, high: float | None) -> str:
    """A value with its interval, if known: `1.01 [0.940, 1.09]`."""
    interval = f" [{in_full(low)}, {in_full(high)}]"
    return in_full(value) + ("" if MISSING in interval else interval)


def rounded_up(count: float) -> str:
    """An estimated number of trials: two digits, never fewer than needed."""
    whole = math.ceil(count)
    step = 10 ** max(0, len(str(whole)) - 2)
    return f"{-(-whole // step) * step:,}"


def trials_text(trials: int, tr: Language) -> str:
    return tr("one trial") if trials == 1 else tr("{trials} trials", trials=trials)


def outcome_text(outcome: str, equivalence: float, tr: Language) -> str:
    """A pair's outcome in a word or two. outcome: the winner's name, equivalent or undecided."""
    if outcome == "equivalent":
        return tr("equal within {equivalence} %", equivalence=percent(equivalence))
    if outcome == "undecided":
        return tr("undecided")
    return tr("{winner} better", winner=predictor_name(outcome, tr))


def model_name(model: str) -> str:
    return MODEL_NAMES.get(model, model)


def predictor_name(predictor: str, tr: Language) -> str:
    """As in a table or a legend: models keep their names, baselines have words."""
    names = {ORACLE: tr("Oracle"), AR: tr("Linear model"), SEASONAL: tr("Seasonal naive"),
             PERSISTENCE: tr("Persistence")}  # fmt: skip
    return names.get(predictor, model_name(predictor))


def panel_title(panel: str, tr: Language) -> str:
    """Of the tutorial's four panels."""
    return {
        "loss": tr("Training loss"),
        "time": tr("Training time"),
        "predictions": tr("Test predictions, one step ahead"),
        "errors": tr("Errors over time and their histogram"),
    }[panel]


def yaml_text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def colours_of(models: Iterable[str]) -> dict[str, str]:
    """A colour for each model, by its place among them."""
    return {model: COLOURS[place % len(COLOURS)] for place, model in enumerate(models)}
