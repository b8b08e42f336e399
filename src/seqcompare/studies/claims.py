"""Claims of the theory about LSTM and Transformer, each with a number and its verdict. No torch.

A claim says that a number lies between two bounds. It holds where the number's interval lies
between them, and fails where it lies outside. Otherwise, or where the p value, corrected for all
claims together, is too large, it is undecided.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import pandas as pd

from seqcompare.core import paths
from seqcompare.core.study_params import Studies
from seqcompare.core.tables import load_table
from seqcompare.core.types import AR, LSTM, ORACLE, TRANSFORMER
from seqcompare.statistics.estimates import (
    Estimate,
    geometric_mean,
    local_slope,
    mean_over_trials,
    wilson,
)
from seqcompare.statistics.tests import holm, p_value_at, share_difference

BOTH = [LSTM, TRANSFORMER]
LINEAR, QUADRATIC = (0.85, 1.15), (1.85, 2.15)  # slopes that count as such
EQUAL_SIZE = 0.10  # by which numbers of parameters may differ
ARRIVED = 0.5  # of all trials: the strictest target that so many reach is the one compared at
EQUAL_SIZE_MAP, EQUAL_SIZE_SETTING = "settings", "equal_size"
TRIAL, POINT = ["series", "seed"], ["size", "model", "kind", "seq_len"]
COLUMNS = [
    "claim", "value", "low", "high", "p", "verdict", "above", "below", "unit", "lstm",
    "transformer", "trials", "device", "size", "seq_len", "lag", "target",
]  # fmt: skip


class Evidence(NamedTuple):
    timings: pd.DataFrame  # reports/studies/cost.csv
    lags: pd.DataFrame  # reports/studies/adding_problem/MODEL.csv of all models
    epochs: pd.DataFrame  # of `epochs_needed`
    at_equal_size: tuple[pd.DataFrame, pd.DataFrame] | None  # trials and scores of that setting


Measured: TypeAlias = tuple[Estimate, dict[str, Any]] | None  # a number, other cells of its row


class Claim(NamedTuple):
    """That a number of some unit, as `measure` finds it, lies between two bounds."""

    above: float
    below: float
    unit: str
    measure: Callable[[Evidence, float], Measured]  # evidence, confidence


def load_evidence(models: list[str], studies: Studies) -> Evidence:
    """Raises InputError for a table that is missing or damaged."""

    def of_models(folder: Path, needed: str, *text: str) -> pd.DataFrame:
        tables = (load_table(paths.of_model(folder, m), needed, text=text) for m in models)
        return pd.concat([table.assign(model=m) for m, table in zip(models, tables, strict=True)])

    curves = of_models(paths.TRAINING, "eval_mse", "series")
    errors = load_table(paths.ERRORS, "predictor", "train_mse", text=("series",))
    at_equal_size = None
    wanted = studies.maps.get(EQUAL_SIZE_MAP)
    if wanted and EQUAL_SIZE_SETTING in wanted.settings:
        folder = paths.MAP_TRIALS / EQUAL_SIZE_MAP
        trials = load_table(folder / "trials.csv", "setting", "mse", text=("series",))
        scores = load_table(folder / "scores.csv", "setting", "parameters")
        trials, scores = (t[t["setting"] == EQUAL_SIZE_SETTING] for t in (trials, scores))
        at_equal_size = trials, scores
    return Evidence(
        load_table(paths.COST, "size", "model", "seq_len", "kind", "seconds"),
        of_models(paths.ADDING_PROBLEM, "solved"),
        epochs_needed(curves, errors, studies.convergence_targets),
        at_equal_size,
    )


def judge(evidence: Evidence, confidence: float) -> pd.DataFrame:
    """The table of reports/studies/claims.csv: a row a claim.

    COLUMNS: p is Holm's, for all claims together; verdict: holds, fails, undecided, not measured;
    above and below: the claim's bounds, empty: none; lstm and transformer: each model's number;
    trials: that the interval is over, or processes; the rest: what the number was measured on.
    """
    both = set(BOTH) <= set(evidence.timings["model"])
    measured = {
        name: claim.measure(evidence, confidence) if both else None
        for name, claim in CLAIMS.items()
    }
    p = {name: found[0].p for name, found in measured.items() if found}
    corrected = holm({name: value for name, value in p.items() if value is not None})
    rows = []
    for name, claim in CLAIMS.items():
        row: dict[str, Any] = {"claim": name, "verdict": "not measured"}
        if found := measured[name]:
            number = replace(found[0], p=corrected.get(name))
            row |= claim._asdict() | vars(number) | found[1]
            row["verdict"] = verdict(number, claim.above, claim.below, confidence)
        rows.append(row)
    return pd.DataFrame(rows, columns=COLUMNS).replace([math.inf, -math.inf], np.nan)


def verdict(number: Estimate, above: float, below: float, confidence: float) -> str:
    if number.low is None or number.high is None or number.p is None or number.p > 1 - confidence:
        return "undecided"
    if above <= number.low and number.high <= below:
        return "holds"
    return "fails" if number.high <= above or below <= number.low else "undecided"


def _steps(evidence: Evidence, kind: str) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Timings of the first size and one kind of step, and what they were measured on."""
    timings = evidence.timings
    first = timings.iloc[0][["device", "size"]]
    return timings[timings["size"].eq(first["size"]) & timings["kind"].eq(kind)], dict(first)


def _slope(
    model: str, kind: str, bounds: tuple[float, float], evidence: Evidence, confidence: float
) -> Measured:
    """The slope of a step's time at the longest length; p of the bound that is the closer one."""
    steps, where = _steps(evidence, kind)
    points = cost_points(steps[steps["model"] == model], confidence).dropna(subset="slope")
    if points.empty:
        return None
    last = points.iloc[-1]
    ends = [None if pd.isna(last[end]) else last[end] for end in ("slope_low", "slope_high")]
    number = Estimate(last["slope"], *ends)
    levels = [p_value_at(bound, number, confidence, last["processes"] - 1) for bound in bounds]
    p = max((level for level in levels if level is not None), default=None)
    return replace(number, p=p), where | {"trials": last["processes"], "seq_len": last["seq_len"]}


def _time_ratio(
    place: int, evidence: Evidence, confidence: float, needs_gpu: bool = False
) -> Measured:
    """Seconds of a step, LSTM / Transformer. place: of the length, among those that both did."""
    steps, where = _steps(evidence, "train")
    seconds = steps.pivot(index=["seq_len", "round"], columns="model", values="seconds")
    seconds = seconds[BOTH].dropna()
    if seconds.empty or (needs_gpu and where["device"].startswith("cpu")):
        return None
    n = seconds.index.unique("seq_len")[place]
    at_n = seconds.loc[n]
    number = geometric_mean((at_n[LSTM] / at_n[TRANSFORMER]).to_numpy(), confidence)
    return number, where | {**np.exp(np.log(at_n).mean()), "trials": len(at_n), "seq_len": n}


def _longest_lag(evidence: Evidence, confidence: float) -> Measured:
    """The shares of trials that solve a lag, Transformer - LSTM, corrected for all lags.

    Of the longest lag at which they differ significantly, or else of that which comes closest.
    """
    shares = lag_shares(evidence.lags, confidence).set_index("model").groupby("lag")
    by_lag: dict[Any, pd.DataFrame] = dict(iter(shares))
    differences: dict[int, Estimate] = {}
    for lag, each in by_lag.items():
        solved, trials = each["solved"], each["trials"]
        differences[lag] = share_difference(
            (solved[TRANSFORMER], solved[LSTM]), (trials[TRANSFORMER], trials[LSTM]), confidence,
            pairs=len(by_lag),
        )  # fmt: skip
    sure = [lag for lag, number in differences.items() if not number.holds(0)]
    closest = min(differences, key=lambda lag: (differences[lag].p or 0.0, -lag))
    lag = max(sure, default=closest)
    share, trials = by_lag[lag]["share"], by_lag[lag]["trials"]
    return differences[lag], {**share[BOTH], "lag": lag, "trials": trials[LSTM]}


def _epochs(evidence: Evidence, confidence: float) -> Measured:
    """The epochs to the strictest target that half of all trials reach, LSTM - Transformer.

    A trial that never reaches it counts with the epochs that both models had (restricted mean
    survival time: Royston & Parmar 2013).
    """
    epochs = evidence.epochs[evidence.epochs["model"].isin(BOTH)]
    arrived = epochs.groupby("target")["epochs"].agg(lambda each: each.notna().mean())
    target = min(arrived[arrived >= ARRIVED].index, default=max(arrived.index))
    most = epochs.groupby("model")["trained"].max().min()
    at_target = epochs[epochs["target"] == target].pivot(index=TRIAL, columns="model")["epochs"]
    counted = at_target.fillna(math.inf).clip(upper=most)
    number = mean_over_trials((counted[LSTM] - counted[TRANSFORMER]).to_numpy(), confidence)
    return number, {**counted.mean(), "target": target, "trials": len(counted)}


def _error_ratio(evidence: Evidence, confidence: float) -> Measured:
    """The ratio of test MSE, LSTM / Transformer, over all lengths and trials.

    On one series, whose test part all trials share, it has no interval.
    """
    if evidence.at_equal_size is None:
        return None
    trials, scores = (table[table["predictor"].isin(BOTH)] for table in evidence.at_equal_size)
    sizes = scores.groupby("predictor")["parameters"]
    if sizes.nunique().size < 2 or sizes.max().max() > (1 + EQUAL_SIZE) * sizes.min().min():
        return None
    grid = list(trials.columns[: list(trials.columns).index("series")])  # setting and point
    errors = trials.pivot(index=[*TRIAL, *grid], columns="predictor", values="mse")
    by_trial = np.log(errors[LSTM]).sub(np.log(errors[TRANSFORMER])).groupby(level=TRIAL).mean()
    number = geometric_mean(np.exp(by_trial.to_numpy()), confidence)
    if trials["series"].nunique() == 1:
        number = Estimate(number.value)
    return number, {**errors.mean(), "trials": len(by_trial)}


FASTER, SLOWER = (-math.inf, 1, "time ratio"), (1, math.inf, "time ratio")  # the LSTM's step
CLAIMS = {
    "lstm_time_linear": Claim(*LINEAR, "slope", partial(_slope, LSTM, "train", LINEAR)),
    "attention_time_quadratic": Claim(
        *QUADRATIC, "slope", partial(_slope, TRANSFORMER, "attention", QUADRATIC)
    ),
    "transformer_step_faster": Claim(*SLOWER, partial(_time_ratio, 0)),
    "lstm_faster_at_long_windows": Claim(*FASTER, partial(_time_ratio, -1)),
    "transformer_faster_on_gpu": Claim(*SLOWER, partial(_time_ratio, -1, needs_gpu=True)),
    "transformer_bridges_longer_lags": Claim(0, math.inf, "share difference", _longest_lag),
    "lstm_converges_in_fewer_epochs": Claim(-math.inf, 0, "epochs difference", _epochs),
    "transformer_more_accurate_at_equal_size": Claim(1, math.inf, "error ratio", _error_ratio),
}


def cost_points(timings: pd.DataFrame, confidence: float) -> pd.DataFrame:
    """Each point of the cost study over its processes, and how its time grows.

    timings: reports/studies/cost.csv. Returns size, model, kind, seq_len, status, macs, peak_mb
    (median), processes, seconds (geometric mean) with low and high, and slope (the p of seconds ~
    seq_len^p from the next shorter length, within rounds) with slope_low and slope_high.
    """
    points = timings.groupby(POINT, sort=False, as_index=False).agg(
        status=("status", "first"), macs=("macs", "first"), peak_mb=("peak_mb", "median"),
        processes=("seconds", "count"),
    )  # fmt: skip
    rows: list[tuple[Any, ...]] = []
    for key, group in timings.groupby(POINT[:3], sort=False):
        seconds = group.pivot(index="seq_len", columns="round", values="seconds").dropna(how="all")
        for shorter, n in zip([None, *seconds.index], seconds.index, strict=False):
            mean = geometric_mean(seconds.loc[n].dropna().to_numpy(), confidence)
            slope = Estimate(math.nan)
            if shorter is not None:
                growth = (seconds.loc[n] / seconds.loc[shorter]).dropna().to_numpy()
                slope = local_slope(shorter, n, growth, confidence)
            numbers = (each for of in (mean, slope) for each in (of.value, of.low, of.high))
            rows.append((*key, n, *numbers))
    columns = [*POINT, "seconds", "low", "high", "slope", "slope_low", "slope_high"]
    return points.merge(pd.DataFrame(rows, columns=columns), "left", POINT).infer_objects()


def lag_shares(trials: pd.DataFrame, confidence: float) -> pd.DataFrame:
    """The share of trials that solve each lag, with Wilson's interval.

    Returns model, lag, trials, solved (their number), parameters, share, low, high.
    """
    shares = trials.groupby(["model", "lag"], sort=False, as_index=False).agg(
        trials=("seed", "size"), solved=("solved", "sum"), parameters=("parameters", "first")
    )
    found = map(wilson, shares["solved"], shares["trials"], [confidence] * len(shares))
    shares[["share", "low", "high"]] = [(each.value, each.low, each.high) for each in found]
    return shares


def epochs_needed(
    training: pd.DataFrame, errors: pd.DataFrame, targets: Sequence[float]
) -> pd.DataFrame:
    """Epochs until each trial's training error arrives at common targets.

    A target is a multiple of what the oracle, or else the linear model, reaches on the same
    windows. training: data/training/MODEL.csv of all models, with a column model; errors:
    reports/errors.csv. Returns model, series, seed, target, epochs (counted from 1; empty if it
    never arrives) and trained (all epochs of the trial).
    """
    known = ORACLE if (errors["predictor"] == ORACLE).any() else AR
    reference = errors[errors["predictor"] == known].groupby(TRIAL)["train_mse"].first()
    keys = ["model", *TRIAL]
    mse = training.groupby([*keys, "epoch"], sort=False)["eval_mse"].mean().reset_index()
    times_reference = mse["eval_mse"] / reference.loc[pd.MultiIndex.from_frame(mse[TRIAL])].array
    trials = mse.groupby(keys, sort=False)["epoch"].max().rename("trained").reset_index()
    tables = []
    for target in targets:
        arrived = mse[times_reference <= target].groupby(keys)["epoch"].min().rename("epochs")
        tables.append(trials.assign(target=target).merge(arrived.reset_index(), "left", keys))
    return pd.concat(tables, ignore_index=True)
