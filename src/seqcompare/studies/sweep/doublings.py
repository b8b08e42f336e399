"""Doublings of training targets: what the last one of a sweep did to each model's error."""

from collections.abc import Iterator, Sequence

from seqcompare.core.comparison import Design
from seqcompare.core.sweep import Doubling
from seqcompare.evaluation.comparison import ratio_of
from seqcompare.statistics.ratios import corrected, outcome
from seqcompare.studies.sweep.results import FinishedCell

AMOUNT = "split.train"
NEAREST = 0.05  # how far from 2 a doubling may be: all targets of a series are often an odd number


def doublings(finished: Sequence[FinishedCell]) -> Iterator[Doubling]:
    """Of each setting and model; none where the grid has another key, or does not end in one.

    Cells that differ in the number of training targets alone have the same trials, draws and test
    targets, so errors are compared trial by trial, as those of two models are.
    """
    for setting in dict.fromkeys(each.cell.setting for each in finished):
        own = [each for each in finished if each.cell.setting == setting]
        if any(list(each.cell.point) != [AMOUNT] for each in own):
            continue
        more = max(own, key=_amount)
        halves = [each for each in own if abs(_amount(more) / _amount(each) - 2) <= NEAREST]
        if halves:
            fewer = min(halves, key=lambda each: abs(_amount(more) / _amount(each) - 2))
            yield from (_doubling(fewer, more, model) for model in more.results)


def _amount(finished: FinishedCell) -> int:
    """Training targets of the first fold."""
    train, _, _ = finished.cell.folds.targets[0]
    return len(train)


def _doubling(fewer: FinishedCell, more: FinishedCell, model: str) -> Doubling:
    params, models = more.cell.params, len(more.results)
    design: Design = "draws" if more.cell.draws.vary else "series"
    losses = more.losses[model], fewer.losses[model]
    found = ratio_of(*losses, design, params.confidence, models)
    return Doubling(
        setting=more.cell.setting,
        model=model,
        fewer=_amount(fewer),
        more=_amount(more),
        ratio=found.value,
        low=found.interval.low if found.interval else None,
        high=found.interval.high if found.interval else None,
        confidence=corrected(params.confidence, models),
        outcome=outcome(found, params.equivalence),
    )
