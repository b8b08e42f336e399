"""Data checks as a table: what is done to the data, and that nothing held out was trained on."""

from seqcompare.core.comparison import DataChecks
from seqcompare.report.numbers import in_full
from seqcompare.report.tables import Table
from seqcompare.report.texts import Texts


def data_table(checks: DataChecks, texts: Texts) -> Table:
    """A row for each thing done, then one for each check that ran, with what it found."""
    in_steps = (checks.scale, checks.centre) == ("standard", "last")
    scale = "steps" if in_steps else checks.scale
    done = {
        "scale": texts(f"data.scale_{scale}"),
        "centre": texts(f"data.centre_{checks.centre}"),
        "train": in_full(checks.train),
        "interpolated": in_full(checks.interpolated),
        "period": in_full(checks.period, 4),
    }
    found = {name: getattr(checks, name) for name in ("seen_targets", "foreign_scales", "unscored")}
    results = {
        name: texts("data.fails" if count else "data.holds", count=count)
        for name, count in found.items()
    }
    return Table(
        columns=(texts("data.column"), texts("column.value")),
        rows=tuple((texts(f"data.{name}"), text) for name, text in (done | results).items()),
    )
