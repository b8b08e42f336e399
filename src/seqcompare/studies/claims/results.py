"""Results of the claims: what each study comes to, and every claim with its verdict."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from seqcompare.core import paths
from seqcompare.core.sections.evaluation import Evaluation
from seqcompare.studies.claims.evidence import Evidence
from seqcompare.studies.claims.rules import claims_content, judge


def conclude(found: Evidence, settings: Evaluation) -> dict[Path, Mapping[str, Any]]:
    """A JSON's content by its file: saved by `claims`, made again by `make verify`."""
    return {
        paths.COST.with_suffix(".json"): found.cost.to_json(),
        paths.ADDING_PROBLEM.with_suffix(".json"): found.adding_problem.to_json(),
        paths.CONVERGENCE.with_suffix(".json"): found.convergence.to_json(),
        paths.CLAIMS: claims_content(judge(found, settings)),
    }
