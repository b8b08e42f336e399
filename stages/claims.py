"""Stage `claims`: the study files of reports/ -> claims.json and what each study comes to."""

from seqcompare.core.files import save, save_table
from seqcompare.core.params import load_params
from seqcompare.core.paths import CLAIMS, CONVERGENCE
from seqcompare.studies.claims.evidence import gather_evidence
from seqcompare.studies.claims.rules import claims_content, judge
from stages import run


def main() -> None:
    params = load_params()
    found = gather_evidence(
        params.models, params.cost, params.adding_problem, params.evaluation.confidence
    )
    for path, content in found.summaries.items():
        save(path, content)
    save_table(CONVERGENCE, found.convergence_rows)
    save(CLAIMS, claims_content(judge(found.evidence, params.evaluation)))


if __name__ == "__main__":
    run(main)
