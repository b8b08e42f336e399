"""Made-up results for tests of figures and pages: any number of models and seeds, in no time."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from seqcompare.core.params import Cost, Evaluation
from seqcompare.core.types import Floats
from seqcompare.evaluation.metrics import predictions_by_seed, predictions_table, score
from seqcompare.models import count_operations
from seqcompare.report.content import PageContent
from seqcompare.report.figures.comparison import panel, panels
from seqcompare.report.figures.studies import cost_panels, lookback_panels
from seqcompare.report.results import Results
from seqcompare.report.texts import load_texts
from seqcompare.studies.cost.operations import operations_table
from seqcompare.studies.cost.table import Measurement, Status, model_rows, summarise_cost

NAMES = ("lstm", "transformer", "gru", "a_model_with_a_long_name")
MEASURED_ON = {"device": "cpu", "batch_size": 32}
Row = dict[str, Any]
SETTINGS = Evaluation(confidence=0.95, horizon=1, resamples=200, seed=0)


def make_results(
    models: int = 2, seeds: int = 3, test: int = 120, gap: float = 0.05, oracle: bool = True
) -> Results:
    """A noisy sine, predicted the worse the later a model stands; gap: by how much."""
    rng = np.random.default_rng(7)
    names = NAMES[:models]
    times = 41 + 0.05 * np.arange(test)
    clean = np.sin(times)
    truth = clean + 0.1 * rng.standard_normal(test)
    made = {
        name: clean + (0.03 + gap * place) * rng.standard_normal((seeds, test))
        for place, name in enumerate(names)
    }
    baselines = {"persistence": np.append(truth[0], truth[:-1]), "ar": 0.97 * clean}
    if oracle:
        baselines["oracle"] = clean
    scores = score(truth, made, baselines, truth, SETTINGS)
    for place, name in enumerate(names):
        scores[name] |= {"final_train_mse": 0.012, "parameters": 50_000 * 11**place}
    if oracle:
        scores["oracle"]["train_mse"] = 0.01
    epochs = np.arange(1, 21)
    losses = {
        name: np.concatenate(
            [0.01 + 0.005 * place + np.exp(-epochs / (1 + place)) * rng.uniform(0.3, 0.6)
             for _ in range(seeds)]
        )
        for place, name in enumerate(names)
    }  # fmt: skip
    columns = predictions_by_seed(times, range(seeds), made)
    return Results(
        seq_len=20,
        histories={
            name: {
                "seed": np.repeat(np.arange(seeds), epochs.size),
                "epoch": np.tile(epochs, seeds),
                "train_mse": losses[name],
            }
            for name in names
        },
        timings={
            name: {
                "seconds_per_epoch": 0.08 * 9**place,
                "device": "cpu",
                "threads_per_run": 1,
                "runs_side_by_side": 2,
            }
            for place, name in enumerate(names)
        },
        epoch_seconds={
            name: 0.08 * 9**place * rng.uniform(0.95, 1.3, 20 * seeds)
            for place, name in enumerate(names)
        },
        predictions=predictions_table(times, truth, made, baselines),
        by_seed={
            name: {seed: columns[f"{name}_seed_{seed}"] for seed in range(seeds)} for name in names
        },
        metrics=scores,
        forecast=make_forecast(names),
        by_horizon={"horizon": np.arange(1, 21)}
        | {name: 0.01 * np.arange(1, 21) ** (0.5 + 0.1 * i) for i, name in enumerate(scores)},
        confidence=0.95,
        noise_std=0.1 if oracle else None,
    )


def make_forecast(models: Sequence[str]) -> dict[str, Floats]:
    times = 50.0 + 0.05 * np.arange(20)
    columns = {"time": times}
    for place, name in enumerate(models):
        centre = np.sin(times + 0.1 * place)
        columns |= {name: centre, f"{name}_low": centre - 0.2, f"{name}_high": centre + 0.2}
    return columns


def make_cost(models: Sequence[str]) -> tuple[list[Row], list[Row], Row]:
    """Rows of cost/ and operations/, and cost.json: LSTM-like growth, the last unmeasured."""
    settings = Cost(
        seq_lens=(20, 40, 80, 160, 320), repeats=2, fit_lengths=3, memory_limit_gb=1.0,
        time_budget_s=1.0,
    )  # fmt: skip
    size = {"hidden_size": 8, "num_layers": 1}
    known = count_operations("lstm", size)
    rows = []
    for place, name in enumerate(models):
        timed: dict[int, Measurement | Status] = {
            n: Measurement(
                np.array([0.9, 1, 1.2]) * 1e-4 * n**1.1 * 3**place, np.full(3, 1e-5 * n),
                10**6 * n, 10**5 * n, 1.0,
            )
            for n in settings.seq_lens[:-1]
        }  # fmt: skip
        rows += model_rows(name, MEASURED_ON, known, {**timed, settings.seq_lens[-1]: "time"})
    counts = operations_table("lstm", size, settings.seq_lens)
    counts = [{**row, "model": name} for name in models for row in counts]
    return rows, counts, summarise_cost(rows, settings, 0.95)


def make_lookback(models: Sequence[str]) -> tuple[list[Row], list[Row]]:
    """Rows of lookback.csv and adding_problem/."""
    lookback = [
        {"model": name, "lag": lag, "gradient": 0.2 / (lag + place),
         "gradient_ci_low": 0.1 / (lag + place), "gradient_ci_high": 0.3 / (lag + place),
         "mse_older_swapped": 1 / lag if lag % 2 else None}
        for place, name in enumerate(models)
        for lag in range(1, 21)
    ]  # fmt: skip
    adding = [
        {"model": name, "lag": lag, "seed": seed, "mse": (0.01 + 0.002 * seed) * 2**place * lag / 5}
        for place, name in enumerate(models)
        for lag in (5, 10, 20, 40)
        for seed in (0, 1)
    ]
    return lookback, adding


def make_content(results: Results, language: str = "en", studied: bool = False) -> PageContent:
    """What a page of that results shows; studied: with claims, cost and lookback too."""
    claim = {
        "value": 1.02, "low": 0.95, "high": 1.09, "verdict": "holds", "details": {"seq_len": 1280}
    }  # fmt: skip
    texts = load_texts(language)
    pictures = {name: panel(name, results, texts) for name in panels(results)}
    if studied:
        pictures |= cost_panels(*make_cost(results.models), texts)
        pictures |= lookback_panels(*make_lookback(results.models), 0.1, texts)
    return PageContent(
        results=results,
        settings={"seq_len": results.seq_len, "seeds": results.seeds, "split": {"validation": 0}},
        figures={name: svg.decode() for name, svg in pictures.items()},
        environments={name: {"python": "3.11.7", "cores": 2} for name in results.models},
        hashes={"data/series.csv": "0123456789abcdef" * 4},
        claims={"lstm_time_linear": claim} if studied else {},
        studies={"cost": make_cost(results.models)[0], "lookback": make_lookback(results.models)[0]}
        if studied
        else {},
        measured_on=MEASURED_ON,
    )
