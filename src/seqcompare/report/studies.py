"""Results of studies: the theory's claims with their verdicts, and theory beside measurement."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from seqcompare.core.types import LSTM, TRANSFORMER
from seqcompare.report.language import Language
from seqcompare.report.map import setting_name, value_text
from seqcompare.report.results import Map, series_table
from seqcompare.report.words import MISSING, bracketed, in_full, model_name

# Vaswani et al. 2017, Table 1: operations per layer, sequential steps, longest path
THEORY = {LSTM: ("O(n d²)", "O(n)", "O(n)"), TRANSFORMER: ("O(n² d)", "O(1)", "O(1)")}


@dataclass(frozen=True, eq=False)
class StudyResults:
    """What the page of the studies shows."""

    claims: pd.DataFrame  # claims.csv
    # size, model, kind, seq_len, status, seconds, slope, slope_low, slope_high, peak_mb
    cost: pd.DataFrame
    lags: pd.DataFrame  # model, lag, trials, solved, share
    maps: Mapping[str, Map]
    measured_on: Mapping[Any, Any]  # device, clock and batch_size of the study of cost


def claim_rows(claims: pd.DataFrame) -> list[dict[Any, Any]]:
    """Columns of claims.csv; None where a cell is empty. range: where a claim holds, as text."""
    rows = claims.astype(object).where(claims.notna(), None).to_dict("records")
    return [row | {"range": _range(row["above"], row["below"])} for row in rows]


def complexity_table(found: StudyResults, tr: Language) -> pd.DataFrame:
    """Theory beside measurement: a column a model of a size, for those that the theory names."""
    sizes = {"as_configured": tr("as configured"), "equal_size": tr("equal size")}
    columns = {}
    for (size, model), cost in found.cost.groupby(["size", "model"], sort=False):
        if model in THEORY:
            name = tr("{model} ({size})", model=model_name(model), size=sizes.get(str(size), size))
            columns[name] = _complexity(model, cost, found.lags, tr)
    table = pd.DataFrame(columns, dtype=object).T.drop_duplicates().T  # a size that changes nothing
    return table.rename_axis(tr("n: window length, d: width")).reset_index()


def series_tables(found: Map, tr: Language) -> dict[str, pd.DataFrame]:
    """`results.series_table` of the first setting at each point of the grid, by both as text.

    None of a map without many series of a file, or without its trials.
    """
    tables: dict[str, pd.DataFrame] = {}
    if found.trials.empty:
        return tables
    setting, source = found.trials["setting"].iloc[0], found.params["data"]["source"]
    trials = found.trials[found.trials["setting"] == setting]
    for point, rows in trials.groupby(found.keys, sort=False, dropna=False):
        texts = [f"{k} {value_text(value)}" for k, value in zip(found.keys, point, strict=True)]
        table = series_table(rows, list(found.params["models"]), source)
        if not table.empty:
            tables[tr(", ").join([setting_name(setting, tr), *texts])] = table
    return tables


def _complexity(model: str, cost: pd.DataFrame, lags: pd.DataFrame, tr: Language) -> dict[str, str]:
    measured = cost[cost["status"] == "measured"].sort_values("seq_len")
    longest = {row["kind"]: row for row in measured.to_dict("records")}
    train, attention = longest.get("train", {}), longest.get("attention", {})
    slope = ("slope", "slope_low", "slope_high")
    operations, steps, path = THEORY[model]
    solved = lags[(lags["model"] == model) & (lags["share"] >= 0.5)]["lag"]
    return {
        tr("Operations per layer, in theory"): operations,
        tr("Time of a training step grows as n^p: p at the longest n"):
            bracketed(*map(train.get, slope)),
        tr("The same p for attention alone"): bracketed(*map(attention.get, slope)),
        tr("Longest n measured"): in_full(train.get("seq_len")),
        tr("Peak memory at that n, MB"): in_full(train.get("peak_mb")),
        tr("Sequential steps, in theory"): steps,
        tr("Longest path between positions, in theory"): path,
        tr("Longest lag of the adding problem that half of the trials solve"):
            in_full(solved.max()),
    }  # fmt: skip


def _range(above: float | None, below: float | None) -> str:
    if above is not None and below is not None:
        return f"{above:g} … {below:g}"
    if above is not None:
        return f"> {above:g}"
    return MISSING if below is None else f"< {below:g}"
