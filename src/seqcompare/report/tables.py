"""Tables of results as text: DataFrames of strings, which a template shows as HTML or Markdown.

The first column of each heads its rows.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from seqcompare.core.params import flattened
from seqcompare.report import words
from seqcompare.report.language import Language
from seqcompare.report.results import RATIO, Results


def accuracy_table(results: Results, tr: Language) -> pd.DataFrame:
    """A row a predictor, the best possible one last: its errors.

    The first three columns, test error and interval, stand alone on the first screen.
    """
    scores = results.scores.loc[[*results.models, *reversed(results.baselines)]]
    level = words.percent(results.params.evaluation.confidence)
    three = words.significant
    return _frame({
        tr("predictor"): [words.predictor_name(name, tr) for name in scores.index],
        tr("test MSE"): scores["mse"].map(three),
        tr("{confidence} % interval", confidence=level): _spans(scores),
        "MAE": scores["mae"].map(three),
        "MASE": scores["mase"].map(three),
        tr("skill"): scores["skill"].map(three),
        tr("forecast MSE"): scores["forecast_mse"].map(three),
        tr("forecast coverage, %"): (100 * scores["coverage"]).map(three),
    })  # fmt: skip


def cost_table(results: Results, tr: Language) -> pd.DataFrame:
    """A row a model: its size, its operations and its time."""
    scores = results.scores.loc[results.models]
    return _frame({
        tr("model"): [words.model_name(name) for name in results.models],
        tr("parameters"): scores["parameters"].map(words.in_full),
        tr("MACs per prediction"): scores["macs"].map(words.in_full),
        tr("s per epoch"): [words.significant(results.timing[name]) for name in results.models],
    })  # fmt: skip


def pairs_table(results: Results, tr: Language) -> pd.DataFrame:
    """A row a pair: model and model, linear model or oracle."""
    pairs, equivalence = results.pairs, results.params.evaluation.equivalence
    names = pairs[["first", "second"]].map(lambda p: words.predictor_name(p, tr))
    return _frame(
        {
            tr("pair"): names["first"] + " / " + names["second"],
            tr("MSE ratio"): pairs["ratio"].map(words.significant),
            tr("interval"): _spans(pairs),
            tr("level"): [f"{words.percent(level)} %" for level in pairs["confidence"]],
            "p": pairs["p"].map(lambda p: words.significant(p, 2)),
            tr("outcome"): [words.outcome_text(each, equivalence, tr) for each in pairs["outcome"]],
            tr("trials needed"): pairs["trials_needed"].map(words.in_full),
        }
    )


def series_table(table: pd.DataFrame, models: Sequence[str], tr: Language) -> pd.DataFrame:
    """A row a series: the test MSE of each predictor and the ratio of the first two models.

    table: of `results.series_table`.
    """
    first, second = (words.model_name(model) for model in models[:2])
    columns = {
        words.predictor_name(str(name), tr): column.map(words.significant)
        for name, column in table.drop(columns=RATIO).items()
    }
    ratios = {f"{first} / {second}": table[RATIO].map(words.significant)}
    return _frame({tr("series"): table.index} | columns | ratios)


def settings_table(settings: Mapping[str, Any], tr: Language) -> pd.DataFrame:
    """params.yaml, a setting a row, its key written as `dvc exp run -S` takes it."""
    flat = flattened(settings)
    return _frame({tr("setting"): flat, tr("value"): map(words.yaml_text, flat.values())})


def environments_table(facts: Mapping[str, Mapping[str, Any]], tr: Language) -> pd.DataFrame:
    """What the models were trained on: one column where all have the same. facts: by model."""
    flat = {words.model_name(model): flattened(row) for model, row in facts.items()}
    table = pd.DataFrame(flat, dtype=object).fillna(words.MISSING).astype(str)
    if table.nunique(axis=1).eq(1).all():
        table = table.iloc[:, :1].set_axis([tr("all models")], axis=1)
    return table.rename_axis(tr("fact")).reset_index()


def numeric(table: pd.DataFrame) -> list[bool]:
    """Which columns of text hold numbers, to be aligned at the right?"""
    return [not "".join(table.iloc[:, at]).strip("−–…0123456789.,e+()[]% ") for at in
            range(table.shape[1])]  # fmt: skip


def _spans(table: pd.DataFrame) -> list[str]:
    return [words.span(low, high) for low, high in zip(table["low"], table["high"], strict=True)]


def _frame(columns: Mapping[str, Any]) -> pd.DataFrame:
    """Columns without the index that they may come with."""
    return pd.DataFrame({name: list(column) for name, column in columns.items()}, dtype=object)
