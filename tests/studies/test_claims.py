"""Each rule with made-up evidence on both sides of its threshold."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import default_settings
from made_up import make_pair

from seqcompare.core.claims import Criterion, Ruling
from seqcompare.core.comparison import Comparison, Pair
from seqcompare.core.errors import InputError
from seqcompare.core.sections.data import Data
from seqcompare.core.sections.evaluation import Evaluation
from seqcompare.evaluation.lookback_summary import LookbackComparison, ModelLookback
from seqcompare.report.claims import Measured, claims_markdown
from seqcompare.report.tables import measured
from seqcompare.report.texts import LANGUAGES, Texts, load_texts
from seqcompare.statistics.estimates import Compared, Estimate, Interval, write_estimate
from seqcompare.statistics.familywise import FEWEST_FREEDOM
from seqcompare.studies.adding_problem.summary import (
    AddingProblemSummary,
    AddingSetting,
    LagCount,
    ModelLags,
)
from seqcompare.studies.claims import rules
from seqcompare.studies.claims.convergence import ConvergenceComparison, ModelConvergence
from seqcompare.studies.claims.criteria import (
    above,
    below,
    decide,
    in_every_case,
    judged_together,
    p_value_of,
    ruling,
    verdict_of,
)
from seqcompare.studies.claims.evidence import Evidence, accuracy_of, fluctuations_of, reading
from seqcompare.studies.claims.fluctuations import predicted_share
from seqcompare.studies.claims.rules import EQUAL_SIZE, RULES, SLOPE_WITHIN, claims_content, judge
from seqcompare.studies.cost.summary import CostComparison, CostSummary, ModelCost
from seqcompare.studies.cost.table import CostSetting

EVALUATION = Evaluation(
    confidence=0.95, horizon=1, equivalence=0.05, seed=0, origins=500, lookback_windows=200,
    convergence_targets=(2.0,),
)  # fmt: skip
PAIR = "lstm_vs_transformer"
STEADY = np.array([0.1, 0.12, 0.11, 0.1] * 3)  # dispersions: [trial]
NOTICED = np.array([0.3, 0.32, 0.31, 0.29] * 3)  # shares of the noise: [trial]
SURE = 1e-6  # a p value that every correction leaves small enough
EN = load_texts("en")
CLOCK = "processor_time"
NOTHING = CostComparison()  # between two models that no length has both of


def estimate(low: float, high: float) -> Estimate:
    """Its p value is that of a sure effect, unless the interval holds 0 or 1: then of none."""
    interval = Interval(low, high)
    p_value = 0.5 if interval.holds(0) or interval.holds(1) else SURE
    return Estimate((low + high) / 2, interval, p_value)


# Without a p value, so that the interval's own counts, by Student's t.
LINEAR = Estimate(1.0, Interval(0.99, 1.01), None)
QUADRATIC = Estimate(2.0, Interval(1.99, 2.01), None)


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
            "lstm": ModelCost(1280, slope, slope, None, estimate(0.5, 0.6), 700.0, 5),
            "transformer": ModelCost(
                1280, slope, slope, attention or QUADRATIC, estimate(0.6, 0.7), 700.0, 5
            ),
        },
        {PAIR: CostComparison(1280, ratio or estimate(0.4, 0.6), share or estimate(0.8, 0.9))},
    )


def cost(device: str = "cpu", **numbers: Estimate) -> CostSummary:
    """At two sizes, which agree."""
    at = at_size(**numbers)
    return CostSummary({"as_configured": at, "equal_size": at}, CostSetting(device, CLOCK, 32))


def lags(
    lstm: tuple[int, int] = (0, 0), transformer: tuple[int, int] = (20, 20)
) -> AddingProblemSummary:
    """Of 20 trials at lag 40, so many are solved in equal steps, and in equal seconds."""

    def counted(solved: tuple[int, int]) -> ModelLags:
        return ModelLags(12_961, "cpu", [LagCount(20, 20, 20, 20), LagCount(40, 20, *solved)])

    setting = AddingSetting(seeds=20, steps=600, solved_below=0.1, most=0.5, confidence=0.95)
    return AddingProblemSummary(
        setting, {"lstm": counted(lstm), "transformer": counted(transformer)}
    )


def convergence(
    epochs: tuple[float, float] = (-4, -2), ratio: tuple[float, float] = (2, 3)
) -> Compared[ModelConvergence, ConvergenceComparison]:
    needed = ModelConvergence(1.5, 10, 10, estimate(4, 6), estimate(1, 3))
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
        adding_problem=lags(),
        convergence=convergence(),
        convergence_trials=[],
        parameters={"lstm": 1000, "transformer": 1050},
        accuracy=estimate(1.2, 1.4),
        dispersions={"lstm": STEADY, "transformer": 2 * STEADY[::-1]},
        fluctuations={"lstm": NOTICED, "transformer": NOTICED},
        draws_vary=True,
        trials=12,
        seq_len=20,
        device="cpu",
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
        ("transformer_bridges_longer_lags", {"adding_problem": lags((5, 5))}, "holds"),
        ("transformer_bridges_longer_lags", {"adding_problem": lags((17, 0))}, "undecided"),
        ("transformer_bridges_longer_lags", {"adding_problem": lags((0, 17))}, "undecided"),
        ("transformer_bridges_longer_lags", {"adding_problem": lags((20, 20), (5, 5))}, "fails"),
        ("transformer_bridges_longer_lags", {"adding_problem": lags((0, 20), (20, 0))}, "depends"),
        ("transformer_bridges_longer_lags", {"adding_problem": lags((20, 0), (0, 20))}, "depends"),
        ("transformer_looks_farther_back", {"lookback": lookback(-1, 0.1)}, "undecided"),
        ("transformer_looks_farther_back", {"lookback": lookback(0.1, 0.9)}, "fails"),
        ("lstm_converges_in_fewer_epochs", {"convergence": convergence(epochs=(-1, 0.1))},
         "undecided"),
        ("lstm_converges_in_fewer_epochs", {"convergence": convergence(epochs=(0.1, 0.9))},
         "fails"),
        ("transformer_more_accurate_at_equal_size",
         {"parameters": {"lstm": 1000, "transformer": 1100}}, "holds"),
        ("transformer_more_accurate_at_equal_size",
         {"parameters": {"lstm": 1000, "transformer": 1101}}, "undecided"),
        ("transformer_more_accurate_at_equal_size", {"accuracy": estimate(0.99, 1.02)},
         "undecided"),
        ("transformer_more_accurate_at_equal_size", {"accuracy": estimate(0.98, 0.99)}, "fails"),
        ("transformer_more_accurate_at_equal_size", {"accuracy": None}, "undecided"),
        ("models_predict_the_fluctuations",
         {"fluctuations": {"lstm": NOTICED - 0.18, "transformer": NOTICED}}, "holds"),
        ("models_predict_the_fluctuations",
         {"fluctuations": {"lstm": NOTICED - 0.2, "transformer": NOTICED}}, "undecided"),
        ("models_predict_the_fluctuations",
         {"fluctuations": {"lstm": NOTICED - 0.22, "transformer": NOTICED}}, "depends"),
        ("models_predict_the_fluctuations",
         {"fluctuations": {"lstm": NOTICED - 0.22, "transformer": NOTICED - 0.3}}, "fails"),
        ("models_predict_the_fluctuations", {"fluctuations": None}, "undecided"),
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


def test_the_p_value_of_a_claim_on_every_size_is_that_of_the_size_which_is_least_sure() -> None:
    less_sure = Estimate(0.7, Interval(0.5, 0.9), 0.01)
    at = {"as_configured": at_size(), "equal_size": at_size(ratio=less_sure)}
    found = made_up(cost=CostSummary(at, CostSetting("cpu", CLOCK, 32)))
    judged = judge(found, EVALUATION)["lstm_faster_on_long_sequences"]
    assert judged.p_value == 0.01
    assert [size.p_value for size in judged.sizes.values()] == [SURE, 0.01]
    assert (judged.value, judged.high) == (0.5, 0.6)  # as configured
    assert judged.condition == {"device": "cpu", "seq_len": 1280}


def test_a_size_without_a_number_leaves_a_claim_on_every_size_without_a_p_value() -> None:
    at = {"as_configured": Compared(at_size().models, {PAIR: NOTHING}), "equal_size": at_size()}
    found = made_up(cost=CostSummary(at, CostSetting("cpu", CLOCK, 32)))
    ruled = judge(found, EVALUATION)["lstm_faster_on_long_sequences"]
    assert (ruled.verdict, ruled.p_value, ruled.familywise_p_value) == ("undecided", None, None)
    assert "not measured (as configured), 0.500 [0.400, 0.600] (equal size)" in markdown(found)


@pytest.mark.parametrize(
    ("model", "claim"),
    [("lstm", "lstm_time_linear"), ("transformer", "attention_time_quadratic")],
)
def test_a_slope_has_a_degree_of_freedom_less_than_the_fewest_processes_of_a_size(
    model: str, claim: str
) -> None:
    few = at_size()
    models = {**few.models, model: replace(few.models[model], processes=3)}
    at = {"as_configured": at_size(), "equal_size": Compared(models, few.pairs)}
    judged = judge(made_up(cost=CostSummary(at, CostSetting("cpu", CLOCK, 32))), EVALUATION)
    fewer, as_many = judged[claim], judge(made_up(), EVALUATION)[claim]
    assert (fewer.freedom, as_many.freedom) == (2, 4)
    assert (fewer.p_value or 0) > (as_many.p_value or 0) > 0


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
        {"dispersions": {"lstm": STEADY[:1], "transformer": 2 * STEADY[:1]}},
        {"dispersions": {"lstm": 0 * STEADY, "transformer": STEADY}},
        {"dispersions": {"lstm": np.nan * STEADY, "transformer": np.nan * STEADY}},
    ],
    ids=["one trial", "constant errors", "too short"],
)
def test_whose_error_is_steadier_takes_trials_of_uneven_errors(change: dict[str, Any]) -> None:
    found = made_up(**change)
    assert verdicts(found) == HOLD | {"lstm_error_steadier": "undecided"}
    json.dumps(claims_content(judge(found, EVALUATION)), allow_nan=False)
    assert "nan" not in markdown(found)


def test_trials_of_one_series_tell_neither_steadiness_nor_fluctuations() -> None:
    found = verdicts(made_up(draws_vary=False))
    assert {claim for claim, verdict in found.items() if verdict == "undecided"} == {
        "lstm_error_steadier", "models_predict_the_fluctuations", "transformer_faster_on_gpu"
    }  # fmt: skip


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
        for criterion in (
            Criterion(kind="within", limit=1, margin=0.1),
            Criterion(kind="above", limit=0.1),
        ):
            assert verdict_of(criterion, number) == "undecided"
        for decision in (below(1, number), above(1, number)):
            assert decision.verdict == "undecided"


ZERO_OR_MORE = Criterion(kind="above", limit=0)
POSITIVE, NEGATIVE, OPEN = estimate(1.5, 2), estimate(-2, -1), estimate(-1, 1)


@pytest.mark.parametrize(
    ("numbers", "verdict"),
    [
        ((POSITIVE, POSITIVE), "holds"),
        ((NEGATIVE, NEGATIVE), "fails"),
        ((POSITIVE, NEGATIVE), "depends"),
        ((POSITIVE, OPEN), "undecided"),
        ((NEGATIVE, OPEN, POSITIVE), "undecided"),
        ((OPEN, OPEN), "undecided"),
    ],
)
def test_a_claim_for_several_cases_depends_on_them_where_they_contradict(
    numbers: tuple[Estimate, ...], verdict: str
) -> None:
    assert in_every_case(ZERO_OR_MORE, numbers).verdict == verdict
    assert in_every_case(ZERO_OR_MORE, numbers[::-1]).verdict == verdict


def test_a_verdict_that_does_not_last_beside_the_other_claims_is_undecided() -> None:
    def rulings(*p_values: float) -> dict[str, Ruling]:
        numbers = [Estimate(1.0, Interval(0.5, 1.5), p) for p in p_values]
        return {str(p.p_value): ruling(decide(ZERO_OR_MORE, p), p) for p in numbers}

    alone = judged_together(rulings(0.04), 0.95)
    assert (alone["0.04"].verdict, alone["0.04"].familywise_p_value) == ("holds", 0.04)
    together = judged_together(rulings(0.04, 0.01, 0.03), 0.95)
    assert {name: each.verdict for name, each in together.items()} == {
        "0.01": "holds", "0.03": "undecided", "0.04": "undecided",
    }  # fmt: skip
    assert together["0.01"].familywise_p_value == pytest.approx(0.03)
    assert together["0.01"].p_value == 0.01
    assert (together["0.03"].low, together["0.03"].high) == (0.5, 1.5)  # its own


def test_an_exponent_s_p_value_of_0_says_nothing_of_another_limit() -> None:
    steep = Estimate(1.6, Interval(1.3, 1.9), SURE)
    assert (p_value_of(Criterion(kind="above", limit=1.5), steep, 0.95, 9) or 0) > 0.05
    assert (p_value_of(Criterion(kind="within", limit=1, margin=0.15), steep, 0.95, 9) or 0) < 0.05


@pytest.mark.parametrize("number", [estimate(0.86, 1.14), estimate(1.0, 1.3), estimate(1.2, 1.4)])
@pytest.mark.parametrize(
    "criterion",
    [
        Criterion(kind="within", limit=1, margin=0.15),
        Criterion(kind="above", limit=1.1),
        Criterion(kind="below", limit=1.3),
    ],
)
def test_the_p_value_is_small_exactly_where_the_interval_decides(
    criterion: Criterion, number: Estimate
) -> None:
    p_value = p_value_of(criterion, number, 0.95, 4)
    assert p_value is not None
    assert (p_value < 0.05) == (verdict_of(criterion, number) != "undecided")


def test_predictions_that_follow_the_noise_are_told_from_those_that_miss_the_wave() -> None:
    rng = np.random.default_rng(0)
    clean = np.sin(np.linspace(0, 9, 20_000)).reshape(2, -1)
    truth = clean + 0.1 * rng.standard_normal(clean.shape)
    followed = predicted_share(clean + 0.3 * (truth - clean), truth, clean)
    missed = predicted_share(0.8 * clean, truth, clean)
    assert followed == pytest.approx([0.3, 0.3])
    assert missed == pytest.approx([0, 0], abs=0.1)
    assert predicted_share(clean, clean, clean) is None


def test_the_noise_is_known_of_a_sine_alone() -> None:
    times = np.linspace(0, 5, 50)[None]
    predictions = {"time": times, "truth": np.sin(times) + 0.1, "lstm": np.sin(times) + 0.05}
    data = Data(**default_settings()["data"])
    found = fluctuations_of(["lstm"], predictions, data)
    assert found is not None
    assert found["lstm"] == pytest.approx([0.5])
    assert fluctuations_of(["lstm"], {**predictions, "truth": np.sin(times)}, data) is None
    csv = data.model_copy(update={"source": "csv"})
    assert fluctuations_of(["lstm"], predictions, csv) is None


def test_without_one_of_the_two_models_nothing_is_decided_and_the_page_says_so() -> None:
    alone = CostSummary(
        {"as_configured": Compared({"transformer": at_size().models["transformer"]}, {})},
        CostSetting("cpu", CLOCK, 32),
    )
    found = made_up(cost=alone, parameters={"transformer": 1050})
    rulings = judge(found, EVALUATION)
    assert rulings == dict.fromkeys(RULES, Ruling(verdict="undecided", freedom=FEWEST_FREEDOM))
    page = markdown(found)
    assert page.count(EN("word.not_measured")) == len(RULES)
    assert "| Transformer (as configured) |" in page


def test_turning_a_number_of_a_study_turns_the_verdict_in_the_page() -> None:
    def row(found: Evidence) -> str:
        return next(line for line in markdown(found).splitlines() if "reaches farther" in line)

    assert "**holds**" in row(made_up())
    assert "**fails**" in row(made_up(adding_problem=lags((20, 20), (0, 0))))
    assert "**depends**" in row(made_up(adding_problem=lags((0, 20), (20, 0))))


def test_of_a_csv_the_page_says_that_nobody_knows_the_noise() -> None:
    row = next(
        line for line in markdown(made_up(fluctuations=None)).splitlines() if "noise" in line
    )
    assert EN("word.no_number") in row
    assert "Takes a sine" in row
    assert "**undecided**" in row


def test_a_threshold_that_changes_changes_in_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    def page() -> str:
        return markdown(made_up())

    assert f"within 1 ± {SLOPE_WITHIN:g};" in page()
    assert f"at most {100 * EQUAL_SIZE:g} %" in page()
    monkeypatch.setattr(rules, "SLOPE_WITHIN", 0.25)
    monkeypatch.setattr(rules, "EQUAL_SIZE", 0.3)
    assert "within 1 ± 0.25;" in page()
    assert "at most 30 %" in page()


def test_the_page_says_how_many_claims_are_judged_together_and_under_what() -> None:
    page = markdown(made_up())
    assert f"for all {len(RULES) - 1} claims" in page  # without a GPU
    assert "(CPU; seq_len 1,280)" in page
    assert "(CPU; 12,961 and 12,961 parameters; at most 600 steps; trials: 20)" in page
    assert "(CPU; 1,000 and 1,050 parameters; seq_len 20; trials: 12)" in page
    assert f"for all {len(RULES) - 2} claims" in markdown(made_up(accuracy=None))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_claim_has_its_sentences_and_every_number_in_them_is_given(language: str) -> None:
    texts = load_texts(language)
    sentences = dict(texts)
    for kind in ("claim", "measurement"):
        assert {key.split(".")[1] for key in sentences if key.startswith(f"{kind}.")} == set(RULES)
    for name, row in claims_content(judge(made_up(), EVALUATION)).items():
        asked = set(re.findall(r"{(\w+)}", sentences[f"measurement.{name}"]))
        assert asked == {"value", *(d for d in row["details"] if not d.endswith(("_low", "_high")))}
        assert "{" not in measured(name, row, texts)


def test_the_json_holds_numbers_and_no_sentence_of_any_language() -> None:
    content = claims_content(judge(made_up(), EVALUATION))
    assert json.loads(json.dumps(content, allow_nan=False)) == content
    row = content["transformer_more_accurate_at_equal_size"]
    assert row["details"]["size_difference_percent"] == pytest.approx(5)
    assert row.keys() == Ruling.model_fields.keys()
    assert row["criterion"] == {"kind": "above", "limit": 1, "margin": 0.0, "equal_size": 0.1}
    assert json.dumps(row["details"]["lstm_parameters"]) == "1000"  # a count, and no 1000.0


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
