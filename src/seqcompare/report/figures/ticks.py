"""Axes: ticks of numbers, logarithms and times, whose labels never touch."""

import math
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import pandas as pd
from matplotlib import dates as untyped_dates
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, Locator, MaxNLocator, NullLocator

from seqcompare.core.types import Floats
from seqcompare.report.figures.style import POINTS, width_of

Ticks: TypeAlias = dict[float, str]  # place -> label
Choices: TypeAlias = Callable[[float, float], Iterable[Ticks]]  # (low, high) -> from many to few

DATES: Any = untyped_dates
MOST = 9  # labels of an axis
STEPS = (1, 2, 2.5, 5, 10)  # first digits of what is between two
APART = 1.0  # em between two labels


class FittingTicks(Locator):
    """Of an x axis: as many ticks as have room for their labels, in the axis' final width."""

    def __init__(self, choices: Choices) -> None:
        self.choices = choices
        self.labels: Ticks = {}

    def __call__(self) -> Any:
        axis: Any = self.axis
        em = POINTS / 72 * axis.get_figure(root=True).dpi
        for ticks in filter(None, self.choices(*sorted(axis.get_view_interval()))):
            self.labels = ticks
            places = axis.axes.transData.transform([(place, 1.0) for place in ticks])[:, 0] / em
            widths = [max(map(width_of, label.split("\n"))) for label in ticks.values()]
            ends = zip(places, widths, strict=True)
            if all((a + b) / 2 + APART <= right - left for (left, a), (right, b) in pairwise(ends)):
                break
        return list(self.labels)


def fit_ticks(axes: Axes, label: str, choices: Choices) -> None:
    """The x axis: its name, and ticks that are chosen when it is drawn."""
    locator = FittingTicks(choices)
    axes.set_xlabel(label)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda at, _: locator.labels.get(at, "")))


def number_axis(axes: Axes, label: str, whole: bool = False) -> None:
    """The x axis. whole: ticks at whole numbers alone, such as epochs."""
    locators = [
        MaxNLocator(most, steps=STEPS, integer=whole, min_n_ticks=1) for most in range(MOST, 0, -1)
    ]
    fit_ticks(axes, label, lambda *ends: (number_ticks(each, *ends) for each in locators))


def listed_axis(axes: Axes, texts: Ticks, label: str) -> None:
    """The x axis with ticks at these ascending places: all of them, or every so many that fit."""

    def choices(low: float, high: float) -> Iterator[Ticks]:
        shown = [at for at in texts if low <= at <= high]
        for every in range(1, len(shown) + 1):
            yield {at: texts[at] for at in shown[::-every][::-1]}

    fit_ticks(axes, label, choices)


def value_axis(axes: Axes, label: str) -> None:
    """The y axis, linear."""
    axes.set_ylabel(label)
    axes.yaxis.set_major_locator(MaxNLocator(6))


def log_axis(axes: Axes, label: str) -> None:
    """The y axis, logarithmic, with three labels or more. Linear where nothing is above 0."""
    value_axis(axes, label)
    if math.isfinite(axes.dataLim.minposy):
        axes.set_yscale("log")
        ticks = log_ticks(*axes.get_ylim())
        axes.set_yticks(list(ticks), list(ticks.values()))
        axes.yaxis.set_minor_locator(NullLocator())


def log_ticks(low: float, high: float) -> Ticks:
    """Like 0.1, 0.2, 0.5; evenly spaced where the limits are close."""
    if high / low < 5:
        return number_ticks(MaxNLocator(5), low, high)
    decades = math.log10(high / low)
    digits = (1, 2, 3, 5, 7) if decades < 1 else (1, 2, 5) if decades < 3 else (1,)
    every = max(1, round(decades / 8))
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    places = [float(f"{d}e{power}") for power in powers if power % every == 0 for d in digits]
    return {at: number_texts([at])[0] for at in places if low <= at <= high}


def number_ticks(locator: MaxNLocator, low: float, high: float) -> Ticks:
    places = [float(at) for at in locator.tick_values(low, high) if low <= at <= high]
    return dict(zip(places, number_texts(places), strict=True))


def number_texts(values: Iterable[float]) -> list[str]:
    """With the same decimals, as many as they need; those below 0.0001 like 2e-05."""
    values = list(values)
    largest = max(map(abs, values), default=0.0) or 1.0
    exact = [round(value, 12 - math.floor(math.log10(largest))) + 0.0 for value in values]
    texts = [f"{value:.13g}" for value in exact]
    decimals = max((len(text.partition(".")[2]) for text in texts), default=0)
    if not any("e" in text for text in texts):
        texts = [f"{value:.{decimals}f}" for value in exact]
    return [text.replace("-", "−") for text in texts]


class Times(NamedTuple):
    """places: of times on an axis, days since 1970 where they are dates; zone: '' for none."""

    places: Floats
    dated: bool = False
    zone: str = ""


def times_of(times: "pd.Series[Any]") -> Times:
    """times: numbers, or ISO texts of dates, of any spacing, ascending."""
    if pd.api.types.is_numeric_dtype(times):
        return Times(times.to_numpy(np.float64))
    try:
        moments = pd.DatetimeIndex(pd.to_datetime(times.to_list(), format="ISO8601"))
    except ValueError:  # several zones, such as summer and winter time
        moments = pd.DatetimeIndex(pd.to_datetime(times.to_list(), format="ISO8601", utc=True))
    zone = "" if moments.tz is None else str(moments.tz)
    return Times(np.asarray(DATES.date2num(moments.tz_localize(None))), dated=True, zone=zone)


def time_axis(axes: Axes, times: Times, name: str) -> None:
    """The x axis of times, with their zone."""
    label = f"{name} ({times.zone})" if times.zone else name
    axes.margins(x=0.02)
    if times.dated:
        fit_ticks(axes, label, date_choices)
    else:
        number_axis(axes, label, whole=bool((times.places % 1 == 0).all()))


def date_choices(low: float, high: float) -> Iterator[Ticks]:
    """Round dates and times of day. low, high: days since 1970."""
    ends = DATES.num2date(low), DATES.num2date(high)
    for most in range(MOST, 2, -1):  # half as many, or matplotlib's intervals leave gaps
        locator = DATES.AutoDateLocator(minticks=(most - 1) // 2, maxticks=most)
        places = [float(at) for at in locator.tick_values(*ends) if low <= at <= high]
        for every in (1, 2):
            shown = places[::every]
            yield dict(zip(shown, _date_texts(shown), strict=True))


def _date_texts(places: list[float]) -> list[str]:
    """Years, months, dates; or times of day, with the date below where it is another one."""
    moments = pd.DatetimeIndex(DATES.num2date(places)).round("ms")
    dates = list(moments.strftime("%Y-%m-%d"))
    step = min((b - a for a, b in pairwise(places)), default=1.0)
    if step >= 0.99:
        months = step > 27 and all(date.endswith("-01") for date in dates)
        return [date[: 10 if not months else 4 if step > 360 else 7] for date in dates]
    length = 5 if step > 0.99 / 1440 else 8 if step > 0.99 / 86_400 else 12
    times = [time[:length] for time in moments.strftime("%H:%M:%S.%f")]
    return [
        time if date == before else f"{time}\n{date}"
        for time, date, before in zip(times, dates, ["", *dates], strict=False)
    ]
