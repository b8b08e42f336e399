"""Stage `generate`: params.yaml -> data/series.csv."""

from seqcompare import artifacts
from seqcompare.params import load_params
from seqcompare.series import make_series
from stages import run


def main() -> None:
    params = load_params()
    artifacts.save_series(make_series(params.data))


if __name__ == "__main__":
    run(main)
