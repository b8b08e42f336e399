"""Every command that README and docs/ print: its parts exist, and someone runs it as printed."""

import itertools
import re
import shlex
import subprocess
from collections.abc import Iterator

import pytest
from conftest import ROOT, Project, default_settings, default_sweeps
from recipes import commands, printed

from seqcompare.core.nested import flattened

DOCUMENTS = ("README.md", *sorted(f"docs/{file.name}" for file in (ROOT / "docs").glob("*.md")))
EVERY = [(document, command) for document in DOCUMENTS for command in sorted(printed(document))]
# By its beginning: the test that runs it, or why none does.
EXPERIMENTS, REMOTES = "tests/test_experiments.py", "tests/test_remotes.py"
RUN_HERE = "tests/test_documents.py"
NETWORK = "needs a package index"
HOURS = "takes hours; tests/studies/test_sweep.py runs a small sweep"
WHO_RUNS = {
    "README.md": {
        "make run": RUN_HERE,
        "make test": ".ci/run",
        "source .venv": RUN_HERE,
        "dvc exp run -S data.source=csv": NETWORK,
        "dvc exp run -S seq_len=20,50,100,200": EXPERIMENTS,
        "dvc exp run -S": RUN_HERE,
        "dvc metrics diff": RUN_HERE,
        "dvc plots diff": RUN_HERE,
        "git checkout . && dvc checkout": RUN_HERE,
        "pip install": NETWORK,
        "python -c": NETWORK,
        "dvc add": NETWORK,
        "dvc push --run-cache": REMOTES,
        "make experiments": EXPERIMENTS,
        "make sweeps": HOURS,
    },
    "docs/CI.md": {"": "tests/test_ci.py"},
    "docs/SCALING.md": {
        "make sweeps": HOURS,
        "dvc repro sweeps/dvc.yaml": HOURS,
        "dvc exp run sweeps/dvc.yaml": "tests/execution/test_dask_cluster.py",
        "pip install": NETWORK,
        "dask ": "needs several machines; tests/execution/test_dask_cluster.py has them on one",
    },
    "docs/USE.md": {"python -m seqcompare forecast": "tests/test_trained.py"},
    "docs/SHARING.md": {
        "pip install": NETWORK,
        "dvc remote": REMOTES,
        "dvc push": REMOTES,
        "dvc pull": REMOTES,
        "dvc repro": REMOTES,
        "dvc exp push": REMOTES,
        "dvc exp pull": REMOTES,
        "git push": REMOTES,
        "dvc exp apply": EXPERIMENTS,
        "": EXPERIMENTS,
    },
}


def parts(command: str) -> Iterator[list[str]]:
    """The words of each command of a line."""
    for each in re.split(r"&&|>", command):
        yield shlex.split(each)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_to_files_that_are_there(document: str) -> None:
    text = re.sub(r"```.*?```", "", (ROOT / document).read_text(), flags=re.DOTALL)
    links = re.findall(r"\]\(([^)#]+)", text)
    missing = [
        link
        for link in links
        if not link.startswith("http") and not ((ROOT / document).parent / link).exists()
    ]
    assert missing == []


@pytest.mark.parametrize(("document", "command"), EVERY)
def test_a_command_is_a_shell_s_and_names_what_is_there(document: str, command: str) -> None:
    assert subprocess.run(["bash", "-n", "-c", command], check=False).returncode == 0
    of_sweeps = flattened(default_sweeps(), "sweeps/params.yaml:")
    settings = flattened(default_settings()) | of_sweeps
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for words in parts(command):
        if words[0] == "make":
            assert set(words[1:]) <= targets, f"{document}: {command}"
        if words[0].startswith("tools/"):
            assert (ROOT / words[0]).exists()
        for option, value in itertools.pairwise(words):
            key = value.split("=")[0]
            if option == "-S":
                assert key in settings, f"{document}: no setting {key}"


@pytest.mark.parametrize(("document", "command"), EVERY)
def test_a_command_is_run_by_a_test_or_has_a_reason_why_not(document: str, command: str) -> None:
    known = WHO_RUNS.get(document, {})
    who = next((who for start, who in known.items() if command.startswith(start)), None)
    assert who, f"{document}: say in WHO_RUNS who runs `{command}`"
    if who.startswith(("tests/", ".ci/")):
        assert (ROOT / who).exists()


@pytest.mark.slow
def test_the_readme_s_experiments_run_from_top_to_bottom(project: Project) -> None:
    """As printed, but for lengths and sizes that fit the small params."""
    (block,) = (each for each in commands("README.md") if "source .venv/bin/activate" in each)
    filled = {"seq_len=200": "seq_len=8", "hidden_size=32": "hidden_size=4", "folds=5": "folds=2"}
    script = "\n".join(block)
    for part, value in filled.items():
        assert part in script
        script = script.replace(part, value)
    (project.path / ".venv/bin").mkdir(parents=True)
    (project.path / ".venv/bin/activate").touch()  # as if the set-up were done
    said = project.run("bash", "-e", "-c", script).stdout
    assert "lstm.mse" in said  # of `dvc metrics diff`
    assert "dvc_plots/index.html" in said
    assert '<html lang="zh-CN">' in project.read("reports/report.html").decode()


@pytest.mark.slow
def test_make_run_ends_with_the_verdict_and_the_place_of_the_page(project: Project) -> None:
    said = project.run("make", "-s", "-o", ".venv/ready", "run").stdout.splitlines()
    assert said[-2] == project.read("reports/summary.md").decode().splitlines()[0]
    assert said[-1] == f"Page: file://{project.path}/reports/report.html"
