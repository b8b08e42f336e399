"""Results: read back from files as they were, or one line that names the file."""

import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from made_up import make_map, make_map_trials, make_results, write_results

from seqcompare.core import paths
from seqcompare.core.errors import InputError
from seqcompare.core.tables import save_table
from seqcompare.report.results import load_maps, load_results

pytestmark = pytest.mark.usefixtures("in_tmp")
TABLES = ("pairs", "errors", "predictions", "horizon", "forecast", "training", "split")


@pytest.mark.parametrize("kinds", [{"design": "many", "dated": True}, {"models": 1, "trials": 1}])
def test_results_come_back_from_their_files(kinds: dict[str, Any]) -> None:
    results = make_results(**kinds)
    write_results(results, {"settings": make_map()})
    found = load_results(results.params)
    pd.testing.assert_frame_equal(results.scores, found.scores, check_dtype=False)
    for name in TABLES:
        there, here = (getattr(each, name).reset_index(drop=True) for each in (results, found))
        pd.testing.assert_frame_equal(there, here, check_dtype=False)
    assert found.timing == results.timing
    assert list(found.maps) == ["settings"]
    assert found.maps["settings"].keys == ["seq_len"]


def test_a_map_has_the_trials_that_lie_beside_it() -> None:
    found = make_map()
    write_results(make_results(), {"settings": found})
    assert load_maps(paths.MAPS)["settings"].trials.empty
    trials = make_map_trials(found)
    save_table(paths.MAPS / "settings/trials.csv", trials, None)
    again = load_maps(paths.MAPS)["settings"].trials[list(trials)]
    pd.testing.assert_frame_equal(again, trials, check_dtype=False)


def test_the_map_of_the_runs_own_settings_comes_first() -> None:
    results = make_results(trials=10, test=180)
    other = make_map(data={"size": 2000})
    write_results(results, {"a": other, "b": make_map(), "c": other})
    assert list(load_results(results.params).maps) == ["b", "a", "c"]


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        (paths.SCORES, None, "reports/scores.csv: cannot be read (No such file or directory)"),
        (paths.SCORES, b"predictor,mse\nlstm,1\n", "reports/scores.csv: cannot be read (no column"),
        (paths.PAIRS, b"\x00\xff", "reports/pairs.csv: cannot be read ("),
        (paths.TIMING / "lstm.json", b"{}", "reports/timing/lstm.json: cannot be read (seconds_"),
        (paths.MAPS / "settings/scores.csv", b"a\n", "reports/maps/settings/scores.csv: cannot"),
        (paths.MAPS / "settings/params.yaml", b"- a", "reports/maps/settings/params.yaml: "),
    ],
)
def test_a_missing_or_damaged_file_is_one_line(
    file: Path, content: bytes | None, message: str
) -> None:
    results = make_results()
    write_results(results, {"settings": make_map()})
    file.write_bytes(content) if content else file.unlink()
    with pytest.raises(InputError, match=f"^{re.escape(message)}.*$"):
        load_results(results.params)


def test_a_model_that_was_not_evaluated_is_missed() -> None:
    write_results(make_results(models=2), {})
    with pytest.raises(InputError, match=r"reports/scores.csv: .*no row gru"):
        load_results(make_results(models=3).params)
