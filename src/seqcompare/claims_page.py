"""The rulings on the claims as text and as plain data. Every English sentence stands here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from seqcompare.claims import LSTM, TRANSFORMER, Findings, Ruling


@dataclass(frozen=True)
class Text:
    """claim: the tutorial's sentence. measured: what tests it; {value} brings its interval."""

    claim: str
    measured: str


TEXTS = {
    "lstm_time_linear": Text(
        "The LSTM's time grows linearly with the window length n.",
        "A training step takes time in n^p up to n = {seq_len}: p = {value}",
    ),
    "attention_time_quadratic": Text(
        "Attention's time grows quadratically with n.",
        "At the longest windows (n = {seq_len}) a training step takes time in n^p: p = {value}. "
        "The n² part is the larger one from n = {takeover_by_clock} on by the clock, "
        "from n = {takeover_by_counts} on by counted operations",
    ),
    "transformer_faster_per_epoch": Text(
        "The Transformer trains faster per epoch at this window length.",
        "Seconds per epoch, LSTM / Transformer: {value}",
    ),
    "lstm_faster_on_long_sequences": Text(
        "On long sequences the LSTM is faster.",
        "Seconds per training step at n = {seq_len}, LSTM / Transformer: {value}. "
        "The two cross at n = {crossover_seq_len}",
    ),
    "transformer_reaches_farther": Text(
        "The Transformer reaches farther back.",
        "Longest lag of the adding task solved, Transformer - LSTM: {value} "
        "({transformer_steps} and {lstm_steps} in equal steps, "
        "{transformer_seconds} and {lstm_seconds} in equal seconds)",
    ),
    "transformer_looks_farther_back": Text(
        "Trained on the series, the Transformer looks farther back.",
        "Lag within which 90 % of the gradient lies, LSTM - Transformer: {value} "
        "({lstm_gradient_reach} and {transformer_gradient_reach}); older values change the error "
        "by less than 10 % from lag {lstm_context_needed} and {transformer_context_needed} on",
    ),
    "lstm_converges_in_fewer_epochs": Text(
        "The LSTM converges in fewer epochs.",
        "Epochs until the training loss is within 10 % of its best, LSTM - Transformer: {value} "
        "({lstm_epochs} and {transformer_epochs} epochs, "
        "{lstm_seconds} and {transformer_seconds} seconds)",
    ),
    "transformer_more_accurate_at_equal_size": Text(
        "At equal size the Transformer is more accurate.",
        "Test MSE, LSTM - Transformer: {value}; the numbers of parameters, {lstm_parameters} and "
        "{transformer_parameters}, differ by {size_difference_percent} %",
    ),
    "lstm_error_steadier": Text(
        "The LSTM's error is steadier over time.",
        "Variance of the absolute error over the test part, LSTM - Transformer: {value} "
        "(standard deviations {lstm_std} and {transformer_std})",
    ),
}
NOT_MEASURED = "Not measured: it takes both an lstm and a transformer"


def claims_content(rulings: Mapping[str, Ruling]) -> dict[str, dict[str, Any]]:
    """claims.json: by id the verdict, its numbers, and both sentences in English."""
    return {
        name: {
            "verdict": ruling.verdict,
            "value": ruling.value,
            "low": ruling.low,
            "high": ruling.high,
            "details": dict(ruling.details),
            "claim": TEXTS[name].claim,
            "measured": measured(name, ruling),
        }
        for name, ruling in rulings.items()
    }


def measured(name: str, ruling: Ruling) -> str:
    """The number, its interval and its details as a sentence."""
    if ruling.value is None and not ruling.details:
        return NOT_MEASURED
    value = _short(ruling.value)
    if ruling.low is not None and ruling.high is not None:
        value += f" [{_short(ruling.low)}, {_short(ruling.high)}]"
    shown = {key: _short(number) for key, number in ruling.details.items()}
    return TEXTS[name].measured.format(value=value, **shown)


def claims_markdown(rulings: Mapping[str, Ruling], found: Findings, confidence: float) -> str:
    """claims.md: a row for each claim, then theory beside measurement."""
    rows = [
        (TEXTS[name].claim, measured(name, ruling), f"**{ruling.verdict}**")
        for name, ruling in rulings.items()
    ]
    setting = found.cost["setting"]
    return "\n".join(
        [
            "# The theory's claims, measured",
            "",
            f"On {setting['device']}, {setting['threads']} thread a run. Intervals in brackets are "
            f"{confidence:.0%} intervals over seeds, lengths or test blocks, or, where two timings "
            "are compared, what their quartiles allow.",
            "",
            *_table(("Claim", "Measurement", "Verdict"), rows),
            "",
            "## Complexity: theory and measurement",
            "",
            "n: window length, d: width. Theory: Vaswani et al. 2017, Table 1.",
            "",
            *complexity_lines(found),
            "",
        ]
    )


def complexity_lines(found: Findings) -> list[str]:
    """Theory beside measurement for whichever of the two models there is."""
    theory = {
        LSTM: ("LSTM", "O(n d²)", "O(n)", "O(n)"),
        TRANSFORMER: ("Transformer", "O(n² d)", "O(1)", "O(1)"),
    }
    there = [model for model in theory if model in found.cost]
    columns = [_complexity_column(theory[model], model, found) for model in there]
    labels = (
        "Operations per layer, in theory",
        "Exponent of a training step's time in n",
        "… between the two longest lengths",
        "n² is the larger part from n = (counts / clock)",
        "Longest n measured, and its peak memory in MB",
        "Sequential steps, in theory",
        "… counted at the longest n",
        "Longest path between positions, in theory",
        "Longest lag solved (equal steps / equal seconds)",
    )
    header = ("", *(theory[model][0] for model in there))
    return _table(header, list(zip(labels, *columns, strict=True)))


def _complexity_column(theory: Sequence[str], model: str, found: Findings) -> list[str]:
    cost, counts = found.cost[model], found.complexity[model]
    recalls = (found.recall[model], found.recall_seconds[model])
    return [
        theory[1],
        _with_interval(cost, "train_exponent"),
        _with_interval(cost, "last_exponent"),
        f"{_short(counts['takeover_seq_len'])} / {_short(cost['takeover_seq_len'])}",
        f"{_short(cost['longest_seq_len'])}, {_short(cost['train_peak_mb'])} MB",
        theory[2],
        _short(counts["sequential_steps"]),
        theory[3],
        " / ".join(_short(recall["longest_lag_solved"]) for recall in recalls),
    ]


def _with_interval(row: Mapping[str, Any], name: str) -> str:
    low, high = row[f"{name}_ci_low"], row[f"{name}_ci_high"]
    ends = "" if low is None or high is None else f" [{_short(low)}, {_short(high)}]"
    return _short(row[name]) + ends


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    lines = [header, ["---"] * len(header), *rows]
    return ["| " + " | ".join(line) + " |" for line in lines]


def _short(number: float | None) -> str:
    """Three significant digits, whole numbers in full."""
    if number is None:
        return "none"
    if float(number).is_integer() or abs(number) >= 1000:
        return f"{number:.0f}"
    return f"{number:.3g}"
