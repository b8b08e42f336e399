"""Warnings: each said of a planted case, with its number, and of no sound one."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from made_up import make_results

from seqcompare.core.comparison import DataChecks
from seqcompare.report.content import PageContent
from seqcompare.report.data_checks import data_table
from seqcompare.report.page import page, summary
from seqcompare.report.results import Results
from seqcompare.report.texts import load_texts
from seqcompare.report.warnings import warned, warnings

EN, ZH = load_texts("en"), load_texts("zh")
SOUND = DataChecks(
    scale="standard", centre="none", train=820, period=52, interpolated=0, seen_targets=0,
    foreign_scales=0, unscored=0,
)  # fmt: skip


def results(checks: dict[str, Any] | None = None, models: int = 2, **scores: Any) -> Results:
    """Those of a noisy sine; checks: what differs; scores: model -> what differs."""
    made = make_results(models)
    predictors = {
        name: score.model_copy(update={"mse": 0.01, **scores.get(name, {})})
        for name, score in made.comparison.predictors.items()
    }
    predictors["persistence"] = predictors["persistence"].model_copy(update={"mse": 0.02})
    update = {"predictors": predictors, "checks": SOUND.model_copy(update=checks or {})}
    return replace(made, comparison=made.comparison.model_copy(update=update))


def without_figures(made: Results) -> PageContent:
    settings = {"seq_len": 20, "data": {"source": "sine", "noise": 0.1}}
    environments = {name: {"device": "cpu"} for name in made.models}
    return PageContent(made, settings, {}, environments, {"data/series.csv": "0" * 64})


def test_of_a_sound_comparison_nothing_is_said() -> None:
    sound = results(lstm={"previous_mse": 0.008, "variance_share": 0.98})
    assert warnings(sound, EN) == []
    assert warned("The verdict.", sound, EN) == "The verdict."


def test_a_model_closer_to_the_value_before_than_to_the_truth_copies() -> None:
    said = warnings(results(lstm={"previous_mse": 0.0049}), EN)
    assert said == [
        "The LSTM copies the value before: the mean squared distance of its predictions from it, "
        "0.00490, is less than 50 % of their test MSE, 0.0100; its curve is the series a step late."
    ]
    assert not warnings(results(lstm={"previous_mse": 0.0051}), EN)
    (chinese,) = warnings(results(lstm={"previous_mse": 0.0049}), ZH)
    assert chinese.startswith("LSTM 只是在重复前一个值：其预测与前一个值的均方差为 0.0049")


def test_a_model_that_hardly_varies_is_flat() -> None:
    said = warnings(results(transformer={"variance_share": 0.031}), EN)
    assert said == [
        "The Transformer's predictions are flat: their variance is 3.1 % of the targets' "
        "(warned of below 10 %)."
    ]
    assert not warnings(results(transformer={"variance_share": 0.1}), EN)
    assert "3.1%" in warnings(results(transformer={"variance_share": 0.031}), ZH)[0]


def test_a_test_part_shorter_than_a_period_is_said() -> None:
    said = warnings(results({"period": 125.66}), EN)
    assert said == [
        "The test part of 120 values is shorter than a period of 126: raise split.test."
    ]
    assert not warnings(results({"period": 120}), EN)
    assert not warnings(results({"period": None}), EN)
    assert "120 个值" in warnings(results({"period": 130}), ZH)[0]


@pytest.mark.parametrize(
    ("models", "worse", "begins"),
    [
        (
            2,
            {"lstm": 0.12, "transformer": 1.28},
            "Neither model has learned this series: the test MSE is 6.00 times (LSTM) and 64.0 "
            "times (Transformer) that of persistence, which repeats the last value. Try",
        ),
        (
            2,
            {"lstm": 0.12},
            "The LSTM has not learned this series: the test MSE is 6.00 times (LSTM) that",
        ),
        (3, {"lstm": 1.0, "gru": 1.0}, "The LSTM and the GRU have not learned this series: the"),
        (1, {"lstm": 0.021}, "The LSTM has not learned this series: the test MSE is 1.05 times"),
    ],
)
def test_what_is_worse_than_persistence_is_said_before_the_verdict(
    models: int, worse: dict[str, float], begins: str
) -> None:
    made = results(models=models, **{name: {"mse": mse} for name, mse in worse.items()})
    said = warned("The verdict.", made, EN)
    assert said.startswith(begins)
    assert said.endswith(
        "Try data.centre: last, more epochs (training.epochs) or another data.scale. The verdict."
    )
    assert warned("结论。", made, ZH).endswith("或另一种 data.scale。结论。")


def test_where_windows_are_centred_another_way_out_is_named() -> None:
    said = warned("", results({"centre": "last"}, lstm={"mse": 0.03}), EN)
    assert "Try more epochs (training.epochs) or another data.scale" in said
    assert "data.centre" not in said


def test_page_and_summary_begin_with_what_was_not_learned() -> None:
    made = results(lstm={"mse": 0.12, "previous_mse": 0.001}, transformer={"mse": 1.28})
    content = without_figures(made)
    html, markdown = page(content, EN).decode(), summary(content, EN).decode()
    assert markdown.startswith("Neither model has learned this series: the test MSE is 6.00 times")
    assert 'id="verdict">Neither model has learned this series' in html
    for text in (html, markdown):
        assert "The LSTM copies the value before" in text


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_shows_what_is_done_to_the_data_and_the_checks_that_ran(language: str) -> None:
    texts = load_texts(language)
    html = page(without_figures(results({"centre": "last"})), texts).decode()
    assert f'<section id="data">\n<h2>{texts("section.data")}</h2>' in html
    for label in ("seen_targets", "foreign_scales", "unscored", "centre_last", "scale_steps"):
        assert texts(f"data.{label}").replace("'", "&#39;") in html


@pytest.mark.parametrize("name", ["seen_targets", "foreign_scales", "unscored"])
def test_a_check_that_fails_is_shown_as_failed(name: str) -> None:
    rows = dict(data_table(SOUND.model_copy(update={name: 3}), EN).rows)
    assert rows.pop(EN(f"data.{name}")) == "3: fails, do not rely on this page"
    assert np.sum([text == "0: holds" for text in rows.values()]) == 2
