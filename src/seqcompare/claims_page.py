"""The rulings on the claims as plain data and as Markdown. Their sentences stand in texts/."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from seqcompare import tables
from seqcompare.claims import LSTM, TRANSFORMER, Findings, Ruling
from seqcompare.naming import shown_device, shown_name
from seqcompare.texts import Texts

# Vaswani et al. 2017, Table 1: operations per layer, sequential steps, longest path
THEORY = {LSTM: ("O(n d²)", "O(n)", "O(n)"), TRANSFORMER: ("O(n² d)", "O(1)", "O(1)")}
COMPLEXITY_ROWS = (
    "operations", "exponent", "last_exponent", "takeover", "longest", "steps", "steps_counted",
    "path", "lag_solved",
)  # fmt: skip


def claims_content(rulings: Mapping[str, Ruling]) -> dict[str, dict[str, Any]]:
    """claims.json: by id the verdict, the number that it rests on, its interval and details."""
    return {claim: asdict(ruling) for claim, ruling in rulings.items()}


def claims_markdown(
    content: Mapping[str, Mapping[str, Any]], found: Findings, confidence: float, texts: Texts
) -> str:
    """claims.md: a row for each claim, then theory beside measurement. content: claims.json."""
    setting = found.cost["setting"]
    claims = tables.claims(content, texts)
    return "\n".join(
        [
            f"# {texts('section.claims')}",
            "",
            texts(
                "explain.claims_setting",
                device=shown_device(setting["device"]),
                threads=setting["threads"],
            ),
            texts("explain.claims", confidence=f"{100 * confidence:.4g}"),
            "",
            *_table(claims.columns, [(*row, f"**{verdict}**") for *row, verdict in claims.rows]),
            "",
            f"## {texts('complexity.title')}",
            "",
            texts("complexity.note"),
            "",
            *complexity_lines(found, texts),
            "",
        ]
    )


def complexity_lines(found: Findings, texts: Texts) -> list[str]:
    """Theory beside measurement for whichever of the two models there is."""
    there = [model for model in THEORY if model in found.cost]
    columns = [_complexity_column(model, found, texts) for model in there]
    labels = [texts(f"complexity.{name}") for name in COMPLEXITY_ROWS]
    header = ("", *map(shown_name, there))
    return _table(header, list(zip(labels, *columns, strict=True)))


def _complexity_column(model: str, found: Findings, texts: Texts) -> list[str]:
    """In the order of COMPLEXITY_ROWS."""
    cost, counts = found.cost[model], found.complexity[model]

    def text(value: float | None) -> str:
        return tables.written(value, texts)

    def estimate(name: str) -> str:
        low, high = cost[f"{name}_ci_low"], cost[f"{name}_ci_high"]
        return tables.with_interval(cost[name], low, high, texts)

    operations, steps, path = THEORY[model]
    solved = (
        recall[model]["longest_lag_solved"] for recall in (found.recall, found.recall_seconds)
    )
    return [
        operations,
        estimate("train_exponent"),
        estimate("last_exponent"),
        f"{text(counts['takeover_seq_len'])} / {text(cost['takeover_seq_len'])}",
        f"{text(cost['longest_seq_len'])}; {text(cost['train_peak_mb'])} MB",
        steps,
        text(counts["sequential_steps"]),
        path,
        " / ".join(map(text, solved)),
    ]


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    lines = [header, ["---"] * len(header), *rows]
    return ["| " + " | ".join(line) + " |" for line in lines]
