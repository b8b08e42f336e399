"""Stage `claims`: the study files of reports/ -> claims.json and what each study comes to."""

from seqcompare.core import paths
from seqcompare.core.files import save, save_table
from seqcompare.core.params import load_params
from seqcompare.studies.claims.evidence import gather_evidence
from seqcompare.studies.claims.rules import claims_content, judge
from stages import run


def main() -> None:
    params = load_params()
    found = gather_evidence(
        params.models,
        params.seq_len,
        params.data,
        params.adding_problem,
        params.evaluation.confidence,
    )
    save_table(paths.COST, found.cost.to_rows())
    save(paths.COST.with_suffix(".json"), found.cost.to_json())
    save(paths.ADDING_PROBLEM.with_suffix(".json"), found.adding_problem.to_json())
    save(paths.CONVERGENCE.with_suffix(".json"), found.convergence.to_json())
    save_table(paths.CONVERGENCE, [trial.to_cells() for trial in found.convergence_trials])
    save(paths.CLAIMS, claims_content(judge(found, params.evaluation)))


if __name__ == "__main__":
    run(main)
