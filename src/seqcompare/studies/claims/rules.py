"""The tutorial's claims, each with the number that tests it and the verdict of that number.

Every rule and every threshold stands here. A verdict is about this device, these settings and this
series; it is `undecided` where the interval leaves both answers open or there is no number.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, TypeAlias

import numpy as np

from seqcompare.core.names import COMPARISON, LSTM, TRANSFORMER, pair
from seqcompare.core.params import Evaluation
from seqcompare.core.types import Floats
from seqcompare.statistics.uncertainty import block_interval, draw_blocks

LINEAR_WITHIN = 0.15  # of an exponent of 1
QUADRATIC_ABOVE = 1.5  # exponent from which on the n^2 part is the larger one
EQUAL_SIZE = 0.10  # by which numbers of parameters may differ

PAIR = pair(LSTM, TRANSFORMER)

Verdict: TypeAlias = Literal["holds", "fails", "undecided"]
Summary: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True)
class Evidence:
    """What the study files say: the contents of the JSON files of the same names in reports/.

    predictions: columns truth and each model, [test].
    """

    cost: Summary
    operations: Summary
    lookback: Summary
    adding_problem: Summary
    convergence: Summary
    metrics: Summary
    predictions: Mapping[str, Floats]


@dataclass(frozen=True)
class Ruling:
    """The verdict and the number that it rests on, low to high being its interval."""

    verdict: Verdict
    value: float | None
    low: float | None
    high: float | None
    details: Mapping[str, Any] = field(default_factory=dict)


def below(limit: float, low: float | None, high: float | None) -> Verdict:
    """Is the number below the limit? Only an interval that lies on one side of it decides."""
    if low is None or high is None:
        return "undecided"
    return "holds" if high < limit else "fails" if low > limit else "undecided"


def above(limit: float, low: float | None, high: float | None) -> Verdict:
    opposite: dict[Verdict, Verdict] = {"holds": "fails", "fails": "holds"}
    verdict = below(limit, low, high)
    return opposite.get(verdict, verdict)


def within(centre: float, margin: float, low: float | None, high: float | None) -> Verdict:
    """Is the number within the margin? Yes if all of the interval is, no if nothing of it is."""
    if low is None or high is None:
        return "undecided"
    if centre - margin <= low and high <= centre + margin:
        return "holds"
    return "fails" if high < centre - margin or low > centre + margin else "undecided"


def lstm_time_linear(found: Evidence, _: Evaluation) -> Ruling:
    number = _estimate(found.cost[LSTM], "train_exponent")
    longest = {"seq_len": found.cost[LSTM]["longest_seq_len"]}
    return Ruling(within(1, LINEAR_WITHIN, *number[1:]), *number, longest)


def attention_time_quadratic(found: Evidence, _: Evaluation) -> Ruling:
    """Not refuted where the windows measured are too short for the n^2 part even on paper."""
    measured = found.cost[TRANSFORMER]
    number = _estimate(measured, "last_exponent")
    longest = measured["longest_seq_len"]
    by_counts = found.operations[TRANSFORMER]["takeover_seq_len"]
    verdict = above(QUADRATIC_ABOVE, *number[1:])
    if verdict == "fails" and (by_counts is None or longest < by_counts):
        verdict = "undecided"
    details = {
        "seq_len": longest,
        "takeover_by_clock": measured["takeover_seq_len"],
        "takeover_by_counts": by_counts,
    }
    return Ruling(verdict, *number, details)


def transformer_faster_per_epoch(found: Evidence, _: Evaluation) -> Ruling:
    number = _estimate(found.convergence[COMPARISON][PAIR], "epoch_time_ratio")
    return Ruling(above(1, *number[1:]), *number)


def lstm_faster_on_long_sequences(found: Evidence, _: Evaluation) -> Ruling:
    row = found.cost[COMPARISON][PAIR]
    number = row["time_ratio"], row["time_ratio_low"], row["time_ratio_high"]
    details = {"seq_len": row["seq_len"], "crossover_seq_len": row["crossover_seq_len"]}
    return Ruling(below(1, *number[1:]), *number, details)


def transformer_bridges_longer_lags(found: Evidence, _: Evaluation) -> Ruling:
    lags = {model: found.adding_problem[model] for model in (TRANSFORMER, LSTM)}
    ours, theirs = (int(lag["longest_lag_solved"]) for lag in lags.values())
    details = {
        f"{model}_{budget}": int(lags[model][key])
        for budget, key in (
            ("steps", "longest_lag_solved"),
            ("seconds", "longest_lag_solved_in_equal_seconds"),
        )
        for model in (LSTM, TRANSFORMER)
    }
    return Ruling(above(0, ours - theirs, ours - theirs), ours - theirs, None, None, details)


def transformer_looks_farther_back(found: Evidence, _: Evaluation) -> Ruling:
    trained = found.lookback
    number = _estimate(trained[COMPARISON][PAIR], "gradient_lookback_difference")
    details = {
        f"{model}_{key}": trained[model][key]
        for model in (LSTM, TRANSFORMER)
        for key in ("gradient_lookback", "context_needed")
    }
    return Ruling(below(0, *number[1:]), *number, details)


def lstm_converges_in_fewer_epochs(found: Evidence, _: Evaluation) -> Ruling:
    number = _estimate(found.convergence[COMPARISON][PAIR], "epochs_difference")
    details = {
        f"{model}_{key}": found.convergence[model][key]
        for model in (LSTM, TRANSFORMER)
        for key in ("epochs", "seconds")
    }
    return Ruling(below(0, *number[1:]), *number, details)


def transformer_more_accurate_at_equal_size(found: Evidence, _: Evaluation) -> Ruling:
    sizes = {model: int(found.metrics[model]["parameters"]) for model in (LSTM, TRANSFORMER)}
    comparison = found.metrics[COMPARISON]
    if PAIR in comparison:
        number = _estimate(comparison[PAIR], "difference")
    else:  # the pair is named as params.yaml orders the models
        value, low, high = _estimate(comparison[pair(TRANSFORMER, LSTM)], "difference")
        number = _negative(value), _negative(high), _negative(low)
    percent = 100 * (max(sizes.values()) / min(sizes.values()) - 1)
    details = {
        **{f"{model}_parameters": size for model, size in sizes.items()},
        "size_difference_percent": percent,
    }
    unequal = max(sizes.values()) > (1 + EQUAL_SIZE) * min(sizes.values())
    verdict: Verdict = "undecided" if unequal else above(0, *number[1:])
    return Ruling(verdict, *number, details)


def lstm_error_steadier(found: Evidence, settings: Evaluation) -> Ruling:
    """Steadiness is the variance of the absolute error over the test part, by block bootstrap."""
    truth = found.predictions["truth"]
    errors = {model: np.abs(found.predictions[model] - truth) for model in (LSTM, TRANSFORMER)}
    spread = {model: (error - error.mean()) ** 2 for model, error in errors.items()}  # [test]
    difference = spread[LSTM] - spread[TRANSFORMER]
    blocks = draw_blocks(truth.size, settings.resamples, np.random.default_rng(settings.seed))
    interval = block_interval(difference, blocks, settings.confidence)
    low, high = (interval.low, interval.high) if interval else (None, None)
    details = {f"{model}_std": float(np.sqrt(s.mean())) for model, s in spread.items()}
    return Ruling(below(0, low, high), float(difference.mean()), low, high, details)


RULES: dict[str, Callable[[Evidence, Evaluation], Ruling]] = {
    rule.__name__: rule
    for rule in (
        lstm_time_linear,
        attention_time_quadratic,
        transformer_faster_per_epoch,
        lstm_faster_on_long_sequences,
        transformer_bridges_longer_lags,
        transformer_looks_farther_back,
        lstm_converges_in_fewer_epochs,
        transformer_more_accurate_at_equal_size,
        lstm_error_steadier,
    )
}


def judge(found: Evidence, settings: Evaluation) -> dict[str, Ruling]:
    """Every claim by its id. Without either of the two models none can be decided."""
    if not {LSTM, TRANSFORMER} <= found.metrics.keys():
        return {name: Ruling("undecided", None, None, None) for name in RULES}
    return {name: rule(found, settings) for name, rule in RULES.items()}


def claims_content(rulings: Mapping[str, Ruling]) -> dict[str, dict[str, Any]]:
    """claims.json: by id the verdict, the number that it rests on, its interval and details."""
    return {claim: asdict(ruling) for claim, ruling in rulings.items()}


def _estimate(row: Summary, name: str) -> tuple[float | None, float | None, float | None]:
    return row[name], row[f"{name}_ci_low"], row[f"{name}_ci_high"]


def _negative(value: float | None) -> float | None:
    return None if value is None else -value
