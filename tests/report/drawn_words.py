"""Words of a picture: where each stands, and that none is cut or over another."""

import io
import itertools

import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox


def words(figure: Figure) -> dict[str, Bbox]:
    """Every text that is really drawn and where it stands, in pixels."""
    drawn: list[Text] = []
    figure.draw_without_rendering()  # for the layout
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Text, "draw", lambda text, _: drawn.append(text))
        figure.savefig(io.BytesIO())
    return {
        f"{place}: {text.get_text()}": text.get_window_extent()
        for place, text in enumerate(dict.fromkeys(drawn))
        if text.get_visible() and text.get_text().strip()
    }


def check_words(figure: Figure) -> None:
    found = words(figure)
    canvas = figure.bbox
    for text, box in found.items():
        assert canvas.x0 - 1 <= box.x0, text
        assert box.x1 <= canvas.x1 + 1, text
        assert canvas.y0 - 1 <= box.y0, text
        assert box.y1 <= canvas.y1 + 1, text
    for (one, a), (other, b) in itertools.combinations(found.items(), 2):
        overlap = Bbox.intersection(a.padded(-1.5), b.padded(-1.5))
        assert overlap is None or overlap.width * overlap.height == 0, (one, other)
