"""Each rule with made-up evidence on both sides of its threshold."""

import copy
import json
import re
from typing import Any

import numpy as np
import pytest

from seqcompare.core.params import Evaluation
from seqcompare.report.claims import Measured, claims_markdown
from seqcompare.report.tables import measured
from seqcompare.report.texts import LANGUAGES, Texts, load_texts
from seqcompare.studies.claims.rules import (
    RULES,
    Evidence,
    above,
    below,
    claims_content,
    judge,
    within,
)

EVALUATION = Evaluation(confidence=0.95, horizon=1, resamples=200, seed=0)
PAIR = "lstm_vs_transformer"
EN = load_texts("en")


def estimate(name: str, low: float, high: float) -> dict[str, float]:
    return {name: (low + high) / 2, f"{name}_ci_low": low, f"{name}_ci_high": high}


def growth(exponent: float, last: float) -> dict[str, Any]:
    return {
        "longest_seq_len": 1280,
        "takeover_seq_len": 600.0,
        "train_peak_mb": 700.0,
        **estimate("train_exponent", exponent - 0.05, exponent + 0.05),
        **estimate("last_exponent", last - 0.05, last + 0.05),
    }


def made_up() -> dict[str, Any]:
    """Findings by which every claim that has a number holds."""
    rng = np.random.default_rng(0)
    truth = np.zeros(200)
    ratio = {"time_ratio": 0.5, "time_ratio_low": 0.4, "time_ratio_high": 0.6}
    counts = {"takeover_seq_len": 1000.0, "sequential_steps": 14}
    trained = {"gradient_lookback": 10.0, "context_needed": 5}
    needed = {"epochs": 5.0, "seconds": 2.0}
    return {
        "cost": {
            "lstm": growth(1, 1),
            "transformer": growth(1.4, 1.8),
            "comparison": {PAIR: {**ratio, "seq_len": 1280, "crossover_seq_len": None}},
            "setting": {"device": "cpu", "batch_size": 32},
        },
        "operations": {"lstm": {**counts, "takeover_seq_len": None}, "transformer": counts},
        "lookback": {
            "lstm": trained,
            "transformer": trained,
            "comparison": {PAIR: estimate("gradient_lookback_difference", -3, -1)},
        },
        "adding_problem": {
            "lstm": {"longest_lag_solved": 20, "longest_lag_solved_in_equal_seconds": 20},
            "transformer": {"longest_lag_solved": 40, "longest_lag_solved_in_equal_seconds": 10},
        },
        "convergence": {
            "lstm": needed,
            "transformer": needed,
            "comparison": {
                PAIR: estimate("epochs_difference", -4, -2) | estimate("epoch_time_ratio", 2, 3)
            },
        },
        "metrics": {
            "lstm": {"parameters": 1000},
            "transformer": {"parameters": 1050},
            "comparison": {PAIR: estimate("difference", 0.01, 0.02)},
        },
        "predictions": {
            "truth": truth,
            "lstm": rng.normal(0, 0.1, 200),
            "transformer": rng.normal(0, 0.5, 200),
        },
    }


def markdown(content: dict[str, Any], texts: Texts = EN) -> str:
    found = Evidence(**content)
    measured = Measured(found.cost, found.adding_problem, found.operations)
    return claims_markdown(claims_content(judge(found, EVALUATION)), measured, 0.95, texts)


def verdicts(content: dict[str, Any]) -> dict[str, str]:
    return {name: ruling.verdict for name, ruling in judge(Evidence(**content), EVALUATION).items()}


def changed(path: str, change: Any) -> dict[str, Any]:
    """The made-up evidence with one entry replaced, or an estimate shifted to an interval."""
    content = copy.deepcopy(made_up())
    *above, last = path.split("/")
    place = content
    for key in above:
        place = place[key]
    if isinstance(change, tuple):
        place.update(estimate(last, *change))
    else:
        place[last] = change
    return content


def test_every_claim_holds_by_evidence_made_for_it() -> None:
    assert verdicts(made_up()) == dict.fromkeys(RULES, "holds")


@pytest.mark.parametrize(
    ("claim", "path", "change", "verdict"),
    [
        ("lstm_time_linear", "cost/lstm/train_exponent", (0.86, 1.14), "holds"),
        ("lstm_time_linear", "cost/lstm/train_exponent", (0.86, 1.16), "undecided"),
        ("lstm_time_linear", "cost/lstm/train_exponent", (0.84, 1.14), "undecided"),
        ("lstm_time_linear", "cost/lstm/train_exponent", (1.16, 1.3), "fails"),
        ("lstm_time_linear", "cost/lstm/train_exponent", (0.5, 0.84), "fails"),
        ("attention_time_quadratic", "cost/transformer/last_exponent", (1.51, 1.6), "holds"),
        ("attention_time_quadratic", "cost/transformer/last_exponent", (1.49, 1.6), "undecided"),
        ("attention_time_quadratic", "cost/transformer/last_exponent", (1.3, 1.49), "fails"),
        ("transformer_faster_per_epoch", f"convergence/comparison/{PAIR}/epoch_time_ratio",
         (1.01, 1.2), "holds"),
        ("transformer_faster_per_epoch", f"convergence/comparison/{PAIR}/epoch_time_ratio",
         (0.99, 1.2), "undecided"),
        ("transformer_faster_per_epoch", f"convergence/comparison/{PAIR}/epoch_time_ratio",
         (0.8, 0.99), "fails"),
        ("lstm_faster_on_long_sequences", f"cost/comparison/{PAIR}/time_ratio_high", 1.01,
         "undecided"),
        ("transformer_bridges_longer_lags", "adding_problem/lstm/longest_lag_solved", 39, "holds"),
        ("transformer_bridges_longer_lags", "adding_problem/lstm/longest_lag_solved", 40,
         "undecided"),
        ("transformer_bridges_longer_lags", "adding_problem/lstm/longest_lag_solved", 41, "fails"),
        ("transformer_looks_farther_back",
         f"lookback/comparison/{PAIR}/gradient_lookback_difference", (-1, 0.1), "undecided"),
        ("transformer_looks_farther_back",
         f"lookback/comparison/{PAIR}/gradient_lookback_difference", (0.1, 1), "fails"),
        ("lstm_converges_in_fewer_epochs", f"convergence/comparison/{PAIR}/epochs_difference",
         (-1, 0.1), "undecided"),
        ("lstm_converges_in_fewer_epochs", f"convergence/comparison/{PAIR}/epochs_difference",
         (0.1, 1), "fails"),
        ("transformer_more_accurate_at_equal_size", "metrics/transformer/parameters", 1100,
         "holds"),
        ("transformer_more_accurate_at_equal_size", "metrics/transformer/parameters", 1101,
         "undecided"),
        ("transformer_more_accurate_at_equal_size", f"metrics/comparison/{PAIR}/difference",
         (-0.01, 0.02), "undecided"),
        ("transformer_more_accurate_at_equal_size", f"metrics/comparison/{PAIR}/difference",
         (-0.02, -0.01), "fails"),
    ],
)  # fmt: skip
def test_a_number_on_the_other_side_of_its_threshold_turns_that_verdict_alone(
    claim: str, path: str, change: Any, verdict: str
) -> None:
    assert verdicts(changed(path, change)) == dict.fromkeys(RULES, "holds") | {claim: verdict}


def test_long_sequences_are_the_transformers_when_the_whole_interval_says_so() -> None:
    content = changed(f"cost/comparison/{PAIR}/time_ratio_low", 1.01)
    content["cost"]["comparison"][PAIR]["time_ratio_high"] = 1.2
    assert verdicts(content)["lstm_faster_on_long_sequences"] == "fails"


def test_attention_is_not_refuted_by_windows_too_short_to_tell() -> None:
    content = changed("cost/transformer/last_exponent", (1.1, 1.2))
    assert verdicts(content)["attention_time_quadratic"] == "fails"
    content["operations"]["transformer"]["takeover_seq_len"] = 1281.0
    assert verdicts(content)["attention_time_quadratic"] == "undecided"


def test_the_steadier_error_is_the_one_that_varies_less() -> None:
    content = made_up()
    predictions = content["predictions"]
    swapped = {**predictions, "lstm": predictions["transformer"],
               "transformer": predictions["lstm"]}  # fmt: skip
    assert verdicts({**content, "predictions": swapped})["lstm_error_steadier"] == "fails"
    equal = {**predictions, "transformer": predictions["lstm"][::-1]}
    assert verdicts({**content, "predictions": equal})["lstm_error_steadier"] == "undecided"


def test_a_pair_named_the_other_way_round_means_the_same() -> None:
    content = made_up()
    content["metrics"]["comparison"] = {"transformer_vs_lstm": estimate("difference", -0.02, -0.01)}
    ruling = judge(Evidence(**content), EVALUATION)["transformer_more_accurate_at_equal_size"]
    assert (ruling.verdict, ruling.low, ruling.high) == ("holds", 0.01, 0.02)


def test_without_an_interval_nothing_is_decided() -> None:
    for verdict in (below(1, None, None), above(1, None, None), within(1, 0.1, None, None)):
        assert verdict == "undecided"


def test_without_one_of_the_two_models_nothing_is_decided_and_the_page_says_so() -> None:
    content = made_up()
    for section in ("cost", "operations", "metrics"):
        del content[section]["lstm"]
    rulings = judge(Evidence(**content), EVALUATION)
    assert {ruling.verdict for ruling in rulings.values()} == {"undecided"}
    page = markdown(content)
    assert page.count(EN("word.not_measured")) == len(RULES)
    assert "| Transformer |" in page


def test_turning_a_number_of_a_study_turns_the_verdict_in_the_page() -> None:
    def row(content: dict[str, Any]) -> str:
        return next(line for line in markdown(content).splitlines() if "reaches farther" in line)

    assert "**holds**" in row(made_up())
    assert "**fails**" in row(changed("adding_problem/lstm/longest_lag_solved", 80))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_claim_has_its_sentences_and_every_number_in_them_is_given(language: str) -> None:
    texts = load_texts(language)
    sentences = dict(texts)
    for kind in ("claim", "measurement"):
        assert {key.split(".")[1] for key in sentences if key.startswith(f"{kind}.")} == set(RULES)
    for name, row in claims_content(judge(Evidence(**made_up()), EVALUATION)).items():
        fields = set(re.findall(r"{(\w+)}", sentences[f"measurement.{name}"]))
        assert fields == {"value", *row["details"]}
        assert "{" not in measured(name, row, texts)


def test_the_json_holds_numbers_and_no_sentence_of_any_language() -> None:
    content = claims_content(judge(Evidence(**made_up()), EVALUATION))
    assert json.loads(json.dumps(content, allow_nan=False)) == content
    row = content["transformer_more_accurate_at_equal_size"]
    assert row["details"]["size_difference_percent"] == pytest.approx(5)
    assert row.keys() == {"verdict", "value", "low", "high", "details"}


def test_a_claim_s_number_stands_in_its_sentence_with_its_interval() -> None:
    content = claims_content(judge(Evidence(**made_up()), EVALUATION))
    name = "transformer_more_accurate_at_equal_size"
    assert measured(name, content[name], EN).startswith(
        "Test MSE, LSTM − Transformer: 0.0150 [0.0100, 0.0200]. "
    )


def test_claims_are_ruled_alike_in_every_language() -> None:
    pages = [markdown(made_up(), load_texts(language)).splitlines() for language in LANGUAGES]
    english, chinese = (re.findall(r"\[.*?\]", "\n".join(page)) for page in pages)
    assert english == chinese
    assert all(re.search("[一-鿿]", line) for line in pages[1] if line.endswith("** |"))
