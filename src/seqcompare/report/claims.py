"""Claims as Markdown: a row for each, then theory beside measurement. Sentences: texts/."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from seqcompare.core.names import LSTM, TRANSFORMER
from seqcompare.core.types import Row
from seqcompare.report import tables
from seqcompare.report.labels import device_name, model_name, size_name
from seqcompare.report.numbers import brackets, ends_of, in_full, percent
from seqcompare.report.texts import Texts

# Vaswani et al. 2017, Table 1: operations per layer, sequential steps, longest path
THEORY = {LSTM: ("O(n d²)", "O(n)", "O(n)"), TRANSFORMER: ("O(n² d)", "O(1)", "O(1)")}
COMPLEXITY_ROWS = (
    "operations", "train_slope", "attention_slope", "takeover", "longest", "steps",
    "steps_counted", "share", "path", "lag_solved",
)  # fmt: skip


@dataclass(frozen=True)
class Measured:
    """What stands beside the theory: cost.json, adding_problem.json, and operation counts.

    operations: size and model -> its row at the longest window.
    """

    cost: Mapping[str, Any]
    adding_problem: Mapping[str, Any]
    operations: Mapping[tuple[str, str], Row]


def claims_markdown(
    rulings: Mapping[str, Row], measured: Measured, confidence: float, texts: Texts
) -> str:
    """claims.md: a row for each claim, then theory beside measurement. rulings: claims.json."""
    claims = tables.claims(rulings, texts)
    return "\n".join(
        [
            f"# {texts('section.claims')}",
            "",
            texts(
                "explain.claims_setting",
                device=device_name(measured.cost["setting"]["device"]),
                clock=texts(f"clock.{measured.cost['setting']['clock']}"),
                batch_size=measured.cost["setting"]["batch_size"],
                threads=1,
            ),
            claims_note(rulings, confidence, texts),
            "",
            *_table(claims.columns, [(*row, f"**{verdict}**") for *row, verdict in claims.rows]),
            "",
            f"## {texts('complexity.title')}",
            "",
            texts("complexity.note"),
            "",
            *complexity_lines(measured, texts),
            "",
        ]
    )


def claims_note(rulings: Mapping[str, Row], confidence: float, texts: Texts) -> str:
    """What intervals and verdicts mean, and how many claims are judged together."""
    together = sum(ruling["familywise_p_value"] is not None for ruling in rulings.values())
    return texts(
        "explain.claims",
        confidence=percent(confidence),
        level=percent(1 - confidence),
        claims=together,
    )


def complexity_lines(measured: Measured, texts: Texts) -> list[str]:
    """Theory beside measurement for whichever of the two models there is, at each size."""
    header, columns = [""], []
    for size, found in measured.cost["sizes"].items():
        for model in (model for model in THEORY if model in found):
            column = _complexity_column(size, model, measured, texts)
            if column not in columns:  # a size that leaves this model as it is
                header.append(_column_head(model, size, texts))
                columns.append(column)
    most = percent(measured.adding_problem["setting"]["most"])
    labels = [texts(f"complexity.{name}", most=most) for name in COMPLEXITY_ROWS]
    return _table(header, list(zip(labels, *columns, strict=True)))


def _column_head(model: str, size: str, texts: Texts) -> str:
    return texts("complexity.model", model=model_name(model), size=size_name(size, texts))


def _complexity_column(size: str, model: str, measured: Measured, texts: Texts) -> list[str]:
    """In the order of COMPLEXITY_ROWS."""
    cost, counts = measured.cost["sizes"][size][model], measured.operations[size, model]

    def text(value: float | None) -> str:
        return texts("word.none") if value is None else in_full(value)

    def estimate(name: str) -> str:
        return text(cost[name]) + brackets(ends_of(cost, f"{name}_ci"))

    operations, steps, path = THEORY[model]
    adding = measured.adding_problem[model]
    solved = adding["longest_lag_solved"], adding["longest_lag_solved_in_equal_seconds"]
    return [
        operations,
        estimate("train_slope"),
        estimate("attention_slope"),
        text(counts["takeover_seq_len"]),
        f"{text(cost['longest_seq_len'])}; {text(cost['train_peak_mb'])} MB",
        steps,
        text(counts["sequential_steps"]),
        estimate("train_share"),
        path,
        " / ".join(map(text, solved)),
    ]


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    lines = [header, ["---"] * len(header), *rows]
    return ["| " + " | ".join(line) + " |" for line in lines]
