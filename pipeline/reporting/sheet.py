"""A sheet to draw on in CSS pixels, from the top left: thin, deterministic calls to matplotlib."""

from __future__ import annotations

import io
import math
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, PathPatch, Polygon, Rectangle
from matplotlib.path import Path
from matplotlib.patheffects import withStroke
from matplotlib.text import Text

from pipeline.reporting import svg, text
from pipeline.reporting.palette import reduced
from pipeline.reporting.style import colour

#: Widths of figures, in CSS pixels: two stand side by side on a desk, one fills a phone; a wide one scrolls there.
HALF, WIDE = 420, 960

_PIXELS_PER_INCH = 72
_PNG_DPI = 144
_SAVING: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "journeys",
    "hatch.linewidth": 1.1,
    "font.family": ["DejaVu Sans"],
}
#: Corners of each shape of mark, in radii.
_SHAPES: dict[str, tuple[tuple[float, float], ...]] = {
    "square": ((-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)),
    "diamond": ((0, -1.3), (1.3, 0), (0, 1.3), (-1.3, 0)),
    "right": ((-0.9, -1.1), (1.2, 0), (-0.9, 1.1)),
    "left": ((0.9, -1.1), (-1.2, 0), (0.9, 1.1)),
    "up": ((-1.1, 0.9), (0, -1.2), (1.1, 0.9)),
    "down": ((-1.1, -0.9), (0, 1.2), (1.1, -0.9)),
    "bar": ((-0.5, -1.4), (0.5, -1.4), (0.5, 1.4), (-0.5, 1.4)),
    "dash": ((-1.4, -0.5), (1.4, -0.5), (1.4, 0.5), (-1.4, 0.5)),
    "cross": (
        (-1.2, -0.7), (-0.7, -1.2), (0, -0.5), (0.7, -1.2), (1.2, -0.7), (0.5, 0),
        (1.2, 0.7), (0.7, 1.2), (0, 0.5), (-0.7, 1.2), (-1.2, 0.7), (-0.5, 0),
    ),
    "star": (
        (0, -1.4), (0.35, -0.45), (1.35, -0.45), (0.55, 0.15), (0.85, 1.15),
        (0, 0.55), (-0.85, 1.15), (-0.55, 0.15), (-1.35, -0.45), (-0.35, -0.45),
    ),
    "plus": (
        (-0.4, -1.2), (0.4, -1.2), (0.4, -0.4), (1.2, -0.4), (1.2, 0.4), (0.4, 0.4),
        (0.4, 1.2), (-0.4, 1.2), (-0.4, 0.4), (-1.2, 0.4), (-1.2, -0.4), (-0.4, -0.4),
    ),
}  # fmt: skip


class Sheet:
    """One figure; everything is placed in pixels and coloured by name."""

    def __init__(self, width: float, height: float) -> None:
        self.width, self.height = width, height
        self.tips: dict[str, str] = {}
        self._haloed: list[Text] = []
        self._drawn = 0
        self._figure = Figure(figsize=(width / _PIXELS_PER_INCH, height / _PIXELS_PER_INCH), dpi=_PIXELS_PER_INCH)
        self._axes = self._figure.add_axes((0, 0, 1, 1))
        self._axes.set_xlim(0, width)
        self._axes.set_ylim(height, 0)
        self._axes.set_axis_off()

    def rect(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        fill: str,
        *,
        alpha: float = 1.0,
        hatched: bool = False,
        tip: str = "",
    ) -> None:
        """Draw a filled rectangle; a hatched one is light with stripes."""
        shade = min(alpha, 0.22) if hatched else alpha
        patch = Rectangle((x, y), width, height, facecolor=colour(fill), alpha=shade, linewidth=0)
        self._add(patch, tip)
        if hatched and width > 0.5 and height > 0.5:
            stripes = Rectangle(
                (x, y), width, height, facecolor="none", edgecolor=colour(fill), linewidth=0, hatch="////"
            )
            self._add(stripes, tip)

    def frame(self, x: float, y: float, width: float, height: float, line: str, *, thick: float = 1.0) -> None:
        """Draw the outline of a rectangle."""
        self._add(Rectangle((x, y), width, height, facecolor="none", edgecolor=colour(line), linewidth=thick), "")

    def line(
        self,
        x0: float,
        y0: float,
        x1: float,
        y1: float,
        stroke: str = "grid",
        *,
        thick: float = 1.0,
        dashed: bool = False,
    ) -> None:
        """Draw a straight line."""
        style: Any = (0, (3, 3)) if dashed else "-"
        mark = Line2D([x0, x1], [y0, y1], color=colour(stroke), linewidth=thick, linestyle=style, solid_capstyle="butt")
        self._add(mark, "")

    def dot(
        self,
        x: float,
        y: float,
        fill: str,
        *,
        radius: float = 4.5,
        shape: str = "circle",
        hollow: bool = False,
        tip: str = "",
    ) -> None:
        """Draw a mark; a hollow one shows the card through it."""
        face, edge = (colour("card"), colour(fill)) if hollow else (colour(fill), colour("card"))
        kwargs: dict[str, Any] = {"facecolor": face, "edgecolor": edge, "linewidth": 1.6 if hollow else 0.8}
        if shape == "circle":
            self._add(Circle((x, y), radius, **kwargs), tip)
        else:
            corners = [(x + dx * radius, y + dy * radius) for dx, dy in _SHAPES[shape]]
            self._add(Polygon(corners, closed=True, **kwargs), tip)

    def ribbon(
        self,
        x0: float,
        top0: float,
        x1: float,
        top1: float,
        height: float,
        fill: str,
        *,
        alpha: float = 0.35,
        tip: str = "",
    ) -> None:
        """Draw a band that flows from one height to another."""
        middle = (x0 + x1) / 2
        corners = [
            (x0, top0), (middle, top0), (middle, top1), (x1, top1),
            (x1, top1 + height), (middle, top1 + height), (middle, top0 + height), (x0, top0 + height), (x0, top0),
        ]  # fmt: skip
        codes = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3, Path.CLOSEPOLY]
        self._add(PathPatch(Path(corners, codes), facecolor=colour(fill), alpha=alpha, linewidth=0), tip)

    def text(
        self,
        x: float,
        y: float,
        written: str,
        *,
        size: float = 12,
        fill: str = "ink",
        align: str = "left",
        bold: bool = False,
        most: int = 0,
        halo: bool = False,
    ) -> None:
        """Write one line around the height `y`; longer than `most` characters is cut, and whole in its tip.

        A halo in the card's colour keeps text readable where it stands on a band. Nothing in a text is a formula.
        """
        whole = text.clean(written)
        shown = text.shorten(whole, most) if most else whole
        label = self._axes.text(
            x, y + size * 0.36, shown, fontsize=size, color=colour(fill), ha=align, va="baseline",
            fontweight="bold" if bold else "normal", parse_math=False, zorder=self._next(),
        )  # fmt: skip
        if halo:
            label.set_gid(f"{svg.HALO}{len(self._haloed)}")
            self._haloed.append(label)
        if shown != whole:
            self._tip(label, whole)

    def svg(self, prefix: str, title: str) -> str:
        """Return the sheet as an element for a page."""
        target = io.BytesIO()
        self._figure.patch.set_visible(False)
        with _saving():
            FigureCanvasSVG(self._figure).print_svg(target, metadata={"Date": None, "Creator": None})
        return svg.inline(target.getvalue(), prefix, title, self.tips)

    def png(self) -> bytes:
        """Return the sheet as a picture on the light card."""
        target = io.BytesIO()
        self._figure.patch.set_visible(True)
        self._figure.patch.set_facecolor(colour("card"))
        # The page draws halos with CSS: here an effect would turn the texts of the SVG into outlines.
        for label in self._haloed:
            label.set_path_effects([withStroke(linewidth=2.5, foreground=colour("card"))])
        before = self._figure.dpi
        self._figure.set_dpi(_PNG_DPI)
        with _saving():
            canvas = FigureCanvasAgg(self._figure)
            canvas.draw()
        reduced(np.asarray(canvas.buffer_rgba())).save(target, "png")
        self._figure.set_dpi(before)
        for label in self._haloed:
            label.set_path_effects([])
        return target.getvalue()

    def _add(self, patch: Any, tip: str) -> None:
        patch.set_clip_on(False)
        patch.set_zorder(self._next())
        if tip:
            self._tip(patch, tip)
        self._axes.add_artist(patch)

    def _next(self) -> int:
        """Return how high the next thing lies: what is drawn later covers what was drawn before."""
        self._drawn += 1
        return self._drawn

    def _tip(self, artist: Any, tip: str) -> None:
        name = artist.get_gid() or f"tip{len(self.tips)}"
        self.tips[name] = text.shorten(text.clean(tip), 400)
        artist.set_gid(name)


@contextmanager
def _saving() -> Iterator[None]:
    """Write the same bytes for the same numbers, and stay silent about letters that the pictures' font lacks."""
    with mpl.rc_context(_SAVING), warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        yield


class Scale:
    """Turns values into pixels, from a round zero to a round top."""

    def __init__(self, top: float, begin: float, end: float, *, ticks: int = 4, most: float | None = None) -> None:
        self._begin, self._end = begin, end
        self.ticks = nice_ticks(top, ticks, most)
        self.top = self.ticks[-1]

    def __call__(self, value: float) -> float:
        """Return the pixel of a value."""
        return self._begin + (self._end - self._begin) * value / self.top


def nice_ticks(top: float, wanted: int = 4, most: float | None = None) -> Sequence[float]:
    """Return round values from 0 to at least `top` (never above `most`)."""
    if not top or top <= 0 or not math.isfinite(top):
        return [0.0, 1.0]
    rough = top / wanted
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(size * factor for factor in (1, 2, 2.5, 5, 10) if size * factor >= rough * 0.999)
    ticks = [round(step * i, 10) for i in range(math.ceil(round(top / step, 6)) + 1)]
    if most is not None and ticks[-1] > most:
        ticks = [tick for tick in ticks if tick < most] + [most]
    return ticks
