"""Operation counts as a table: the work that each network has, by window length."""

from collections.abc import Mapping, Sequence

from seqcompare.core.types import Models, Row
from seqcompare.models import count_operations

COLUMNS = (
    "predict_macs", "train_macs", "quadratic_share", "sequential_steps", "path_length",
    "takeover_seq_len",
)  # fmt: skip


def operations_table(sizes: Mapping[str, Models], seq_lens: Sequence[int]) -> list[Row]:
    """A row for each size, model and length; empty cells where a model does not count itself."""
    rows: list[Row] = []
    for size, models in sizes.items():
        for model, settings in models.items():
            counts = count_operations(model, settings)
            for n in seq_lens:
                row = {"size": size, "model": model, "seq_len": n, **dict.fromkeys(COLUMNS)}
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
