"""Gallery: the series that statsmodels ships, each through the pipeline's library, a row each.

    pip install statsmodels && python benchmarks/gallery.py --seeds 5

Every series of at least 100 values in order of time, gaps interpolated, as a user would set it:
windows of a period or 20 values and centred, a fifth of the series as test part in three folds.
Writes docs/GALLERY.md; 17 minutes on two idle cores.
"""

import argparse
import tempfile
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from seqcompare.core.arrays import Floats, Predictor
from seqcompare.core.comparison import Pair
from seqcompare.core.files import write_bytes
from seqcompare.core.names import AR, LSTM, PERSISTENCE, SEASONAL, TRANSFORMER
from seqcompare.core.params import Params, load_params
from seqcompare.core.sections.split import Split
from seqcompare.data.gate import check_draws
from seqcompare.data.series import Draws
from seqcompare.data.windows import Folds, cut_folds, cut_windows
from seqcompare.evaluation.baselines import fit_baselines
from seqcompare.evaluation.comparison import compare_pairs
from seqcompare.evaluation.predictors import TrainedPredictor
from seqcompare.evaluation.trials import held_out_predictions
from seqcompare.execution.executor import open_local
from seqcompare.statistics.shares import wilson
from seqcompare.training.trials import plan_trials, train_all

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs/GALLERY.md"
FOLDS = 3
SHOWN = (LSTM, TRANSFORMER, AR, SEASONAL, PERSISTENCE)
MACRO = ("realgdp", "realcons", "realinv", "cpi", "m1", "tbilrate", "unemp", "infl", "realint")


@dataclass(frozen=True, eq=False)
class Example:
    """values: [time]; period: values in a season, where there is one."""

    name: str
    values: Floats
    period: int | None


@dataclass(frozen=True)
class Result:
    """mse: predictor -> mean over trials; pair: of the two networks."""

    name: str
    size: int
    mse: Mapping[str, float]
    pair: Pair


def examples() -> list[Example]:
    """Of statsmodels."""
    from statsmodels import datasets

    def table(name: str) -> object:
        return getattr(datasets, name).load_pandas().data

    weekly = table("co2").co2.interpolate().to_numpy()
    monthly = table("elnino").drop(columns="YEAR").to_numpy().ravel()
    macro, rates = table("macrodata"), table("interest_inflation")
    return [
        Example("co2, weekly", weekly, 52),
        Example("elnino, monthly", monthly, 12),
        Example("sunspots, yearly", table("sunspots").SUNACTIVITY.to_numpy(), 11),
        Example("nile, yearly", table("nile").volume.to_numpy(float), None),
        *(Example(f"macrodata {name}, quarterly", macro[name].to_numpy(float), 4)
          for name in MACRO),
        *(Example(f"interest_inflation {name}, quarterly", rates[name].to_numpy(float), 4)
          for name in ("Dp", "R")),
    ]  # fmt: skip


def compare_on(example: Example, params: Params, executor: Executor) -> Result:
    """Every network and baseline of a series. params: all but what a user sets for the series."""
    size, seq_len = example.values.size, max(example.period or 0, params.seq_len)
    data = params.data.model_copy(
        update={"source": "csv", "path": example.name, "period": example.period, "centre": "last"}
    )
    split = Split(train=None, validation=0, test=size // 5, folds=FOLDS)
    folds = cut_folds(size, seq_len, split, data.scaling, data.centre)
    draws = Draws(np.arange(float(size)), {None: example.values})
    check_draws(draws, folds, data)
    parts = folds.of(example.values)
    truth = example.values[-split.test :]

    def losses(predictors: Sequence[Predictor]) -> Floats:
        tested = [fold.test for fold in parts]
        made = held_out_predictions(predictors, example.values, seq_len, tested)
        squared: Floats = (made - truth) ** 2
        return squared

    by_fold = [fit_baselines(cut_windows(example.values, seq_len, p.train), data) for p in parts]
    known = {
        name: np.repeat([losses([each[name] for each in by_fold])], len(params.seeds), axis=0)
        for name in by_fold[0]
    }
    for model in params.models:
        trained = _trained(model, params, seq_len, draws, folds, executor)
        known[model] = np.stack([losses(own) for own in trained])
    evaluation = params.evaluation
    pairs = compare_pairs(
        list(params.models), known, "series", evaluation.confidence, evaluation.equivalence
    )
    (pair,) = (pair for pair in pairs if pair.family == "models")
    means = {name: float(each.mean()) for name, each in known.items()}
    return Result(example.name, size, means, pair)


def _trained(
    model: str, params: Params, seq_len: int, draws: Draws, folds: Folds, executor: Executor
) -> list[list[TrainedPredictor]]:
    """Seed by seed, a predictor for each fold."""
    settings = params.models[model]
    tasks = plan_trials(
        model, settings, params.training, seq_len, params.seeds, draws, folds, "cpu"
    )
    with tempfile.TemporaryDirectory() as folder:
        trained = train_all(tasks, executor, Path(folder) / "checkpoints")
    made = [
        TrainedPredictor(model, settings, seq_len, each.weights, task.parts.scale)
        for task, each in zip(tasks, trained, strict=True)
    ]
    return [made[start : start + FOLDS] for start in range(0, len(made), FOLDS)]


def page(results: Sequence[Result], params: Params) -> str:
    """Markdown: a row for each series, and how often which predictor has the lower error."""
    header = ["series", "values", *SHOWN, "LSTM / Transformer"]
    lines = [[each.name, f"{each.size:,}", *_errors(each), _ratio(each.pair)] for each in results]
    rows = [header, ["---"] * len(header), *lines]
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    rates = "\n".join(f"- {words}: {_rate(results, won, params)}" for words, won in RATES.items())
    return f"""# Gallery: the series of statsmodels

Test MSE in the series' own unit squared, mean over {len(params.seeds)} trials of
{params.training.epochs} epochs; windows centred (`data.centre: last`), a fifth of each series as
test part in {FOLDS} folds. In bold the lowest. A ratio that its test part is too short to
bound has no interval. Made by benchmarks/gallery.py.

{table}

How often the one has the lower error, with a Wilson interval over series
({params.evaluation.confidence:.0%}). Those of one source move together, so the intervals are too
narrow if anything; nothing here was tuned for a series.

{rates}
"""


def _errors(result: Result) -> list[str]:
    lowest = min(result.mse, key=result.mse.__getitem__)
    cells = {name: f"{mse:.3g}" for name, mse in result.mse.items()}
    cells[lowest] = f"**{cells[lowest]}**"
    return [cells.get(name, "–") for name in SHOWN]


def _ratio(pair: Pair) -> str:
    seen = pair.seen_from(LSTM)
    interval = "" if seen.low is None else f" [{seen.low:.2f}, {seen.high:.2f}]"
    return f"{seen.ratio:.2f}{interval}, {pair.winner or ''} {pair.outcome}".replace("  ", " ")


def _below(first: str, second: str) -> Callable[[Result], bool]:
    return lambda result: result.mse[first] < result.mse[second]


RATES: Mapping[str, Callable[[Result], bool]] = {
    "LSTM below Transformer": _below(LSTM, TRANSFORMER),
    "LSTM below the linear model": _below(LSTM, AR),
    "Transformer below the linear model": _below(TRANSFORMER, AR),
    "LSTM below persistence": _below(LSTM, PERSISTENCE),
    "Transformer below persistence": _below(TRANSFORMER, PERSISTENCE),
    "LSTM surely better than Transformer": lambda result: result.pair.winner == LSTM,
    "Transformer surely better than LSTM": lambda result: result.pair.winner == TRANSFORMER,
}


def _rate(results: Sequence[Result], won: Callable[[Result], bool], params: Params) -> str:
    count = sum(map(won, results))
    found = wilson(count, len(results), params.evaluation.confidence)
    ends = f"[{found.interval.low:.2f}, {found.interval.high:.2f}]" if found.interval else ""
    return f"{count} of {len(results)}, {found.value:.2f} {ends}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, required=True, help="trials of each model")
    parser.add_argument("--epochs", type=int, help="those of params.yaml, if not given")
    given = parser.parse_args()
    params = load_params(ROOT / "params.yaml")
    training = params.training.model_copy(update={"epochs": given.epochs} if given.epochs else {})
    params = params.model_copy(update={"seeds": tuple(range(given.seeds)), "training": training})
    results = []
    with open_local(params.executor, given.seeds * FOLDS) as executor:
        for example in examples():
            results.append(compare_on(example, params, executor))
            print(results[-1].name, {name: f"{x:.3g}" for name, x in results[-1].mse.items()})
    write_bytes(PAGE, page(results, params).encode())


if __name__ == "__main__":
    main()
