"""Panel: one plot as a picture of its own, for the page."""

from collections.abc import Callable

from matplotlib.axes import Axes

from seqcompare.report.figures.style import PANEL, drawn_in, heading, new_figure, svg


def panel_svg(draw: Callable[[Axes], None]) -> bytes:
    """Without a title, which the page writes around it."""
    with drawn_in(PANEL):
        figure = new_figure(PANEL)
        axes = figure.subplots()
        draw(axes)
        heading(axes)
        return svg(figure)
