"""README and committed results say the same."""

from conftest import ROOT


def test_the_verdict_in_the_readme_is_that_of_the_committed_run() -> None:
    quoted = [
        line.removeprefix(">").strip()
        for line in (ROOT / "README.md").read_text().splitlines()
        if line.startswith(">")
    ]
    paragraphs = (ROOT / "reports/summary.md").read_text().split("\n\n")
    assert " ".join(quoted).split() == " ".join(paragraphs[:2]).split()


def test_what_the_readme_says_of_the_map_stands_in_its_table() -> None:
    table = (ROOT / "reports/sweeps/settings.md").read_text().splitlines()
    said = [line for line in table if line.startswith("- ")]
    assert said
    assert "\n".join(said) in (ROOT / "README.md").read_text()


def test_the_readme_is_read_in_two_minutes() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) < 150


def test_the_map_on_the_page_is_that_of_the_committed_sweep() -> None:
    maps = list((ROOT / "reports/maps").glob("*.json"))
    assert [file.name for file in maps] == ["settings.json"]
    for file in maps:
        assert file.read_bytes() == (ROOT / "reports/sweeps" / file.name).read_bytes()
