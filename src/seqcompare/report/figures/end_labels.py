"""End labels: the names of lines, right of the plot where each line ends."""

from collections.abc import Sequence
from dataclasses import dataclass

import matplotlib
from matplotlib.axes import Axes

from seqcompare.report.figures.style import mark


@dataclass(frozen=True)
class EndLabel:
    text: str
    height: float  # in data units
    colour: str
    model: str = ""  # that it belongs to, if any


def label_ends(axes: Axes, labels: Sequence[EndLabel]) -> None:
    """Write each in its colour right of the plot at its height, none over another.

    Comes last: it needs the figure's final layout.
    """
    font = matplotlib.rcParams["font.size"]
    notes = [
        axes.annotate(
            label.text, (1.0, label.height), xycoords=("axes fraction", "data"), xytext=(5, 0),
            textcoords="offset points", va="center", color=label.colour, annotation_clip=False,
        )
        for label in labels
    ]  # fmt: skip
    figure = axes.get_figure(root=True)
    assert figure is not None
    figure.draw_without_rendering()  # only now is the plot's place known
    points = [axes.transData.transform((1, label.height))[1] * 72 / figure.dpi for label in labels]
    places = spread(points, 1.25 * font)
    for note, wanted, place, label in zip(notes, points, places, labels, strict=True):
        note.xyann = (5, place - wanted)
        if label.model:
            mark(note, label.model, "label")


def spread(places: Sequence[float], gap: float) -> list[float]:
    """The places, moved as little as keeps neighbours `gap` apart and the order as it was."""
    order = sorted(range(len(places)), key=lambda index: places[index])
    groups: list[tuple[float, list[int]]] = []  # (centre, members from low to high)
    for index in order:
        groups.append((places[index], [index]))
        while len(groups) > 1:
            (low, below), (high, above) = groups[-2:]
            if high - low >= gap * (len(below) + len(above)) / 2:
                break
            joined = below + above
            groups[-2:] = [(sum(places[i] for i in joined) / len(joined), joined)]
    moved = list(places)
    for centre, members in groups:
        for rank, index in enumerate(members):
            moved[index] = centre + gap * (rank - (len(members) - 1) / 2)
    return moved
