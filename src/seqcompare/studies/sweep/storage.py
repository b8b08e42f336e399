"""Files of a sweep: its ledger, which outlives DVC's outputs."""

from seqcompare.core.paths import MAIN_PROJECT

LEDGER = MAIN_PROJECT / ".sweep" / "runs.txt"
