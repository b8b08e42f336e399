"""Tables: results as text, for the page and for Markdown."""

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from seqcompare.core import paths
from seqcompare.core.comparison import Score
from seqcompare.core.files import damaged
from seqcompare.core.names import ORACLE
from seqcompare.core.nested import flattened
from seqcompare.core.types import Row
from seqcompare.report.labels import device_name, model_name, predictor_name, size_name
from seqcompare.report.numbers import (
    MISSING,
    brackets,
    in_full,
    percent,
    significant,
    span,
)
from seqcompare.report.results import Results
from seqcompare.report.texts import Texts
from seqcompare.report.wording import outcome_text


@dataclass(frozen=True)
class Table:
    """Heads and text for every cell. models: each row's model, "" where it has none.

    title: where it says more than the section's.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    models: tuple[str, ...] = ()
    title: str = ""

    @cached_property  # asked for at every cell
    def numeric(self) -> list[bool]:
        """Which columns hold numbers, to be aligned at the right."""
        return [all(_is_number(cell) for cell in column) for column in zip(*self.rows, strict=True)]


def accuracy(results: Results, texts: Texts) -> Table:
    """A row a predictor: its errors, what they compare with, and what it costs."""
    columns: dict[str, Callable[[Score], str]] = {
        "mse": lambda score: significant(score.mse),
        "interval": lambda score: span(score.mse_low, score.mse_high),
        "mae": lambda score: significant(score.mae),
        "mase": lambda score: significant(score.mase),
        "skill": lambda score: significant(score.skill),
        "excess_mse": lambda score: significant(score.excess_mse, 2),
        "parameters": lambda score: in_full(score.parameters),
        "macs": lambda score: in_full(score.macs),
    }
    scores = results.comparison.predictors
    if ORACLE not in scores:
        del columns["excess_mse"]
    names = [*results.models, *reversed(results.baselines)]
    confidence = percent(results.comparison.confidence)
    return Table(
        columns=tuple(
            texts(f"column.{name}", confidence=confidence)
            for name in ("predictor", *columns, "seconds_per_epoch")
        ),
        rows=tuple(
            (
                predictor_name(name, texts),
                *(write(scores[name]) for write in columns.values()),
                significant(results.timings.get(name, {}).get("seconds_per_epoch")),
            )
            for name in names
        ),
        models=tuple(name if name in results.models else "" for name in names),
    )


def compared_pairs(results: Results, texts: Texts) -> Table | None:
    """A row for every pair: model and model, line or limit; None where nothing is compared."""
    comparison = results.comparison
    if not comparison.pairs:
        return None
    names = ("pair", "ratio", "pair_interval", "p_value", "outcome", "trials_needed")
    return Table(
        columns=tuple(texts(f"column.{name}") for name in names),
        rows=tuple(
            (
                f"{predictor_name(pair.first, texts)} / {predictor_name(pair.second, texts)}",
                significant(pair.ratio),
                f"{span(pair.low, pair.high)} ({percent(pair.confidence)} %)",
                significant(pair.p_value, 2),
                outcome_text(pair, comparison.equivalence, texts),
                in_full(pair.trials_needed),
            )
            for pair in comparison.pairs
        ),
    )


def claims(rulings: Mapping[str, Row], texts: Texts) -> Table:
    """rulings: claim -> its ruling, as in claims.json."""
    columns = ("claim", "measurement", "criterion", "verdict")
    return Table(
        columns=tuple(texts(f"column.{name}") for name in columns),
        rows=tuple(
            (
                texts(f"claim.{claim}"),
                measured(claim, ruling, texts),
                criterion(claim, ruling, texts),
                texts(f"claim_verdict.{ruling['verdict']}"),
            )
            for claim, ruling in rulings.items()
        ),
    )


def criterion(claim: str, ruling: Row, texts: Texts) -> str:
    """What a claim's number is held against, and what else its verdict takes."""
    found = ruling["criterion"]
    if found is None:
        return MISSING
    ends = {name: f"{found[name]:g}" for name in ("limit", "margin")}
    sentences = [texts(f"criterion.{found['kind']}", **ends)]
    if found["equal_size"] is not None:
        sentences.append(texts("criterion.equal_size", share=percent(found["equal_size"])))
    if len(ruling["sizes"]) > 1:
        sentences.append(texts("criterion.every_size"))
    sentences.append(texts.get(f"criterion.{claim}", ""))
    return texts("word.sentence").join(filter(None, sentences))


def measured(claim: str, ruling: Row, texts: Texts) -> str:
    """The number that tests a claim, its interval and details; then the condition, and p."""
    if ruling["value"] is None and not (ruling["details"] or ruling["sizes"]):
        missing = "not_measured" if ruling["criterion"] is None else "no_number"
        return texts(f"word.{missing}")

    def text(value: float | None, name: str = "") -> str:
        none = texts.get(f"none.{name}", texts("word.none"))
        return none if value is None else in_full(value)

    def number(of: Row, value: str, low: str, high: str) -> str:
        ends = None if of.get(low) is None or of.get(high) is None else (of[low], of[high])
        return text(of[value], value) + brackets(ends)

    details = {
        name: number(ruling["details"], name, f"{name}_low", f"{name}_high")
        for name in ruling["details"]
    }
    value = number(ruling, "value", "low", "high")
    if any(at["value"] is not None for at in ruling["sizes"].values()):
        each = (
            texts(
                "word.at_size",
                number=number(at, "value", "low", "high"),
                size=size_name(size, texts),
            )
            for size, at in ruling["sizes"].items()
        )
        value = texts("word.clause").join(each)
    try:
        sentences = [texts(f"measurement.{claim}", value=value, **details)]
    except KeyError as error:
        raise damaged(paths.CLAIMS, LookupError(f"{claim}: no detail {error.args[0]}")) from None
    sentences.append(condition(ruling["condition"], texts))
    if ruling["familywise_p_value"] is not None:
        p = significant(ruling["familywise_p_value"], 2)
        sentences.append(texts("condition.p_value", p=p))
    return texts("word.sentence").join(sentences)


def condition(found: Row, texts: Texts) -> str:
    """Under what a claim was measured: device, sizes, lengths and budget, in that order."""
    sizes = {name: in_full(found[name]) for name in found if name.endswith("_parameters")}
    parts = [device_name(found["device"])]
    if sizes:
        parts.append(texts("condition.sizes", **sizes))
    parts += [
        texts(f"condition.{name}", value=in_full(found[name]))
        for name in ("seq_len", "steps", "trials")
        if name in found
    ]
    return texts("condition.all", parts=texts("condition.comma").join(parts))


def study(
    rows: Sequence[Row], columns: Sequence[str], texts: Texts, models: Sequence[str]
) -> Table:
    """Some columns of a CSV file, a row each of its rows."""

    def text(name: str, value: Any) -> str:
        if name == "size":
            return size_name(value, texts)
        known = {"status": f"status.{value}", "model": f"predictor.{value}"}
        return texts.get(known.get(name, ""), cell(value, models))

    return Table(
        columns=tuple(texts(f"column.{name}") for name in columns),
        rows=tuple(tuple(text(name, row[name]) for name in columns) for row in rows),
        models=tuple(row["model"] if row.get("model") in models else "" for row in rows),
    )


def forecast(results: Results, texts: Texts) -> Table:
    """A row a step: its time, and each predictor's value with its interval."""
    columns = results.forecast
    names = [name for name in columns if name != "time" and f"{name}_low" in columns]
    ends = {name: (columns[f"{name}_low"], columns[f"{name}_high"]) for name in names}
    time_name = results.time_name or texts("column.time")
    return Table(
        columns=(time_name, *(predictor_name(name, texts) for name in names)),
        rows=tuple(
            (
                time if results.dated else cell(time),
                *(
                    significant(columns[name][step]) + brackets((low[step], high[step]))
                    for name, (low, high) in ends.items()
                ),
            )
            for step, time in enumerate(results.time_texts(columns["time"]))
        ),
    )


def settings(values: Mapping[str, Any], texts: Texts) -> Table:
    """params.yaml, a setting a row, its key written as `dvc exp run -S` takes it."""
    return Table(
        columns=(texts("column.setting"), texts("column.value")),
        rows=tuple((key, _yaml_text(value)) for key, value in flattened(values).items()),
    )


def environments(facts: Mapping[str, Row], texts: Texts) -> Table:
    """What each model was trained on. facts: model -> fact -> value."""
    names = list(dict.fromkeys(name for row in facts.values() for name in row))
    return Table(
        columns=(texts("column.fact"), *map(model_name, facts)),
        rows=tuple(
            (
                texts.get(f"fact.{name}", name),
                *(str(row.get(name, texts("word.unknown"))) for row in facts.values()),
            )
            for name in names
        ),
        title=texts("column.environment"),
    )


def hashes(files: Mapping[str, str], texts: Texts) -> Table:
    """files: path -> SHA-256 in hexadecimal digits."""
    return Table(
        columns=(texts("column.file"), texts("column.sha256")),
        rows=tuple((path, digest[:16]) for path, digest in files.items()),
        title=texts("column.hashes"),
    )


def cell(value: object, models: Container[object] = ()) -> str:
    """A value from JSON or CSV: numbers short, nothing as a dash, models by their names."""
    if value in (None, ""):
        return MISSING
    if value in models:
        return model_name(str(value))
    try:
        as_number = float(str(value))
    except ValueError:
        return str(value)
    return in_full(as_number, 4)


def _is_number(text: str) -> bool:
    return not text.strip("−–…0123456789.,e+()[] ")


def _yaml_text(value: object) -> str:
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_yaml_text, value))}]"
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    return str(value)
