"""Stage `report`: all results -> reports/report.html and summary.md."""

from seqcompare import artifacts
from seqcompare.params import load_params
from seqcompare.report import Findings, page, summary
from seqcompare.texts import load_texts
from stages import run
from stages.results import load_outcome


def main() -> None:
    params = load_params()
    texts = load_texts(params.report.language)
    outcome = load_outcome(
        params.seq_len, params.seeds, params.models, params.data, params.evaluation
    )
    findings = Findings(
        outcome=outcome,
        settings=params.model_dump(),
        figures=artifacts.load_pictures(),
        environments={model: artifacts.load_environment(model) for model in params.models},
        hashes=artifacts.hashes(params.models),
        claims=artifacts.load_claims(),
        studies=artifacts.load_studies(),
        measured_on=artifacts.load_summary("cost")["setting"],
    )
    artifacts.save_page(page(findings, texts), summary(findings, texts))


if __name__ == "__main__":
    run(main)
