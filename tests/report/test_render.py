"""The last stage: it writes page and summary, and prints the verdict and where the page is."""

from pathlib import Path

import pytest
import yaml
from made_up import make_results, write_results

from seqcompare.core import paths
from seqcompare.report.language import load_language
from seqcompare.report.verdict import headline
from stages import render


def test_the_stage_prints_the_verdict_and_a_link_to_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (home := tmp_path / "Übung #1 100%").mkdir()
    monkeypatch.chdir(home)
    monkeypatch.setattr(render, "pictures", lambda *_: {"loss.svg": b"<svg/>"})
    results = make_results()
    write_results(results, {})
    paths.PARAMS.write_text(yaml.safe_dump(results.params.model_dump(mode="json")))
    render.main()
    verdict, link = capsys.readouterr().out.splitlines()
    assert verdict == headline(results, load_language("en"))
    assert link.startswith("file:///")
    assert "%C3%9Cbung%20%231%20100%25" in link
    assert paths.PAGE.read_bytes().startswith(b"<!DOCTYPE html>")
    assert paths.SUMMARY.read_text(encoding="utf-8").startswith(verdict)
