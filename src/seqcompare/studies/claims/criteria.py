"""Criteria of verdicts: what follows from a number and the threshold that it is held against.

A criterion is data, and claims.md prints it beside the verdict: there is no second account of it.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from seqcompare.core.claims import Criterion, Detail, Finding, Ruling, Verdict
from seqcompare.statistics.estimates import Estimate, Interval
from seqcompare.statistics.familywise import FEWEST_FREEDOM, holm, p_value_at

EQUAL = 1  # a ratio of seconds, errors or dispersions
NO_DIFFERENCE = 0  # of lags, shares or epochs


def verdict_of(criterion: Criterion, number: Estimate | None) -> Verdict:
    """Of the number's interval alone; without one nothing is decided."""
    if number is None or number.interval is None:
        return "undecided"
    low, high = number.interval.low, number.interval.high
    if criterion.kind == "within":
        first, last = criterion.ends
        if first <= low and high <= last:
            return "holds"
        return "fails" if high < first or last < low else "undecided"
    if low <= criterion.limit <= high:
        return "undecided"
    return "holds" if (high < criterion.limit) == (criterion.kind == "below") else "fails"


def p_value_of(
    criterion: Criterion, number: Estimate | None, confidence: float, freedom: int
) -> float | None:
    """The level at which the interval would end where the verdict changes.

    The estimate's own where that is a ratio of 1 or no difference, which are what makers of
    estimates test; else by Student's t with so many degrees of freedom. A ratio is held against 1
    by its logarithm.
    """
    if number is None or number.interval is None:
        return None
    tested = criterion.kind != "within" and criterion.limit in (EQUAL, NO_DIFFERENCE)
    if tested and number.p_value is not None:
        return number.p_value
    if tested and criterion.limit == EQUAL and number.interval.low > 0:
        low, high = math.log(number.interval.low), math.log(number.interval.high)
        number = Estimate(math.log(number.value), Interval(low, high), None)
        return p_value_at(0.0, number, confidence, freedom)
    found = (p_value_at(end, number, confidence, freedom) for end in criterion.ends)
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
    return decide(Criterion(kind="below", limit=limit), number, freedom)


def above(limit: float, number: Estimate | None, freedom: int = FEWEST_FREEDOM) -> Decision:
    return decide(Criterion(kind="above", limit=limit), number, freedom)


def decide(
    criterion: Criterion, number: Estimate | None, freedom: int = FEWEST_FREEDOM
) -> Decision:
    return Decision(criterion, verdict_of(criterion, number), freedom)


def in_every_case(
    criterion: Criterion, numbers: Iterable[Estimate | None], freedom: int = FEWEST_FREEDOM
) -> Decision:
    """Of a claim that must hold in all of several cases, or fail in all; else it depends on them.

    It is undecided while one of them is.
    """
    verdicts = {verdict_of(criterion, number) for number in numbers}
    if len(verdicts) == 1:
        return Decision(criterion, verdicts.pop(), freedom)
    verdict: Verdict = "undecided" if "undecided" in verdicts else "depends"
    return Decision(criterion, verdict, freedom)


def finding(criterion: Criterion, number: Estimate | None) -> Finding:
    return Finding(verdict=verdict_of(criterion, number), **_parts(number))


def ruling(decision: Decision, number: Estimate | None, **details: Detail) -> Ruling:
    """By the number alone: `judged_together` corrects it for the other claims."""
    return Ruling(
        verdict=decision.verdict,
        **_parts(number),
        details=details,
        criterion=decision.criterion,
        freedom=decision.freedom,
    )


def judged_together(rulings: Mapping[str, Ruling], confidence: float) -> dict[str, Ruling]:
    """Undecided is every claim whose p value, corrected for all that have one, is too large."""
    tested = {claim: _tested(each, confidence) for claim, each in rulings.items()}
    p_values = {claim: each.p_value for claim, each in tested.items()}
    corrected = holm({claim: p for claim, p in p_values.items() if p is not None})

    def judged(claim: str, each: Ruling) -> Ruling:
        p_value = corrected.get(claim)
        lasts = p_value is not None and p_value <= 1 - confidence
        verdict = each.verdict if lasts else "undecided"
        return each.model_copy(update={"verdict": verdict, "familywise_p_value": p_value})

    return {claim: judged(claim, each) for claim, each in tested.items()}


def _tested(ruled: Ruling, confidence: float) -> Ruling:
    """With p values where the verdict changes, in place of those that its numbers came with.

    None where a number is missing: who claims something of all sizes has then shown nothing.
    """
    if ruled.criterion is None:
        return ruled
    criterion, freedom = ruled.criterion, ruled.freedom

    def p_value(found: Finding) -> float | None:
        return p_value_of(criterion, _number(found), confidence, freedom)

    sizes = {
        size: found.model_copy(update={"p_value": p_value(found)})
        for size, found in ruled.sizes.items()
    }
    every = [found.p_value for found in sizes.values()] or [p_value(ruled)]
    known = [p for p in every if p is not None]
    largest = max(known) if len(known) == len(every) else None
    return ruled.model_copy(update={"sizes": sizes, "p_value": largest})


def _parts(number: Estimate | None) -> dict[str, Any]:
    """An estimate as a finding holds it."""
    if number is None:
        return {}
    ends = number.interval
    return {
        "value": number.value,
        "low": ends.low if ends else None,
        "high": ends.high if ends else None,
        "p_value": number.p_value,
    }


def _number(found: Finding) -> Estimate | None:
    """The estimate that a finding holds."""
    if found.value is None:
        return None
    ends = None if found.low is None or found.high is None else Interval(found.low, found.high)
    return Estimate(found.value, ends, found.p_value)
