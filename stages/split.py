"""Stage `split`: params.yaml and data/series.csv -> data/split.json.

Every later stage depends on this one, so a mistake anywhere in params.yaml ends here,
before DVC removes the results that the later stages would replace.
"""

from seqcompare import artifacts
from seqcompare.devices import check_size, choose_device
from seqcompare.models import build
from seqcompare.params import load_params
from seqcompare.windows import split_series
from stages import run


def main() -> None:
    params = load_params()
    choose_device(params.device, params.reproducibility)
    for name, settings in params.models.items():
        check_size(build, name, settings)
    series = artifacts.load_series()
    params.check_work(len(series.values))
    split = split_series(series.values, params.seq_len, params.split, params.data.scale)
    artifacts.save_split(split)


if __name__ == "__main__":
    run(main)
