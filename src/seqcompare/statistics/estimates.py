"""An estimate as the entries of a JSON file."""

from seqcompare.statistics.uncertainty import Estimate


def described(name: str, estimate: Estimate | None) -> dict[str, float | None]:
    """NAME, NAME_ci_low and NAME_ci_high; None where there is no estimate or no interval."""
    ends = estimate.interval if estimate else None
    return {
        name: estimate.value if estimate else None,
        f"{name}_ci_low": ends.low if ends else None,
        f"{name}_ci_high": ends.high if ends else None,
    }
