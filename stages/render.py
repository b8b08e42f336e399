"""Stage `render`: reports/ and histories -> reports/figures/."""

from seqcompare import artifacts
from seqcompare.figures import pictures
from seqcompare.params import load_params
from seqcompare.runs import open_runner
from seqcompare.texts import load_texts
from stages import run
from stages.results import load_outcome


def main() -> None:
    params = load_params()
    texts = load_texts(params.report.language)
    outcome = load_outcome(
        params.seq_len, params.seeds, params.models, params.data, params.evaluation
    )
    with open_runner("cpu", params.runner.workers) as runner:
        drawn = pictures(outcome, texts, runner.map)
    for name, picture in drawn.items():
        artifacts.save_picture(name, picture)


if __name__ == "__main__":
    run(main)
