"""Trials side by side on one device: seconds of the stage `train` by the number of workers.

    python benchmarks/side_by_side.py [--device NAME] [--workers N ...] [--seq-len N ...]

On a GPU every worker is a process that shares it. The whole process of the stage, with as many
trials and epochs as params.yaml has, in a clone of the last commit. Prints Markdown.
"""

import argparse
import json
import tempfile
from pathlib import Path

from clone import change_params, clone, run_stage, settings

from seqcompare.core import paths


def main(device: str, workers: list[int], seq_lens: list[int]) -> None:
    models = list(settings()["models"])
    print("| | workers | seconds | seconds per epoch of a trial |\n|---|---|---|---|")
    for seq_len in seq_lens:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            clone(folder, {"seq_len": seq_len, "device": device})
            for stage in ("generate", "split"):
                run_stage(folder, stage)
            for model in models:
                for count in workers:
                    change_params(folder, {"executor": {"workers": count}})
                    took_s = run_stage(folder, f"train {model}")
                    epoch_s = json.loads((folder / paths.timing(model)).read_text())
                    cells = f"{count} | {took_s:.1f} s | {epoch_s['seconds_per_epoch']:.3f} s"
                    print(f"| {model}, seq_len {seq_len} | {cells} |", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--seq-len", type=int, nargs="+", default=[20])
    given = parser.parse_args()
    main(given.device, given.workers, given.seq_len)
