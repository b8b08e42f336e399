"""Operation counts as a table: what each network has to compute, by window length."""

from collections.abc import Mapping, Sequence
from typing import Any

from seqcompare.core.operations import OperationCounts
from seqcompare.core.params import Setting
from seqcompare.models import count_operations


def operations_table(
    model: str, settings: Mapping[str, Setting], seq_lens: Sequence[int]
) -> list[dict[str, Any]]:
    """A row for each length; empty cells for a model that nobody has counted."""
    counts = count_operations(model, settings)
    return [{"model": model, "seq_len": n, **_counts(counts, n)} for n in seq_lens]


def _counts(known: OperationCounts | None, n: int) -> dict[str, float | None]:
    train_macs = known.train.at(n) if known else 0
    return {
        "predict_macs": round(known.predict.at(n)) if known else None,
        "train_macs": round(train_macs) if known else None,
        "quadratic_share": known.train.quadratic * n**2 / train_macs if known else None,
        "sequential_steps": known.sequential_steps(n) if known else None,
        "path_length": known.path_length(n) if known else None,
        "takeover_seq_len": known.train.takeover() if known else None,
    }
