"""Claims of the tutorial, each with the number that tests it and the verdict of that number.

Every rule and, at the top, every threshold stands here. A verdict is about this device, these
settings and this series; it is `undecided` where the interval leaves both answers open or there is
no number.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Literal, TypeAlias

from seqcompare.core.names import LSTM, TRANSFORMER, pair
from seqcompare.core.params import Evaluation
from seqcompare.statistics.estimates import Estimate, Interval
from seqcompare.studies.claims.evidence import Evidence
from seqcompare.studies.claims.steadiness import dispersion_ratio, mean_dispersions

LINEAR_WITHIN = 0.15  # of an exponent of 1
QUADRATIC_ABOVE = 1.5  # exponent from which on the n^2 part is the larger one
EQUAL_SIZE = 0.10  # by which numbers of parameters may differ
EQUAL = 1  # a ratio of seconds, errors or dispersions
NO_DIFFERENCE = 0  # of lags or epochs

PAIR = pair(LSTM, TRANSFORMER)

Verdict: TypeAlias = Literal["holds", "fails", "undecided"]
Detail: TypeAlias = float | None


@dataclass(frozen=True)
class Ruling:
    """The verdict and the number that it rests on, low to high being its interval."""

    verdict: Verdict
    value: float | None
    low: float | None
    high: float | None
    details: Mapping[str, Detail] = field(default_factory=dict)


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


def lstm_time_linear(found: Evidence, _: Evaluation) -> Ruling:
    measured = found.cost.models[LSTM]
    exponent = measured.train_exponent
    return ruling(within(1, LINEAR_WITHIN, exponent), exponent, seq_len=measured.longest_seq_len)


def attention_time_quadratic(found: Evidence, _: Evaluation) -> Ruling:
    """Not refuted where the windows measured are too short for the n^2 part even on paper."""
    measured = found.cost.models[TRANSFORMER]
    longest, by_counts = measured.longest_seq_len, found.takeover_by_counts[TRANSFORMER]
    verdict = above(QUADRATIC_ABOVE, measured.last_exponent)
    too_short = longest is None or by_counts is None or longest < by_counts
    if verdict == "fails" and too_short:
        verdict = "undecided"
    return ruling(
        verdict,
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


def _value(number: Estimate | None) -> float | None:
    return number.value if number else None
