"""What the rooms buy: a change reruns the stages that it can matter to, and no other."""

import re

import pytest
from conftest import Project

REPORT = {"render", "render_studies", "report"}
FOLLOWS = {"evaluate", "lookback"}
READS_SUMMARIES = {*FOLLOWS, "claims"}
BUILD_ANY_MODEL = {"split", *FOLLOWS}  # checked by their outputs, which such a change leaves alone


@pytest.fixture(scope="module")
def project(finished_project: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """One copy for all: each test puts back what it changes."""
    return finished_project.copy_to(tmp_path_factory.mktemp("rooms") / "project")


def stages_to_run(project: Project) -> set[str]:
    """The stages that `dvc status` finds changed, by the change itself and not by what follows."""
    said = project.run("dvc", "status").stdout
    return set(re.findall(r"^([\w@]+):$", said, re.MULTILINE))


@pytest.mark.parametrize(
    ("file", "stages"),
    [
        ("report/verdict.py", REPORT),
        ("report/texts/en.yaml", REPORT),
        ("evaluation/baselines.py", READS_SUMMARIES),
        ("statistics/growth.py", READS_SUMMARIES),
        ("studies/claims/rules.py", {"claims"}),
        ("studies/cost/measure.py", {"cost", "claims"}),
        ("studies/sweep/trials.py", set()),
        ("verify.py", set()),
        ("progress.py", set()),
        (
            "models/lstm.py",
            {"train@lstm", "cost", "adding_problem@lstm", *BUILD_ANY_MODEL},
        ),
        ("models/gru.py", {"cost", *BUILD_ANY_MODEL}),
    ],
)
def test_a_change_of_a_file_concerns_only(project: Project, file: str, stages: set[str]) -> None:
    path = project.path / "src/seqcompare" / file
    before = path.read_text() if path.exists() else None
    path.write_text(f"{before or ''}\n# changed\n")
    changed = stages_to_run(project)
    if before is None:
        path.unlink()
    else:
        path.write_text(before)
    assert changed == stages


def test_a_change_of_one_model_s_setting_reruns_that_model_s_part_alone(project: Project) -> None:
    before = project.read("params.yaml")
    project.change_params(models={"lstm": {"hidden_size": 9}})
    changed = stages_to_run(project)
    (project.path / "params.yaml").write_bytes(before)
    assert {"train@lstm", "cost", "adding_problem@lstm"} <= changed
    assert not any(stage.endswith("@transformer") for stage in changed)


def test_another_seq_len_measures_no_cost_anew(project: Project) -> None:
    before = project.read("params.yaml")
    project.change_params(seq_len=10)
    changed = stages_to_run(project)
    (project.path / "params.yaml").write_bytes(before)
    assert "train@lstm" in changed
    assert "cost" not in changed
