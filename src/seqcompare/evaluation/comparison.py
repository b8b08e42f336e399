"""The comparison of predictors over trials: losses, errors, intervals, pairs and their outcomes."""

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from seqcompare.core.params import Evaluation, Params
from seqcompare.core.types import AR, ORACLE, PERSISTENCE, Floats
from seqcompare.evaluation.trials import TestedTrial
from seqcompare.statistics import ratios
from seqcompare.statistics.estimates import mean_on_log_scale, wilson
from seqcompare.statistics.tests import corrected

TRIAL = ["series", "seed"]
ERRORS = [*TRIAL, "epoch", "predictor", "mse", "mae", "train_mse"]
SCORES = [
    "predictor", "mse", "low", "high", "mse_std", "rmse", "mae", "mase", "skill", "excess_mse",
    "train_mse", "previous_mse", "variance_share", "parameters", "macs", "forecast_mse",
    "forecast_last_mse", "coverage", "coverage_low", "coverage_high", "width", "origins",
    "independent_origins",
]  # fmt: skip
NUMBERS = ["ratio", "low", "high", "confidence", "p"]
PAIRS = ["first", "second", "family", *NUMBERS, "outcome", "trials_needed"]


def losses_table(tested: Sequence[TestedTrial]) -> pd.DataFrame:
    """Squared errors, mean over tested epochs: index series, seed, target; a column a predictor."""
    tables = {}
    for trial in tested:
        predicted = trial.predictions.items()
        losses = {name: np.mean((made - trial.truth) ** 2, axis=0) for name, made in predicted}
        tables[trial.series, trial.seed] = pd.DataFrame(losses, trial.targets)
    return pd.concat(tables, names=[*TRIAL, "target"])


def errors_table(tested: Sequence[TestedTrial], params: Params) -> pd.DataFrame:
    """A row a tested epoch of a predictor in a trial, in the columns ERRORS and three more.

    epoch: empty for baselines, and for models with `keep` best or mean. mase: mae over the mean
    absolute step of the training part. previous_mse: mean squared distance of predictions from the
    value before the target. variance_share: variance of predictions / variance of targets.
    """
    tables = []
    for trial in tested:
        truth, previous = trial.truth, trial.predictions[PERSISTENCE]
        for name, made in trial.predictions.items():  # [epoch, target]
            last = params.training.of(name).epochs
            named = name in params.models and params.training.of(name).keep == "last"
            epochs = range(last - len(made) + 1, last + 1) if named else [None]
            mae = np.mean(np.abs(made - truth), axis=1)
            tables.append(pd.DataFrame({
                "series": trial.series, "seed": trial.seed, "epoch": pd.array(epochs, "Int64"),
                "predictor": name, "mse": np.mean((made - truth) ** 2, axis=1), "mae": mae,
                "train_mse": trial.train_mse[name], "mase": mae / trial.naive_step,
                "previous_mse": np.mean((made - previous) ** 2, axis=1),
                "variance_share": np.var(made, axis=1) / (np.var(truth) or np.nan),
            }))  # fmt: skip
    return pd.concat(tables, ignore_index=True)


def mse_table(losses: pd.DataFrame, confidence: float) -> pd.DataFrame:
    """Index predictor; mse, low, high. losses: from `losses_table`."""
    estimates = {}
    for name in losses.columns:
        errors = _paired(losses, name)
        if _is_one_series(losses):  # the ratio to an error of 1 that never varies
            found = ratios.ratio_on_one_series(errors, np.ones_like(errors), confidence)
        else:
            found = mean_on_log_scale(errors.mean(axis=1), confidence)
        estimates[name] = found.value, found.low, found.high
    table = pd.DataFrame.from_dict(estimates, "index", float, ["mse", "low", "high"])
    return table.rename_axis("predictor")


def score_table(
    losses: pd.DataFrame, errors: pd.DataFrame, forecasts: pd.DataFrame, confidence: float
) -> pd.DataFrame:
    """A row a predictor, means over trials: SCORES, with parameters and macs empty.

    Arguments: from `losses_table`, `errors_table`, `forecast_scores`. mse_std: over trials, empty
    where they do not differ. skill: 1 - mse / persistence's. excess_mse: above the oracle's.
    """
    scores = mse_table(losses, confidence)
    by_trial = losses.groupby(level=TRIAL, sort=False).mean()  # [trial, predictor]
    scores["mse_std"] = by_trial.std(ddof=1).where(by_trial.max() > by_trial.min())
    scores["rmse"] = scores["mse"] ** 0.5
    mse = scores["mse"].to_dict()
    scores["skill"] = 1 - scores["mse"] / mse[PERSISTENCE]
    scores["excess_mse"] = scores["mse"] - mse.get(ORACLE, np.nan)
    columns = ["mae", "mase", "train_mse", "previous_mse", "variance_share"]
    scores = scores.join(errors.groupby("predictor")[columns].mean()).join(forecasts)
    return scores.reset_index().reindex(columns=SCORES)


def forecast_scores(forecasts: pd.DataFrame, confidence: float) -> pd.DataFrame:
    """Index predictor; means over trials and steps ahead. forecasts: from `forecast_trial`.

    Forecasts that overlap hit and miss together, and so do trials that share a series: Wilson's
    interval counts only those without a common value (as in Korn & Graubard 1998).
    """
    columns = {"mse": "mean", "coverage": "mean", "width": "mean", "origins": "first"}
    scores = forecasts.groupby("predictor").agg(columns).rename(columns={"mse": "forecast_mse"})
    last = forecasts[forecasts["step"] == forecasts["step"].max()]
    scores["forecast_last_mse"] = last.groupby("predictor")["mse"].mean()
    of_series = last.drop_duplicates(["series", "predictor"]).groupby("predictor")
    counts = scores["independent_origins"] = of_series["independent"].sum()
    shares = zip(scores["coverage"], counts, strict=True)
    found = [wilson(share * count, count, confidence) for share, count in shares]
    scores[["coverage_low", "coverage_high"]] = [(each.low, each.high) for each in found]
    return scores


def compare_pairs(
    losses: pd.DataFrame, models: Sequence[str], settings: Evaluation
) -> pd.DataFrame:
    """Every two models, and each model with those baselines that losses has.

    losses: from `losses_table`. Returns PAIRS. ratio: MSE of the first / of the second. confidence:
    of each interval, so that those of a family hold together. outcome: the winner's name,
    `equivalent` or `undecided`. trials_needed: series that would decide an undecided pair.
    """
    families = {"models": list(combinations(models, 2))}
    for family, other in (("linear", AR), ("oracle", ORACLE), ("persistence", PERSISTENCE)):
        families[family] = [(model, other) for model in models if other in losses]
    rows = [
        [first, second, family, *_compared(losses, first, second, settings, len(pairs))]
        for family, pairs in families.items()
        for first, second in pairs
    ]
    table = pd.DataFrame(rows, columns=PAIRS)
    return table.astype({"trials_needed": "Int64", **dict.fromkeys(NUMBERS, float)})


def _compared(
    losses: pd.DataFrame, first: str, second: str, settings: Evaluation, pairs: int
) -> tuple[Any, ...]:
    """The columns of PAIRS from ratio on. pairs: in its family."""
    a, b, confidence = _paired(losses, first), _paired(losses, second), settings.confidence
    if _is_one_series(losses):
        ratio, log_sd = ratios.ratio_on_one_series(a, b, confidence, pairs), None
    else:
        ratio = ratios.ratio_over_series(a, b, confidence, pairs)
        log_sd = float(ratios.log_ratios(a, b).std(ddof=1))
    found: str = ratios.outcome(ratio, settings.equivalence)
    undecided = found == "undecided"
    needed = ratios.trials_needed(ratio, log_sd, confidence, pairs) if undecided else None
    if found == "better":
        found = first if ratio.value < 1 else second
    level = corrected(confidence, pairs)
    return ratio.value, ratio.low, ratio.high, level, ratio.p, found, needed


def _is_one_series(losses: pd.DataFrame) -> bool:
    return losses.index.unique("series").size == 1


def _paired(losses: pd.DataFrame, predictor: str) -> Floats:
    """On one series its losses [trial, target]; else mean losses [series, seed]."""
    if _is_one_series(losses):
        return losses[predictor].to_numpy().reshape(losses.index.unique("seed").size, -1)
    means = losses[predictor].groupby(level=TRIAL, sort=False).mean()
    return means.to_numpy().reshape(losses.index.unique("series").size, -1)


def metrics(scores: pd.DataFrame, pairs: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """metrics.json: the MSE of each predictor, then the ratio of each pair of models."""
    content: dict[str, dict[str, Any]] = {
        name: {"mse": mse} for name, mse in zip(scores["predictor"], scores["mse"], strict=True)
    }
    for _, pair in pairs[pairs["family"] == "models"].iterrows():
        low, high = (None if pd.isna(end) else end for end in (pair["low"], pair["high"]))
        content[f"{pair['first']}_vs_{pair['second']}"] = {
            "ratio": pair["ratio"], "ratio_low": low, "ratio_high": high, "outcome": pair["outcome"]
        }  # fmt: skip
    return content
