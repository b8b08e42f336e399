"""Stage `generate`: params.yaml -> data/series.csv."""

import sys

from seqcompare.core.params import load_params
from seqcompare.data.series import make_draws
from seqcompare.data.storage import save_series
from stages import run


def main() -> None:
    params = load_params()
    draws = make_draws(params.data, params.seeds)
    save_series(draws)
    for note in draws.notes:
        sys.stderr.write(f"note: {note}\n")


if __name__ == "__main__":
    run(main)
