"""Pictures of a calibration: data and fit, residuals, correlations of parameters, a trace and its dwell times."""

from __future__ import annotations

import numpy as np
from matplotlib.ticker import MaxNLocator, ScalarFormatter

from ...emulator.spec.files.atomic_write import whole_path
from .plot_style import PALETTE, logarithmic, new_figure, plot_scores, shown_name, style_context, tidy

MOST = 7  # parameters of a corner plot; more cannot be read
CURVE_COLORS = ("blue", "green", "purple", "muted", "orange", "ink")


def save_plots(folder, outcome, title):
    """Write ``fit.png`` and ``corner.png``, and ``trace.png`` of a telegraph trace.

    Parameters
    ----------
    folder : Path
        Where they go; it must exist.
    outcome : Outcome
        Fit and its picture.
    title : str
        Title of the pictures.

    Returns
    -------
    list of str
        Paths of the files that were written.
    """
    written = []
    pictures = [("fit", lambda: _fit(outcome.view, title)), ("corner", lambda: _corner(outcome.calibration))]
    if outcome.trace is not None:
        pictures.append(("trace", lambda: _trace(outcome.trace, title)))
    for name, draw in pictures:
        with style_context():
            figure = draw()
            figure.set_facecolor(PALETTE["paper"])
            with whole_path(folder / f"{name}.png") as path:
                figure.savefig(path, format="png", dpi=110, facecolor=PALETTE["paper"])
        written.append(str(folder / f"{name}.png"))
    return written


def _fit(view, title):
    """Draw points with errors and the fitted curve above, residuals in standard errors below."""
    figure = new_figure("wide", 6.2)
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3.0, 1.0))
    for k, curve in enumerate(view.curves):
        color = PALETTE[CURVE_COLORS[k % len(CURVE_COLORS)]]
        is_again = k >= len(CURVE_COLORS)  # a colour's second curve is dashed, its points are squares
        upper.plot(curve.line_x, curve.line_y, color=color, linewidth=1.6, linestyle="--" if is_again else "-")
        style = {"fmt": "s" if is_again else "o", "markersize": 4, "linewidth": 1.0, "color": color}
        upper.errorbar(curve.x, curve.y, curve.sigma, label=curve.label or None, **style)
    tidy(upper, "", view.y_label)
    if view.log_y:
        logarithmic(upper.yaxis)
    upper.set_title(shown_name(title))
    if any(curve.label for curve in view.curves):
        upper.legend(fontsize="small", ncols=2)
    scores = np.concatenate([curve.scores for curve in view.curves])
    plot_scores(lower, np.concatenate([curve.x for curve in view.curves]), scores, view.x_label)
    lower.set_ylabel("residual (s.e.)")
    if view.log_x:
        logarithmic(lower.xaxis)
    return figure


def _trace(view, title):
    """Draw a piece of a trace under a path of its states, and the distribution of its dwell times."""
    figure = new_figure("wide", 6.2)
    grid = figure.add_gridspec(2, 2)
    upper = figure.add_subplot(grid[0, :])
    unit_s, unit = time_unit(view.times_s[-1])
    upper.plot(view.times_s / unit_s, view.values, ".", color=PALETTE["muted"], markersize=3, label="samples")
    style = {"color": PALETTE["orange"], "linewidth": 1.6, "where": "mid"}
    upper.step(view.times_s / unit_s, view.path, label="states, drawn given the trace", **style)
    tidy(upper, f"time ({unit})", view.y_label)
    upper.set_title(shown_name(title))
    upper.legend(fontsize="small", ncols=2, loc="lower right", bbox_to_anchor=(1.0, 1.0))
    for column, (name, color) in enumerate((("low", "blue"), ("high", "green"))):
        _stays(figure.add_subplot(grid[1, column]), view, name, PALETTE[color])
    return figure


def _stays(axes, view, name, color):
    """Draw the histogram of dwell times in one state, and what an exponential distribution expects in each bin."""
    stays, mean_s = view.stays_s[name], view.means_s[name]
    unit_s, unit = time_unit(4.0 * mean_s)
    longest = max(6.0 * mean_s, 8.0 * view.interval_s)
    width_s = view.interval_s * max(1.0, np.ceil(longest / view.interval_s / 24.0))
    edges = np.arange(0.5 * view.interval_s, longest + width_s, width_s)  # a dwell time is whole intervals
    counts, _ = np.histogram(stays, bins=edges)
    axes.stairs(
        counts, edges / unit_s, color=color, fill=True, alpha=0.45, label=f"{stays.size} dwell times of the path"
    )
    survival = np.exp(-(edges - 0.5 * view.interval_s) / mean_s)
    expected = stays.size * -np.diff(survival)
    style = {"color": PALETTE["ink"], "markersize": 3, "linewidth": 1.2, "label": f"mean {mean_s / unit_s:.3g} {unit}"}
    axes.plot(0.5 * (edges[1:] + edges[:-1]) / unit_s, expected, "o-", **style)
    tidy(axes, f"dwell time in the {name} level ({unit})", "number")
    axes.set_yscale("log")
    axes.set_ylim(bottom=0.5)
    logarithmic(axes.yaxis)
    axes.legend(fontsize="small")


def time_unit(longest_s):
    """Return the unit in which times up to ``longest_s`` are read easily: its length in seconds and its name."""
    for factor, name in ((1.0, "s"), (1e-3, "ms"), (1e-6, "us")):
        if longest_s >= factor:
            return factor, name
    return 1e-9, "ns"


def _corner(found):
    """Draw the trials of each parameter, and of each pair, in powers of a thousand that leave ticks short."""
    names = list(found.parameters)[:MOST]
    n = len(names)
    figure = new_figure("wide", 1.9 * max(n, 2))
    panels = np.atleast_2d(figure.subplots(n, n, squeeze=False))
    powers = [_power(found.trials[:, k]) for k in range(n)]
    labels = [f"{name} [1e{power}]" if power else name for name, power in zip(names, powers, strict=True)]
    for row, column in np.ndindex(n, n):
        axes = panels[row, column]
        if column > row:
            axes.set_axis_off()
            continue
        _cell(axes, found, (row, column), powers)
        if row == n - 1:
            axes.set_xlabel(labels[column], fontsize="small")
        else:
            axes.set_xticklabels([])
        if column == 0 and row > 0:
            axes.set_ylabel(labels[row], fontsize="small")
    return figure


def _power(values):
    """Return the power of ten, a multiple of three, in which values have one to three digits before the point."""
    size = float(np.abs(values).max())
    return 0 if size == 0.0 or 0.1 <= size < 1e4 else int(3 * np.floor(np.log10(size) / 3.0))


def _cell(axes, found, place, powers):
    row, column = place
    x, y = (found.trials[:, k] / 10.0 ** powers[k] for k in (column, row))
    axes.tick_params(labelsize=8)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(nbins=2, steps=[1, 2, 5, 10], min_n_ticks=2))
        axis.set_major_formatter(ScalarFormatter(useOffset=False, useMathText=False))
    if row == column:
        one = list(found.parameters.values())[row]
        axes.hist(x, bins=20, color=PALETTE["blue"], alpha=0.55)
        for value, line in ((one.low, ":"), (one.best, "-"), (one.high, ":")):
            axes.axvline(value / 10.0 ** powers[row], color=PALETTE["ink"], linestyle=line, linewidth=1.0)
        axes.set_yticks([])
        return
    axes.plot(x, y, ".", color=PALETTE["blue"], markersize=3, alpha=0.6)
    rho = found.correlations[row, column]
    text = axes.text(0.97, 0.95, f"{rho:+.2f}", transform=axes.transAxes, ha="right", va="top", fontsize=9)
    text.set_bbox({"facecolor": PALETTE["paper"], "edgecolor": "none", "alpha": 0.8, "pad": 1.0})
    if column > 0:
        axes.set_yticklabels([])
