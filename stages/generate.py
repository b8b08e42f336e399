"""Stage `generate`: params.yaml -> data/series.csv."""

from seqcompare.core.params import load_params
from seqcompare.data.series import make_series
from seqcompare.data.storage import save_series
from stages import run


def main() -> None:
    params = load_params()
    save_series(make_series(params.data))


if __name__ == "__main__":
    run(main)
