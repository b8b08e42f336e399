"""Stage `cost`: what each model costs by window length -> reports/cost.* and complexity.*."""

from seqcompare import artifacts
from seqcompare.complexity import complexity_summary, complexity_table
from seqcompare.cost import setting, study
from seqcompare.cost_table import summary
from seqcompare.devices import choose_device
from seqcompare.params import load_params
from stages import run


def main() -> None:
    params = load_params()
    lengths = params.cost.seq_lens
    counted = complexity_table(params.models, lengths)
    artifacts.save_study("complexity", counted, complexity_summary(params.models, lengths[-1]))

    device = str(choose_device(params.device, params.reproducibility))
    rows = study(params.models, params.cost, params.training, device)
    measured_on = setting(params.training, device)
    found = summary(rows, params.cost, params.evaluation.confidence, measured_on)
    artifacts.save_study("cost", rows, found)


if __name__ == "__main__":
    run(main)
