"""Criteria of verdicts: the thresholds that a number is held against, and what follows.

A criterion is data, and claims.md prints it beside the verdict: there is no second account of it.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from seqcompare.statistics.estimates import Estimate, Interval
from seqcompare.statistics.familywise import FEWEST_FREEDOM, holm, p_value_at

EQUAL = 1  # a ratio of seconds, errors or dispersions
NO_DIFFERENCE = 0  # of lags, shares or epochs

# depends: on something named in the criterion, such as whether steps or seconds are equal
Verdict: TypeAlias = Literal["holds", "fails", "undecided", "depends"]
Detail: TypeAlias = float | None


@dataclass(frozen=True)
class Criterion:
    """The claim holds if the number's whole interval lies there, and fails if all is elsewhere.

    below, above: the limit. within: margin on either side of it. equal_size: the share by which
    numbers of parameters may differ; beyond it nothing is decided.
    """

    kind: Literal["below", "above", "within"]
    limit: float
    margin: float = 0.0
    equal_size: float | None = None

    @property
    def ends(self) -> tuple[float, ...]:
        """Where the verdict changes."""
        if self.kind == "within":
            return self.limit - self.margin, self.limit + self.margin
        return (self.limit,)

    def verdict(self, number: Estimate | None) -> Verdict:
        if number is None or number.interval is None:
            return "undecided"
        low, high = number.interval.low, number.interval.high
        if self.kind == "within":
            first, last = self.ends
            if first <= low and high <= last:
                return "holds"
            return "fails" if high < first or last < low else "undecided"
        if low <= self.limit <= high:
            return "undecided"
        return "holds" if (high < self.limit) == (self.kind == "below") else "fails"

    def p_value(self, number: Estimate | None, confidence: float, freedom: int) -> float | None:
        """The level at which the interval would end where the verdict changes.

        The estimate's own where that is a ratio of 1 or no difference, which are what makers of
        estimates test; else by Student's t with so many degrees of freedom. A ratio is held
        against 1 by its logarithm.
        """
        if number is None or number.interval is None:
            return None
        tested = self.kind != "within" and self.limit in (EQUAL, NO_DIFFERENCE)
        if tested and number.p_value is not None:
            return number.p_value
        if tested and self.limit == EQUAL and number.interval.low > 0:
            low, high = math.log(number.interval.low), math.log(number.interval.high)
            number = Estimate(math.log(number.value), Interval(low, high), None)
            return p_value_at(0.0, number, confidence, freedom)
        found = (p_value_at(end, number, confidence, freedom) for end in self.ends)
        return max(p for p in found if p is not None)


@dataclass(frozen=True)
class Decision:
    """A criterion, and what it says of the number by itself, before any correction.

    freedom: degrees of it of the number's interval, which count where that has no p value.
    """

    criterion: Criterion
    verdict: Verdict
    freedom: int = FEWEST_FREEDOM

    def only_if(self, tested: bool) -> "Decision":
        """Undecided unless the claim was put to the test."""
        return self if tested else replace(self, verdict="undecided")


def below(limit: float, number: Estimate | None, freedom: int = FEWEST_FREEDOM) -> Decision:
    """Is the number below the limit? Only an interval that lies on one side of it decides."""
    return decide(Criterion("below", limit), number, freedom)


def above(limit: float, number: Estimate | None, freedom: int = FEWEST_FREEDOM) -> Decision:
    return decide(Criterion("above", limit), number, freedom)


def decide(
    criterion: Criterion, number: Estimate | None, freedom: int = FEWEST_FREEDOM
) -> Decision:
    return Decision(criterion, criterion.verdict(number), freedom)


def in_every_case(
    criterion: Criterion, numbers: Iterable[Estimate | None], freedom: int = FEWEST_FREEDOM
) -> Decision:
    """Of a claim that must hold in all of several cases, or fail in all; else it depends on them.

    It is undecided while one of them is.
    """
    verdicts = {criterion.verdict(number) for number in numbers}
    if len(verdicts) == 1:
        return Decision(criterion, verdicts.pop(), freedom)
    verdict: Verdict = "undecided" if "undecided" in verdicts else "depends"
    return Decision(criterion, verdict, freedom)


@dataclass(frozen=True)
class Finding:
    """A number, its own interval from low to high, and what a criterion says of it.

    p_value: the level at which the interval would end where the verdict changes.
    """

    verdict: Verdict
    value: float | None = None
    low: float | None = None
    high: float | None = None
    p_value: float | None = None

    @property
    def number(self) -> Estimate | None:
        if self.value is None:
            return None
        ends = None if self.low is None or self.high is None else Interval(self.low, self.high)
        return Estimate(self.value, ends, self.p_value)

    @classmethod
    def of(cls, criterion: Criterion, number: Estimate | None) -> "Finding":
        return cls(criterion.verdict(number), *_parts(number))


@dataclass(frozen=True)
class Ruling(Finding):
    """The verdict on a claim, the number that it rests on, and how it was judged.

    p_value: the largest, where the number has one at each of several sizes; familywise_p_value:
    corrected for all claims. freedom: degrees of it that every interval has at least. condition:
    of the measurement. sizes: size -> what was found there, of a claim that every size is asked.
    """

    details: Mapping[str, Detail] = field(default_factory=dict)
    criterion: Criterion | None = None
    familywise_p_value: float | None = None
    freedom: int = FEWEST_FREEDOM
    condition: Mapping[str, float | str] = field(default_factory=dict)
    sizes: Mapping[str, Finding] = field(default_factory=dict)

    def tested(self, confidence: float) -> "Ruling":
        """With p values where the verdict changes, in place of those that its numbers came with.

        None where a number is missing: who claims something of all sizes has then shown nothing.
        """
        if self.criterion is None:
            return self
        criterion, freedom = self.criterion, self.freedom

        def p_value(found: Finding) -> float | None:
            return criterion.p_value(found.number, confidence, freedom)

        sizes = {size: replace(found, p_value=p_value(found)) for size, found in self.sizes.items()}
        every = [found.p_value for found in sizes.values()] or [p_value(self)]
        known = [p for p in every if p is not None]
        return replace(self, sizes=sizes, p_value=max(known) if len(known) == len(every) else None)


def ruling(decision: Decision, number: Estimate | None, **details: Detail) -> Ruling:
    """By the number alone: `judged_together` corrects it for the other claims."""
    return Ruling(
        decision.verdict,
        *_parts(number),
        details=details,
        criterion=decision.criterion,
        freedom=decision.freedom,
    )


def judged_together(rulings: Mapping[str, Ruling], confidence: float) -> dict[str, Ruling]:
    """Undecided is every claim whose p value, corrected for all that have one, is too large."""
    tested = {claim: each.tested(confidence) for claim, each in rulings.items()}
    p_values = {claim: each.p_value for claim, each in tested.items()}
    corrected = holm({claim: p for claim, p in p_values.items() if p is not None})
    return {
        claim: replace(
            each,
            verdict=each.verdict if corrected.get(claim, 1.0) <= 1 - confidence else "undecided",
            familywise_p_value=corrected.get(claim),
        )
        for claim, each in tested.items()
    }


def _parts(number: Estimate | None) -> tuple[Detail, Detail, Detail, Detail]:
    """Value, low, high and p value."""
    if number is None:
        return None, None, None, None
    ends = number.interval
    return number.value, ends.low if ends else None, ends.high if ends else None, number.p_value
