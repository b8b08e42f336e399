"""Stage `report`: all results -> reports/report.html, summary.md and claims.md.

The page says how to make it again, which is by what differs from the last commit's params.
"""

from seqcompare.core.files import write_bytes
from seqcompare.core.params import PARAMS, load_params
from seqcompare.execution.git import committed_yaml
from seqcompare.report.claims import claims_markdown
from seqcompare.report.page import page, summary
from seqcompare.report.storage import (
    CLAIMS_PAGE,
    PAGE,
    SUMMARY,
    load_content,
    load_measured,
    load_results,
)
from seqcompare.report.texts import load_texts
from stages import run


def main() -> None:
    params = load_params()
    texts = load_texts(params.report.language)
    results = load_results(params.seq_len, params.seeds, params.models, params.data)
    content = load_content(results, params.model_dump(), committed_yaml(PARAMS))
    measured = load_measured()
    claims = claims_markdown(content.claims, measured, params.evaluation.confidence, texts)
    write_bytes(PAGE, page(content, texts))
    write_bytes(SUMMARY, summary(content, texts))
    write_bytes(CLAIMS_PAGE, claims.encode())


if __name__ == "__main__":
    run(main)
