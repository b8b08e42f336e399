"""What the first screen says: which model is better, how sure that is, what it costs; warnings.

Ratios of errors come from rows of pairs.csv, seen from one of their two predictors.
"""

import math
from collections.abc import Mapping, Sequence

import pandas as pd

from seqcompare.core.params import Data
from seqcompare.core.types import AR
from seqcompare.report import words
from seqcompare.report.language import Language
from seqcompare.report.results import RATIO, Results
from seqcompare.statistics.estimates import wilson_ends

# Of the distance to the truth. Not 1: on noise that hides the steps of a series, the best possible
# predictions are about as far from the value before as from the one to come.
COPIED = 0.5
FLAT = 0.1  # of the variance of the targets


def seen_from(name: str, pairs: pd.DataFrame, family: str) -> pd.DataFrame:
    """A row for each predictor that `name` is compared with in a family of pairs.

    Index: the other predictor; columns as in pairs.csv, the ratio and its interval as
    error of `name` / error of the other.
    """
    here = pairs[pairs["family"] == family]
    ahead = here[here["first"] == name].set_index("second")
    behind = here[here["second"] == name].set_index("first")
    behind = behind.assign(
        ratio=1 / behind["ratio"], low=1 / behind["high"], high=1 / behind["low"]
    )
    return pd.concat([each for each in (ahead, behind) if len(each)] or [ahead])


def leader(models: list[str], pairs: pd.DataFrame, mse: pd.Series) -> str:
    """The model that beats most others, or else has the lower error in most pairs."""

    def rank(model: str) -> tuple[float, ...]:
        rows = seen_from(model, pairs, "models")
        won, lower = (rows["outcome"] == model).sum(), (rows["ratio"] < 1).sum()
        return float(won), float(lower), -float(mse[model])

    return max(models, key=rank)


def closest(name: str, rows: pd.DataFrame) -> str:
    """Of rows of `seen_from`: the predictor that comes closest to `name`, or is ahead of it."""
    return str(rows.assign(open=rows["outcome"] != name).sort_values(["open", "ratio"]).index[-1])


def linear_beats_all(pairs: pd.DataFrame) -> bool:
    """Does the linear model surely predict better than every network?"""
    rows = seen_from(AR, pairs, "linear")
    return len(rows) > 0 and bool((rows["outcome"] == AR).all())


def unlearned(pairs: pd.DataFrame) -> "pd.Series[float]":
    """Model -> its error / that of persistence, of those that are above it."""
    rows = pairs[(pairs["family"] == "persistence") & (pairs["ratio"] > 1)]
    return rows.set_index("first")["ratio"]


def headline(results: Results, tr: Language) -> str:
    """The linear model if it wins, models that learned nothing, then the best network."""
    sentences = []
    if linear_beats_all(results.pairs):
        changes = _changes(seen_from(AR, results.pairs, "linear"), results, tr)
        text = tr("A linear model predicts better than every network: its test MSE is {changes}.",
                  changes=changes)  # fmt: skip
        sentences.append(text)
    for model, ratio in unlearned(results.pairs).items():
        times = _typically(tr("{times} times", times=words.significant(ratio)), results, tr)
        text = tr("The {model} has not learned to predict: its test MSE is {times} that of "
                  "persistence, which repeats the last value.",
                  model=words.model_name(str(model)), times=times)  # fmt: skip
        sentences.append(text)
    return tr.sentences([*sentences, _best_network(results, tr)])


def _best_network(results: Results, tr: Language) -> str:
    name, rows = _leader_and_rows(results)
    winner = words.model_name(name)
    if rows.empty:
        mse = words.significant(results.scores["mse"][name])
        return tr("The {model} reaches a test MSE of {mse}.", model=winner, mse=mse)
    rival = closest(name, rows)
    outcome, change = rows["outcome"][rival], words.change_text(rows["ratio"][rival], tr)
    values = {"winner": winner, "loser": words.model_name(rival),
              "change": _typically(change, results, tr)}  # fmt: skip
    if len(rows) > 1 and outcome == name:
        return tr("The {winner} predicts better than all other models: its test MSE is {change} "
                  "than that of the closest, the {loser}.", **values)  # fmt: skip
    if len(rows) > 1:
        changes = _changes(rows[rows["outcome"] != name], results, tr)
        return tr("No model is clearly the best: the {winner} has the lowest test MSE, {changes}, "
                  "which may be chance.", winner=winner, changes=changes)  # fmt: skip
    if outcome == "equivalent":
        within = words.percent(results.params.evaluation.equivalence)
        return tr("The {winner} and the {loser} predict equally well: their test MSEs differ by "
                  "less than {equivalence} %.", **values, equivalence=within)  # fmt: skip
    if outcome == "undecided":
        return tr("Undecided between {winner} and {loser}: the {winner}'s test MSE is {change}, "
                  "which may be chance.", **values)  # fmt: skip
    return tr("The {winner} predicts better than the {loser}: its test MSE is {change}.", **values)


def certainty(results: Results, tr: Language) -> str:
    """How sure the headline is, for which series, and how many trials would decide it."""
    name, rows = _leader_and_rows(results)
    if rows.empty:
        return ""  # one model, whose interval is in the table of scores
    shown = rows[rows["outcome"] != name]
    shown = shown if len(shown) else rows.loc[[closest(name, rows)]]
    values = {"trials": words.trials_text(results.trials, tr), "seq_len": results.params.seq_len}
    if shown["low"].isna().any():
        return tr("No interval: only {trials} at seq_len {seq_len}. Add more seeds.", **values)
    changes = [
        tr("{change} than the {model}'s", model=words.model_name(str(rival)),
           change=words.interval_text(row["low"], row["high"], tr))
        for rival, row in shown.to_dict("index").items()
    ]  # fmt: skip
    scope, count = tr("For series of this kind"), results.errors["series"].nunique()
    if results.one_series:
        scope = tr("On this series")
    elif results.params.data.source == "csv":
        scope = tr("For series like the {count} in the file", count=count)
    sentence = tr(
        "{scope} at seq_len {seq_len}, the {winner}'s test MSE is {changes} ({confidence} % "
        "interval, {trials}).", **values, scope=scope, winner=words.model_name(name),
        changes=tr.clauses(changes), confidence=words.percent(shown["confidence"].iloc[0]),
    )  # fmt: skip
    needed, more = rows["trials_needed"][rows["outcome"] == "undecided"], ""
    if len(needed) and results.one_series:
        more = tr("Detecting a difference this large needs more test values.")
    elif len(needed) and needed.notna().all():
        trials = words.rounded_up(needed.max())
        more = tr("Detecting a difference this large needs about {trials} trials.", trials=trials)
    return tr.sentences([sentence, more])


def linear_answer(results: Results, tr: Language) -> str:
    """Does a linear model do as well? Its change against each network, with the interval."""
    rows = seen_from(AR, results.pairs, "linear")
    if rows.empty:
        return ""
    answers = {AR: tr("Yes, it does better."), "equivalent": tr("Yes, equally well."),
               "undecided": tr("Undecided.")}  # fmt: skip
    worse, mixed = tr("No, it does worse."), tr("It depends on the network.")
    found = {answers.get(outcome, worse) for outcome in rows["outcome"]}
    parts = []
    for model, row in rows.to_dict("index").items():
        change, notes = _change(str(model), row["ratio"], tr), []
        if not math.isnan(row["low"]):
            interval = words.interval_text(row["low"], row["high"], tr)
            level = words.percent(row["confidence"])
            notes = [tr("{confidence} % interval {interval}", interval=interval, confidence=level)]
        if len(found) > 1 and row["outcome"] in ("equivalent", "undecided"):
            equivalence = results.params.evaluation.equivalence
            notes.append(words.outcome_text(row["outcome"], equivalence, tr))
        text = tr("; ").join(notes)
        parts.append(tr("{change} ({notes})", change=change, notes=text) if notes else change)
    changes = _typically(tr.clauses(parts), results, tr)
    lead = mixed if len(found) > 1 else found.pop()
    return tr.sentences([lead, tr("Its test MSE is {changes}.", changes=changes)])


def cost_answer(results: Results, tr: Language) -> str:
    """How long each model trains, and how large it is."""
    sizes = {model: float(results.scores["parameters"][model]) for model in results.models}
    return tr(
        "Seconds per epoch on {device}: {seconds}. Parameters: {sizes}.", device=results.device,
        seconds=_listed(results.timing, tr), sizes=_listed(sizes, tr),
    )  # fmt: skip


def series_answer(results: Results, tr: Language) -> str:
    """`wins_text` of a run; empty where there are no several series of a file."""
    table, confidence = results.by_series, results.params.evaluation.confidence
    return wins_text(table, results.models, confidence, tr) if len(table) else ""


def wins_text(table: pd.DataFrame, models: Sequence[str], confidence: float, tr: Language) -> str:
    """On how many series either of the first two models is better, and the leader's win rate.

    table: of `series_table`. A ratio of exactly 1 is a win of neither.
    """
    wins = {models[0]: int((table[RATIO] < 1).sum()), models[1]: int((table[RATIO] > 1).sum())}
    winner, loser = sorted(wins, key=lambda model: -wins[model])
    share, ends = wins[winner] / len(table), wilson_ends(wins[winner], len(table), confidence)
    rate, low, high = (f"{100 * each:.0f}" for each in (share, *ends))
    return tr(
        "The {winner} has the lower test MSE on {won} of {count} series, the {loser} on {lost}. "
        "Win rate of the {winner}: {rate} % ({confidence} % interval {low} to {high} %). A series "
        "counts for the model with the lower geometric mean over seeds, however small the "
        "difference.", winner=words.model_name(winner), loser=words.model_name(loser),
        won=wins[winner], lost=wins[loser], count=len(table), rate=rate, low=low, high=high,
        confidence=words.percent(confidence),
    )  # fmt: skip


def remarks(results: Results, tr: Language) -> list[str]:
    """Warnings, then what an error is, and what test scores are not for."""
    epochs = results.tested_epochs
    mean = tr("A trial's error is the mean over its last {epochs} epochs.", epochs=epochs)
    advice = tr("Do not choose settings by these test scores.")
    return [*warnings(results, tr), *([mean] if epochs > 1 else []), advice]


def warnings(results: Results, tr: Language) -> list[str]:
    """Models that learned nothing, copy the value before or hardly vary; what luck may decide."""
    found = []
    if len(unlearned(results.pairs)):
        found.append(tr("Try more epochs (training.epochs) or another data.centre or data.scale."))
    winners = results.by_epoch["outcome"]
    ahead = {model: winners.index[winners == model] for model in results.models[:2]}
    if len(ahead) > 1 and all(map(len, ahead.values())):
        parts = [tr("the {model} after epoch {epoch}", model=words.model_name(model), epoch=at[-1])
                 for model, at in ahead.items()]  # fmt: skip
        found.append(tr("Which model is better depends on when training ends: {parts}.",
                        parts=tr.clauses(parts)))  # fmt: skip
    for model, score in results.scores.loc[results.models].to_dict("index").items():
        values = {key: words.significant(score[key]) for key in ("mse", "previous_mse")}
        values["model"] = words.model_name(str(model))
        if score["previous_mse"] < COPIED * score["mse"]:
            found.append(tr("The {model} copies the previous value: the mean squared distance of "
                            "its predictions from it is {previous_mse}, its test MSE {mse}.",
                            **values))  # fmt: skip
        if score["variance_share"] < FLAT:
            share = words.significant(100 * score["variance_share"], 2)
            found.append(tr("The {model}'s predictions are nearly constant: their variance is "
                            "{share} % of the targets'.", share=share, **values))  # fmt: skip
    period = values_in_a_period(results.params.data)
    if period and results.targets < period:
        found.append(tr("The test part has {targets} values, fewer than a period of {period}: "
                        "raise split.test.", targets=words.in_full(results.targets),
                        period=words.significant(period)))  # fmt: skip
    return found


def values_in_a_period(data: Data) -> float | None:
    """Of the sine, or as data.period says; None if unknown."""
    return data.period if data.source == "csv" else 2 * math.pi * (data.size - 1) / data.x_max


def _leader_and_rows(results: Results) -> tuple[str, pd.DataFrame]:
    """The leading model, and its rows of `seen_from` against the others."""
    name = leader(results.models, results.pairs, results.scores["mse"])
    return name, seen_from(name, results.pairs, "models")


def _changes(rows: pd.DataFrame, results: Results, tr: Language) -> str:
    """`typically 3 % lower than the LSTM's and 5 % lower than the GRU's`."""
    changes = [_change(str(model), ratio, tr) for model, ratio in rows["ratio"].items()]
    return _typically(tr.clauses(changes), results, tr)


def _change(model: str, ratio: float, tr: Language) -> str:
    change = words.change_text(ratio, tr)
    return tr("{change} than the {model}'s", change=change, model=words.model_name(model))


def _typically(changes: str, results: Results, tr: Language) -> str:
    """Says so where changes are geometric means over series."""
    return changes if results.one_series else tr("typically {changes}", changes=changes)


def _listed(values: Mapping[str, float], tr: Language) -> str:
    """Each model's value, and how many times the smallest one the largest is."""
    listed = tr(", ").join(
        f"{words.model_name(m)} {words.in_full(value)}" for m, value in values.items()
    )
    if (factor := max(values.values()) / min(values.values())) > 1:
        text = words.significant(factor, 2)
        return tr("{listed} (a factor of {factor})", listed=listed, factor=text)
    return listed
