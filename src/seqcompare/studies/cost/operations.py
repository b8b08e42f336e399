"""Operation counts as a table: the work that each network has, by window length."""

from collections.abc import Mapping, Sequence

from seqcompare.core.params import Setting
from seqcompare.core.types import Row
from seqcompare.models import count_operations

COLUMNS = (
    "predict_macs", "train_macs", "quadratic_share", "sequential_steps", "path_length",
    "takeover_seq_len",
)  # fmt: skip


def operations_table(
    model: str, settings: Mapping[str, Setting], seq_lens: Sequence[int]
) -> list[Row]:
    """A row for each length; empty cells for a model that does not count its own operations."""
    counts = count_operations(model, settings)
    rows: list[Row] = []
    for n in seq_lens:
        row: dict[str, object] = {"model": model, "seq_len": n, **dict.fromkeys(COLUMNS)}
        if counts:
            train_macs = counts.train.at(n)
            row |= {
                "predict_macs": round(counts.predict.at(n)),
                "train_macs": round(train_macs),
                "quadratic_share": counts.train.quadratic * n**2 / train_macs,
                "sequential_steps": counts.sequential_steps(n),
                "path_length": counts.path_length(n),
                "takeover_seq_len": counts.train.takeover(),
            }
        rows.append(row)
    return rows
