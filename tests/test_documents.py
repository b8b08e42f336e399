"""README and docs/: links lead somewhere, commands exist, quotes are of the committed results."""

import itertools
import re
import shlex
import subprocess

import pandas as pd
import pytest
import yaml
from conftest import ROOT
from models.test_models import GRU

from seqcompare.core.params import flattened
from seqcompare.core.study_params import Map, checked
from seqcompare.core.yaml import load_yaml

README = (ROOT / "README.md").read_text()
DOCUMENTS = [
    "README.md",
    "CONTRIBUTING.md",
    *(f"docs/{f.name}" for f in (ROOT / "docs").glob("*.md")),
]
WORKFLOW = ROOT / ".github/workflows/pipeline.yml"


def commands(document: str) -> list[str]:
    """Every command of a document's shell blocks, without its comment."""
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / document).read_text(), re.DOTALL)
    lines = re.sub(r"\\\n\s*", "", "\n".join(blocks)).splitlines()
    return [re.sub(r"\s+#.*", "", line) for line in lines]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_to_files_of_the_project(document: str) -> None:
    text = re.sub(r"```.*?```", "", (ROOT / document).read_text(), flags=re.DOTALL)
    for link in re.findall(r"\]\(([^)#]+)", text):
        assert link.startswith("http") or ((ROOT / document).parent / link).exists(), link


@pytest.mark.parametrize("document", DOCUMENTS)
def test_commands_are_a_shell_s_and_name_settings_and_targets_that_exist(document: str) -> None:
    settings = flattened(load_yaml(ROOT / "params.yaml"))
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for command in commands(document):
        assert subprocess.run(["bash", "-n", "-c", command], check=False).returncode == 0
        words = shlex.split(command)
        if words and words[0] == "make":
            assert set(words[1:]) <= targets, command
        for option, value in itertools.pairwise(words):
            assert option != "-S" or value.split("=")[0] in settings, command


def test_the_readme_fits_on_two_pages_and_shows_a_model_that_a_test_trains() -> None:
    assert len(README.splitlines()) < 120
    assert f"```python\n{GRU}```" in README


def test_the_readme_quotes_the_summary_of_the_committed_run() -> None:
    quote = [line.removeprefix(">").strip() for line in README.splitlines() if line.startswith(">")]
    # As Git has it, if there is Git: `make run` writes the seconds of this machine into the file.
    git = ["git", "-C", ROOT, "show", ":reports/summary.md"]
    shown = subprocess.run(git, capture_output=True, text=True, check=False).stdout
    summary = (shown or (ROOT / "reports/summary.md").read_text()).split("\n\n")
    assert " ".join(quote).split() == " ".join(summary[:2]).split()


def test_the_gallery_holds_the_series_whose_sources_are_named() -> None:
    counts = pd.read_csv(ROOT / "data/input/gallery.csv")["unique_id"].value_counts()
    assert len(counts) == 13
    assert "[thirteen real series](data/input/README.md)" in README
    rows = (ROOT / "data/input/README.md").read_text().splitlines()
    for series, values in counts.items():
        name = str(series).split()[-1]
        assert any(name in row and f"| {values:,}" in row for row in rows), series


def test_the_map_of_the_documents_is_one() -> None:
    text = (ROOT / "docs/SCALING.md").read_text()
    (block,) = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    ((_, content),) = yaml.safe_load(block).items()
    assert checked(Map, content, "docs/SCALING.md: ").settings


def test_the_published_maps_are_those_of_the_studies() -> None:
    published = sorted(path for path in (ROOT / "reports/maps").glob("*/*"))
    assert published
    for path in published:
        made = ROOT / "reports/studies/maps" / path.parent.name / path.name
        assert path.read_bytes() == made.read_bytes(), path


def test_the_workflow_runs_commands_of_the_project_without_secrets() -> None:
    text = WORKFLOW.read_text()
    steps = yaml.safe_load(text)["jobs"]["run"]["steps"]
    ran = [step["run"] for step in steps if "run" in step]
    assert ran == ["make run", 'tools/ci_summary.sh origin/main >> "$GITHUB_STEP_SUMMARY"']
    assert (ROOT / "tools/ci_summary.sh").stat().st_mode & 0o111
    assert "secrets." not in text
    for action in re.findall(r"uses: (.*)", text):
        assert re.fullmatch(r"actions/[\w-]+@v\d+", action), action
