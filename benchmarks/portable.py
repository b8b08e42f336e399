"""Cost of `reproducibility: portable`: `python benchmarks/portable.py [repeats]`.

Trains one seed of each model for a few epochs, fast and portable in turn, in a clone of the last
commit, and prints the ratio of the medians of seconds per epoch, and the sha256 of the portable
weights, which another machine must come to, too.
"""

import hashlib
import json
import statistics
import sys
import tempfile
from pathlib import Path

from clone import change_params, clone, run_stage, settings

MODES = ("fast", "portable")
EPOCHS = 4


def main(repeats: int) -> None:
    models = list(settings()["models"])
    seconds: dict[tuple[str, str], list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        clone(copy, {"seeds": [0], "device": "cpu", "training": {"epochs": EPOCHS}})
        for _ in range(repeats):
            for mode in MODES:
                change_params(copy, {"reproducibility": mode})
                for stage in ("generate", "split", *(f"train {model}" for model in models)):
                    run_stage(copy, stage)
                for model in models:
                    timing = json.loads((copy / f"reports/timing/{model}.json").read_text())
                    seconds.setdefault((model, mode), []).append(timing["seconds_per_epoch"])
                if mode == "portable":
                    hashes = {model: hash_of(copy / f"data/runs/{model}") for model in models}
    for model in models:
        fast, portable = (statistics.median(seconds[model, mode]) for mode in MODES)
        ratio = portable / fast
        print(f"{model}: fast {fast:.3f} s/epoch, portable {portable:.3f}: ratio {ratio:.2f}")
        print(f"  sha256 of its portable weights: {hashes[model]}")


def hash_of(folder: Path) -> str:
    return hashlib.sha256((folder / "seed-0.safetensors").read_bytes()).hexdigest()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
