"""Words of a picture: where each stands, and that none is cut or over another."""

import itertools

import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox


def words(figure: Figure) -> list[tuple[str, Bbox]]:
    """Every text that is really drawn and where it stands, in pixels. Once a figure is enough."""
    drawn: list[Text] = []
    figure.draw_without_rendering()  # for the layout
    figure.set_layout_engine("none")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Text, "draw", lambda text, _: drawn.append(text))
        figure.draw_without_rendering()
    return [
        (text.get_text(), text.get_window_extent())
        for text in dict.fromkeys(drawn)
        if text.get_visible() and text.get_text().strip()
    ]


def check_words(figure: Figure) -> list[str]:
    """The words, once it is sure that each is whole and none is over another."""
    found, canvas = words(figure), figure.bbox
    for text, box in found:
        both = Bbox.union([canvas, box])
        assert both.extents.tolist() == canvas.extents.tolist(), f"{text} is cut"
    for (one, a), (other, b) in itertools.combinations(found, 2):
        overlap = Bbox.intersection(a.padded(-1.5), b.padded(-1.5))
        assert overlap is None or overlap.width * overlap.height == 0, (one, other)
    return [text for text, _ in found]
