"""What earlier stages found out, put together for the stages that show it."""

from collections.abc import Iterable, Sequence

from seqcompare import artifacts
from seqcompare.outcome import Outcome, noise_of, train_mse_limit
from seqcompare.params import Data, Evaluation


def load_outcome(
    seq_len: int, seeds: Sequence[int], models: Iterable[str], data: Data, evaluation: Evaluation
) -> Outcome:
    """All that the main comparison found out."""
    models = list(models)
    return Outcome(
        seq_len=seq_len,
        histories={model: artifacts.load_history(model) for model in models},
        timings={model: artifacts.load_timing(model) for model in models},
        epoch_seconds={model: artifacts.load_epoch_seconds(model) for model in models},
        predictions=artifacts.load_predictions(),
        by_seed=artifacts.load_predictions_by_seed(models, seeds),
        metrics=artifacts.load_metrics(),
        forecast=artifacts.load_forecast(),
        by_horizon=artifacts.load_horizon(),
        confidence=evaluation.confidence,
        noise_std=noise_of(data),
        train_mse_limit=train_mse_limit(data),
    )
