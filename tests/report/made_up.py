"""Made-up results for tests of page and figures: any number of models and trials, in no time."""

import math
from collections.abc import Mapping, Sequence
from itertools import combinations, product, zip_longest
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
    models: int = 2, trials: int = 3, test: int = 120, gap: float = 0.05, oracle: bool = True,
    design: Design = "each", folds: int = 1, dated: bool = False, linear: float = 0.03,
    **changes: Any,
) -> Results:  # fmt: skip
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
    predicted = {
        name: clean + (0.03 + gap * place) * rng.standard_normal(truth.shape)
        for place, name in enumerate(params.models)
    }
    if oracle:
        predicted["oracle"] = np.broadcast_to(clean, truth.shape)
    predicted["ar"] = clean + linear * np.random.default_rng(1).standard_normal(truth.shape)
    predicted["persistence"] = np.hstack([truth[:, :1], truth[:, :-1]])
    times: list[Any] = [41 + 0.05 * place for place in range(test + 20)]  # 20 of the forecast
    if dated:
        times = list(pd.date_range("2024-03-30", periods=test + 20, freq="h").map(str))
    mses = {name: np.mean((each - truth) ** 2, axis=1) for name, each in predicted.items()}
    training = make_training(params, rows, folds, rng)
    factor = {name: 0.08 * 6**place for place, name in enumerate(params.models)}
    seconds = training["model"].map(factor) * rng.uniform(0.95, 1.3, len(training))
    of_targets = pd.DataFrame(np.repeat(rows, test, axis=0), columns=["series", "seed"])
    return Results(
        params=params,
        scores=make_scores(mses, params),
        pairs=make_pairs(mses, list(params.models)),
        errors=make_errors(mses, rows, params),
        predictions=of_targets.astype({"seed": int}).assign(
            fold=np.tile(np.arange(test) * folds // test, len(rows)),
            time=times[:test] * len(rows),
            truth=truth.ravel(),
            **{name: each.ravel() for name, each in predicted.items()},
        ),
        horizon=pd.DataFrame(
            {"step": step, "predictor": name, "mse": 0.01 * step ** (0.3 + 0.1 * place)}
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
            {"series": name, "fold": fold, "train_start": 20, "validation_start": 800}
            for name, fold in product(noise, range(folds))
        ),
        environments={name: {"python": "3.11.7", "device": "cpu"} for name in params.models},
    )  # fmt: skip


def make_scores(mses: Mapping[str, Floats], params: Params) -> pd.DataFrame:
    """scores.csv, by predictor. mses: predictor -> [trial]."""
    naive = mses["persistence"].mean()
    rows = {}
    for name, each in mses.items():
        size = list(params.models).index(name) if name in params.models else math.nan
        low, high = _ends(np.log(each))
        rows[name] = {
            "mse": each.mean(), "low": low, "high": high, "mae": 0.8 * each.mean() ** 0.5,
            "mase": 0.7, "skill": 1 - each.mean() / naive,
            "train_mse": 0.01, "previous_mse": 0.02, "variance_share": 0.9, "origins": 161,
            "parameters": 50_497 * 11**size, "macs": 988_224 * 6**size, "forecast_mse": 0.02,
            "coverage": 0.934,
        }  # fmt: skip
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("predictor")


def make_pairs(mses: Mapping[str, Floats], models: Sequence[str], **at: Any) -> pd.DataFrame:
    """pairs.csv: intervals by Student's t. at: columns that come first."""
    pairs = [(*pair, "models") for pair in combinations(models, 2)]
    pairs += [(model, "ar", "linear") for model in models]
    pairs += [(model, "oracle", "oracle") for model in models if "oracle" in mses]
    pairs += [(model, "persistence", "persistence") for model in models]
    rows = []
    for first, second, family in pairs:
        logs = np.log(mses[first] / mses[second])
        ratio, (low, high), outcome = math.exp(logs.mean()), _ends(logs), "undecided"
        if low > 1 or high < 1:
            outcome = first if ratio < 1 else second
        elif low >= 0.95 and high <= 1.05:
            outcome = "equivalent"
        rows.append(at | {
            "first": first, "second": second, "family": family, "ratio": ratio, "low": low,
            "high": high, "confidence": 0.95, "p": 0.04, "outcome": outcome, "trials_needed": 57,
        })  # fmt: skip
    return pd.DataFrame(rows)


def make_errors(
    mses: Mapping[str, Floats], rows: Sequence[tuple[str, int]], params: Params
) -> pd.DataFrame:
    """errors.csv: a row a tested epoch of a trial."""
    last, tested = params.training.epochs, params.training.tested_epochs
    return pd.DataFrame(
        {"series": series, "seed": seed, "epoch": last - i if name in params.models else math.nan,
         "predictor": name, "mse": mse * (1 + 0.1 * i)}
        for name, each in mses.items()
        for (series, seed), mse in zip(rows, each, strict=True)
        for i in reversed(range(tested if name in params.models else 1))
    )  # fmt: skip


def make_training(
    params: Params, rows: Sequence[tuple[str, int]], folds: int, rng: np.random.Generator
) -> pd.DataFrame:
    """data/training/MODEL.csv of all models."""
    return pd.DataFrame(
        {"model": model, "series": series, "seed": seed, "fold": fold, "epoch": epoch,
         "eval_mse": 0.01 + 0.005 * place + math.exp(-epoch / (1 + place)) * start}
        for place, model in enumerate(params.models)
        for (series, seed), fold in product(rows, range(folds))
        for start in [rng.uniform(0.3, 0.6)]
        for epoch in range(1, params.training.epochs + 1)
    )  # fmt: skip


def decided(ratio: float, low: float, high: float, outcome: str, **kinds: Any) -> Results:
    """Two models with that verdict between them; the LSTM is the first. kinds: of make_results."""
    results = make_results(**{"trials": 10} | kinds)
    columns = ["ratio", "low", "high", "outcome", "trials_needed"]
    between = results.pairs["family"] == "models"
    results.pairs.loc[between, columns] = [ratio, low, high, outcome, 57]
    return results


def make_map(models: Sequence[str] = ("lstm", "transformer"), **changes: Any) -> Map:
    """Two settings at four lengths, one of which a single model decides; changes: of params."""
    rng = np.random.default_rng(3)
    content = merged(make_params(len(models), 10, 180).model_dump(mode="json"), changes)
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


def make_map_trials(found: Map) -> pd.DataFrame:
    """trials.csv of a map, as if it were of three series with two seeds each."""
    trials = pd.DataFrame(product(("Bonn", "Köln", "Oulu"), range(2)), columns=["series", "seed"])
    rows = found.scores[["setting", *found.keys, "predictor", "mse"]].merge(trials, how="cross")
    factors = np.random.default_rng(11).uniform(0.8, 1.2, len(rows))
    return rows.assign(mse=rows["mse"] * factors, validation_mse=math.nan)


def make_studies() -> StudyResults:
    """Two sizes of two models, two claims, one of them not measured, and one map."""
    cost = pd.DataFrame(
        product(("as_configured", "equal_size"), NAMES[:2], ("train", "attention"), (20, 40)),
        columns=["size", "model", "kind", "seq_len"],
    ).assign(status="measured", slope=1.3, slope_low=0.9, slope_high=1.5, peak_mb=60.0)
    lags = pd.DataFrame(product(NAMES[:2], (5, 10, 20)), columns=["model", "lag"])
    columns = ["claim", "verdict", "value", "low", "high", "p", "above", "below", "unit", "trials",
               "device", "lstm", "transformer", "seq_len", "lag", "target"]  # fmt: skip
    known = ["lstm_time_linear", "holds", 1.01, 0.94, 1.09, 0.036, 0.85, 1.15, "slope", 5, "cpu"]
    rows = [known, ["transformer_faster_on_gpu", "not measured"]]
    claims = [dict(zip_longest(columns, row)) for row in rows]
    measured_on = {"device": "cpu", "clock": "processor_time", "batch_size": 32}
    lags = lags.assign(share=5 / lags["lag"])
    return StudyResults(pd.DataFrame(claims), cost, lags, {"settings": make_map()}, measured_on)


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
