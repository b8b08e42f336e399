"""Stage `cost`: what each model costs by window length -> reports/cost.* and complexity.*."""

from seqcompare import artifacts
from seqcompare.complexity import complexity_table, takeovers
from seqcompare.cost import study, summary
from seqcompare.params import load_params
from stages import run


def main() -> None:
    params = load_params()
    artifacts.save_complexity(
        complexity_table(params.models, params.cost.seq_lens), takeovers(params.models)
    )
    rows = study(params.models, params.cost, params.training, params.device)
    found = summary(rows, params.cost, params.training, params.device, params.evaluation.confidence)
    artifacts.save_cost(rows, found)


if __name__ == "__main__":
    run(main)
