"""Made-up results for tests of page and figures: any number of models and trials, in no time."""

import math
from collections.abc import Mapping, Sequence
from itertools import combinations, product
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
import yaml
from scipy import special

from seqcompare.core import paths
from seqcompare.core.params import Params, merged
from seqcompare.core.tables import save_json, save_table, write_bytes
from seqcompare.core.types import Floats
from seqcompare.core.yaml import load_yaml
from seqcompare.report.results import Map, Results
from seqcompare.report.studies import StudyResults

PARAMS = Path(__file__).resolve().parents[2] / "params.yaml"
NAMES = ("lstm", "transformer", "gru", "a_model_with_a_long_name")
Design = Literal["each", "one", "many"]  # a series for each trial | one series | three, by data.id
CSV = {"source": "csv", "path": "data/input/load.csv", "value": "load", "time": "time"}


def make_params(models: int = 2, trials: int = 3, test: int = 120, **changes: Any) -> Params:
    """params.yaml with so many models and seeds; changes: sections, like data={"noise": 0.2}."""
    content = load_yaml(PARAMS) | {"seeds": list(range(trials))}
    content["models"] = {
        name: content["models"].get(name, {"hidden_size": 8}) for name in NAMES[:models]
    }
    content = merged(content, {"split": {"test": test}, "training": {"tested_epochs": 1}})
    return Params.model_validate(merged(content, changes))


def make_results(
    models: int = 2,
    trials: int = 3,
    test: int = 120,
    gap: float = 0.05,
    oracle: bool = True,
    design: Design = "each",
    folds: int = 1,
    dated: bool = False,
    linear: float = 0.03,
    **changes: Any,
) -> Results:
    """A noisy sine, predicted the worse the later a model stands; gap: by how much.

    linear: the standard deviation of the linear model's distance from the noiseless sine.
    dated: hourly ISO times. changes: of params.yaml, as in make_params.
    """
    rng = np.random.default_rng(7)
    changes = {"split": {"folds": folds}} | changes
    if design != "each":
        changes.setdefault("data", CSV | ({"id": "city"} if design == "many" else {}))
    params = make_params(models, trials, test, **changes)
    names = ["load"] if design == "one" else ["Bonn", "北京", "<b>São & Co</b>"]
    rows = [(str(seed), seed) for seed in range(trials)]
    if design != "each":
        rows = list(product(names, range(trials)))
    clean = np.sin(41 + 0.05 * np.arange(test))
    noise = {series: 0.1 * rng.standard_normal(test) for series, _ in rows}
    truth = np.array([clean + noise[series] for series, _ in rows])
    shape = truth.shape
    predicted = {
        name: clean + (0.03 + gap * place) * rng.standard_normal(shape)
        for place, name in enumerate(params.models)
    }
    if oracle:
        predicted["oracle"] = np.broadcast_to(clean, shape)
    predicted["ar"] = clean + linear * np.random.default_rng(1).standard_normal(shape)
    predicted["persistence"] = np.hstack([truth[:, :1], truth[:, :-1]])
    times: list[Any] = [41 + 0.05 * place for place in range(test + 20)]  # 20 of the forecast
    if dated:
        times = list(pd.date_range("2024-03-30", periods=test + 20, freq="h").map(str))
    mses = {name: np.mean((each - truth) ** 2, axis=1) for name, each in predicted.items()}
    training = make_training(params, rows, folds, rng)
    factor = {name: 0.08 * 6**place for place, name in enumerate(params.models)}
    seconds = training["model"].map(factor) * rng.uniform(0.95, 1.3, len(training))
    starts = [1000 - test + test * fold // folds for fold in range(folds + 1)]
    return Results(
        params=params,
        scores=make_scores(mses, params),
        pairs=make_pairs(mses, list(params.models)),
        errors=make_errors(mses, rows, params),
        predictions=pd.concat(
            [
                pd.DataFrame(
                    {"series": series, "seed": seed, "fold": np.arange(test) * folds // test,
                     "time": times[:test], "truth": truth[place]}
                    | {name: each[place] for name, each in predicted.items()}
                )
                for place, (series, seed) in enumerate(rows)
            ],
            ignore_index=True,
        ),
        horizon=pd.DataFrame(
            {"step": step, "predictor": name, "mse": 0.01 * step ** (0.3 + 0.1 * place),
             "coverage": 0.94, "width": 0.4 + 0.01 * step}
            for place, name in enumerate(predicted)
            for step in range(1, 21)
        ),
        forecast=pd.DataFrame(
            {"time": time, "predictor": name, "mean": (mean := math.sin(43 + 0.05 * step)),
             "low": mean - 0.2, "high": mean + 0.2}
            for name in predicted
            for step, time in enumerate(times[test:])
        ),
        training=training,
        seconds=training[["model", "series", "seed", "fold", "epoch"]].assign(seconds=seconds),
        timing=factor,
        split=pd.DataFrame(
            {"series": series, "fold": fold, "train_start": 20, "validation_start": starts[fold],
             "test_start": starts[fold], "test_end": starts[fold + 1], "mean": 0.0, "std": 1.0,
             "centre": "none"}
            for series in dict.fromkeys(series for series, _ in rows)
            for fold in range(folds)
        ),
        environments={
            name: {"python": "3.11.7", "torch": "2.13.0", "system": "Linux", "cores": 2,
                   "processor": "AMD EPYC", "device": "cpu", "variables": "OMP_NUM_THREADS=1"}
            for name in params.models
        },
    )  # fmt: skip


def make_scores(mses: Mapping[str, Floats], params: Params) -> pd.DataFrame:
    """scores.csv, by predictor. mses: predictor -> [trial]."""
    naive, oracle = mses["persistence"].mean(), mses.get("oracle", np.array(math.nan)).mean()
    rows = {}
    for name, each in mses.items():
        size = list(params.models).index(name) if name in params.models else math.nan
        low, high = _ends(np.log(each))
        rows[name] = {
            "mse": each.mean(), "low": low, "high": high, "mse_std": each.std(),
            "rmse": each.mean() ** 0.5, "mae": 0.8 * each.mean() ** 0.5, "mase": 0.7,
            "skill": 1 - each.mean() / naive, "excess_mse": each.mean() - oracle,
            "train_mse": 0.01, "previous_mse": 0.02, "variance_share": 0.9,
            "parameters": 50_497 * 11**size, "macs": 988_224 * 6**size, "forecast_mse": 0.02,
            "forecast_last_mse": 0.03, "coverage": 0.934, "coverage_low": 0.88,
            "coverage_high": 0.97, "width": 0.52, "origins": 161, "independent_origins": 9,
        }  # fmt: skip
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("predictor")


def make_pairs(mses: Mapping[str, Floats], models: Sequence[str], **at: Any) -> pd.DataFrame:
    """pairs.csv: intervals by Student's t. at: columns that come first."""
    pairs = [(*pair, "models") for pair in combinations(models, 2)]
    pairs += [(model, "ar", "linear") for model in models]
    pairs += [(model, "oracle", "oracle") for model in models if "oracle" in mses]
    rows = []
    for first, second, family in pairs:
        logs = np.log(mses[first] / mses[second])
        ratio, (low, high), outcome = math.exp(logs.mean()), _ends(logs), "undecided"
        if low > 1 or high < 1:
            outcome = first if ratio < 1 else second
        elif low >= 0.95 and high <= 1.05:
            outcome = "equivalent"
        unknown = math.isnan(low) or outcome != "undecided"
        rows.append(at | {
            "first": first, "second": second, "family": family, "ratio": ratio, "low": low,
            "high": high, "confidence": 0.95, "p": math.nan if math.isnan(low) else 0.04,
            "outcome": outcome, "trials_needed": math.nan if unknown else 57,
        })  # fmt: skip
    return pd.DataFrame(rows)


def make_errors(
    mses: Mapping[str, Floats], rows: Sequence[tuple[str, int]], params: Params
) -> pd.DataFrame:
    """errors.csv: a row a tested epoch of a trial."""
    last, tested = params.training.epochs, params.training.tested_epochs
    return pd.DataFrame(
        {"series": series, "seed": seed, "epoch": last - i if name in params.models else math.nan,
         "predictor": name, "mse": mse * (1 + 0.1 * i), "mae": 0.8 * mse**0.5, "train_mse": 0.01}
        for name, each in mses.items()
        for (series, seed), mse in zip(rows, each, strict=True)
        for i in reversed(range(tested if name in params.models else 1))
    )  # fmt: skip


def make_training(
    params: Params, rows: Sequence[tuple[str, int]], folds: int, rng: np.random.Generator
) -> pd.DataFrame:
    """data/training/MODEL.csv of all models."""
    epochs = np.arange(1, params.training.epochs + 1)
    parts = []
    for (place, model), (series, seed), fold in product(
        enumerate(params.models), rows, range(folds)
    ):
        loss = 0.01 + 0.005 * place + np.exp(-epochs / (1 + place)) * rng.uniform(0.3, 0.6)
        at = {"model": model, "series": series, "seed": seed, "fold": fold}
        losses = {"epoch": epochs, "train_mse": 1.1 * loss, "eval_mse": loss}
        parts.append(pd.DataFrame(at | losses))
    return pd.concat(parts, ignore_index=True)


def decided(ratio: float, low: float, high: float, outcome: str, **kinds: Any) -> Results:
    """Two models with that verdict between them; the LSTM is the first. kinds: of make_results."""
    results = make_results(**{"trials": 10} | kinds)
    needed = 57 if outcome == "undecided" else math.nan
    columns = ["ratio", "low", "high", "outcome", "trials_needed"]
    results.pairs.loc[results.pairs["family"] == "models", columns] = [
        ratio, low, high, outcome, needed,
    ]  # fmt: skip
    return results


def make_map(models: Sequence[str] = ("lstm", "transformer"), **changes: Any) -> Map:
    """Two settings at four lengths, one of which a single model decides; changes: of params."""
    rng = np.random.default_rng(3)
    content = merged(make_params(trials=10, test=180).model_dump(mode="json"), changes)
    scores, pairs = [], []
    for (row, setting), (column, length) in product(
        enumerate(("tutorial", "tuned")), enumerate((10, 20, 50, 100))
    ):
        at = {"setting": setting, "seq_len": length}
        means = {name: 0.014 + 0.001 * place for place, name in enumerate(models)}
        means |= {"ar": 0.0145 - 0.0005 * column, "oracle": 0.0107, "persistence": 0.021}
        means[models[0]] *= 1.15 - 0.1 * column + 0.05 * row
        mses = {n: m * np.exp(0.05 * rng.standard_normal(10)) for n, m in means.items()}
        for name, each in mses.items():
            low, high = _ends(np.log(each))
            chosen = "learning_rate=0.003" if setting == "tuned" and name in models else ""
            score = {"predictor": name, "mse": each.mean(), "low": low, "high": high}
            scores.append(at | score | {"parameters": math.nan, "chosen": chosen})
        pairs.append(make_pairs(mses, models, **at))
    return Map(content, pd.DataFrame(scores), pd.concat(pairs, ignore_index=True))


def make_studies() -> StudyResults:
    """Two sizes of two models, two claims, one of them not measured, and one map."""
    cost = [
        {"size": size, "model": model, "kind": kind, "seq_len": n, "status": "measured",
         "seconds": 1e-4 * n, "slope": 1.3, "slope_low": 0.9, "slope_high": 1.5, "peak_mb": 3.0 * n}
        for size, model in product(("as_configured", "equal_size"), NAMES[:2])
        for n, kind in product((20, 40), ("train", "attention"))
    ]  # fmt: skip
    lags = [
        {"model": model, "lag": lag, "share": 5 / lag}
        for model, lag in product(NAMES[:2], (5, 10, 20))
    ]
    empty = ("value", "low", "high", "p", "above", "below", "lstm", "transformer", "trials", "unit",
             "device", "seq_len", "lag", "target")  # fmt: skip
    claims = [
        {"claim": "lstm_time_linear", "value": 1.01, "low": 0.94, "high": 1.09, "p": 0.036,
         "verdict": "holds", "above": 0.85, "below": 1.15, "unit": "slope", "trials": 5,
         "device": "cpu"},
        {"claim": "transformer_faster_on_gpu", "verdict": "not measured"},
    ]  # fmt: skip
    measured_on = {"device": "cpu", "clock": "processor_time", "batch_size": 32}
    return StudyResults(
        pd.DataFrame([dict.fromkeys(empty, math.nan) | claim for claim in claims]),
        pd.DataFrame(cost), pd.DataFrame(lags), {"settings": make_map()}, measured_on,
    )  # fmt: skip


def write_results(results: Results, maps: Mapping[str, Map]) -> None:
    """As the stages before `render` write them, below the working directory."""
    names = ("pairs", "errors", "predictions", "horizon", "forecast", "split")
    tables = {getattr(paths, name.upper()): getattr(results, name) for name in names}
    tables[paths.SCORES] = results.scores.reset_index()
    for model, facts in results.environments.items():
        for folder, table in (
            (paths.TRAINING, results.training), (paths.EPOCH_SECONDS, results.seconds)
        ):  # fmt: skip
            rows = table[table["model"] == model].drop(columns="model")
            tables[paths.of_model(folder, model)] = rows
        save_json(paths.of_model(paths.ENVIRONMENT, model, "json"), facts)
        timing = {"seconds_per_epoch": results.timing[model]}
        save_json(paths.of_model(paths.TIMING, model, "json"), timing)
    for name, found in maps.items():
        folder = paths.MAPS / name
        tables |= {folder / "scores.csv": found.scores, folder / "pairs.csv": found.pairs}
        write_bytes(folder / "params.yaml", yaml.safe_dump(dict(found.params)).encode())
    for path, table in tables.items():
        save_table(path, table, None)


def _ends(logs: Floats) -> tuple[float, float]:
    """The 95 % interval of the mean by Student's t, no longer logarithms; NaN of one value."""
    if logs.size == 1:
        return math.nan, math.nan
    margin = float(special.stdtrit(logs.size - 1, 0.975) * logs.std(ddof=1) / math.sqrt(logs.size))
    return math.exp(logs.mean() - margin), math.exp(logs.mean() + margin)
