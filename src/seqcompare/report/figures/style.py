"""Style of every picture: fonts, looks, legends; the bytes depend on nothing but what is drawn."""

import io
import re
from collections.abc import Callable, Iterable
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from matplotlib import style
from matplotlib.figure import Figure
from matplotlib.font_manager import FontEntry, fontManager
from matplotlib.ft2font import FT2Font
from matplotlib.textpath import TextPath

from seqcompare.core.types import AR, ORACLE, PERSISTENCE, SEASONAL
from seqcompare.report.language import FONT, Language
from seqcompare.report.words import colours_of, predictor_name

PANEL = (4.9, 3.5)  # inches of one of the page's: readable at 343 pixels' width
FILE = FONT.with_name("seqcompare.mplstyle")
POINTS = 10.0  # of letters, as in that file
TRUTH, NOTE = "#4D4D4D", "#595959"
DASHED = (0, (4, 3))
# Lines are told apart without colour: models by markers, baselines by strokes.
MARKERS = ("o", "s", "^", "D", "v", "P")
BASELINE_LOOKS: dict[str, dict[str, Any]] = {
    ORACLE: {"color": "#262626", "ls": DASHED, "lw": 1.2},
    AR: {"color": "#262626", "ls": "-", "lw": 1.2, "marker": "x"},
    SEASONAL: {"color": "#6E6E6E", "ls": "-.", "lw": 1.3},
    PERSISTENCE: {"color": "#6E6E6E", "ls": ":", "lw": 1.5},
}
NAME, LABEL = 8.0, 14.0  # em of the longest name of a model, and of a column's on an axis

# By path, and by names that no font of the system has: those of the style's file.
FONTS = {
    "Seqcompare Sans SC": FONT,
    "Seqcompare Fallback": Path(matplotlib.get_data_path(), "fonts/ttf/DejaVuSans.ttf"),
}
fontManager.ttflist += [FontEntry(fname=str(path), name=name) for name, path in FONTS.items()]
LETTERS = frozenset().union(*(FT2Font(str(path)).get_charmap() for path in FONTS.values()))


def in_style() -> Any:
    """A context with this style alone, whatever the user's settings."""
    return style.context(FILE, after_reset=True)


def draw_panel(draw: Callable[..., None], *results: Any) -> Figure:
    """One plot with a legend above, without a title, which the page writes around it."""
    figure = Figure(PANEL, layout="constrained")
    grid = figure.add_gridspec(1, 2, width_ratios=(4.2, 1))  # the second: for a histogram
    draw(figure.add_subplot(grid[:]), *results)
    add_legend(figure)
    return figure


def axis_name(name: str, otherwise: str) -> str:
    """A column's name; `otherwise` where there is none, or a letter that no font here has."""
    name = " ".join(name.split())
    if not name or any(ord(letter) not in LETTERS for letter in name):
        return otherwise
    return _shortened(name, LABEL)


def label_of(predictor: str, tr: Language) -> str:
    """A predictor's name, as short as a legend needs it."""
    return _shortened(predictor_name(predictor, tr), NAME)


def _shortened(text: str, room: float) -> str:
    while width_of(text) > room:
        text = f"{text[:-2]}…"
    return text


def looks_of(models: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Colour and marker of each model, and the strokes of baselines: keywords of `plot`."""
    colours = colours_of(models)
    return {
        model: {"color": colour, "marker": MARKERS[place % len(MARKERS)]}
        for place, (model, colour) in enumerate(colours.items())
    } | BASELINE_LOOKS


@cache
def width_of(text: str) -> float:
    """Of a line in this style's font, in em. Call it inside `in_style`."""
    return float(TextPath((0, 0), text, size=1).get_extents().width) if text.strip() else 0.0


def wrapped(text: str, room: float) -> str:
    """Broken into lines of at most `room` em, behind spaces, _ and Chinese punctuation."""
    lines = [""]
    for piece in re.split(r"(?<=[ _，。；、：])", text):
        if lines[-1] and width_of((lines[-1] + piece).strip()) > room:
            lines.append("")
        lines[-1] += piece
    return "\n".join(line.strip() for line in lines)


def add_legend(figure: Figure, where: str = "upper", title: str = "", **options: Any) -> None:
    """A legend of all panels, in as many columns as fit; of equal labels the first counts.

    where: upper or lower end of the picture. title: words above it. options: handles, where they
    are not those of all panels, and the style of these words.
    """
    drawn = chain(*(axes.get_legend_handles_labels()[0] for axes in figure.axes))
    handles: dict[str, Any] = {}
    for handle in options.pop("handles", drawn):
        handles.setdefault(str(handle.get_label()), handle)
    place: Any = f"outside {where} left"
    title = wrapped(title, figure.get_figwidth() * 72 / POINTS - 1.5)
    for columns in range(len(handles) or 1, 0, -1):
        legend = figure.legend(handles.values(), handles, ncols=columns, loc=place, title=title)
        legend.set(alignment="left")
        legend.get_title().set(**options)
        if columns == 1 or legend.get_window_extent().width <= 0.97 * figure.bbox.width:
            return
        legend.remove()


def png(figure: Figure) -> bytes:
    return _saved(figure, "png", {"Software": None})


def svg(figure: Figure) -> bytes:
    return _saved(figure, "svg", {"Date": None, "Creator": None})


def _saved(figure: Figure, kind: str, metadata: dict[str, Any]) -> bytes:
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    for axes in figure.axes:  # the layout's last digits differ from time to time
        axes.set_position(tuple(np.round(axes.get_position().bounds, 5)))
    picture = io.BytesIO()
    figure.savefig(picture, format=kind, metadata=metadata)
    return picture.getvalue()
