"""Stage `split`: params.yaml and data/series.csv -> data/split.json.

Every later stage depends on this one, so a mistake anywhere in params.yaml ends here,
before DVC removes the results that the later stages would replace.
"""

from seqcompare.core.params import load_params
from seqcompare.core.paths import remove_other_models
from seqcompare.data.gate import check_draws
from seqcompare.data.storage import load_series, save_split
from seqcompare.data.windows import cut_folds
from seqcompare.execution.devices import check_precision, check_size, choose_device
from seqcompare.models import build, check_changes
from stages import run


def main() -> None:
    params = load_params()
    device = choose_device(params.device, params.reproducibility)
    for name, settings in params.models.items():
        check_size(build, name, settings, params.seq_len)
        precision = params.training.of(name).precision
        check_precision(precision, device, params.training.key(name, "precision"))
    check_changes(params.changes_of_models(), params.models)
    adding = params.adding_problem
    for name, settings in params.models.items():
        there = adding.settings_of(name, settings)
        check_size(build, name, there, max(adding.lags), "adding_problem.models")
    draws = load_series()
    params.check_work(draws.times.size)
    data = params.data
    folds = cut_folds(draws.times.size, params.seq_len, params.split, data.scaling, data.centre)
    check_draws(draws, folds, data)
    remove_other_models(params.models)
    save_split(folds, draws.dated)


if __name__ == "__main__":
    run(main)
