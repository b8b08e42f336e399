"""Section `report`: how results are shown."""

from typing import Literal

from pydantic import Field

from seqcompare.core.schema import Section


class Report(Section):
    language: Literal["en", "zh"] = Field(description="of the figures and the page")
