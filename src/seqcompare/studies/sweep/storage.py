"""Files of a sweep: its ledger, which outlives DVC's outputs, and its summary."""

from pydantic import ValidationError

from seqcompare.core import paths
from seqcompare.core.errors import InputError
from seqcompare.core.files import load_json
from seqcompare.core.sweep import MadeFrom, SweepSummary

LEDGER = paths.MAIN_PROJECT / ".sweep" / "runs.txt"


def load_summary(name: str, now: MadeFrom) -> SweepSummary:
    """The summary of a sweep, if it was made from what is there now.

    Raises InputError when the file is missing, not as it must be, or made from something else.
    """
    path = paths.sweep_summary(name)
    content = load_json(path)
    again = f"run `dvc repro -f -s sweeps/dvc.yaml:sweep@{name}`, then `make sweeps`"
    try:
        summary = SweepSummary.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise InputError(f"{path}: cannot be read ({place}: {first['msg']}): {again}") from None
    found = summary.made_from
    stale = [part for part in MadeFrom.model_fields if getattr(found, part) != getattr(now, part)]
    if stale:
        raise InputError(
            f"{path}: was made from other {' and '.join(stale)} than are here: {again}"
        )
    return summary
