"""Axes: ticks few enough that their labels never touch, even in a page's narrowest plot."""

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib import dates as untyped_dates
from matplotlib import ticker
from matplotlib.axes import Axes
from matplotlib.axis import Axis

from seqcompare.report.figures.style import wrapped

DATES: Any = untyped_dates
STEPS = (1, 2, 2.5, 5, 10)  # first digits of what is between two ticks
LETTERS = 36  # of all labels of a listed axis, each with one for the space behind it
# Of years, months, days, hours, minutes, seconds; of a first one, such as midnight; below, once.
FORMATS = {
    "formats": ["%Y", "%Y-%m", "%m-%d", "%H:%M", "%H:%M", ":%S.%f"],
    "zero_formats": ["%Y", "%Y-%m", "%m-%d", "%m-%d", "%H:%M", "%H:%M"],
    "offset_formats": ["", "", "%Y-%m-%d", "%Y-%m-%d", "%Y-%m-%d", "%Y-%m-%d %H:%M"],
}


def number_axis(axes: Axes, label: str, whole: bool = False) -> None:
    """The x axis. whole: ticks at whole numbers alone, such as epochs."""
    axes.set_xlabel(label)
    locator = ticker.MaxNLocator(6, steps=STEPS, integer=whole, min_n_ticks=1)
    axes.xaxis.set_major_locator(locator)
    axes.ticklabel_format(axis="x", useOffset=True, scilimits=(-4, 5))  # 1e6 once, below


def listed_axis(axes: Axes, texts: Mapping[float, str], label: str) -> None:
    """The x axis with ticks at these places, evenly spaced: all of them, or every so many."""
    axes.set_xlabel(label)
    most = LETTERS // (1 + max(map(len, texts.values())))
    axes.xaxis.set_major_locator(ticker.FixedLocator(list(texts), nbins=most))
    axes.xaxis.set_major_formatter(ticker.FuncFormatter(lambda at, _: texts[at]))
    axes.xaxis.minorticks_off()


def value_axis(axes: Axes, label: str) -> None:
    """The y axis, linear."""
    axes.set_ylabel(label)
    axes.yaxis.set_major_locator(ticker.MaxNLocator(6))


def log_axis(axes: Axes, label: str) -> None:
    """The y axis, logarithmic. Linear where nothing is above 0."""
    value_axis(axes, label)
    if math.isfinite(axes.dataLim.minposy):
        axes.set_yscale("log")
        log_ticks(axes.yaxis)


def log_ticks(axis: Axis) -> None:
    """Three labels or more: like 0.1, 0.2, 0.5; evenly spaced where the limits are close."""
    low, high = axis.get_view_interval()
    digits = (1, 2, 5) if high < 100 * low else (1, 3) if high < 1000 * low else (1,)
    axis.set_major_locator(ticker.LogLocator(subs=digits, numticks=6))
    axis.set_major_formatter(ticker.StrMethodFormatter("{x:g}"))
    if high < 10 * low:
        axis.set_major_locator(ticker.MaxNLocator(5, steps=STEPS))
        axis.set_major_formatter(ticker.ScalarFormatter())
    axis.minorticks_off()


def times_of(times: "pd.Series[Any]") -> Any:
    """An Index to draw at. times: numbers, or ISO texts of dates, of any spacing, ascending."""
    if pd.api.types.is_numeric_dtype(times):
        return pd.Index(times)
    try:
        return pd.DatetimeIndex(pd.to_datetime(times.to_list(), format="ISO8601"))
    except ValueError:  # several zones, such as summer and winter time
        return pd.DatetimeIndex(pd.to_datetime(times.to_list(), format="ISO8601", utc=True))


def time_axis(axes: Axes, times: "pd.Index[Any]", name: str) -> None:
    """The x axis of times_of, with their zone. Dates are in ISO 8601, the same in any language."""
    axes.margins(x=0.02)
    if isinstance(times, pd.DatetimeIndex):
        low, high = axes.get_xlim()
        locator = date_locator(high - low, times.tz or "UTC")
        axes.set_xlabel(wrapped(f"{name} ({times.tz})" if times.tz else name, 11))
        axes.xaxis.set_major_locator(locator)
        axes.xaxis.set_major_formatter(DATES.ConciseDateFormatter(locator, locator.tz, **FORMATS))
    else:
        number_axis(axes, name, whole=bool((times % 1 == 0).all()))


def date_locator(days: float, tz: Any) -> Any:
    """tz: of times of day. 3 to 7 ticks over so many days; 2 at times over two to three years."""
    if 3 <= days < 93:  # AutoDateLocator's are too close to one another at the ends of months
        return DATES.DayLocator(interval=math.ceil(days / 6), tz=tz)
    locator = DATES.AutoDateLocator(tz, minticks=3, maxticks=7)
    locator.maxticks |= {DATES.MONTHLY: 5, DATES.MICROSECONDLY: 5}
    locator.intervald[DATES.MONTHLY] = [1, 2, 3, 4, 6, 12]
    locator.intervald[DATES.MINUTELY] = locator.intervald[DATES.SECONDLY] = [1, 2, 5, 10, 15, 30]
    return locator
