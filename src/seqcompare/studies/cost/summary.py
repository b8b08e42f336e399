"""Summary of the cost: each point over its processes, how time grows, and how two models compare.

A point's number is the geometric mean over processes of their medians; its interval, like that of a
slope or a ratio, is Student's t over processes. Slopes and ratios are taken within a round, whose
measurements lie side by side in time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial

import numpy as np

from seqcompare.core.arrays import Floats
from seqcompare.core.types import Row
from seqcompare.statistics.estimates import Compared, Estimate, to_entries
from seqcompare.statistics.growth import crossover, local_slope
from seqcompare.statistics.students_t import geometric_mean
from seqcompare.studies.cost.table import CostSetting, Kind, Status, Timing

FLOPS_PER_MAC = 2
KINDS: tuple[Kind, ...] = ("train", "predict", "attention")  # the product is what they are held to

Rounds = Mapping[int, float]  # round -> one process's figure


@dataclass(frozen=True)
class Point:
    """A row of cost.csv: one kind of step of one model at one window length."""

    size: str
    model: str
    seq_len: int
    kind: Kind
    status: Status
    seconds: Estimate | None = None
    slope: Estimate | None = None  # of log(seconds) on log(n), from the length before
    share: Estimate | None = None  # of the speed of a plain product of matrices
    gflops: float | None = None  # counted operations / seconds
    peak_mb: float | None = None
    processes: int | None = None  # whose seconds these are; with a slope, at both lengths


@dataclass(frozen=True)
class ModelCost:
    """One model at one size, at its longest length; None where nothing was measured.

    Slopes are those from the length before. processes: the fewest that any of them rests on.
    """

    longest_seq_len: int | None
    train_slope: Estimate | None
    predict_slope: Estimate | None
    attention_slope: Estimate | None
    train_share: Estimate | None
    train_peak_mb: float | None
    processes: int


@dataclass(frozen=True)
class CostComparison:
    """Training steps of two models, first / second, at the longest length that both did.

    crossover_seq_len: from which length on their order is the same as there; None where it is so
    at every length measured.
    """

    seq_len: int | None = None
    time_ratio: Estimate | None = None
    share_ratio: Estimate | None = None
    crossover_seq_len: float | None = None


@dataclass(frozen=True)
class CostSummary:
    """All of cost.json and cost.csv. sizes: in the order of params.yaml."""

    sizes: Mapping[str, Compared[ModelCost, CostComparison]]
    setting: CostSetting
    points: Sequence[Point] = ()

    def to_json(self) -> dict[str, object]:
        sizes = {size: found.to_json() for size, found in self.sizes.items()}
        return {"setting": asdict(self.setting), "sizes": sizes}

    def to_rows(self) -> list[Row]:
        return [to_entries(point) for point in self.points]


@dataclass(frozen=True)
class Measured:
    """What the processes measured of one model at one size.

    timings: window length -> round -> kind of step -> its timing; the lengths ascend.
    """

    timings: Mapping[int, Mapping[int, Mapping[Kind, Timing]]]

    @classmethod
    def of(cls, timings: Sequence[Timing]) -> "Measured":
        found: dict[int, dict[int, dict[Kind, Timing]]] = {}
        for each in sorted(timings, key=lambda timing: timing.seq_len):
            if each.status == "measured":
                found.setdefault(each.seq_len, {}).setdefault(each.round, {})[each.kind] = each
        return cls(found)

    def rounds(self, n: int, kind: Kind) -> Mapping[int, Timing]:
        return {i: kinds[kind] for i, kinds in self.timings[n].items() if kind in kinds}

    def seconds(self, n: int, kind: Kind) -> Rounds:
        return {i: each.seconds for i, each in self.rounds(n, kind).items() if each.seconds}

    def speeds(self, n: int, kind: Kind) -> Rounds:
        """Floating-point operations per second, of what counts them."""
        return {
            i: FLOPS_PER_MAC * each.macs / each.seconds
            for i, each in self.rounds(n, kind).items()
            if each.macs and each.seconds
        }

    def shares(self, n: int, kind: Kind) -> Rounds:
        """Of the speed that the product of matrices had in the same process."""
        return ratios(self.speeds(n, kind), self.speeds(n, "product"))


def summarise_cost(
    timings: Sequence[Timing], setting: CostSetting, confidence: float
) -> CostSummary:
    """timings: of all sizes and models."""
    by_size: dict[str, dict[str, list[Timing]]] = {}
    for timing in timings:
        by_size.setdefault(timing.size, {}).setdefault(timing.model, []).append(timing)
    points: list[Point] = []
    sizes: dict[str, Compared[ModelCost, CostComparison]] = {}
    for size, models in by_size.items():
        found = {model: Measured.of(own) for model, own in models.items()}
        of_models = {
            model: points_of(own, found[model], confidence) for model, own in models.items()
        }
        points += [point for own in of_models.values() for point in own]
        sizes[size] = Compared.of(
            {model: summarise_model(own) for model, own in of_models.items()},
            partial(compare, found, confidence),
        )
    return CostSummary(sizes, setting, points)


def points_of(timings: Sequence[Timing], measured: Measured, confidence: float) -> list[Point]:
    """Of one model at one size: each kind of step by length, then what could not be measured."""
    points: list[Point] = []
    for kind in KINDS:
        before: int | None = None
        for n in measured.timings:
            rounds = measured.rounds(n, kind)
            if rounds:
                points.append(point(measured, n, before, kind, confidence))
                before = n
    missing = (timing for timing in timings if timing.seq_len not in measured.timings)
    return points + [Point(each.size, each.model, each.seq_len, each.kind, each.status)
                     for each in missing]  # fmt: skip


def point(measured: Measured, n: int, before: int | None, kind: Kind, confidence: float) -> Point:
    """before: the next shorter length that was measured."""
    rounds, seconds = measured.rounds(n, kind), measured.seconds(n, kind)
    speeds, shares = measured.speeds(n, kind), measured.shares(n, kind)
    slope, processes = None, len(seconds)
    if before is not None and (growth := ratios(seconds, measured.seconds(before, kind))):
        slope, processes = local_slope(before, n, as_array(growth), confidence), len(growth)
    peaks = [each.peak_mb for each in rounds.values() if each.peak_mb is not None]
    first = next(iter(rounds.values()))
    return Point(
        first.size, first.model, n, kind, "measured",
        seconds=geometric_mean(as_array(seconds), confidence),
        slope=slope,
        share=geometric_mean(as_array(shares), confidence) if shares else None,
        gflops=float(np.median(as_array(speeds))) / 1e9 if speeds else None,
        peak_mb=float(np.median(peaks)) if peaks else None,
        processes=processes,
    )  # fmt: skip


def summarise_model(points: Sequence[Point]) -> ModelCost:
    """points: of one model at one size."""
    longest = {each.kind: each for each in points if each.status == "measured"}
    train, predict, attention = (longest.get(kind) for kind in KINDS)
    return ModelCost(
        longest_seq_len=train.seq_len if train else None,
        train_slope=train.slope if train else None,
        predict_slope=predict.slope if predict else None,
        attention_slope=attention.slope if attention else None,
        train_share=train.share if train else None,
        train_peak_mb=train.peak_mb if train else None,
        processes=min((each.processes or 0 for each in longest.values()), default=0),
    )


def compare(
    measured: Mapping[str, Measured], confidence: float, first: str, second: str
) -> CostComparison:
    one, other = measured[first], measured[second]
    common = [n for n in one.timings if n in other.timings]
    if not common:
        return CostComparison()
    times = {n: ratios(one.seconds(n, "train"), other.seconds(n, "train")) for n in common}
    longest = common[-1]
    shares = ratios(one.shares(longest, "train"), other.shares(longest, "train"))
    means = [float(np.exp(np.log(as_array(times[n])).mean())) for n in common]
    return CostComparison(
        seq_len=longest,
        time_ratio=geometric_mean(as_array(times[longest]), confidence),
        share_ratio=geometric_mean(as_array(shares), confidence) if shares else None,
        crossover_seq_len=crossover(np.array(common), np.array(means)),
    )


def ratios(first: Rounds, second: Rounds) -> Rounds:
    """first / second in every round that has both."""
    return {i: figure / second[i] for i, figure in first.items() if i in second}


def as_array(rounds: Rounds) -> Floats:
    """[round]"""
    return np.array([rounds[i] for i in sorted(rounds)])
