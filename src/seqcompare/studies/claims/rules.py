"""Claims of the tutorial, each with the number that tests it and the verdict of that number.

Every rule and, at the top, every threshold stands here. A verdict is about this device, these
settings and this series; it is `undecided` where the interval leaves both answers open or there is
no number.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from typing import Literal, TypeAlias

from seqcompare.core.names import LSTM, TRANSFORMER, pair
from seqcompare.core.params import Evaluation
from seqcompare.statistics.estimates import Compared, Estimate, Interval
from seqcompare.studies.claims.evidence import Evidence
from seqcompare.studies.claims.steadiness import dispersion_ratio, mean_dispersions
from seqcompare.studies.cost.summary import CostComparison, ModelCost

SLOPE_WITHIN = 0.15  # of 1 for linear growth, of 2 for quadratic
EQUAL_SIZE = 0.10  # by which numbers of parameters may differ
EQUAL = 1  # a ratio of seconds, errors or dispersions
NO_DIFFERENCE = 0  # of lags or epochs

PAIR = pair(LSTM, TRANSFORMER)

Verdict: TypeAlias = Literal["holds", "fails", "undecided", "depends"]
Detail: TypeAlias = float | None
CostAtSize: TypeAlias = Compared[ModelCost, CostComparison]


@dataclass(frozen=True)
class Ruling:
    """The verdict and the number that it rests on, low to high being its interval.

    sizes: size -> verdict, value, low and high there, of a claim that every size is asked.
    """

    verdict: Verdict
    value: float | None
    low: float | None
    high: float | None
    details: Mapping[str, Detail] = field(default_factory=dict)
    sizes: Mapping[str, Mapping[str, object]] = field(default_factory=dict)


def ruling(verdict: Verdict, number: Estimate | None, **details: Detail) -> Ruling:
    ends = number.interval if number else None
    return Ruling(
        verdict,
        number.value if number else None,
        ends.low if ends else None,
        ends.high if ends else None,
        details,
    )


def below(limit: float, number: Estimate | None) -> Verdict:
    """Is the number below the limit? Only an interval that lies on one side of it decides."""
    if number is None or number.interval is None:
        return "undecided"
    if number.interval.high < limit:
        return "holds"
    return "fails" if number.interval.low > limit else "undecided"


def above(limit: float, number: Estimate | None) -> Verdict:
    opposite: dict[Verdict, Verdict] = {"holds": "fails", "fails": "holds"}
    verdict = below(limit, number)
    return opposite.get(verdict, verdict)


def within(centre: float, margin: float, number: Estimate | None) -> Verdict:
    """Is the number within the margin? Yes if all of the interval is, no if nothing of it is."""
    if number is None or number.interval is None:
        return "undecided"
    low, high = number.interval.low, number.interval.high
    if centre - margin <= low and high <= centre + margin:
        return "holds"
    return "fails" if high < centre - margin or low > centre + margin else "undecided"


def over_sizes(
    found: Evidence,
    decide: Callable[[Estimate | None], Verdict],
    number_at: Callable[[CostAtSize], Estimate | None],
    **details: Detail,
) -> Ruling:
    """One claim at every size. `depends` where it holds at some and fails at others.

    The number is that of the first size, which is the models as they are configured.
    """
    rulings = {
        size: ruling(decide(number_at(measured)), number_at(measured))
        for size, measured in found.cost.sizes.items()
    }
    verdicts = {each.verdict for each in rulings.values()}
    verdict: Verdict = "undecided" if "undecided" in verdicts else "depends"
    if len(verdicts) == 1:
        (verdict,) = verdicts
    first = next(iter(rulings.values()))
    sizes = {
        size: {name: getattr(each, name) for name in ("verdict", "value", "low", "high")}
        for size, each in rulings.items()
    }
    return replace(first, verdict=verdict, details=details, sizes=sizes)


def longest(found: Evidence, model: str) -> int | None:
    """The longest window of one model that every size measured."""
    lengths = [at.models[model].longest_seq_len for at in found.cost.sizes.values()]
    return min((n for n in lengths if n is not None), default=None)


def lstm_time_linear(found: Evidence, _: Evaluation) -> Ruling:
    """By the slope of a training step's time between the two longest lengths."""
    return over_sizes(
        found,
        partial(within, 1, SLOPE_WITHIN),
        lambda at: at.models[LSTM].train_slope,
        seq_len=longest(found, LSTM),
    )


def attention_time_quadratic(found: Evidence, _: Evaluation) -> Ruling:
    """By the slope of attention alone, forward and backward, as strictly as the LSTM's."""
    return over_sizes(
        found,
        partial(within, 2, SLOPE_WITHIN),
        lambda at: at.models[TRANSFORMER].attention_slope,
        seq_len=longest(found, TRANSFORMER),
    )


def transformer_faster_per_epoch(found: Evidence, _: Evaluation) -> Ruling:
    ratio = found.convergence.pairs[PAIR].epoch_time_ratio
    return ruling(above(EQUAL, ratio), ratio)


def lstm_faster_on_long_sequences(found: Evidence, _: Evaluation) -> Ruling:
    configured = first_size(found)
    return over_sizes(
        found,
        partial(below, EQUAL),
        lambda at: at.pairs[PAIR].time_ratio,
        seq_len=configured.seq_len,
        crossover_seq_len=configured.crossover_seq_len,
    )


def lstm_not_parallel_over_time(found: Evidence, _: Evaluation) -> Ruling:
    """By what it must show in: steps that wait for one another leave more of the machine idle.

    That the steps are sequential is counted, and no measurement could refute it.
    """
    return over_sizes(
        found,
        partial(below, EQUAL),
        lambda at: at.pairs[PAIR].share_ratio,
        seq_len=first_size(found).seq_len,
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
        partial(above, EQUAL),
        lambda at: at.pairs[PAIR].time_ratio if on_gpu else None,
        seq_len=first_size(found).seq_len,
    )


def transformer_bridges_longer_lags(found: Evidence, _: Evaluation) -> Ruling:
    """In equal steps. One number a model: there is no interval."""
    lstm, transformer = (found.adding_problem.models[name] for name in (LSTM, TRANSFORMER))
    difference = transformer.longest_lag_solved - lstm.longest_lag_solved
    certain = Estimate(difference, Interval(difference, difference), None)
    return ruling(
        above(NO_DIFFERENCE, certain),
        Estimate(difference, None, None),
        lstm_steps=lstm.longest_lag_solved,
        transformer_steps=transformer.longest_lag_solved,
        lstm_seconds=lstm.longest_lag_solved_in_equal_seconds,
        transformer_seconds=transformer.longest_lag_solved_in_equal_seconds,
    )


def transformer_looks_farther_back(found: Evidence, _: Evaluation) -> Ruling:
    """By the gradient of the trained networks."""
    lstm, transformer = (found.lookback.models[name] for name in (LSTM, TRANSFORMER))
    difference = found.lookback.pairs[PAIR].gradient_lookback_difference
    return ruling(
        below(NO_DIFFERENCE, difference),
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
    return ruling(
        above(EQUAL, found.accuracy) if equal else "undecided",
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
    )
}


def judge(found: Evidence, settings: Evaluation) -> dict[str, Ruling]:
    """Every claim by its id. Without either of the two models none can be decided."""
    if not {LSTM, TRANSFORMER} <= found.parameters.keys():
        return {name: Ruling("undecided", None, None, None) for name in RULES}
    return {name: decide(found, settings) for name, decide in RULES.items()}


def claims_content(rulings: Mapping[str, Ruling]) -> dict[str, dict[str, object]]:
    """claims.json: by id the verdict, the number that it rests on, its interval and details."""
    return {claim: asdict(ruling) for claim, ruling in rulings.items()}


def first_size(found: Evidence) -> CostComparison:
    return next(iter(found.cost.sizes.values())).pairs[PAIR]


def _percent(found: Evidence, model: str) -> float | None:
    """Of the machine's speed that a training step reaches, in the first size."""
    share = next(iter(found.cost.sizes.values())).models[model].train_share
    return 100 * share.value if share else None


def _value(number: Estimate | None) -> float | None:
    return number.value if number else None
