"""Cost of `reproducibility: portable`: `python benchmarks/portable.py [repeats]`.

Trains one seed of each model for a few epochs, fast and portable in turn, in a copy of the project,
and prints the ratio of the medians of seconds per epoch, and the sha256 of the portable weights,
which another machine must come to, too.
"""

import hashlib
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[1]
MODES = ("fast", "portable")
EPOCHS = 4


def main(repeats: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for name in ("src", "stages", "params.yaml", "data/input"):
            source = ROOT / name
            (shutil.copytree if source.is_dir() else shutil.copy)(source, copy / name)
        settings = YAML(typ="safe").load(ROOT / "params.yaml")
        settings |= {"seeds": [0], "device": "cpu"}
        settings["training"]["epochs"] = EPOCHS
        models = list(settings["models"])
        seconds: dict[tuple[str, str], list[float]] = {}
        for _ in range(repeats):
            for mode in MODES:
                YAML().dump(settings | {"reproducibility": mode}, copy / "params.yaml")
                for stage in ("generate", "split", *(f"train {model}" for model in models)):
                    step(copy, stage)
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


def step(folder: Path, stage: str) -> None:
    name, *arguments = stage.split()
    command = [sys.executable, "-m", f"stages.{name}", *arguments]
    subprocess.run(command, cwd=folder, capture_output=True, check=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
