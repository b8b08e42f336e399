"""Stage `generate`: params.yaml and data/input/ -> data/series.csv."""

import sys

from seqcompare.core.params import load_params
from seqcompare.data.series import make_series, save_series
from stages import run


def main() -> None:
    params = load_params()
    frame, notes = make_series(params.data, params.seeds)
    save_series(frame)
    for note in notes:
        sys.stderr.write(f"note: {note}\n")


if __name__ == "__main__":
    run(main)
