"""Quality and speed of `training.precision: bfloat16`: `python benchmarks/precision.py [seeds]`.

Trains every model at both precisions on the same draws, 20 of them, in a copy of the project, and
compares the two as the pipeline compares two models. Prints a table for each; a quarter of an hour.
"""

import shutil
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from portable import step
from ruamel.yaml import YAML

from seqcompare.core import paths
from seqcompare.core.files import load_csv
from seqcompare.core.params import load_params
from seqcompare.core.types import Floats
from seqcompare.evaluation.comparison import compare_pairs

ROOT = Path(__file__).resolve().parents[1]
PRECISIONS = ("bfloat16", "float32")
SEQ_LENS = (20, 100)


def main(seeds: int) -> None:
    evaluation = load_params(ROOT / "params.yaml").evaluation
    print(
        "| model | test MSE, bfloat16 | float32 | ratio | 95 % interval | outcome "
        "| s/epoch, bfloat16 | float32 | faster |\n" + "|---" * 9 + "|"
    )
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for name in ("src", "stages", "params.yaml", "data/input"):
            source = ROOT / name
            (shutil.copytree if source.is_dir() else shutil.copy)(source, copy / name)
        for seq_len in SEQ_LENS:
            found = {each: run(copy, each, seq_len, seeds) for each in PRECISIONS}
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


def run(folder: Path, precision: str, seq_len: int, seeds: int) -> dict[str, tuple[Floats, float]]:
    """Model -> squared errors [trial, target] and seconds of an epoch, the median."""
    settings: dict[str, Any] = YAML(typ="safe").load(ROOT / "params.yaml")
    settings |= {"seeds": list(range(seeds)), "seq_len": seq_len, "device": "cpu"}
    settings["training"]["precision"] = precision
    YAML().dump(settings, folder / "params.yaml")
    models = list(settings["models"])
    for stage in ("generate", "split", *(f"train {model}" for model in models), "evaluate"):
        step(folder, stage)
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
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
