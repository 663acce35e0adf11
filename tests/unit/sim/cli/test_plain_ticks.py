"""Tick labels are numbers, never math that was not parsed, and none of them lies over another."""

import json
import re
from itertools import combinations

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from spinchip.emulator.crossbar.error_report import ErrorReport, ErrorsAtTime
from spinchip.sim.report import crossbar_plots
from spinchip.sim.report.digit_plots import digit_figures
from spinchip.sim.report.plot_style import new_figure, style_context, tidy
from spinchip.sim.report.svg_figures import svg_text

MATH = re.compile(r"\\math|\$|\^\{")


def ticks_of(figure):
    """Draw a figure as it is saved; return the visible tick labels of each axis: texts and boxes."""
    with style_context():
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
    renderer, found = canvas.get_renderer(), []
    for axis in (axis for axes in figure.get_axes() for axis in (axes.xaxis, axes.yaxis)):
        low, high = sorted(axis.get_view_interval())
        ticks = [*axis.get_major_ticks(), *axis.get_minor_ticks()]
        labels = [tick.label1 for tick in ticks if low <= tick.get_loc() <= high and tick.label1.get_visible()]
        labels = [label for label in labels if label.get_text()]
        found.append([(label.get_text(), label.get_window_extent(renderer)) for label in labels])
    return found


def faults(figure):
    """Return labels with math, and pairs of labels of one axis that overlap."""
    found = []
    for labels in ticks_of(figure):
        found += [text for text, _ in labels if MATH.search(text)]
        found += [(a, b) for (a, one), (b, other) in combinations(labels, 2) if one.overlaps(other)]
    return found


def error_curve(last):
    """Draw the errors of a crossbar from a second to ``last``."""
    with style_context():
        times = np.unique(np.concatenate([[0.0], np.geomspace(1.0, last, 6)]))
        rows = tuple(ErrorsAtTime(t, 0.01, 0.02, 0.01, 0.03) for t in times)
        return crossbar_plots._errors(ErrorReport(0.0, 0.0, 0.01, "mean", rows))


@pytest.mark.promise("plots.plain-ticks")
@pytest.mark.parametrize("last", [2.0, 60.0, 3600.0, 3e7])
def test_errors_of_a_crossbar_have_plain_times(last):
    assert faults(error_curve(last)) == []


@pytest.mark.parametrize("passes", [(1, 4, 16, 64), (1, 2, 3), (1, 1000)])
def test_passes_of_digits_are_plain(passes):
    rows = [{"passes": n, "value": 0.9 + 0.001 * n, "se": 0.01} for n in passes]
    with style_context():
        assert faults(digit_figures(rows)) == []


@pytest.mark.promise("plots.plain-ticks")
@pytest.mark.parametrize("span", [(1.0, 8.0), (1.0, 30.0), (1e-12, 1e-3), (1e-3, 1e9)])
@pytest.mark.parametrize("scale", ["log", "symlog"])
def test_any_logarithmic_axis_is_plain(span, scale):
    """Set behind the back of `logarithmic`, as a new plot may: drawn as a picture, and as part of a page."""
    with style_context():
        figure = new_figure("narrow", 3.0)
        axes = figure.subplots()
        axes.plot(span, span)
        tidy(axes, "x", "y")
        axes.set_xscale(scale)
        axes.set_yscale(scale)
    assert not [text for labels in ticks_of(figure) for text, _ in labels if MATH.search(text)]
    assert not MATH.search(json.dumps(svg_text(figure, "f", "label")).replace("\\n", ""))


@pytest.mark.promise("plots.plain-ticks")
def test_raw_math_is_found():
    """The check sees what was shipped: matplotlib's own formatter under a style that does not parse math."""
    from matplotlib.figure import Figure

    with style_context():
        figure = Figure()
        axes = figure.subplots()
        axes.plot([1.0, 1e4], [1.0, 2.0])
        axes.set_xscale("log")
    assert any("mathdefault" in text for text in faults(figure) if isinstance(text, str))


def test_overlapping_labels_are_found():
    with style_context():
        figure = new_figure("narrow", 3.0)
        figure.subplots().set_xticks([0.0, 0.001, 1.0], ["zero point", "just above", "one"])
    assert ("zero point", "just above") in faults(figure)
