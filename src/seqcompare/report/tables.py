"""Results as tables of text, for the page and for Markdown."""

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from seqcompare.core.types import Floats
from seqcompare.report.labels import shown, shown_name
from seqcompare.report.results import Results
from seqcompare.report.texts import Texts
from seqcompare.report.verdict import number, pairs

Row = Mapping[str, Any]
HOW_IT_RAN = ("device", "threads_per_run", "runs_side_by_side")


@dataclass(frozen=True)
class Table:
    """A heading and text for every cell. models: each row's model, "" where it has none."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    models: tuple[str, ...] = ()

    @property
    def numeric(self) -> list[bool]:
        """Which columns hold numbers, to be aligned at the right."""
        return [all(_is_number(cell) for cell in column) for column in zip(*self.rows, strict=True)]


def accuracy(results: Results, texts: Texts) -> Table:
    """A row a predictor: its errors, what they compare with, and what it costs."""
    confidence = f"{100 * results.confidence:.4g}"
    columns: dict[str, Callable[[Row], str]] = {
        "mse": lambda row: number(row["mse"]),
        "interval": lambda row: span(row, "mse_ci"),
        "test_interval": lambda row: span(row, "mse_test_ci"),
        "rmse": lambda row: number(row["rmse"]),
        "mae": lambda row: number(row["mae"]),
        "mase": lambda row: number(row["mase"]),
        "skill": lambda row: number(row.get("skill")),
        "excess_mse": lambda row: number(row.get("excess_mse"), 2),
        "parameters": lambda row: f"{row['parameters']:,}" if "parameters" in row else "–",
        "macs": lambda row: f"{row['macs']:,}" if "macs" in row else "–",
        "seconds_per_epoch": lambda row: number(row.get("seconds_per_epoch")),
    }
    if "oracle" not in results.metrics:
        del columns["excess_mse"]
    names = [*results.models, *reversed(results.baselines)]
    rows = [{**results.metrics[name], **results.timings.get(name, {})} for name in names]
    return Table(
        columns=(
            texts("column.predictor"),
            *(texts(f"column.{name}", confidence=confidence) for name in columns),
        ),
        rows=tuple(
            (shown(name, texts), *(write(row) for write in columns.values()))
            for name, row in zip(names, rows, strict=True)
        ),
        models=tuple(name if name in results.models else "" for name in names),
    )


def model_pairs(results: Results, texts: Texts) -> Table | None:
    """A row for every two models; None when there is one model only."""
    compared = pairs(results)
    if not compared:
        return None
    confidence = f"{100 * next(iter(compared.values()))['confidence']:.3g}"
    names = ("difference", "interval", "test_interval", "p_value", "prob_first_better", "winner")
    return Table(
        columns=(
            texts("column.pair"),
            *(texts(f"column.{name}", confidence=confidence) for name in names),
        ),
        rows=tuple(
            (
                f"{shown_name(first)} − {shown_name(second)}",
                number(pair["difference"]),
                span(pair, "difference_ci"),
                span(pair, "difference_test_ci"),
                number(pair["p_value"], 2),
                number(pair["prob_first_better"], 2),
                shown_name(pair["winner"]) if pair["winner"] else texts("word.none_shown"),
            )
            for (first, second), pair in compared.items()
        ),
    )


def claims(rulings: Mapping[str, Row], texts: Texts) -> Table:
    """rulings: claim -> verdict, value, low, high and details, as in claims.json."""
    columns = ("claim", "measurement", "verdict")
    return Table(
        columns=tuple(texts(f"column.{name}") for name in columns),
        rows=tuple(
            (
                texts(f"claim.{claim}"),
                measured(claim, ruling, texts),
                texts(f"claim_verdict.{ruling['verdict']}"),
            )
            for claim, ruling in rulings.items()
        ),
    )


def measured(claim: str, ruling: Row, texts: Texts) -> str:
    """The number that tests a claim, its interval and its details as a sentence."""
    if ruling["value"] is None and not ruling["details"]:
        return texts("word.not_measured")
    details = {name: written(value, texts) for name, value in ruling["details"].items()}
    value = with_interval(ruling["value"], ruling["low"], ruling["high"], texts)
    return texts(f"measurement.{claim}", value=value, **details)


def with_interval(value: float | None, low: float | None, high: float | None, texts: Texts) -> str:
    ends = (
        "" if low is None or high is None else f" [{written(low, texts)}, {written(high, texts)}]"
    )
    return written(value, texts) + ends


def written(value: float | None, texts: Texts) -> str:
    """A number within a sentence: three digits, whole numbers in full."""
    if value is None:
        return texts("word.none")
    return cell(value) if float(value).is_integer() else number(value)


def study(
    rows: Sequence[Row], columns: Sequence[str], texts: Texts, models: Sequence[str]
) -> Table:
    """Some columns of a CSV file, a row each of its rows."""

    def text(name: str, value: Any) -> str:
        return texts(f"status.{value}") if name == "status" else cell(value, models)

    return Table(
        columns=tuple(texts(f"column.{name}") for name in columns),
        rows=tuple(tuple(text(name, row[name]) for name in columns) for row in rows),
        models=tuple(row.get("model", "") for row in rows),
    )


def forecast(columns: Mapping[str, Floats], texts: Texts) -> Table:
    """A row a step. columns: time, and of each predictor NAME, NAME_low and NAME_high."""
    names = [name for name in columns if name != "time" and f"{name}_low" in columns]
    ends = {name: (columns[f"{name}_low"], columns[f"{name}_high"]) for name in names}
    return Table(
        columns=(texts("column.time"), *(shown(name, texts) for name in names)),
        rows=tuple(
            (
                cell(time),
                *(
                    with_interval(columns[name][step], low[step], high[step], texts)
                    for name, (low, high) in ends.items()
                ),
            )
            for step, time in enumerate(columns["time"])
        ),
    )


def settings(values: Mapping[str, Any], texts: Texts) -> Table:
    """params.yaml, a setting a row, its key written as `dvc exp run -S` takes it."""
    return Table(
        columns=(texts("column.setting"), texts("column.value")),
        rows=tuple((key, _written(value)) for key, value in _flat(values)),
    )


def environments(timings: Mapping[str, Row], machines: Mapping[str, Row], texts: Texts) -> Table:
    """What each model was trained on. timings, machines: model -> fact -> value."""
    facts = {
        model: {name: timings[model].get(name) for name in HOW_IT_RAN} | dict(machine)
        for model, machine in machines.items()
    }
    names = list(dict.fromkeys(name for row in facts.values() for name in row))
    return Table(
        columns=(texts("column.fact"), *map(shown_name, facts)),
        rows=tuple(
            (
                texts.get(f"fact.{name}", name),
                *(str(row.get(name, texts("word.unknown"))) for row in facts.values()),
            )
            for name in names
        ),
    )


def hashes(files: Mapping[str, str], texts: Texts) -> Table:
    """files: path -> SHA-256 in hexadecimal digits."""
    return Table(
        columns=(texts("column.file"), texts("column.sha256")),
        rows=tuple((path, digest[:16]) for path, digest in files.items()),
    )


def span(row: Row, name: str) -> str:
    """An interval's two ends, `name_low` and `name_high` of a row."""
    low, high = (row.get(f"{name}_{end}".lstrip("_")) for end in ("low", "high"))
    return "–" if low is None or high is None else f"{number(low)} … {number(high)}"


def cell(value: object, models: Container[object] = ()) -> str:
    """A value from JSON or CSV: numbers short, nothing as a dash, models by their names."""
    if value in (None, ""):
        return "–"
    if value in models:
        return shown_name(str(value))
    try:
        as_number = float(str(value))
    except ValueError:
        return str(value)
    return f"{int(as_number):,}" if as_number.is_integer() else number(as_number, 4)


def _is_number(text: str) -> bool:
    return not text.strip("−–…0123456789.,e+()[] ")


def _written(value: object) -> str:
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_written, value))}]"
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    return str(value)


def _flat(content: Mapping[str, Any], parent: str = "") -> list[tuple[str, Any]]:
    entries: list[tuple[str, Any]] = []
    for key, value in content.items():
        if isinstance(value, Mapping):
            entries += _flat(value, f"{parent}{key}.")
        else:
            entries.append((f"{parent}{key}", value))
    return entries
