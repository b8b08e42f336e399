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


def within(
    centre: float, margin: float, number: Estimate | None, freedom: int = FEWEST_FREEDOM
) -> Decision:
    """Is the number within the margin? Yes if all of the interval is, no if nothing of it is."""
    return decide(Criterion("within", centre, margin), number, freedom)


def decide(
    criterion: Criterion, number: Estimate | None, freedom: int = FEWEST_FREEDOM
) -> Decision:
    return Decision(criterion, criterion.verdict(number), freedom)


def in_every_case(
    criterion: Criterion, numbers: Iterable[Estimate], freedom: int = FEWEST_FREEDOM
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
class Ruling:
    """The verdict, the number that it rests on, and how it was judged.

    low to high: the number's own interval. p_value: the level at which that would end where the
    verdict changes; familywise_p_value: corrected for all claims. freedom: degrees of it that
    the interval has at least. condition: of the measurement.
    """

    verdict: Verdict
    value: float | None = None
    low: float | None = None
    high: float | None = None
    details: Mapping[str, Detail] = field(default_factory=dict)
    criterion: Criterion | None = None
    p_value: float | None = None
    familywise_p_value: float | None = None
    freedom: int = FEWEST_FREEDOM
    condition: Mapping[str, float | str] = field(default_factory=dict)

    @property
    def number(self) -> Estimate | None:
        if self.value is None:
            return None
        ends = None if self.low is None or self.high is None else Interval(self.low, self.high)
        return Estimate(self.value, ends, self.p_value)


def ruling(decision: Decision, number: Estimate | None, **details: Detail) -> Ruling:
    """By the number alone: `judged_together` corrects it for the other claims."""
    ends = number.interval if number else None
    return Ruling(
        decision.verdict,
        number.value if number else None,
        ends.low if ends else None,
        ends.high if ends else None,
        details,
        decision.criterion,
        number.p_value if number else None,
        freedom=decision.freedom,
    )


def judged_together(rulings: Mapping[str, Ruling], confidence: float) -> dict[str, Ruling]:
    """Undecided is every claim whose p value, corrected for all that have one, is too large."""
    p_values = {
        claim: each.criterion.p_value(each.number, confidence, each.freedom)
        if each.criterion
        else None
        for claim, each in rulings.items()
    }
    corrected = holm({claim: p for claim, p in p_values.items() if p is not None})
    return {
        claim: replace(
            each,
            verdict=each.verdict if corrected.get(claim, 1.0) <= 1 - confidence else "undecided",
            p_value=p_values[claim],
            familywise_p_value=corrected.get(claim),
        )
        for claim, each in rulings.items()
    }
