"""Axis of times: the name of the file's column, and dates where it has dates."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, num2date

from seqcompare.core.dates import date_text, decimal_year, moment_of
from seqcompare.report.results import Results

LONGEST = 30  # letters of a column's name that an axis has room for


def label_times(axes: Axes, results: Results, otherwise: str) -> None:
    """Call it when all is drawn. otherwise: the label where the file names no times."""
    axes.set_xlabel((results.time_name or otherwise)[:LONGEST])
    if not results.dated:
        return
    low, high = axes.get_xlim()
    locator: Any = AutoDateLocator(minticks=3, maxticks=5)  # type: ignore[no-untyped-call]
    values = locator.tick_values(moment_of(low), moment_of(high))
    ticks = num2date(values)  # type: ignore[no-untyped-call]
    places = np.array([decimal_year(tick.replace(tzinfo=None)) for tick in ticks])
    places = places[(low <= places) & (places <= high)]
    step = float(np.median(np.diff(places))) if places.size > 1 else high - low
    axes.set_xticks(places, [date_text(place, step) for place in places])


def label_values(axes: Axes, results: Results, otherwise: str) -> None:
    axes.set_ylabel((results.value_name or otherwise)[:LONGEST])
