"""Made-up results for tests of figures and pages: any number of models and trials, in no time."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from itertools import combinations

import numpy as np
from made_up_sweep import make_summary
from scipy import special

from seqcompare.core.arrays import Floats
from seqcompare.core.comparison import Comparison, Design, Family, Outcome, Pair, Score
from seqcompare.core.types import Models, Row
from seqcompare.models import count_operations
from seqcompare.report.content import PageContent
from seqcompare.report.figures.comparison import panel, panels
from seqcompare.report.figures.studies import cost_panels, lookback_panels
from seqcompare.report.results import Results
from seqcompare.report.texts import load_texts
from seqcompare.studies.adding_problem.summary import (
    AddingProblemSummary,
    AddingSetting,
    LagCount,
    ModelLags,
)
from seqcompare.studies.cost.operations import operations_table
from seqcompare.studies.cost.summary import summarise_cost
from seqcompare.studies.cost.table import CostSetting, Timing

NAMES = ("lstm", "transformer", "gru", "a_model_with_a_long_name")
SETTING = CostSetting(device="cpu", clock="processor_time", batch_size=32)


SCORES = {
    "mse_all_steps": 0.02, "mse_last_step": 0.03, "interval_level": 0.95,
    "interval_coverage": 0.934, "interval_coverage_ci_low": 0.88,
    "interval_coverage_ci_high": 0.97, "interval_width": 0.52,
    "interval_score": 0.61, "origins": 161, "forecasts_apart": 90,
}  # fmt: skip


def make_results(
    models: int = 2,
    trials: int = 3,
    test: int = 120,
    gap: float = 0.05,
    oracle: bool = True,
    design: Design = "draws",
    folds: int = 1,
) -> Results:
    """A noisy sine, predicted the worse the later a model stands; gap: by how much."""
    rng = np.random.default_rng(7)
    names = NAMES[:models]
    times = 41 + 0.05 * np.arange(test)
    clean = np.sin(times)
    draws = trials if design == "draws" else 1
    truth = np.repeat(clean + 0.1 * rng.standard_normal((draws, test)), trials // draws, axis=0)
    by_trial = {"truth": truth}
    for place, name in enumerate(names):
        by_trial[name] = clean + (0.03 + gap * place) * rng.standard_normal((trials, test))
    by_trial["persistence"] = np.hstack([truth[:, :1], truth[:, :-1]])
    by_trial["ar"] = np.broadcast_to(0.97 * clean, truth.shape)
    if oracle:
        by_trial["oracle"] = np.broadcast_to(clean, truth.shape)
    epochs = np.arange(1, 21)
    losses = {
        name: np.concatenate(
            [0.01 + 0.005 * place + np.exp(-epochs / (1 + place)) * rng.uniform(0.3, 0.6)
             for _ in range(trials * folds)]
        )
        for place, name in enumerate(names)
    }  # fmt: skip
    return Results(
        seq_len=20,
        seeds=list(range(trials)),
        comparison=make_comparison(names, by_trial, design, folds),
        histories={
            name: {
                "seed": np.repeat(np.arange(trials), folds * epochs.size),
                "fold": np.tile(np.repeat(np.arange(folds), epochs.size), trials),
                "epoch": np.tile(epochs, trials * folds),
                "train_mse": losses[name],
                "eval_mse": losses[name],
            }
            for name in names
        },
        timings={
            name: {
                "seconds_per_epoch": 0.08 * 9**place,
                "device": "cpu",
                "threads_per_trial": 1,
                "trials_side_by_side": 2,
            }
            for place, name in enumerate(names)
        },
        epoch_seconds={
            name: 0.08 * 9**place * rng.uniform(0.95, 1.3, 20 * trials * folds)
            for place, name in enumerate(names)
        },
        predictions={"time": times} | {name: made[0] for name, made in by_trial.items()},
        by_trial=by_trial,
        forecast=make_forecast(names, times[-1]),
        by_horizon={"horizon": np.arange(1, 21)}
        | {
            name: 0.01 * np.arange(1, 21) ** (0.3 + 0.1 * i)
            for i, name in enumerate(reversed(list(by_trial)[1:]))
        },
        forecast_scores={name: SCORES for name in by_trial if name != "truth"},
        noise_std=0.1 if oracle else None,
    )


def make_comparison(
    models: Sequence[str], by_trial: Mapping[str, Floats], design: Design = "draws", folds: int = 1
) -> Comparison:
    """comparison.json of those predictions, by Student's t on logarithms of errors."""
    trials, targets = by_trial["truth"].shape
    predictors = [name for name in by_trial if name != "truth"]
    mses = {name: np.mean((by_trial[name] - by_trial["truth"]) ** 2, axis=1) for name in predictors}
    pairs: list[tuple[Family, str, str]] = [("models", *pair) for pair in combinations(models, 2)]
    pairs += [("line", model, "ar") for model in models if "ar" in predictors]
    pairs += [("limit", model, "oracle") for model in models if "oracle" in predictors]
    scores = {name: make_score(mses[name]) for name in predictors}
    if "oracle" in scores:
        scores["oracle"] = scores["oracle"].model_copy(update={"train_mse": 0.01})
    for place, name in enumerate(models):
        size = {"parameters": 50_000 * 11**place, "macs": 10**6 * 6**place}
        scores[name] = scores[name].model_copy(update=size)
    return Comparison(
        design=design,
        trials=trials,
        targets=targets,
        folds=folds,
        confidence=0.95,
        equivalence=0.05,
        predictors=scores,
        pairs=tuple(make_pair(*pair, mses) for pair in pairs),
    )


def make_score(mses: Floats) -> Score:
    low, high = ends_of_logs(np.log(mses))
    mse = float(mses.mean())
    return Score(
        mse=mse,
        mse_low=low,
        mse_high=high,
        mse_std=float(mses.std()),
        rmse=mse**0.5,
        mae=0.8 * mse**0.5,
        mase=0.7,
        skill=0.3,
        excess_mse=mse / 5,
    )


def make_pair(family: Family, first: str, second: str, mses: Mapping[str, Floats]) -> Pair:
    logs = np.log(mses[first] / mses[second])
    ratio = math.exp(logs.mean())
    low, high = ends_of_logs(logs)
    outcome: Outcome = "undecided"
    if low is not None and high is not None:
        if not low <= 1 <= high:
            outcome = "better"
        elif low >= 0.95 and high <= 1.05:
            outcome = "equivalent"
    return Pair(
        first=first,
        second=second,
        family=family,
        ratio=ratio,
        low=low,
        high=high,
        confidence=0.95,
        p_value=None if low is None else 0.04,
        outcome=outcome,
        winner=(first if ratio < 1 else second) if outcome == "better" else None,
        trials_needed=57 if low is not None and outcome == "undecided" else None,
    )


def ends_of_logs(logs: Floats) -> tuple[float, float] | tuple[None, None]:
    if logs.size == 1:
        return None, None
    margin = float(special.stdtrit(logs.size - 1, 0.975) * logs.std(ddof=1) / math.sqrt(logs.size))
    return math.exp(logs.mean() - margin), math.exp(logs.mean() + margin)


def decided(
    ratio: float, low: float, high: float, outcome: Outcome, design: Design = "draws"
) -> Results:
    """Two models with that verdict between them, after ten trials; the LSTM is the first."""
    results = make_results()
    comparison = results.comparison
    winner = None if outcome != "better" else ("lstm" if ratio < 1 else "transformer")
    update = {"ratio": ratio, "low": low, "high": high, "outcome": outcome, "winner": winner,
              "trials_needed": 57 if outcome == "undecided" else None}  # fmt: skip
    pairs = tuple(
        pair.model_copy(update=update) if pair.family == "models" else pair
        for pair in comparison.pairs
    )
    changed = {"pairs": pairs, "trials": 10, "design": design}
    return replace(results, comparison=comparison.model_copy(update=changed))


def make_forecast(models: Sequence[str], end: float) -> dict[str, Floats]:
    times = end + 0.05 * np.arange(1, 21)
    columns = {"time": times}
    for place, name in enumerate(models):
        centre = np.sin(times + 0.1 * place)
        columns |= {name: centre, f"{name}_low": centre - 0.2, f"{name}_high": centre + 0.2}
    return columns


def make_cost(models: Sequence[str]) -> tuple[list[Row], list[Row]]:
    """Rows of cost.csv and operations.csv: two sizes, LSTM-like growth, the last unmeasured."""
    lengths = (20, 40, 80, 160, 320)
    known = count_operations("lstm", {"hidden_size": 8, "num_layers": 1})
    timings: list[Timing] = []
    for place, model in enumerate(models):
        for size, factor in (("as_configured", 1.0), ("equal_size", 0.6)):
            timings.append(Timing(size, model, lengths[-1], 0, "train", "time"))
            for n in lengths[:-1]:
                seconds = factor * 1e-4 * n**1.1 * 3**place
                macs = known.train.at(n) if known else None
                timings += [
                    Timing(size, model, n, i, kind, "measured", level * s, 5, m, factor * n)
                    for i, level in enumerate((0.9, 1, 1.2))
                    for kind, s, m in (("train", seconds, macs), ("product", 0.02, 1e9))
                ]
    points = summarise_cost(timings, SETTING, 0.95).to_rows()
    sizes: dict[str, Models] = {
        size: {model: {"hidden_size": hidden, "num_layers": 1} for model in models}
        for size, hidden in (("as_configured", 8), ("equal_size", 6))
    }
    counts = [
        {**row, "model": model}
        for model in models
        for size, same in sizes.items()
        for row in operations_table({size: {"lstm": same[model]}}, lengths)
    ]
    return list(points), counts


def make_lookback(models: Sequence[str]) -> tuple[list[Row], Row]:
    """Rows of lookback.csv, of baselines too, and adding_problem.json: longer lags are harder."""
    lookback: list[Row] = [
        {"model": name, "lag": lag, "windows": 120, "gradient": 0.2 / (lag + place),
         "gradient_ci_low": 0.1 / (lag + place), "gradient_ci_high": 0.3 / (lag + place),
         "mse_older_removed": 1 / lag if lag % 2 else None}
        for place, name in enumerate((*models, "ar", "oracle"))
        for lag in range(1, 21)
    ]  # fmt: skip
    counts = {
        name: [LagCount(lag, 10, max(0, 10 - 2 * place * i), max(0, 9 - 4 * i))
               for i, lag in enumerate((5, 10, 20, 40))]
        for place, name in enumerate(models)
    }  # fmt: skip
    setting = AddingSetting(seeds=10, steps=600, solved_below=0.1, most=0.5, confidence=0.95)
    by_model = {name: ModelLags(12_961, "cpu", own) for name, own in counts.items()}
    return lookback, AddingProblemSummary(setting, by_model).to_json()


def make_content(results: Results, language: str = "en", studied: bool = False) -> PageContent:
    """What a page of that results shows; studied: with claims, cost and lookback too."""
    claim = {
        "verdict": "holds", "value": 1.02, "low": 0.95, "high": 1.09, "details": {},
        "criterion": {"kind": "within", "limit": 1, "margin": 0.15, "equal_size": None},
        "p_value": 0.001, "familywise_p_value": 0.004,
        "condition": {"device": "cpu", "seq_len": 1280},
        "sizes": {
            "as_configured": {"verdict": "holds", "value": 1.02, "low": 0.95, "high": 1.09},
            "equal_size": {"verdict": "holds", "value": 1.01, "low": 0.94, "high": 1.08},
        },
    }  # fmt: skip
    texts = load_texts(language)
    pictures = {name: panel(name, results, texts) for name in panels(results)}
    if studied:
        pictures |= cost_panels(*make_cost(results.models), texts)
        pictures |= lookback_panels(*make_lookback(results.models), texts)
    return PageContent(
        results=results,
        settings={
            "seq_len": results.seq_len,
            "seeds": results.seeds,
            "data": {"source": "sine", "noise": 0.1},
        },
        figures={name: svg.decode() for name, svg in pictures.items()},
        environments={
            name: {"device": "cpu", "python": "3.11.7", "cores": 2} for name in results.models
        },
        hashes={"data/series.csv": "0123456789abcdef" * 4},
        claims={"lstm_time_linear": claim} if studied else {},
        studies={"cost": make_cost(results.models)[0], "lookback": make_lookback(results.models)[0]}
        if studied
        else {},
        maps={"settings": make_summary(models=results.models)} if studied else {},
        measured_on=asdict(SETTING),
    )
