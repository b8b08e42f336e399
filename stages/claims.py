"""Stage `claims`: the study files of reports/ -> claims.json and what each study comes to."""

from seqcompare.core import paths
from seqcompare.core.files import save, save_table
from seqcompare.core.params import load_params
from seqcompare.studies.claims.evidence import gather_evidence
from seqcompare.studies.claims.results import conclude
from stages import run


def main() -> None:
    params = load_params()
    found = gather_evidence(
        params.models, params.seq_len, params.data, params.adding_problem, params.evaluation
    )
    save_table(paths.COST, found.cost.to_rows())
    save_table(paths.CONVERGENCE, [trial.to_cells() for trial in found.convergence_trials])
    for path, content in conclude(found, params.evaluation).items():
        save(path, content)


if __name__ == "__main__":
    run(main)
