"""Claims of the tutorial, each with the number that tests it and the verdict of that number.

Every rule and, at the top, every threshold stands here. A verdict is about this device, these
settings and this series; it is `undecided` where the interval leaves both answers open, where it
does not last beside the other claims, or where there is no number.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, replace

from seqcompare.core.names import LSTM, TRANSFORMER, pair
from seqcompare.core.params import Evaluation
from seqcompare.statistics.estimates import Estimate
from seqcompare.studies.adding_problem.summary import most_different_lag
from seqcompare.studies.claims.criteria import (
    EQUAL,
    NO_DIFFERENCE,
    Criterion,
    Detail,
    Ruling,
    above,
    below,
    decide,
    in_every_case,
    judged_together,
    ruling,
    within,
)
from seqcompare.studies.claims.evidence import Evidence
from seqcompare.studies.claims.fluctuations import mean_share
from seqcompare.studies.claims.steadiness import dispersion_ratio, mean_dispersions

LINEAR_WITHIN = 0.15  # of an exponent of 1
QUADRATIC_ABOVE = 1.5  # exponent from which on the n^2 part is the larger one
EQUAL_SIZE = 0.10  # by which numbers of parameters may differ
PREDICTED_SHARE = 0.1  # of the fluctuations, from which on they count as predicted

# Claims on the time of single steps, at lengths of their own.
OF_STEPS = ("lstm_time_linear", "attention_time_quadratic", "lstm_faster_on_long_sequences")

PAIR = pair(LSTM, TRANSFORMER)


def lstm_time_linear(found: Evidence, _: Evaluation) -> Ruling:
    measured = found.cost.models[LSTM]
    exponent = measured.train_exponent
    return ruling(within(1, LINEAR_WITHIN, exponent), exponent, seq_len=measured.longest_seq_len)


def attention_time_quadratic(found: Evidence, _: Evaluation) -> Ruling:
    """Not refuted where the windows measured are too short for the n^2 part even on paper."""
    measured = found.cost.models[TRANSFORMER]
    longest, by_counts = measured.longest_seq_len, found.takeover_by_counts[TRANSFORMER]
    decision = above(QUADRATIC_ABOVE, measured.last_exponent)
    too_short = longest is None or by_counts is None or longest < by_counts
    return ruling(
        decision.only_if(not (decision.verdict == "fails" and too_short)),
        measured.last_exponent,
        seq_len=longest,
        takeover_by_clock=measured.takeover_seq_len,
        takeover_by_counts=by_counts,
    )


def transformer_faster_per_epoch(found: Evidence, _: Evaluation) -> Ruling:
    ratio = found.convergence.pairs[PAIR].epoch_time_ratio
    return ruling(above(EQUAL, ratio), ratio)


def lstm_faster_on_long_sequences(found: Evidence, _: Evaluation) -> Ruling:
    both = found.cost.pairs[PAIR]
    return ruling(
        below(EQUAL, both.ratio),
        both.ratio,
        seq_len=both.seq_len,
        crossover_seq_len=both.crossover_seq_len,
    )


def transformer_bridges_longer_lags(found: Evidence, settings: Evaluation) -> Ruling:
    """By the share of trials that solve a lag, where both models differ most surely.

    In equal steps and in equal seconds: a verdict takes both, so its p value is the larger one
    (Berger 1982).
    """
    lstm, transformer = (found.adding_problem.models[name] for name in (LSTM, TRANSFORMER))
    lag, in_steps = most_different_lag(transformer, lstm, "steps", settings.confidence)
    lag_in_seconds, in_seconds = most_different_lag(
        transformer, lstm, "seconds", settings.confidence
    )
    p_values = [number.p_value for number in (in_steps, in_seconds) if number.p_value is not None]
    return ruling(
        in_every_case(Criterion("above", NO_DIFFERENCE), (in_steps, in_seconds)),
        replace(in_steps, p_value=max(p_values, default=None)),
        lag=lag,
        **number_details("in_seconds", in_seconds),
        lag_in_seconds=lag_in_seconds,
        lstm_steps=lstm.longest_lag_solved("steps"),
        transformer_steps=transformer.longest_lag_solved("steps"),
        lstm_seconds=lstm.longest_lag_solved("seconds"),
        transformer_seconds=transformer.longest_lag_solved("seconds"),
    )


def transformer_looks_farther_back(found: Evidence, _: Evaluation) -> Ruling:
    """By the gradient of the trained networks."""
    lstm, transformer = (found.lookback.models[name] for name in (LSTM, TRANSFORMER))
    difference = found.lookback.pairs[PAIR].gradient_lookback_difference
    return ruling(
        below(NO_DIFFERENCE, difference, found.trials - 1),
        difference,
        lstm_gradient_lookback=_value(lstm.gradient_lookback),
        lstm_context_needed=lstm.context_needed,
        transformer_gradient_lookback=_value(transformer.gradient_lookback),
        transformer_context_needed=transformer.context_needed,
    )


def lstm_converges_in_fewer_epochs(found: Evidence, _: Evaluation) -> Ruling:
    lstm, transformer = (found.convergence.models[name] for name in (LSTM, TRANSFORMER))
    difference = found.convergence.pairs[PAIR].epochs_difference
    return ruling(
        below(NO_DIFFERENCE, difference),
        difference,
        lstm_epochs=_value(lstm.epochs),
        lstm_seconds=_value(lstm.seconds),
        transformer_epochs=_value(transformer.epochs),
        transformer_seconds=_value(transformer.seconds),
    )


def transformer_more_accurate_at_equal_size(found: Evidence, _: Evaluation) -> Ruling:
    lstm, transformer = (found.parameters[name] for name in (LSTM, TRANSFORMER))
    smaller, larger = sorted((lstm, transformer))
    equal = larger <= (1 + EQUAL_SIZE) * smaller
    criterion = Criterion("above", EQUAL, equal_size=EQUAL_SIZE)
    return ruling(
        decide(criterion, found.accuracy).only_if(equal),
        found.accuracy,
        lstm_parameters=lstm,
        transformer_parameters=transformer,
        size_difference_percent=100 * (larger / smaller - 1),
    )


def lstm_error_steadier(found: Evidence, settings: Evaluation) -> Ruling:
    """Steadiness is the dispersion of windowed errors over their mean, trial by trial."""
    dispersions = found.dispersions
    number = dispersion_ratio(
        dispersions[LSTM], dispersions[TRANSFORMER], found.draws_vary, settings.confidence
    )
    details = {
        f"{model}_dispersion": mean
        for model, mean in mean_dispersions(dispersions).items()
        if model in (LSTM, TRANSFORMER)
    }
    return ruling(below(EQUAL, number), number, **details)


def models_predict_the_fluctuations(found: Evidence, settings: Evaluation) -> Ruling:
    """By the share of the noise that predictions follow, for both models alike.

    The number is that of the model which is the less sure.
    """
    criterion = Criterion("above", PREDICTED_SHARE)
    if found.fluctuations is None:
        return ruling(decide(criterion, None), None)
    shares = {model: found.fluctuations[model] for model in (LSTM, TRANSFORMER)}
    numbers = [mean_share(each, found.draws_vary, settings.confidence) for each in shares.values()]
    freedom = found.trials - 1
    less_sure = max(
        numbers,
        key=lambda number: criterion.p_value(number, settings.confidence, freedom) or 0.0,
    )
    details = {f"{model}_share": float(each.mean()) for model, each in shares.items()}
    return ruling(in_every_case(criterion, numbers, freedom), less_sure, **details)


RULES: dict[str, Callable[[Evidence, Evaluation], Ruling]] = {
    claim.__name__: claim
    for claim in (
        lstm_time_linear,
        attention_time_quadratic,
        transformer_faster_per_epoch,
        lstm_faster_on_long_sequences,
        transformer_bridges_longer_lags,
        transformer_looks_farther_back,
        lstm_converges_in_fewer_epochs,
        transformer_more_accurate_at_equal_size,
        lstm_error_steadier,
        models_predict_the_fluctuations,
    )
}


def judge(found: Evidence, settings: Evaluation) -> dict[str, Ruling]:
    """Every claim by its id, all of them together. Without either model none can be decided."""
    if not {LSTM, TRANSFORMER} <= found.parameters.keys():
        return {name: Ruling("undecided") for name in RULES}
    rulings = {
        name: replace(decide(found, settings), condition=condition_of(name, found))
        for name, decide in RULES.items()
    }
    return judged_together(rulings, settings.confidence)


def condition_of(claim: str, found: Evidence) -> dict[str, float | str]:
    """Device, sizes, lengths and budget that the number of a claim was measured under."""
    adding, sizes = found.adding_problem, found.parameters
    if claim == transformer_bridges_longer_lags.__name__:
        sizes = {model: lags.parameters for model, lags in adding.models.items()}
        budget, trials = adding.setting.steps, adding.setting.seeds
        device, lengths = adding.models[LSTM].device, {"steps": budget, "trials": trials}
    elif claim in OF_STEPS:
        device, lengths = found.cost.setting.device, {}
    else:
        device, lengths = found.device, {"seq_len": found.seq_len, "trials": found.trials}
    return {
        "device": device,
        **lengths,
        **{f"{model}_parameters": sizes[model] for model in (LSTM, TRANSFORMER)},
    }


def claims_content(rulings: Mapping[str, Ruling]) -> dict[str, dict[str, object]]:
    """claims.json: by id all of its ruling."""
    return {claim: asdict(ruling) for claim, ruling in rulings.items()}


def number_details(name: str, number: Estimate) -> dict[str, Detail]:
    """An estimate beside the one that a ruling rests on."""
    ends = number.interval
    return {
        name: number.value,
        f"{name}_low": ends.low if ends else None,
        f"{name}_high": ends.high if ends else None,
    }


def _value(number: Estimate | None) -> float | None:
    return number.value if number else None
