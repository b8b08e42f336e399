"""Stage `generate`: params.yaml -> data/series.csv."""

from seqcompare.core.params import load_params
from seqcompare.data.series import make_draws
from seqcompare.data.storage import save_series
from stages import run


def main() -> None:
    params = load_params()
    save_series(make_draws(params.data, params.seeds))


if __name__ == "__main__":
    run(main)
