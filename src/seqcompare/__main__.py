"""Commands: `python -m seqcompare forecast FILE --model NAME`, the values after those of a file.

What is not given is as params.yaml has it. docs/USE.md.
"""

import argparse
import sys
from pathlib import Path

from seqcompare.execution.main_process import run, set_up


def main() -> None:
    given = _arguments()
    # Loaded only here, and torch last: what is found wrong before needs to wait for none.
    from seqcompare.core.errors import InputError
    from seqcompare.core.files import csv_bytes, write_bytes
    from seqcompare.core.params import load_params
    from seqcompare.data.next_times import next_times
    from seqcompare.data.series import read_csv

    params = load_params()
    own = {"source": "csv", "path": given.file, "value": given.value, "time": given.time}
    data = params.data.model_copy(update={key: value for key, value in own.items() if value})
    draws = read_csv(data)
    for note in draws.notes:
        sys.stderr.write(f"note: {note}\n")
    history = draws.of_trial(0)
    if history.size < params.seq_len:
        raise InputError(
            f"{given.file}: has {history.size} values, but a model sees the last {params.seq_len} "
            "(seq_len): give a longer history"
        )
    evaluation = params.evaluation
    steps = evaluation.horizon if given.steps is None else given.steps
    confidence = evaluation.confidence if given.confidence is None else given.confidence
    from seqcompare.trained import load_models

    made = load_models([given.model])[given.model].forecast(history, steps, confidence)
    times = next_times(draws, steps) if data.time else None
    first = {"step": range(1, steps + 1)} if times is None else {"time": times}
    table = csv_bytes(first | vars(made))
    if given.out:
        write_bytes(given.out, table)
    else:
        sys.stdout.write(table.decode())


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m seqcompare", description=__doc__)
    commands = parser.add_subparsers(required=True)
    forecast = commands.add_parser("forecast", help="the next values of a CSV file, and intervals")
    forecast.add_argument("file", help="in data/input/, as docs/DATA.md says")
    forecast.add_argument("--model", required=True, help="one of params.yaml")
    forecast.add_argument("--steps", type=int, help="values ahead; evaluation.horizon")
    forecast.add_argument("--confidence", type=float, help="evaluation.confidence")
    forecast.add_argument("--value", help="column to forecast; data.value")
    forecast.add_argument("--time", help="column of times; data.time")
    forecast.add_argument("--out", type=Path, help="CSV file to write; standard output")
    return parser.parse_args()


if __name__ == "__main__":
    set_up()
    run(main)
