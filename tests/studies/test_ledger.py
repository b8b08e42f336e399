"""Finished trials, one line each: what was cut off or damaged does not count."""

from pathlib import Path

import pytest

from seqcompare.studies.sweep.ledger import Ledger


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    ledger = Ledger(tmp_path / "new" / "trials.txt")
    ledger.add("a", {"mse": 0.1})
    ledger.add("b", {"mse": 1 / 3})
    return ledger


def test_no_file_is_an_empty_ledger(tmp_path: Path) -> None:
    assert Ledger(tmp_path / "trials.txt").load() == {}


def test_results_are_read_back_to_the_last_bit(ledger: Ledger) -> None:
    assert ledger.load() == {"a": {"mse": 0.1}, "b": {"mse": 1 / 3}}


def test_a_line_cut_off_by_a_kill_costs_that_line_alone(ledger: Ledger) -> None:
    ledger.path.write_bytes(ledger.path.read_bytes()[:-5])
    ledger.add("c", {"mse": 3})
    assert ledger.load() == {"a": {"mse": 0.1}, "c": {"mse": 3}}


def test_a_flipped_bit_is_noticed(ledger: Ledger, capsys: pytest.CaptureFixture[str]) -> None:
    ledger.path.write_bytes(ledger.path.read_bytes().replace(b"0.1", b"0.2"))
    assert ledger.load() == {"b": {"mse": 1 / 3}}
    assert "1 of 2 lines are damaged: those trials start over" in capsys.readouterr().err
