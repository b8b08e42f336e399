"""Each rule with made-up evidence on both sides of its threshold."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_up import make_pair

from seqcompare.core.comparison import Comparison, Pair
from seqcompare.core.errors import InputError
from seqcompare.core.params import Evaluation
from seqcompare.evaluation.lookback_summary import LookbackComparison, ModelLookback
from seqcompare.report.claims import Measured, claims_markdown
from seqcompare.report.tables import measured
from seqcompare.report.texts import LANGUAGES, Texts, load_texts
from seqcompare.statistics.estimates import Compared, Estimate, Interval, write_estimate
from seqcompare.studies.adding_problem.summary import AddingProblemSummary, LongestLags
from seqcompare.studies.claims.convergence import ConvergenceComparison, ModelConvergence
from seqcompare.studies.claims.evidence import Evidence, accuracy_of, reading
from seqcompare.studies.claims.rules import (
    RULES,
    Ruling,
    above,
    below,
    claims_content,
    judge,
    within,
)
from seqcompare.studies.cost.summary import CostComparison, CostSummary, ModelCost
from seqcompare.studies.cost.table import CostSetting

EVALUATION = Evaluation(confidence=0.95, horizon=1, equivalence=0.05, seed=0)
PAIR = "lstm_vs_transformer"
STEADY = np.array([0.1, 0.12, 0.11, 0.1])  # dispersions: [trial]
EN = load_texts("en")
CLOCK = "processor_time"


def estimate(low: float, high: float) -> Estimate:
    return Estimate((low + high) / 2, Interval(low, high), None)


LINEAR = estimate(0.95, 1.05)
QUADRATIC = estimate(1.95, 2.05)


def at_size(
    lstm: Estimate | None = None,
    attention: Estimate | None = None,
    ratio: Estimate | None = None,
    share: Estimate | None = None,
) -> Compared[ModelCost, CostComparison]:
    """lstm, attention: their slopes at the end; ratio, share: LSTM / Transformer."""
    slope = lstm or LINEAR
    return Compared(
        {
            "lstm": ModelCost(1280, slope, slope, None, estimate(0.5, 0.6), 700.0),
            "transformer": ModelCost(
                1280, slope, slope, attention or QUADRATIC, estimate(0.6, 0.7), 700.0
            ),
        },
        {PAIR: CostComparison(1280, ratio or estimate(0.4, 0.6), share or estimate(0.8, 0.9))},
    )


def cost(device: str = "cpu", **numbers: Estimate) -> CostSummary:
    """At two sizes, which agree."""
    at = at_size(**numbers)
    return CostSummary({"as_configured": at, "equal_size": at}, CostSetting(device, CLOCK, 32))


def lags(lstm: int) -> AddingProblemSummary:
    return AddingProblemSummary({"lstm": LongestLags(lstm, 20), "transformer": LongestLags(40, 10)})


def convergence(
    epochs: tuple[float, float] = (-4, -2), ratio: tuple[float, float] = (2, 3)
) -> Compared[ModelConvergence, ConvergenceComparison]:
    needed = ModelConvergence(estimate(4, 6), estimate(1, 3))
    compared = ConvergenceComparison(estimate(*epochs), estimate(*ratio))
    return Compared({"lstm": needed, "transformer": needed}, {PAIR: compared})


def lookback(low: float, high: float) -> Compared[ModelLookback, LookbackComparison]:
    trained = ModelLookback(estimate(9, 11), 5)
    compared = LookbackComparison(estimate(low, high))
    return Compared({"lstm": trained, "transformer": trained}, {PAIR: compared})


def made_up(**changes: Any) -> Evidence:
    """Evidence by which every claim that has a number holds, but for the changes."""
    evidence = Evidence(
        cost=cost(),
        sequential_steps={"lstm": 1281, "transformer": 14},
        lookback=lookback(-3, -1),
        adding_problem=lags(20),
        convergence=convergence(),
        convergence_trials=[],
        parameters={"lstm": 1000, "transformer": 1050},
        accuracy=estimate(1.2, 1.4),
        dispersions={"lstm": STEADY, "transformer": 2 * STEADY[::-1]},
        draws_vary=True,
    )
    return replace(evidence, **changes)


def markdown(found: Evidence, texts: Texts = EN) -> str:
    counts = {
        (size, model): {"takeover_seq_len": 2242.0, "sequential_steps": steps}
        for size in found.cost.sizes
        for model, steps in found.sequential_steps.items()
    }
    shown = Measured(found.cost.to_json(), found.adding_problem.to_json(), counts)
    return claims_markdown(claims_content(judge(found, EVALUATION)), shown, 0.95, texts)


def verdicts(found: Evidence) -> dict[str, str]:
    return {name: ruling.verdict for name, ruling in judge(found, EVALUATION).items()}


# Without a GPU there is nothing to be said of one.
HOLD = dict.fromkeys(RULES, "holds") | {"transformer_faster_on_gpu": "undecided"}


def test_every_claim_holds_by_evidence_made_for_it() -> None:
    assert verdicts(made_up()) == HOLD


@pytest.mark.parametrize(
    ("claim", "change", "verdict"),
    [
        ("lstm_time_linear", {"cost": cost(lstm=estimate(0.86, 1.14))}, "holds"),
        ("lstm_time_linear", {"cost": cost(lstm=estimate(0.86, 1.16))}, "undecided"),
        ("lstm_time_linear", {"cost": cost(lstm=estimate(0.84, 1.14))}, "undecided"),
        ("lstm_time_linear", {"cost": cost(lstm=estimate(1.16, 1.3))}, "fails"),
        ("lstm_time_linear", {"cost": cost(lstm=estimate(0.5, 0.84))}, "fails"),
        ("attention_time_quadratic", {"cost": cost(attention=estimate(1.86, 2.14))}, "holds"),
        ("attention_time_quadratic", {"cost": cost(attention=estimate(1.84, 2.14))}, "undecided"),
        ("attention_time_quadratic", {"cost": cost(attention=estimate(1.86, 2.16))}, "undecided"),
        ("attention_time_quadratic", {"cost": cost(attention=estimate(1.3, 1.84))}, "fails"),
        ("attention_time_quadratic", {"cost": cost(attention=estimate(2.16, 2.3))}, "fails"),
        ("lstm_not_parallel_over_time", {"cost": cost(share=estimate(0.9, 0.99))}, "holds"),
        ("lstm_not_parallel_over_time", {"cost": cost(share=estimate(0.9, 1.01))}, "undecided"),
        ("lstm_not_parallel_over_time", {"cost": cost(share=estimate(1.01, 1.2))}, "fails"),
        ("transformer_faster_per_epoch", {"convergence": convergence(ratio=(1.01, 2))}, "holds"),
        ("transformer_faster_per_epoch", {"convergence": convergence(ratio=(0.99, 2))},
         "undecided"),
        ("transformer_faster_per_epoch", {"convergence": convergence(ratio=(0.8, 0.99))}, "fails"),
        ("lstm_faster_on_long_sequences", {"cost": cost(ratio=estimate(0.9, 1.01))}, "undecided"),
        ("lstm_faster_on_long_sequences", {"cost": cost(ratio=estimate(1.01, 1.2))}, "fails"),
        ("transformer_bridges_longer_lags", {"adding_problem": lags(39)}, "holds"),
        ("transformer_bridges_longer_lags", {"adding_problem": lags(40)}, "undecided"),
        ("transformer_bridges_longer_lags", {"adding_problem": lags(41)}, "fails"),
        ("transformer_looks_farther_back", {"lookback": lookback(-1, 0.1)}, "undecided"),
        ("transformer_looks_farther_back", {"lookback": lookback(0.1, 1)}, "fails"),
        ("lstm_converges_in_fewer_epochs", {"convergence": convergence(epochs=(-1, 0.1))},
         "undecided"),
        ("lstm_converges_in_fewer_epochs", {"convergence": convergence(epochs=(0.1, 1))}, "fails"),
        ("transformer_more_accurate_at_equal_size",
         {"parameters": {"lstm": 1000, "transformer": 1100}}, "holds"),
        ("transformer_more_accurate_at_equal_size",
         {"parameters": {"lstm": 1000, "transformer": 1101}}, "undecided"),
        ("transformer_more_accurate_at_equal_size", {"accuracy": estimate(0.99, 1.02)},
         "undecided"),
        ("transformer_more_accurate_at_equal_size", {"accuracy": estimate(0.98, 0.99)}, "fails"),
        ("transformer_more_accurate_at_equal_size", {"accuracy": None}, "undecided"),
    ],
)  # fmt: skip
def test_a_number_on_the_other_side_of_its_threshold_turns_that_verdict_alone(
    claim: str, change: dict[str, Any], verdict: str
) -> None:
    assert verdicts(made_up(**change)) == HOLD | {claim: verdict}


@pytest.mark.parametrize(
    ("other", "verdict"),
    [((0.9, 0.99), "holds"), ((0.9, 1.01), "undecided"), ((1.01, 1.2), "depends")],
)
def test_a_claim_that_the_sizes_disagree_on_depends(
    other: tuple[float, float], verdict: str
) -> None:
    at = {"as_configured": at_size(), "equal_size": at_size(ratio=estimate(*other))}
    found = made_up(cost=CostSummary(at, CostSetting("cpu", CLOCK, 32)))
    assert verdicts(found) == HOLD | {"lstm_faster_on_long_sequences": verdict}
    row = next(line for line in markdown(found).splitlines() if "sequences the LSTM" in line)
    assert "0.500 [0.400, 0.600] (as configured), " in row
    assert "] (equal size). Length" in row
    assert f"**{verdict}**" in row


@pytest.mark.parametrize(
    ("ratio", "verdict"),
    [((1.01, 2), "holds"), ((0.99, 2), "undecided"), ((0.5, 0.99), "fails")],
)
def test_only_a_gpu_can_tell_what_a_gpu_makes_faster(
    ratio: tuple[float, float], verdict: str
) -> None:
    on_gpu = made_up(cost=cost("cuda:0 (a GPU)", ratio=estimate(*ratio)))
    assert verdicts(on_gpu)["transformer_faster_on_gpu"] == verdict
    on_cpu = made_up(cost=cost("cpu", ratio=estimate(*ratio)))
    assert verdicts(on_cpu)["transformer_faster_on_gpu"] == "undecided"
    assert "Transformer: not measured." in markdown(on_cpu)


def test_what_lies_beyond_the_lengths_measured_is_no_number() -> None:
    assert "same time, as configured: beyond the measured range." in markdown(made_up())


def test_networks_that_look_nowhere_decide_nothing() -> None:
    nowhere = ModelLookback(None, 1)
    models = {"lstm": nowhere, "transformer": nowhere}
    found = made_up(lookback=Compared(models, {PAIR: LookbackComparison(None)}))
    assert verdicts(found)["transformer_looks_farther_back"] == "undecided"
    assert "**undecided**" in markdown(found)


def test_the_steadier_error_is_the_one_that_varies_less() -> None:
    made = made_up().dispersions
    swapped = {"lstm": made["transformer"], "transformer": made["lstm"]}
    assert verdicts(made_up(dispersions=swapped))["lstm_error_steadier"] == "fails"
    equal = {**made, "transformer": made["lstm"][::-1]}
    assert verdicts(made_up(dispersions=equal))["lstm_error_steadier"] == "undecided"


@pytest.mark.parametrize(
    "change",
    [
        {"draws_vary": False},
        {"dispersions": {"lstm": STEADY[:1], "transformer": 2 * STEADY[:1]}},
        {"dispersions": {"lstm": 0 * STEADY, "transformer": STEADY}},
        {"dispersions": {"lstm": np.nan * STEADY, "transformer": np.nan * STEADY}},
    ],
    ids=["one series", "one trial", "constant errors", "too short"],
)
def test_whose_error_is_steadier_takes_trials_of_uneven_errors(change: dict[str, Any]) -> None:
    found = made_up(**change)
    assert verdicts(found) == HOLD | {"lstm_error_steadier": "undecided"}
    json.dumps(claims_content(judge(found, EVALUATION)), allow_nan=False)
    assert "nan" not in markdown(found)


def test_a_pair_named_the_other_way_round_means_the_same() -> None:
    mses = {"lstm": np.array([0.2, 0.4]), "transformer": np.array([0.1, 0.1])}
    one = make_pair("models", "lstm", "transformer", mses)
    line = make_pair("line", "lstm", "transformer", mses)

    def compared(*pairs: Pair) -> Comparison:
        return Comparison(
            design="draws", trials=2, targets=9, folds=1, confidence=0.95, equivalence=0.05,
            predictors={}, pairs=pairs,
        )  # fmt: skip

    found = accuracy_of(compared(line, one))
    assert found == Estimate(one.ratio, Interval(one.low or 0, one.high or 0), one.p_value)
    assert found.value > 1
    turned = accuracy_of(compared(one.seen_from("transformer"), line))
    assert turned is not None
    assert turned.interval is not None
    assert (turned.value, turned.interval.low, turned.interval.high) == pytest.approx(
        (one.ratio, one.low, one.high)
    )
    assert accuracy_of(compared(line)) is None
    without_ends = one.model_copy(update={"low": None, "high": None, "p_value": None})
    assert accuracy_of(compared(without_ends)) == Estimate(one.ratio, None, None)


def test_without_an_interval_nothing_is_decided() -> None:
    for number in (None, Estimate(0.5, None, None)):
        for verdict in (below(1, number), above(1, number), within(1, 0.1, number)):
            assert verdict == "undecided"


def test_without_one_of_the_two_models_nothing_is_decided_and_the_page_says_so() -> None:
    alone = CostSummary(
        {"as_configured": Compared({"transformer": at_size().models["transformer"]}, {})},
        CostSetting("cpu", CLOCK, 32),
    )
    found = made_up(cost=alone, parameters={"transformer": 1050})
    rulings = judge(found, EVALUATION)
    assert rulings == dict.fromkeys(RULES, Ruling("undecided", None, None, None))
    page = markdown(found)
    assert page.count(EN("word.not_measured")) == len(RULES)
    assert "| Transformer (as configured) |" in page


def test_turning_a_number_of_a_study_turns_the_verdict_in_the_page() -> None:
    def row(found: Evidence) -> str:
        return next(line for line in markdown(found).splitlines() if "reaches farther" in line)

    assert "**holds**" in row(made_up())
    assert "**fails**" in row(made_up(adding_problem=lags(80)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_claim_has_its_sentences_and_every_number_in_them_is_given(language: str) -> None:
    texts = load_texts(language)
    sentences = dict(texts)
    for kind in ("claim", "measurement"):
        assert {key.split(".")[1] for key in sentences if key.startswith(f"{kind}.")} == set(RULES)
    for name, row in claims_content(judge(made_up(), EVALUATION)).items():
        fields = set(re.findall(r"{(\w+)}", sentences[f"measurement.{name}"]))
        assert fields == {"value", *row["details"]}
        assert "{" not in measured(name, row, texts)


def test_the_json_holds_numbers_and_no_sentence_of_any_language() -> None:
    content = claims_content(judge(made_up(), EVALUATION))
    assert json.loads(json.dumps(content, allow_nan=False)) == content
    row = content["transformer_more_accurate_at_equal_size"]
    assert row["details"]["size_difference_percent"] == pytest.approx(5)
    assert row.keys() == {"verdict", "value", "low", "high", "details", "sizes"}


def test_a_claim_s_number_stands_in_its_sentence_with_its_interval() -> None:
    content = claims_content(judge(made_up(), EVALUATION))
    name = "transformer_more_accurate_at_equal_size"
    assert measured(name, content[name], EN).startswith(
        "Test MSE, LSTM / Transformer: 1.30 [1.20, 1.40]. "
    )


def test_claims_are_ruled_alike_in_every_language() -> None:
    pages = [markdown(made_up(), load_texts(language)).splitlines() for language in LANGUAGES]
    english, chinese = (re.findall(r"\[.*?\]", "\n".join(page)) for page in pages)
    assert english == chinese
    assert all(re.search("[一-鿿]", line) for line in pages[1] if line.endswith("** |"))


def test_a_file_that_lacks_an_entry_is_named_in_one_line() -> None:
    path = Path("reports/lookback.json")
    with (
        pytest.raises(InputError, match=r"^reports/lookback.json: .* \(no entry context_needed\)"),
        reading(path),
    ):
        Compared.from_json(
            {"lstm": write_estimate("gradient_lookback", None), "comparison": {}},
            ModelLookback,
            LookbackComparison,
        )
