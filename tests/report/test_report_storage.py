"""Files of results, as the report reads them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import default_settings
from made_up import make_results
from made_up_sweep import make_summary

from seqcompare.core import paths
from seqcompare.core.claims import Ruling
from seqcompare.core.comparison import load_comparison
from seqcompare.core.errors import InputError
from seqcompare.core.files import save_csv, save_json
from seqcompare.core.params import Params
from seqcompare.report.figures.comparison import panel
from seqcompare.report.storage import (
    MAPS,
    load_claims,
    load_maps,
    load_predictions_by_trial,
    load_results,
    names_of_columns,
)
from seqcompare.report.texts import load_texts
from seqcompare.report.verdict import verdict

EN = load_texts("en")


def write_comparison(change: Callable[[dict[str, Any]], object]) -> None:
    content = make_results().comparison.model_dump()
    change(content)
    paths.COMPARISON.parent.mkdir(exist_ok=True)
    paths.COMPARISON.write_text(json.dumps(content))


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_comparison_is_read_as_it_was_written() -> None:
    write_comparison(lambda _: None)
    assert load_comparison(["lstm"]) == make_results().comparison


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda c: c.pop("design"), "design: Field required"),
        (lambda c: c.update(coming=1), "coming: Extra inputs are not permitted"),
        (lambda c: c["predictors"]["lstm"].update(mse="x"), "predictors.lstm.mse"),
        (lambda c: c["pairs"][0].update(outcome="equal"), "pairs.0.outcome"),
        (lambda c: c["predictors"].pop("lstm"), "no lstm"),
    ],
)
def test_a_comparison_that_is_not_as_it_must_be_is_named(
    change: Callable[[dict[str, Any]], object], words: str
) -> None:
    write_comparison(change)
    with pytest.raises(InputError, match=f"reports/comparison.json: .*{words}.*`dvc repro`"):
        load_comparison(["lstm"])


def test_claims_are_read_as_they_were_written_and_damage_is_named() -> None:
    ruling = Ruling(verdict="undecided", freedom=2, condition={"seq_len": 20}).model_dump()
    save_json(paths.CLAIMS, {"mine": ruling})
    assert load_claims() == {"mine": ruling}
    save_json(paths.CLAIMS, {"mine": ruling | {"verdict": "maybe"}})
    with pytest.raises(InputError, match=r"reports/claims.json: .*mine.verdict: .*`dvc repro`"):
        load_claims()


def test_all_results_are_loaded_as_they_were_saved() -> None:
    made = make_results()
    assert made.noise_std is not None
    write_comparison(lambda _: None)
    for model in made.models:
        history, timing = made.histories[model], made.timings[model]
        save_csv(paths.history(model), history)
        facts = {name: value for name, value in timing.items() if name != "seconds_per_epoch"}
        save_json(paths.environment(model), facts)
        save_json(paths.timing(model), {"seconds_per_epoch": timing["seconds_per_epoch"]})
        seconds = {"epoch_seconds": made.epoch_seconds[model]}
        save_csv(paths.epoch_seconds(model), seconds)
    save_csv(paths.PREDICTIONS, made.predictions)
    save_csv(paths.FORECAST, made.forecast)
    save_csv(paths.HORIZON, made.by_horizon)
    save_json(paths.FORECAST_METRICS, made.forecast_scores)
    rows = {name: trials.ravel() for name, trials in made.by_trial.items()}
    points = made.predictions["time"].size
    times = np.tile(made.predictions["time"], len(made.seeds))
    save_csv(
        paths.PREDICTIONS_BY_SEED, {"seed": np.repeat(made.seeds, points), "time": times, **rows}
    )
    data = Params.model_validate(default_settings()).data.model_copy(
        update={"source": "sine", "noise": made.noise_std}
    )
    loaded = load_results(made.seq_len, made.seeds, made.models, data)
    assert verdict(loaded, EN) == verdict(made, EN)
    assert panel("errors", loaded, EN) == panel("errors", made, EN)
    assert panel("loss", loaded, EN) == panel("loss", made, EN)


def write_trials(seeds: list[int], points: int) -> None:
    columns = {
        "seed": np.repeat(seeds, points),
        "time": np.tile(np.arange(points), len(seeds)),
        "truth": np.arange(len(seeds) * points),
    }
    save_csv(paths.PREDICTIONS_BY_SEED, columns)


def test_predictions_are_read_trial_by_trial() -> None:
    write_trials([3, 1], points=4)
    assert load_predictions_by_trial([3, 1], [])["truth"].tolist() == [[0, 1, 2, 3], [4, 5, 6, 7]]


def test_predictions_of_other_seeds_are_refused() -> None:
    write_trials([3, 1], points=4)
    with pytest.raises(InputError, match=r"its seeds are \[3, 1\], those of params.yaml \[0\]"):
        load_predictions_by_trial([0], [])


def test_the_maps_are_those_that_lie_there_and_none_need() -> None:
    assert load_maps() == {}
    found = make_summary()
    save_json(MAPS / "mine.json", found.model_dump())
    assert load_maps() == {"mine": found}


def test_a_map_that_is_no_summary_of_a_sweep_is_named_with_the_way_out() -> None:
    save_json(MAPS / "mine.json", {"trials": 10})
    with pytest.raises(InputError, match=r"reports/maps/mine.json: is no summary .*make sweeps"):
        load_maps()


@pytest.mark.parametrize("times", ["numbers", "dates"])
def test_the_split_tells_whether_the_times_of_a_file_are_dates(times: str) -> None:
    folds = [{"train": [2, 8], "validation": [8, 8], "test": [8, 9]}]
    save_json(paths.SPLIT, {"scale": "none", "centre": "none", "times": times, "folds": folds})
    sine = Params.model_validate(default_settings()).data
    update = {"source": "csv", "path": "data/input/my.csv", "value": "price", "time": "day"}
    named = {"value_name": "price", "time_name": "day", "dated": times == "dates"}
    assert names_of_columns(sine.model_copy(update=update)) == named
    assert names_of_columns(sine) == {}
