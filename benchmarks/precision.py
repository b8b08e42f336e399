"""Quality and speed of `training.precision: bfloat16`.

    python benchmarks/precision.py [--seeds N] [--seq-len N] [--device NAME]

Trains every model at both precisions on the same draws in a clone of the last commit, and compares
the two as the pipeline compares two models. Prints a row a model; five minutes on two idle cores.
"""

import argparse
import statistics
import tempfile
from pathlib import Path

import numpy as np
from clone import ROOT, change_params, clone, run_stage, settings

from seqcompare.core import paths
from seqcompare.core.arrays import Floats
from seqcompare.core.files import load_csv
from seqcompare.core.params import load_params
from seqcompare.evaluation.comparison import compare_pairs

PRECISIONS = ("bfloat16", "float32")


def main(seeds: int, seq_len: int, device: str) -> None:
    evaluation = load_params(ROOT / "params.yaml").evaluation
    print(
        "| model | test MSE, bfloat16 | float32 | ratio | 95 % interval | outcome "
        "| s/epoch, bfloat16 | float32 | faster |\n" + "|---" * 9 + "|"
    )
    with tempfile.TemporaryDirectory() as folder:
        clone(Path(folder), {"seeds": list(range(seeds)), "seq_len": seq_len, "device": device})
        found = {each: run(Path(folder), each, seeds) for each in PRECISIONS}
        for model in found["float32"]:
            losses = {each: found[each][model][0] for each in PRECISIONS}
            seconds = [found[each][model][1] for each in PRECISIONS]
            (pair,) = compare_pairs(
                PRECISIONS, losses, "draws", evaluation.confidence, evaluation.equivalence
            )
            cells = [
                f"{model}, seq_len {seq_len}",
                *(f"{losses[each].mean():.5f}" for each in PRECISIONS),
                f"{pair.ratio:.3f}",
                f"{pair.low:.3f} to {pair.high:.3f}",
                pair.outcome,
                *(f"{each:.3f}" for each in seconds),
                f"{seconds[1] / seconds[0]:.2f}",
            ]
            print(f"| {' | '.join(cells)} |", flush=True)


def run(folder: Path, precision: str, seeds: int) -> dict[str, tuple[Floats, float]]:
    """Model -> squared errors [trial, target] and seconds of an epoch, the median."""
    change_params(folder, {"training": {"precision": precision}})
    models = list(settings()["models"])
    for stage in ("generate", "split", *(f"train {model}" for model in models), "evaluate"):
        run_stage(folder, stage)
    made = load_csv(folder / paths.PREDICTIONS_BY_SEED)
    truth = made["truth"]
    return {
        model: (
            np.square(made[model] - truth).reshape(seeds, -1),
            statistics.median(seconds_of_epochs(folder, model)),
        )
        for model in models
    }


def seconds_of_epochs(folder: Path, model: str) -> Floats:
    """Of every epoch but the first, which warms up."""
    columns = load_csv(folder / paths.epoch_seconds(model))
    return columns["epoch_seconds"][columns["epoch"] > 1]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--seq-len", type=int, default=20)
    parser.add_argument("--device", default="cpu")
    given = parser.parse_args()
    main(given.seeds, given.seq_len, given.device)
