"""Stage `claims`: the study files of reports/ -> claims.json, claims.md and convergence.*."""

from seqcompare import artifacts
from seqcompare.claims import Findings, judge
from seqcompare.claims_page import claims_content, claims_markdown
from seqcompare.convergence import convergence_summary, convergence_table
from seqcompare.params import load_params
from seqcompare.texts import load_texts
from stages import run


def main() -> None:
    params = load_params()
    histories = {model: artifacts.load_history(model) for model in params.models}
    epoch_seconds = {model: artifacts.load_epoch_seconds(model) for model in params.models}
    rows = convergence_table(histories)
    convergence = convergence_summary(rows, epoch_seconds, params.evaluation.confidence)
    artifacts.save_study("convergence", rows, convergence)

    found = Findings(
        artifacts.load_summary("cost"),
        artifacts.load_summary("complexity"),
        artifacts.load_summary("reach"),
        artifacts.load_summary("recall"),
        artifacts.load_summary("recall_seconds"),
        convergence,
        artifacts.load_metrics(),
        artifacts.load_predictions(),
    )
    content = claims_content(judge(found, params.evaluation))
    texts = load_texts(params.report.language)
    page = claims_markdown(content, found, params.evaluation.confidence, texts)
    artifacts.save_claims(content, page)


if __name__ == "__main__":
    run(main)
