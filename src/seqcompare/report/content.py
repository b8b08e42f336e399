"""Content of the page: everything that it shows. Of what is empty, it says nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from seqcompare.core.sweep import SweepSummary
from seqcompare.core.types import Row
from seqcompare.report.results import Results


@dataclass(frozen=True, eq=False)
class PageContent:
    results: Results
    settings: Mapping[str, Any]  # params.yaml
    figures: Mapping[str, str]  # name -> SVG; those named after a section belong to it
    environments: Mapping[str, Row]  # model -> what it was trained on
    hashes: Mapping[str, str]  # file -> SHA-256
    claims: Mapping[str, Row] = field(default_factory=dict)  # claims.json
    studies: Mapping[str, Sequence[Row]] = field(default_factory=dict)  # cost, lookback
    maps: Mapping[str, SweepSummary] = field(default_factory=dict)  # sweep -> what it found
    committed: Mapping[str, Any] = field(default_factory=dict)  # params.yaml of the last commit
    data_digest: str = ""  # SHA-256 of the CSV file, where there is one
    measured_on: Row = field(default_factory=dict)  # the setting of the study of cost
