"""One look for every figure: colours, fonts, sizes, and the pieces that figures share."""

from __future__ import annotations

import functools
import unicodedata

import matplotlib
import matplotlib.style
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import LogFormatter, LogLocator, MaxNLocator, NullFormatter, ScalarFormatter

# Okabe and Ito's colours, which stay apart for every common kind of colour blindness; names are those of the style
# sheet, where each colour has a second value for dark pages. Source: Okabe and Ito, Color Universal Design (2008).
PALETTE = {
    "ink": "#1f2328",
    "muted": "#59636e",
    "grid": "#d8dee4",
    "paper": "#ffffff",
    "blue": "#0072b2",
    "orange": "#d55e00",
    "green": "#009e73",
    "purple": "#a0528c",
}
SERIES = ("blue", "orange", "green", "purple")
MARKERS = ("o", "s", "^", "D")
WIDTH_IN = {"wide": 11.4, "narrow": 4.75}  # at 72 points an inch: 820 and 342 pixels of the page
LONGEST_NAME = 44  # characters of a name that a figure shows
STYLE = {
    "font.family": ["DejaVu Sans"],  # comes with matplotlib and is wide: what replaces it on the page takes less room
    "font.size": 12,
    "axes.titlesize": 12,
    "axes.titlelocation": "left",
    "axes.titlepad": 8,
    "axes.labelsize": 12,
    "xtick.labelsize": 11,
    "ytick.labelsize": 11,
    "legend.fontsize": 11.5,
    "legend.frameon": False,
    "legend.borderaxespad": 0.0,
    "legend.handlelength": 1.5,
    "legend.columnspacing": 1.4,
    "text.color": PALETTE["ink"],
    "text.parse_math": False,  # a name with dollar signs is a name
    "axes.labelcolor": PALETTE["ink"],
    "axes.edgecolor": PALETTE["muted"],
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.facecolor": "none",
    "figure.facecolor": "none",
    "savefig.facecolor": "none",
    "xtick.color": PALETTE["muted"],
    "ytick.color": PALETTE["muted"],
    "xtick.labelcolor": PALETTE["ink"],
    "ytick.labelcolor": PALETTE["ink"],
    "grid.color": PALETTE["grid"],
    "grid.linewidth": 0.8,
    "figure.constrained_layout.use": True,
    "figure.constrained_layout.w_pad": 0.08,
    "figure.constrained_layout.h_pad": 0.06,
    "svg.fonttype": "none",  # real text: sharp, small, in the page's font
}


def style_context():
    """Return a context in which matplotlib draws in this style, whatever the user's own settings."""
    return matplotlib.style.context(STYLE, after_reset=True)


def styled(plot):
    """Make a function of (section, width) draw in this style."""

    @functools.wraps(plot)
    def wrapper(section, width="wide"):
        with style_context():
            return plot(section, width)

    return wrapper


class PlainFigure(Figure):
    """A figure whose logarithmic axes have plain numbers, whoever made them logarithmic."""

    def draw(self, renderer):
        """Draw, after `plain_logarithms`."""
        plain_logarithms(self)
        return super().draw(renderer)


def plain_logarithms(figure):
    r"""Give logarithmic axes plain numbers where they have matplotlib's own formatter.

    That one writes math, ``$\mathdefault{10^{0}}$``, which this style shows as it stands: a name with dollar signs is
    a name. Numbers between decades are left to `logarithmic`.
    """
    for axis in (axis for axes in figure.get_axes() for axis in (axes.xaxis, axes.yaxis)):
        if isinstance(axis.get_major_formatter(), LogFormatter):
            axis.set_major_formatter("{x:g}")
        if isinstance(axis.get_minor_formatter(), LogFormatter):
            axis.set_minor_formatter(NullFormatter())


def new_figure(width, height_in):
    """Return an empty figure; no pyplot, so nothing global keeps it alive."""
    return PlainFigure(figsize=(WIDTH_IN[width], height_in))


def shown_name(name):
    r"""Return a name that any figure can show: one line, no control characters, not too long.

    >>> shown_name("ring\x07\nn=6"), shown_name("_hidden"), len(shown_name("x" * 99))
    ('ring  n=6', ' _hidden', 44)
    """
    text = "".join(" " if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") else c for c in str(name))
    text = f" {text}" if text.startswith("_") else text  # a legend leaves out labels that begin so
    return text if len(text) <= LONGEST_NAME else f"{text[: LONGEST_NAME - 1]}…"


class TickFormatter(ScalarFormatter):
    """Ticks of one axis with the same number of decimals, real minus signs and thousands separators."""

    def __init__(self):
        super().__init__(useOffset=False, useMathText=False)

    def __call__(self, value, position=None):
        """Return the text of one tick."""
        text = super().__call__(value, position)
        whole, point, decimals = text.partition(".")
        digits = whole.lstrip("-\N{MINUS SIGN}")
        if digits.isdigit():
            whole = whole.replace(digits, f"{int(digits):,}")
        return whole + point + decimals


class RoomLocator(MaxNLocator):
    """Ticks at round steps, no more than find room on the axis as it is finally drawn."""

    def __init__(self):
        super().__init__(steps=[1, 2, 2.5, 5, 10])

    def __call__(self):
        """Return the places of the ticks."""
        axes, dpi = self.axis.axes, self.axis.axes.figure.dpi
        is_x = self.axis is axes.xaxis
        # A label is up to 50 points wide and 11 high.
        room = axes.bbox.width / 62.0 if is_x else axes.bbox.height / 36.0
        self.set_params(nbins=int(np.clip(72.0 / dpi * room, 2, 8)))
        return super().__call__()


def tidy(axes, x_label, y_label):
    """Label both axes, rule faint lines across, and write ticks as people do."""
    axes.set_xlabel(x_label)
    axes.set_ylabel(y_label)
    axes.grid(axis="y")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(TickFormatter())
        axis.set_major_locator(RoomLocator())


def logarithmic(axis):
    """Make an axis logarithmic, with plain numbers at 1, 2 and 5 of each decade where few decades are shown."""
    getattr(axis.axes, f"set_{axis.axis_name}scale")("log")
    low, high = axis.get_view_interval()
    axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0) if high < 300.0 * low else (1.0,)))
    axis.set_major_formatter("{x:g}")
    axis.set_minor_formatter(NullFormatter())


def legend_above(axes, handles, labels):
    """Put a legend over the axes, where it covers no data."""
    axes.legend(handles, labels, loc="lower left", bbox_to_anchor=(0.0, 1.02), ncols=len(labels))


def plot_scores(axes, x, z, x_label):
    """Plot standardised differences with the band in which 95 % of them should lie."""
    axes.axhspan(-2.0, 2.0, color=PALETTE["grid"], alpha=0.55, linewidth=0)
    axes.axhline(0.0, color=PALETTE["muted"], linewidth=0.8)
    axes.vlines(x, 0.0, z, color=PALETTE["orange"], linewidth=1.0)
    axes.plot(x, z, "o", color=PALETTE["orange"], markersize=3.5)
    tidy(axes, x_label, "z")
    axes.grid(visible=False)
    reach = max(3.6, 1.15 * np.abs(z).max(initial=0.0))
    axes.set_ylim(-reach, reach)
    if reach < 8.0:
        axes.set_yticks([-2, 0, 2])


def plot_score_histogram(axes, z, what):
    """Plot how standardised differences are spread, and the normal distribution that they should follow."""
    z = np.asarray(z, dtype=np.float64)
    reach = max(4.0, np.ceil(np.abs(z).max(initial=0.0)))
    bin_width = 0.5 if reach <= 10.0 else reach / 20.0
    edges = np.arange(-reach, reach + 0.5 * bin_width, bin_width)
    axes.hist(z, bins=edges, density=True, color=PALETTE["orange"], alpha=0.45)
    grid = np.linspace(-reach, reach, 201)
    axes.plot(grid, np.exp(-0.5 * grid**2) / np.sqrt(2.0 * np.pi), color=PALETTE["ink"], linewidth=1.4)
    tidy(axes, f"z of {len(z):,} {what}", "density")
    if reach < 8.0:
        axes.set_xticks([-4, -2, 0, 2, 4])
    axes.set_ylim(bottom=0.0)
