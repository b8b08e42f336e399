"""Run of a sweep: trials that choose, then the final ones, then the summary of every cell."""

from collections.abc import Sequence
from concurrent.futures import Executor
from pathlib import Path

from seqcompare.core.sweep import MadeFrom, SweepSummary
from seqcompare.core.sweep_params import Sweep
from seqcompare.studies.sweep.cells import Cell
from seqcompare.studies.sweep.doublings import doublings
from seqcompare.studies.sweep.ledger import Ledger
from seqcompare.studies.sweep.plan import Choice, choose_best, choosing_trials, final_trials
from seqcompare.studies.sweep.results import FinishedCell, finish, summarise
from seqcompare.studies.sweep.trials import OnDone, SweepTrial, ignore, run_trials


def expected_work(cells: Sequence[Cell], sweep: Sweep, device: str) -> list[int]:
    """Of each trial to come, before anything is chosen."""
    trials: list[SweepTrial] = []
    for cell in cells:
        trials += [trial for _, _, trial in choosing_trials(cell, sweep.seeds, device)]
        unchosen = {model: Choice() for model in cell.params.models}
        trials += final_trials(cell, unchosen, sweep.seeds, device)
    return [trial.work for trial in trials]


def run_sweep(
    cells: Sequence[Cell],
    sweep: Sweep,
    device: str,
    executor: Executor,
    checkpoints: Path,
    ledger: Ledger,
    on_done: OnDone = ignore,
) -> list[FinishedCell]:
    """Every cell with its results, whatever was known from before.

    The final trials of cells where nothing is chosen run beside those that choose. All trials of
    `sweep.seeds` run: none is left out because a cell seems decided.
    """
    unchosen = {model: Choice() for cell in cells for model in cell.params.models}
    choosing = {cell: choosing_trials(cell, sweep.seeds, device) for cell in cells}
    final = {
        cell: final_trials(cell, unchosen, sweep.seeds, device)
        for cell in cells
        if cell.choose is None
    }
    first = [trial for cell in cells for _, _, trial in choosing[cell]]
    first += [trial for own in final.values() for trial in own]
    results = dict(
        zip(first, run_trials(first, executor, checkpoints, ledger, on_done), strict=True)
    )
    chosen = {
        cell: choose_best(cell, own, [results[trial] for _, _, trial in own])
        for cell, own in choosing.items()
    }
    final |= {
        cell: final_trials(cell, chosen[cell], sweep.seeds, device)
        for cell in cells
        if cell.choose is not None
    }
    second = [trial for cell in cells if cell.choose is not None for trial in final[cell]]
    results |= zip(second, run_trials(second, executor, checkpoints, ledger, on_done), strict=True)
    return [
        finish(
            cell, sweep.seeds, chosen[cell], final[cell], [results[trial] for trial in final[cell]]
        )
        for cell in cells
    ]


def summary(finished: Sequence[FinishedCell], sweep: Sweep, made_from: MadeFrom) -> SweepSummary:
    """What reports/sweeps/NAME.json holds."""
    here = finished[0].cell.params
    same_data = all(each.cell.params.data == here.data for each in finished)
    return SweepSummary(
        made_from=made_from,
        trials=len(sweep.seeds),
        confidence=here.confidence,
        equivalence=here.equivalence,
        models=tuple(dict.fromkeys(model for each in finished for model in each.results)),
        cells=tuple(summarise(each) for each in finished),
        data=here.data.model_dump() if same_data else {},
        doublings=tuple(doublings(finished)),
    )
