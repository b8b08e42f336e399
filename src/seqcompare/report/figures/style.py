"""Style of every picture: colours, fonts, sizes, and bytes that depend on what is drawn alone."""

import io
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file
from typing import Any

import matplotlib
from matplotlib import font_manager
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.textpath import TextPath
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from seqcompare.report.texts import FONT

TRUTH = "#4D4D4D"
BAND = "#DCDCDC"  # of the noise
DASHED = (0, (4, 3))

STYLE: Any = {
    "font.family": ["Seqcompare Sans SC", "DejaVu Sans"],
    "font.size": 10,
    "axes.titlesize": 11.5,
    "axes.titlelocation": "left",
    "axes.titlepad": 8,
    "axes.labelcolor": "#333333",
    "axes.edgecolor": "#8C8C8C",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.unicode_minus": True,
    "grid.color": "#EAEAEA",
    "grid.linewidth": 0.7,
    "xtick.color": "#8C8C8C",
    "ytick.color": "#8C8C8C",
    "xtick.labelcolor": "#333333",
    "ytick.labelcolor": "#333333",
    "legend.frameon": False,
    "legend.fontsize": "medium",
    "legend.handlelength": 1.3,
    "legend.handletextpad": 0.5,
    "legend.columnspacing": 1.2,
    "legend.borderaxespad": 0.2,
    "lines.linewidth": 1.7,
    "lines.solid_capstyle": "round",
    "path.simplify": False,  # the page reads the values' places from the lines
    "svg.fonttype": "path",  # the same letters on every machine
    "svg.hashsalt": "seqcompare",
}


@dataclass(frozen=True)
class Size:
    """Of a picture: inches, points of its letters, and dots per inch where it has dots."""

    width: float
    height: float
    font: float
    dots_per_inch: int = 110


README = Size(11.0, 7.6, font=10.5, dots_per_inch=120)
PRINT = Size(7.09, 5.4, font=7.0, dots_per_inch=300)  # 180 mm: two columns of a journal
PANEL = Size(4.9, 3.5, font=10.0)  # one of the page's: readable at 343 pixels' width
WIDEST_LEGEND = 29.5  # em: so much is beside the y axis, in each of these sizes


def drawn_in(size: Size) -> Any:
    """A context in which pictures have this project's style, with letters for that size."""
    _load_font()
    scale = size.font / STYLE["font.size"]
    scaled = {
        "font.size": size.font,
        "axes.titlesize": STYLE["axes.titlesize"] * scale,
        "lines.linewidth": STYLE["lines.linewidth"] * min(scale, 1),
    }
    return matplotlib.rc_context(STYLE | scaled)


def new_figure(size: Size) -> Figure:
    return Figure(figsize=(size.width, size.height), dpi=size.dots_per_inch, layout="constrained")


@cache
def _load_font() -> None:
    with as_file(FONT) as path:
        font_manager.fontManager.addfont(path)


def mark(artist: Artist, model: str, part: str) -> None:
    """Name what is drawn, so that a page can hide or show a model or its seeds."""
    artist.set_gid(f"{model}--{part}")


def legend_rows(axes: Axes, columns: int = 0) -> int:
    """Lines that the legend of an axes takes, in so many columns; 0: as many as fit."""
    labels = axes.get_legend_handles_labels()[1]
    return -(-len(labels) // (columns or _legend_columns(labels))) if labels else 0


def _legend_columns(labels: Sequence[str]) -> int:
    if max(map(len, labels)) > 18:  # too long to stand side by side
        return 1
    if len(labels) > 4:
        return 3
    return len(labels) if _legend_width(labels) <= WIDEST_LEGEND else 2


def _legend_width(labels: Sequence[str]) -> float:
    """Of all labels side by side, in widths of the letter m, as the style places them."""
    words = sum(TextPath((0, 0), label, size=1).get_extents().width for label in labels)
    each = STYLE["legend.handlelength"] + STYLE["legend.handletextpad"]
    between = STYLE["legend.columnspacing"] * (len(labels) - 1)
    return float(words + each * len(labels) + between)


def heading(axes: Axes, title: str = "", note: str = "", rows: int = 0, columns: int = 0) -> None:
    """Above the plot, from top to bottom: title, note, and a legend of what has a label.

    rows: kept for the legend even where it needs fewer, so that titles side by side are level;
    columns: of the legend, 0: as many as fit.
    """
    font = matplotlib.rcParams["font.size"]
    handles, labels = axes.get_legend_handles_labels()
    height = (0.5 + 1.45 * max(rows, legend_rows(axes, columns))) * font
    if labels:
        legend = axes.legend(
            handles, labels, ncols=columns or _legend_columns(labels), loc="lower left",
            bbox_to_anchor=(0, 1.0), borderpad=0, labelspacing=0.25,
        )  # fmt: skip
        for drawn, handle, text in zip(handles, legend.legend_handles, legend.texts, strict=True):
            model = (drawn.get_gid() or "").partition("--")[0]
            for artist in (handle, text):
                if model and artist is not None:
                    mark(artist, model, "legend")
    if note:
        axes.annotate(
            note, (0, 1), (0, height), xycoords="axes fraction", textcoords="offset points",
            fontsize=0.86 * font, color="#595959", va="bottom", annotation_clip=False,
        )  # fmt: skip
        height += 1.4 * font
    if title:
        axes.set_title(title, pad=height)


def decimal_log_axis(axes: Axes) -> None:
    """A logarithmic y axis with labels like 0.02, enough of them also where it spans under 10.

    Where nothing is above 0, and so has a logarithm, the axis stays as it is.
    """
    if not math.isfinite(axes.dataLim.minposy):
        return
    axes.set(yscale="log")
    low, high = axes.get_ylim()
    steps = (1.0, 2.0, 5.0) if high / low < 300 else (1.0,)
    axes.yaxis.set_major_locator(LogLocator(subs=steps))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.yaxis.set_minor_formatter(NullFormatter())


def png(figure: Figure) -> bytes:
    return _saved(figure, "png", {"Software": None})


def svg(figure: Figure) -> bytes:
    """Without a date, and with ids that depend on what is drawn alone."""
    text = _saved(figure, "svg", {"Date": None, "Creator": None}).decode()
    paths = re.compile(r' d="[^"]*"')  # in which thousandths of a point are enough
    return paths.sub(lambda path: re.sub(r"(\.\d{3})\d+", r"\1", path[0]), text).encode()


def _saved(figure: Figure, kind: str, metadata: dict[str, Any]) -> bytes:
    picture = io.BytesIO()
    figure.savefig(picture, format=kind, metadata=metadata)
    return picture.getvalue()
