"""What the first screen says: who wins, by how much, how sure, the linear model, the cost."""

from typing import Any

import pytest
from made_up import decided, make_results

from seqcompare.report import verdict
from seqcompare.report.language import load_language
from seqcompare.report.verdict import certainty, cost_answer, headline, linear_answer

EN = load_language("en")


@pytest.mark.parametrize(
    ("ratio", "low", "high", "outcome", "text"),
    [
        (0.93, 0.88, 0.98, "lstm",
         "The LSTM predicts better than the Transformer: its test MSE is typically 7 % lower."),
        (1.25, 1.1, 1.4, "transformer",
         "The Transformer predicts better than the LSTM: its test MSE is typically 20 % lower."),
        (1.01, 0.98, 1.04, "equivalent",
         "The Transformer and the LSTM predict equally well: their test MSEs differ by less than "
         "5 %."),
        (0.93, 0.83, 1.04, "undecided",
         "Undecided between LSTM and Transformer: the LSTM's test MSE is typically 7 % lower, "
         "which may be chance."),
    ],
)  # fmt: skip
def test_the_headline_says_who_wins_and_by_how_much(
    ratio: float, low: float, high: float, outcome: str, text: str
) -> None:
    assert headline(decided(ratio, low, high, outcome), EN) == text
    one = decided(ratio, low, high, outcome, design="one")
    assert "typically" not in headline(one, EN)  # no mean over series


@pytest.mark.parametrize(
    ("kinds", "begins"),
    [
        ({"models": 1}, "The LSTM reaches a test MSE of 0.0"),
        ({"models": 3, "gap": 0.02, "trials": 8},
         "The LSTM predicts better than all other models: its test MSE is "),
        ({"models": 3, "gap": 0.0}, "No model is clearly the best: the LSTM has the lowest test "),
        ({"gap": 0.3}, "The Transformer has not learned to predict: its test MSE is "),
    ],
)  # fmt: skip
def test_the_headline_of_any_number_of_models(kinds: dict[str, Any], begins: str) -> None:
    assert headline(make_results(**kinds), EN).startswith(begins)


@pytest.mark.parametrize(("factor", "says"), [(1, False), (100, True)])
def test_a_remark_warns_where_the_winner_depends_on_the_last_epoch(factor: int, says: bool) -> None:
    results = make_results(trials=10, training={"tested_epochs": 2})
    assert set(results.by_epoch["outcome"]) == {"lstm"}
    last = (results.errors["predictor"] == "lstm") & (results.errors["epoch"] == 20)
    results.errors.loc[last, "mse"] *= factor
    results.__dict__.pop("by_epoch")  # which is computed once
    remark = ("Which model is better depends on when training ends: the LSTM after epoch 19 and "
              "the Transformer after epoch 20.")  # fmt: skip
    assert (remark in verdict.warnings(results, EN)) == says


def test_a_linear_model_that_beats_every_network_comes_first() -> None:
    results = decided(0.93, 0.88, 0.98, "lstm")
    assert linear_answer(results, EN).startswith("It depends on the network. Its test MSE is ")
    assert "undecided" in linear_answer(results, EN)
    linear = results.pairs["family"] == "linear"
    results.pairs.loc[linear, ["ratio", "low", "high"]] = [1 / 0.8, 1 / 0.85, 1 / 0.75]
    results.pairs.loc[linear, "outcome"] = "ar"
    assert headline(results, EN) == (
        "A linear model predicts better than every network: its test MSE is typically 20 % lower "
        "than the LSTM's and 20 % lower than the Transformer's. The LSTM predicts better than the "
        "Transformer: its test MSE is typically 7 % lower."
    )
    assert linear_answer(results, EN).startswith("Yes, it does better.")


@pytest.mark.parametrize(
    ("outcome", "design", "begins", "ends"),
    [
        ("undecided", "each", "For series of this kind at seq_len 20, ",
         "Detecting a difference this large needs about 57 trials."),
        ("undecided", "one", "On this series at seq_len 20, ",
         "a difference this large needs more test values."),
        ("lstm", "many", "For series like the 3 in the file at seq_len 20, ", "30 trials)."),
    ],
)  # fmt: skip
def test_certainty_names_the_interval_its_series_and_what_would_decide(
    outcome: str, design: str, begins: str, ends: str
) -> None:
    text = certainty(decided(0.93, 0.83, 1.04, outcome, design=design), EN)
    assert "17 % lower to 4 % higher than the Transformer's (95 % interval, " in text
    assert text.startswith(begins)
    assert text.endswith(ends)


def test_one_trial_has_no_interval() -> None:
    results = make_results(trials=1)
    assert certainty(results, EN) == "No interval: only one trial at seq_len 20. Add more seeds."
    assert "interval" not in linear_answer(results, EN)


def test_cost_names_time_and_size() -> None:
    assert cost_answer(make_results(), EN) == (
        "Seconds per epoch on CPU: LSTM 0.0800, Transformer 0.480 (a factor of 6.0). Parameters: "
        "LSTM 50,497, Transformer 555,467 (a factor of 11)."
    )


@pytest.mark.parametrize(
    ("kinds", "scores", "begins"),
    [
        ({"test": 180}, {}, []),
        ({"test": 180}, {"previous_mse": 1e-4}, ["The LSTM copies the previous value: "]),
        ({"test": 180}, {"variance_share": 0.02}, ["The LSTM's predictions are nearly constant: "]),
        ({"test": 180, "gap": 0.3}, {},
         ["Try more epochs (training.epochs) or another data.", "The Transformer copies the "]),
        ({"test": 120}, {}, ["The test part has 120 values, fewer than a period of 126: raise "]),
    ],
)  # fmt: skip
def test_signs_that_errors_do_not_show_are_warned_of(
    kinds: dict[str, Any], scores: dict[str, float], begins: list[str]
) -> None:
    results = make_results(**kinds)
    for column, value in scores.items():
        results.scores.loc["lstm", column] = value
    found = verdict.warnings(results, EN)
    assert all(text.startswith(begin) for text, begin in zip(found, begins, strict=True))


@pytest.mark.parametrize(("keep", "said"), [("last", True), ("mean", False)])
def test_a_mean_over_epochs_is_said(keep: str, said: bool) -> None:
    results = make_results(training={"tested_epochs": 5, "keep": keep})
    sentence = "A trial's error is the mean over its last 5 epochs."
    assert (sentence in verdict.remarks(results, EN)) == said


@pytest.mark.parametrize("kinds", [{"models": 1}, {"models": 3}, {"trials": 1}])
def test_every_sentence_can_be_said_in_chinese(kinds: dict[str, Any]) -> None:
    results, zh = make_results(gap=0.3, **kinds), load_language("zh")
    for answer in (headline, linear_answer, cost_answer):
        assert "。" in answer(results, zh)
        assert ". " not in answer(results, zh)
