"""`make verify`: does every file hold what dvc.lock says, and each result follow from others?

No stage of the pipeline: it reads what the pipeline has made, and changes nothing.
"""

import subprocess
import sys
from pathlib import Path

from seqcompare import artifacts
from seqcompare.environment import environment, explain
from seqcompare.errors import InputError
from seqcompare.params import load_params
from seqcompare.verify import check_files, check_follows, read_lock
from stages import follows, run


def main() -> None:
    params = load_params()
    findings = check_files(Path(), cache_folder(), read_lock(Path("dvc.lock")))
    try:
        for path, made in follows.results(params).items():
            check_follows(findings, path, artifacts.load_result(path), artifacts.rounded(made))
    except InputError as error:
        findings.problems.append(str(error))
    print(*findings.problems, findings, sep="\n")
    if findings.problems:
        explain(environment(params.reproducibility), artifacts.committed_environment())
    sys.exit(bool(findings.problems))


def cache_folder() -> Path:
    command = [sys.executable, "-m", "dvc", "cache", "dir"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise InputError(f"dvc knows no cache here: {' '.join(done.stderr.split())}")
    return Path(done.stdout.strip())


if __name__ == "__main__":
    run(main)
