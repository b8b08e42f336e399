"""Everything in reports/ that follows from trained weights."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from seqcompare.core import paths
from seqcompare.core.params import Params
from seqcompare.core.tables import load_table, rounded, save_json, save_table
from seqcompare.data.times import Times, future_times
from seqcompare.evaluation import comparison
from seqcompare.evaluation.trials import HeldOutTrial, TestedTrial, forecast_trial, test_trial
from seqcompare.models import count_operations

Results = dict[Path, "pd.DataFrame | dict[str, Any]"]


def evaluate(
    params: Params, trials: Sequence[HeldOutTrial], map_calls: Callable[..., Iterable[Any]] = map
) -> Results:
    """A table or mapping for each file. map_calls: `map`, or an executor's."""
    tested: list[TestedTrial] = list(map_calls(partial(test_trial, params=params), trials))
    forecasts = list(map_calls(partial(forecast_trial, params=params), trials))
    multi_step, confidence = pd.concat(forecasts), params.evaluation.confidence
    losses = comparison.losses_table(tested)
    errors = comparison.errors_table(tested, params)
    forecast_scores = comparison.forecast_scores(multi_step, confidence)
    scores = comparison.score_table(losses, errors, forecast_scores, confidence)
    pairs = comparison.compare_pairs(losses, list(params.models), params.evaluation)
    predictions = [predictions_table(*each) for each in zip(tested, trials, strict=True)]
    by_step = multi_step.groupby(["predictor", "step"], sort=False)[["mse", "coverage", "width"]]
    return {
        paths.METRICS: comparison.metrics(scores, pairs),
        paths.SCORES: with_sizes(scores, trials[0], params),
        paths.PAIRS: pairs,
        paths.ERRORS: errors[comparison.ERRORS],
        paths.PREDICTIONS: pd.concat(predictions, ignore_index=True),
        paths.HORIZON: by_step.mean().reset_index("predictor").reset_index(),
        paths.FORECAST: forecast_table(forecasts[0], trials[0].series.times),
        **plots(predictions[0], params),
    }


def save_results(results: Results) -> None:
    """Numbers with 6 digits, but times and values of the series exactly."""
    for path, content in results.items():
        if isinstance(content, dict):
            save_json(path, rounded(content))
        elif path in (paths.PREDICTIONS, paths.FORECAST) or path.parent == paths.PREDICTION_PLOTS:
            save_table(path, content, digits=None)
        else:
            save_table(path, content)


def with_sizes(scores: pd.DataFrame, trial: HeldOutTrial, params: Params) -> pd.DataFrame:
    """scores with each model's number of parameters and its MACs a prediction, where it counts."""
    parameters, macs = {}, {}
    for model, settings in params.models.items():
        parameters[model] = sum(w.size for w in trial.networks[model][0][0].weights.values())
        if counts := count_operations(model, settings):
            macs[model] = int(counts.predict.at(params.seq_len))
    sizes = pd.DataFrame({"parameters": parameters, "macs": macs}, dtype="Int64")
    return scores.drop(columns=list(sizes)).join(sizes, on="predictor")[list(scores)]


def predictions_table(tested: TestedTrial, trial: HeldOutTrial) -> pd.DataFrame:
    """series, seed, fold, time, truth, a column a predictor; networks' last tested epoch."""
    return pd.DataFrame({
        "series": tested.series, "seed": tested.seed, "fold": tested.fold,
        "time": trial.series.times[tested.targets], "truth": tested.truth,
        **{name: made[-1] for name, made in tested.predictions.items()},
    })  # fmt: skip


def forecast_table(forecasts: pd.DataFrame, times: Times) -> pd.DataFrame:
    """time, predictor, mean, low, high. forecasts: of one trial, whose series has these times.

    time: empty where steps are too uneven to go on.
    """
    mean, radius = forecasts["mean"], forecasts["radius"]
    table = forecasts[["predictor", "mean"]].assign(low=mean - radius, high=mean + radius)
    following = future_times(times, int(forecasts["step"].max()))
    table.insert(0, "time", None if following is None else following[forecasts["step"] - 1])
    return table


def plots(predictions: pd.DataFrame, params: Params) -> Results:
    """Of `dvc plots`: each model's training error, mean over trials, and these predictions."""
    results: Results = {}
    for model in params.models:
        training = load_table(paths.of_model(paths.TRAINING, model), "epoch", "eval_mse")
        loss = training.groupby("epoch")["eval_mse"].mean().rename("train_mse").reset_index()
        shown = predictions[["time", "truth"]].assign(prediction=predictions[model])
        results[paths.of_model(paths.LOSS_PLOTS, model)] = loss
        results[paths.of_model(paths.PREDICTION_PLOTS, model)] = shown
    return results
