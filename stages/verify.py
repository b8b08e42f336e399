"""`make verify`: does every file hold what dvc.lock says, and each result follow from others?

No stage of the pipeline: it reads what the pipeline has made, and changes nothing.
"""

import subprocess
import sys
from pathlib import Path

from seqcompare.core import paths
from seqcompare.core.errors import InputError
from seqcompare.core.files import load, rounded
from seqcompare.core.params import load_params
from seqcompare.data.storage import load_series, load_split
from seqcompare.evaluation.results import evaluate, load_trials
from seqcompare.execution.environment import environment, explain
from seqcompare.execution.git import committed_json
from seqcompare.verify import check_files, check_follows, read_lock
from stages import run


def main() -> None:
    params = load_params()
    findings = check_files(Path(), cache_folder(), read_lock(Path("dvc.lock")))
    try:
        draws, folds = load_series(), load_split()
        trials = load_trials(params.models, params.seq_len, params.seeds, draws, folds)
        made_again = evaluate(
            params.models, params.seq_len, trials, draws, params.data, params.evaluation
        )
        for path, made in made_again.items():
            check_follows(findings, path, load(path), rounded(made))
    except InputError as error:
        findings.problems.append(str(error))
    print(*findings.problems, findings, sep="\n")
    if findings.problems:
        explain(environment(params.reproducibility), committed_json(paths.EVALUATED_ON))
    sys.exit(bool(findings.problems))


def cache_folder() -> Path:
    command = [sys.executable, "-m", "dvc", "cache", "dir"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise InputError(f"dvc knows no cache here: {' '.join(done.stderr.split())}")
    return Path(done.stdout.strip())


if __name__ == "__main__":
    run(main)
