"""Claims of the tutorial, each with the number that tests it and the verdict of that number.

Every rule and, at the top, every threshold stands here. A verdict is about this device, these
settings and this series; it is `undecided` where the interval leaves both answers open, where it
does not last beside the other claims, or where there is no number.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeAlias

from seqcompare.core.claims import Criterion, Detail, Ruling
from seqcompare.core.names import LSTM, TRANSFORMER, pair
from seqcompare.core.sections.evaluation import Evaluation
from seqcompare.statistics.estimates import Compared, Estimate
from seqcompare.statistics.familywise import FEWEST_FREEDOM
from seqcompare.studies.adding_problem.summary import farthest_different_lag
from seqcompare.studies.claims.criteria import (
    EQUAL,
    NO_DIFFERENCE,
    above,
    below,
    decide,
    finding,
    in_every_case,
    judged_together,
    p_value_of,
    ruling,
)
from seqcompare.studies.claims.evidence import Evidence
from seqcompare.studies.claims.fluctuations import mean_share
from seqcompare.studies.claims.steadiness import dispersion_ratio, mean_dispersions
from seqcompare.studies.cost.summary import CostComparison, ModelCost

SLOPE_WITHIN = 0.15  # of 1 for linear growth, of 2 for quadratic
EQUAL_SIZE = 0.10  # by which numbers of parameters may differ
PREDICTED_SHARE = 0.1  # of the fluctuations, from which on they count as predicted

PAIR = pair(LSTM, TRANSFORMER)

CostAtSize: TypeAlias = Compared[ModelCost, CostComparison]


def lstm_time_linear(found: Evidence, _: Evaluation) -> Ruling:
    """By the slope of a training step's time between the two longest lengths."""
    return over_sizes(
        found,
        Criterion(kind="within", limit=1, margin=SLOPE_WITHIN),
        lambda at: at.models[LSTM].train_slope,
        longest(found, LSTM),
        fewest_freedom(found, LSTM),
    )


def attention_time_quadratic(found: Evidence, _: Evaluation) -> Ruling:
    """By the slope of attention alone, forward and backward, as strictly as the LSTM's."""
    return over_sizes(
        found,
        Criterion(kind="within", limit=2, margin=SLOPE_WITHIN),
        lambda at: at.models[TRANSFORMER].attention_slope,
        longest(found, TRANSFORMER),
        fewest_freedom(found, TRANSFORMER),
    )


def transformer_faster_per_epoch(found: Evidence, _: Evaluation) -> Ruling:
    ratio = found.convergence.pairs[PAIR].epoch_time_ratio
    return ruling(above(EQUAL, ratio), ratio)


def lstm_faster_on_long_sequences(found: Evidence, _: Evaluation) -> Ruling:
    configured = as_configured(found).pairs[PAIR]
    return over_sizes(
        found,
        Criterion(kind="below", limit=EQUAL),
        lambda at: at.pairs[PAIR].time_ratio,
        configured.seq_len,
        crossover_seq_len=configured.crossover_seq_len,
    )


def lstm_not_parallel_over_time(found: Evidence, _: Evaluation) -> Ruling:
    """By what it must show in: steps that wait for one another leave more of the machine idle.

    That the steps are sequential is counted, and no measurement could refute it.
    """
    return over_sizes(
        found,
        Criterion(kind="below", limit=EQUAL),
        lambda at: at.pairs[PAIR].share_ratio,
        as_configured(found).pairs[PAIR].seq_len,
        lstm_share=_percent(found, LSTM),
        transformer_share=_percent(found, TRANSFORMER),
        lstm_steps=found.sequential_steps[LSTM],
        transformer_steps=found.sequential_steps[TRANSFORMER],
    )


def transformer_faster_on_gpu(found: Evidence, _: Evaluation) -> Ruling:
    """At the longest length; only a GPU can tell."""
    on_gpu = not found.cost.setting.device.startswith("cpu")
    return over_sizes(
        found,
        Criterion(kind="above", limit=EQUAL),
        lambda at: at.pairs[PAIR].time_ratio if on_gpu else None,
        as_configured(found).pairs[PAIR].seq_len,
    )


def transformer_bridges_longer_lags(found: Evidence, settings: Evaluation) -> Ruling:
    """By the share of trials that solve a lag, at the longest where both models surely differ.

    Nearer lags say nothing of reach: in equal seconds the model with the faster step wins there.

    In equal steps and in equal seconds: a verdict takes both, so its p value is the larger one
    (Berger 1982).
    """
    lstm, transformer = (found.adding_problem.models[name] for name in (LSTM, TRANSFORMER))
    lag, in_steps = farthest_different_lag(transformer, lstm, "steps", settings.confidence)
    lag_in_seconds, in_seconds = farthest_different_lag(
        transformer, lstm, "seconds", settings.confidence
    )
    p_values = [number.p_value for number in (in_steps, in_seconds) if number.p_value is not None]
    return ruling(
        in_every_case(Criterion(kind="above", limit=NO_DIFFERENCE), (in_steps, in_seconds)),
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
    """To one target for both models; a trial that never arrives counts with all of its epochs."""
    lstm, transformer = (found.convergence.models[name] for name in (LSTM, TRANSFORMER))
    difference = found.convergence.pairs[PAIR].epochs_difference
    return ruling(
        below(NO_DIFFERENCE, difference),
        difference,
        target=lstm.target,
        trials=lstm.trials,
        lstm_arrived=lstm.arrived,
        lstm_epochs=_value(lstm.epochs),
        lstm_seconds=_value(lstm.seconds),
        transformer_arrived=transformer.arrived,
        transformer_epochs=_value(transformer.epochs),
        transformer_seconds=_value(transformer.seconds),
    )


def transformer_more_accurate_at_equal_size(found: Evidence, _: Evaluation) -> Ruling:
    lstm, transformer = (found.parameters[name] for name in (LSTM, TRANSFORMER))
    smaller, larger = sorted((lstm, transformer))
    equal = larger <= (1 + EQUAL_SIZE) * smaller
    criterion = Criterion(kind="above", limit=EQUAL, equal_size=EQUAL_SIZE)
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
    criterion = Criterion(kind="above", limit=PREDICTED_SHARE)
    if found.fluctuations is None:
        return ruling(decide(criterion, None), None)
    shares = {model: found.fluctuations[model] for model in (LSTM, TRANSFORMER)}
    numbers = [mean_share(each, found.draws_vary, settings.confidence) for each in shares.values()]
    freedom = found.trials - 1
    less_sure = max(
        numbers,
        key=lambda number: p_value_of(criterion, number, settings.confidence, freedom) or 0.0,
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
        lstm_not_parallel_over_time,
        transformer_faster_on_gpu,
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
        return {name: Ruling(verdict="undecided", freedom=FEWEST_FREEDOM) for name in RULES}
    rulings = {name: decide(found, settings) for name, decide in RULES.items()}
    with_conditions = {
        name: each.model_copy(update={"condition": each.condition or condition_of(name, found)})
        for name, each in rulings.items()
    }
    return judged_together(with_conditions, settings.confidence)


def condition_of(claim: str, found: Evidence) -> dict[str, float | str]:
    """Device, sizes, lengths and budget that the number of a claim on trials was measured under."""
    adding, sizes = found.adding_problem, found.parameters
    if claim == transformer_bridges_longer_lags.__name__:
        sizes = {model: lags.parameters for model, lags in adding.models.items()}
        budget, trials = adding.setting.steps, adding.setting.seeds
        device, lengths = adding.models[LSTM].device, {"steps": budget, "trials": trials}
    else:
        device, lengths = found.device, {"seq_len": found.seq_len, "trials": found.trials}
    return {
        "device": device,
        **lengths,
        **{f"{model}_parameters": sizes[model] for model in (LSTM, TRANSFORMER)},
    }


def over_sizes(
    found: Evidence,
    criterion: Criterion,
    number_at: Callable[[CostAtSize], Estimate | None],
    seq_len: int | None,
    freedom: int = FEWEST_FREEDOM,
    **details: Detail,
) -> Ruling:
    """One claim on single steps, at every size. It `depends` where sizes contradict each other.

    The ruling's own number is that of the first size, which is the models as they are configured.
    seq_len: the window that the number is of.
    """
    numbers = {size: number_at(at) for size, at in found.cost.sizes.items()}
    decision = in_every_case(criterion, numbers.values(), freedom)
    device = found.cost.setting.device
    return ruling(decision, next(iter(numbers.values())), **details).model_copy(
        update={
            "sizes": {size: finding(criterion, number) for size, number in numbers.items()},
            "condition": {"device": device} | ({} if seq_len is None else {"seq_len": seq_len}),
        }
    )


def as_configured(found: Evidence) -> CostAtSize:
    """The first size."""
    return next(iter(found.cost.sizes.values()))


def longest(found: Evidence, model: str) -> int | None:
    """The longest window of one model that every size measured."""
    lengths = [at.models[model].longest_seq_len for at in found.cost.sizes.values()]
    return min((n for n in lengths if n is not None), default=None)


def fewest_freedom(found: Evidence, model: str) -> int:
    """Degrees of freedom that the slopes of one model have at every size: processes less one."""
    return max(1, min(at.models[model].processes for at in found.cost.sizes.values()) - 1)


def claims_content(rulings: Mapping[str, Ruling]) -> dict[str, dict[str, object]]:
    """claims.json: by id all of its ruling."""
    return {claim: ruling.model_dump() for claim, ruling in rulings.items()}


def number_details(name: str, number: Estimate) -> dict[str, Detail]:
    """An estimate beside the one that a ruling rests on."""
    ends = number.interval
    return {
        name: number.value,
        f"{name}_low": ends.low if ends else None,
        f"{name}_high": ends.high if ends else None,
    }


def _percent(found: Evidence, model: str) -> float | None:
    """Of the machine's speed that a training step reaches, in the first size."""
    share = as_configured(found).models[model].train_share
    return 100 * share.value if share else None


def _value(number: Estimate | None) -> float | None:
    return number.value if number else None
