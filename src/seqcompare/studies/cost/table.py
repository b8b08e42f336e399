"""Measurements of cost as the rows of cost.csv, and what they say together as cost.json."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Literal

import numpy as np

from seqcompare.core.operations import OperationCounts
from seqcompare.core.params import Cost
from seqcompare.core.types import Floats
from seqcompare.statistics.estimates import Estimate, Interval, described
from seqcompare.statistics.growth import crossover, fit_exponent, fit_polynomial, local_exponents

FLOPS_PER_MAC = 2

Status = Literal["measured", "memory", "time"]  # or what it would have needed more of
Row = dict[str, Any]


@dataclass(frozen=True)
class Measurement:
    """Seconds of each timed call on one batch: [repeat]. Peaks in bytes above an empty process."""

    train_seconds: Floats
    predict_seconds: Floats
    train_peak: int | None  # None where the device does not tell
    predict_peak: int | None
    wall_s: float  # of the whole measurement


def model_rows(
    model: str,
    condition: Mapping[str, Any],
    known: OperationCounts | None,
    measured: Mapping[int, Measurement | Status],
) -> list[Row]:
    """A model's rows. Seconds are of one batch; q1 and q3 are quartiles of so many calls.

    condition: the device and batch_size of all measurements; measured: window length -> one.
    `flops` are those achieved: those that the network's operation counts ask for, by the seconds
    that they took. `train_exponent` is the slope from the length before.
    """
    rows: list[Row] = []
    for n, result in measured.items():
        row: Row = {"model": model, "seq_len": n, "status": "measured", **condition}
        if isinstance(result, str):
            rows.append({**dict.fromkeys(COLUMNS), **row, "status": result})
            continue
        for name, seconds, counts, peak in (
            ("train", result.train_seconds, known and known.train, result.train_peak),
            ("predict", result.predict_seconds, known and known.predict, result.predict_peak),
        ):
            q1, median, q3 = (float(q) for q in np.quantile(seconds, [0.25, 0.5, 0.75]))
            row[f"{name}_seconds"], row[f"{name}_q1"], row[f"{name}_q3"] = median, q1, q3
            row[f"{name}_calls"] = len(seconds)
            row[f"{name}_windows_per_second"] = condition["batch_size"] / median
            flops = (
                FLOPS_PER_MAC * condition["batch_size"] * counts.at(n) / median if counts else None
            )
            row[f"{name}_flops"] = flops
            row[f"{name}_peak_mb"] = None if peak is None else peak / 1e6
        rows.append({**dict.fromkeys(COLUMNS), **row})
    done = [row for row in rows if row["status"] == "measured"]
    for row, slope in zip(done[1:], local_exponents(*_curve(done)), strict=False):
        row["train_exponent"] = float(slope)
    return rows


COLUMNS = (
    "model", "seq_len", "status", "device", "batch_size",
    *(f"{name}_{column}" for name in ("train", "predict")
      for column in ("seconds", "q1", "q3", "calls", "windows_per_second", "flops", "peak_mb")),
    "train_exponent",
)  # fmt: skip


def summarise_cost(rows: Sequence[Row], cost: Cost, confidence: float) -> Row:
    """cost.json: for each model how its time grows, for each pair where they cross.

    Pairs are named in alphabetical order. rows: of all models.
    """
    done: dict[str, dict[int, Row]] = {row["model"]: {} for row in rows}
    for row in rows:
        if row["status"] == "measured":
            done[row["model"]][int(row["seq_len"])] = row
    found: dict[str, Any] = {
        model: growth(list(measured.values()), cost.fit_lengths, confidence)
        for model, measured in done.items()
    }
    found["comparison"] = {
        f"{first}_vs_{second}": compare(done[first], done[second])
        for first, second in combinations(sorted(done), 2)
    }
    found["setting"] = {name: rows[0][name] for name in ("device", "batch_size")}
    return found


def growth(rows: Sequence[Row], fit_lengths: int, confidence: float) -> Row:
    """Exponents over the longest lengths, and where the clock sees the n^2 part take over."""
    result: Row = {
        "longest_seq_len": int(rows[-1]["seq_len"]) if rows else None,
        "fitted_from_seq_len": int(rows[-fit_lengths:][0]["seq_len"]) if rows else None,
    }
    for name in ("train", "predict"):
        lengths, seconds = _curve(rows, f"{name}_seconds")
        end = slice(-fit_lengths, None)
        errors = median_errors(rows[end], name)
        exponent = (
            fit_exponent(lengths[end], seconds[end], confidence, errors) if len(rows) > 1 else None
        )
        result |= described(f"{name}_exponent", exponent)
    fitted = fit_polynomial(*_curve(rows)) if len(rows) > 2 else None
    result["takeover_seq_len"] = fitted.takeover() if fitted else None
    result |= described("last_exponent", last_exponent(*rows[-2:]) if len(rows) > 1 else None)
    result["train_peak_mb"] = rows[-1]["train_peak_mb"] if rows else None
    return result


def median_errors(rows: Sequence[Row], name: str) -> Floats:
    """Standard error of the logarithm of each median: [length].

    From the quartiles, as if calls were normally distributed around it: a quartile is then 0.674
    standard deviations away, and a median's variance pi / 2 times that of a mean.
    """
    calls, q1, q3 = (
        np.array([float(row[f"{name}_{column}"]) for row in rows])
        for column in ("calls", "q1", "q3")
    )
    errors: Floats = (np.log(q3) - np.log(q1)) / 1.349 * np.sqrt(math.pi / 2 / calls)
    return errors


def last_exponent(before: Row, last: Row) -> Estimate:
    """Between the two longest lengths; the interval is what the quartiles of both allow."""
    by = math.log(last["seq_len"] / before["seq_len"])
    low = math.log(last["train_q1"] / before["train_q3"]) / by
    high = math.log(last["train_q3"] / before["train_q1"]) / by
    value = math.log(last["train_seconds"] / before["train_seconds"]) / by
    return Estimate(value, Interval(low, high), None)


def compare(first: Mapping[int, Row], second: Mapping[int, Row]) -> Row:
    """Training steps of two models: who is faster at the longest common length, and since when.

    The interval of the ratio first / second is what the quartiles of both allow.
    """
    common = sorted(first.keys() & second.keys())
    if not common:
        return dict.fromkeys(
            ("crossover_seq_len", "seq_len", "time_ratio", "time_ratio_low", "time_ratio_high")
        )
    (lengths, ours), (_, theirs) = (_curve([of[n] for n in common]) for of in (first, second))
    us, them = first[common[-1]], second[common[-1]]
    return {
        "crossover_seq_len": crossover(lengths, ours, theirs),
        "seq_len": common[-1],
        "time_ratio": us["train_seconds"] / them["train_seconds"],
        "time_ratio_low": us["train_q1"] / them["train_q3"],
        "time_ratio_high": us["train_q3"] / them["train_q1"],
    }


def _curve(rows: Sequence[Row], column: str = "train_seconds") -> tuple[Floats, Floats]:
    """Lengths and seconds: [length] each."""
    return np.array([float(row["seq_len"]) for row in rows]), np.array(
        [row[column] for row in rows]
    )
