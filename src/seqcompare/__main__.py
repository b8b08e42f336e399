"""Command: `seqcompare forecast FILE --model NAME`, the values after those of a CSV file.

What is not given is as in params.yaml of the working directory.
"""

import argparse
import os
import sys
from pathlib import Path


def main() -> None:
    from seqcompare.execution.runtime import run, set_up

    options = _options()
    set_up()
    run(lambda: _forecast(options))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="seqcompare", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    forecast = commands.add_parser("forecast", help="the next values of a CSV file, with intervals")
    forecast.add_argument("file", metavar="FILE", help="CSV, as docs/DATA.md says; anywhere")
    forecast.add_argument("--model", required=True, help="one of params.yaml, or linear")
    forecast.add_argument("--steps", type=int, help="values ahead; evaluation.horizon")
    forecast.add_argument("--confidence", type=float, help="evaluation.confidence")
    forecast.add_argument("--value", help="column to forecast; data.value")
    forecast.add_argument("--time", help="column of times; data.time")
    forecast.add_argument("--out", help="CSV file to write; standard output")
    return parser.parse_args()


def _forecast(options: argparse.Namespace) -> None:
    # Loaded only here, and torch last: a mistake that is found before waits for none of it.
    import pandas as pd

    from seqcompare.core.errors import InputError
    from seqcompare.core.params import load_params
    from seqcompare.data.csv import read_csv

    if options.out == "" or (options.out and Path(options.out).is_dir()):
        raise InputError(f"--out is {options.out!r}: give a file")
    params = load_params()
    changes = {"source": "csv", "path": options.file, "value": options.value, "time": options.time}
    data = params.data.model_copy(update={k: v for k, v in changes.items() if v is not None})
    frame, notes = read_csv(data, anywhere=True)
    for note in notes:
        sys.stderr.write(f"note: {note}\n")
    from seqcompare.forecast import load_models

    model = load_models(options.model, root=".")[options.model]
    tables = {}
    for name, rows in frame.groupby("series", sort=False):
        history = rows.set_index("time")["value"] if data.time else rows["value"].to_numpy()
        series = str(name) if params.data.id else None
        tables[name] = model.forecast(history, options.steps, options.confidence, series)
    table = pd.concat(tables, names=[data.id or "series"]).reset_index(level=0)
    if data.id is None:
        table = table.drop(columns="series")
    _write(options.out, table.to_csv(index=False, float_format="%.6g").encode())


def _write(out: str | None, content: bytes) -> None:
    """Into what is there, so that a file keeps its mode, and a device or pipe stays one."""
    from seqcompare.core.errors import InputError

    try:
        if out is None:
            sys.stdout.buffer.write(content)
            sys.stdout.flush()
        else:
            Path(out).write_bytes(content)
    except BrokenPipeError:  # `| head -1`: who reads has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        raise InputError(
            f"{out or 'standard output'}: cannot be written: {error.strerror}"
        ) from None


if __name__ == "__main__":
    main()
