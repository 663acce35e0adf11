"""Pictures of a calibration: data and fitted law, residuals, and how the parameters hang together."""

from __future__ import annotations

import numpy as np

from ..emulator.spec.atomic_write import whole_path
from .plot_style import PALETTE, logarithmic, new_figure, plot_scores, shown_name, style_context, tidy

MOST = 6  # parameters of a corner plot; more cannot be read
CURVE_COLORS = ("blue", "green", "purple", "muted", "orange", "ink")


def save_plots(folder, outcome, title):
    """Write ``fit.png`` and ``corner.png``.

    Parameters
    ----------
    folder : Path
        Where they go; it must exist.
    outcome : Outcome
        Fit and view.
    title : str
        Of the pictures.

    Returns
    -------
    list of str
        Paths.
    """
    written = []
    for name, draw in (("fit", lambda: _fit(outcome.view, title)), ("corner", lambda: _corner(outcome.calibration))):
        with style_context():
            figure = draw()
            figure.set_facecolor(PALETTE["paper"])
            with whole_path(folder / f"{name}.png") as path:
                figure.savefig(path, format="png", dpi=110, facecolor=PALETTE["paper"])
        written.append(str(folder / f"{name}.png"))
    return written


def _fit(view, title):
    """Draw points with errors and the law above, residuals in standard errors below."""
    figure = new_figure("wide", 6.2)
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3.0, 1.0))
    for k, curve in enumerate(view.curves):
        color = PALETTE[CURVE_COLORS[k % len(CURVE_COLORS)]]
        upper.plot(curve.line_x, curve.line_y, color=color, linewidth=1.6)
        style = {"fmt": "o", "markersize": 4, "linewidth": 1.0, "color": color}
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


def _corner(found):
    """Draw the trials of each parameter, and of each pair."""
    names = list(found.parameters)[:MOST]
    n = len(names)
    figure = new_figure("wide", 1.9 * max(n, 2))
    panels = np.atleast_2d(figure.subplots(n, n, squeeze=False))
    for row, column in np.ndindex(n, n):
        axes = panels[row, column]
        if column > row:
            axes.set_axis_off()
            continue
        _cell(axes, found, row, column)
        if row == n - 1:
            axes.set_xlabel(names[column], fontsize="small")
        else:
            axes.set_xticklabels([])
        if column == 0 and row > 0:
            axes.set_ylabel(names[row], fontsize="small")
    return figure


def _cell(axes, found, row, column):
    x = found.trials[:, column]
    axes.tick_params(labelsize=8)
    axes.locator_params(nbins=3)
    if row == column:
        one = list(found.parameters.values())[row]
        axes.hist(x, bins=20, color=PALETTE["blue"], alpha=0.55)
        for value, line in ((one.low, ":"), (one.best, "-"), (one.high, ":")):
            axes.axvline(value, color=PALETTE["ink"], linestyle=line, linewidth=1.0)
        axes.set_yticks([])
        return
    axes.plot(x, found.trials[:, row], ".", color=PALETTE["blue"], markersize=3, alpha=0.6)
    rho = found.correlations[row, column]
    axes.text(0.97, 0.95, f"{rho:+.2f}", transform=axes.transAxes, ha="right", va="top", fontsize=9)
    if column > 0:
        axes.set_yticklabels([])
