"""Identity of a sweep: hashes of the params, code and data that its results are made from.

DVC cannot tell alone: `dvc exp save` records whatever lies there as made from what is there now.
"""

import hashlib
from pathlib import Path

from seqcompare.core.nested import flattened
from seqcompare.core.sweep import MadeFrom, hash_of_files
from seqcompare.core.sweep_params import Sweep, SweepBase
from seqcompare.execution.code_identity import rooms_code

ROOMS = (
    "core", "data", "evaluation", "execution", "models", "statistics", "studies/sweep", "training",
)  # fmt: skip


def made_from(base: SweepBase, sweep: Sweep, reproducibility: str, device: str) -> MadeFrom:
    """What the results of a sweep would be made from now. device: as params.yaml has it."""
    settings = "".join([base.model_dump_json(), sweep.model_dump_json(), reproducibility, device])
    return MadeFrom(
        params=hashlib.sha256(settings.encode()).hexdigest(),
        code=rooms_code(*ROOMS),
        data=hash_of_files(map(_content, csv_files(base, sweep))),
    )


def csv_files(base: SweepBase, sweep: Sweep) -> list[Path]:
    """Every `data.path` that a cell may have."""
    found = [base.data.path, sweep.base.data.get("path")]
    found += [setting.data.get("path") for setting in sweep.settings.values()]
    varied = flattened(sweep.grid).get("data.path", [])
    return sorted({Path(str(path)) for path in [*found, *varied] if path is not None})


def _content(path: Path) -> bytes:
    """Nothing of a file that is not there: who reads it will say so."""
    try:
        return hashlib.sha256(path.read_bytes()).digest()
    except OSError:
        return b"none"
