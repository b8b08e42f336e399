"""Stage `split`: params.yaml and data/series.csv -> data/split.json.

Every later stage depends on this one, so a mistake anywhere in params.yaml ends here,
before DVC removes the results that the later stages would replace.
"""

from seqcompare import artifacts
from seqcompare.devices import choose_device
from seqcompare.models import build
from seqcompare.params import load_params
from seqcompare.windows import split_series
from stages import run


def main() -> None:
    params = load_params()
    choose_device(params.device)
    for name, settings in params.models.items():
        build(name, settings)
    series = artifacts.load_series()
    split = split_series(series.values, params.seq_len, params.split, params.data.scale)
    artifacts.save_split(split)


if __name__ == "__main__":
    run(main)
