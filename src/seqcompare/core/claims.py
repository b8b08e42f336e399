"""Claims and their verdicts as their file holds them: reports/claims.json, written and read."""

from typing import Literal, TypeAlias

from pydantic import Field

from seqcompare.core.schema import Section

# depends: on something named in the criterion, such as whether steps or seconds are equal
Verdict: TypeAlias = Literal["holds", "fails", "undecided", "depends"]
Number: TypeAlias = int | float  # which strict types tell apart: a count stays a whole number
Detail: TypeAlias = Number | None


class Criterion(Section):
    """The claim holds if the number's whole interval lies there, and fails if all is elsewhere.

    below, above: the limit. within: margin on either side of it. equal_size: the share by which
    numbers of parameters may differ; beyond it nothing is decided.
    """

    kind: Literal["below", "above", "within"]
    limit: Number
    margin: Number = 0.0
    equal_size: Detail = None

    @property
    def ends(self) -> tuple[Number, ...]:
        """Where the verdict changes."""
        if self.kind == "within":
            return self.limit - self.margin, self.limit + self.margin
        return (self.limit,)


class Finding(Section):
    """A number, its own interval from low to high, and what a criterion says of it.

    p_value: the level at which the interval would end where the verdict changes.
    """

    verdict: Verdict
    value: Detail = None
    low: Detail = None
    high: Detail = None
    p_value: Detail = None


class Ruling(Finding):
    """The verdict on a claim, the number that it rests on, and how it was judged.

    p_value: the largest, where the number has one at each of several sizes; familywise_p_value:
    corrected for all claims. freedom: degrees of it that every interval has at least. condition:
    of the measurement. sizes: size -> what was found there, of a claim that every size is asked.
    """

    details: dict[str, Detail] = Field(default={})
    criterion: Criterion | None = None
    familywise_p_value: Detail = None
    freedom: int
    condition: dict[str, Number | str] = Field(default={})
    sizes: dict[str, Finding] = Field(default={})
