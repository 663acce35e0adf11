"""The report's figures: one pure function each, from a section of `plot_data` to a matplotlib Figure.

Every function takes ``width`` "wide" or "narrow" (a phone) and uses no pyplot, so no state and no display.
"""

from __future__ import annotations

import numpy as np
from scipy.special import expit, logit

from .plot_style import (
    MARKERS,
    PALETTE,
    SERIES,
    legend_above,
    new_figure,
    plot_score_histogram,
    plot_scores,
    shown_name,
    styled,
    tidy,
)
from .written_numbers import number_text

ENERGY_UNIT = "coupling units"
MIN_EXPECTED = 10.0  # draws that a state or field must expect before its z is near enough to normal to be shown
MIN_SPREAD = 20  # values below which a histogram says nothing
MAX_ERROR_BARS = 200  # points above which error bars would cover the points
MAX_STATES = 48  # that are shown one by one
LAGS_PER_TAU = 5.0  # how far an autocorrelation is drawn: e^-10 for one exponential
BACKED = {"frameon": True, "facecolor": PALETTE["paper"], "edgecolor": "none", "framealpha": 1.0}  # hides the grid


@styled
def energy_figure(section, width="wide"):
    """Return the energy of the first chain of each run along its sweeps, and the histogram over all chains.

    Parameters
    ----------
    section : EnergySection
        Data of the picture.
    width : {"wide", "narrow"}
        Layout of the picture: "wide" for a desktop, "narrow" for a phone.
    """
    figure = new_figure(width, 0.9 + 1.75 * len(section.runs))
    ratios = [5.2, 1] if width == "wide" else [2.6, 1]
    panels = figure.subplots(
        len(section.runs), 2, squeeze=False, sharex="col", sharey=True, gridspec_kw={"width_ratios": ratios}
    )
    edges = _histogram_edges(np.concatenate([run.chains.ravel() for run in section.runs]))
    for row, (run, (left, right)) in enumerate(zip(section.runs, panels, strict=True)):
        color = PALETTE[SERIES[row % len(SERIES)]]
        _trace(left, run, color, n_bins=360 if width == "wide" else 130)
        _level(left, run.shown_mean, PALETTE["ink"], "-")
        _share_histogram(right, run, edges, color=color, alpha=0.45)
        if row:
            _share_histogram(right, section.runs[0], edges, histtype="step", color=PALETTE[SERIES[0]], linewidth=1.4)
        for axes in (left, right):
            if section.lowest is not None:
                _level(axes, section.lowest, PALETTE["muted"], (0, (5, 3)))
        is_last = row == len(panels) - 1
        tidy(left, "sweep" if is_last else "", f"E ({ENERGY_UNIT})")
        tidy(right, "share" if is_last else "", "")
        left.set_title(shown_name(run.name), color=color, fontweight="bold")
    panels[0, 0].set_ylim(*_energy_range(section))
    if section.lowest is not None:
        place = {"xycoords": panels[0, 0].get_yaxis_transform(), "textcoords": "offset points"}
        name = shown_name(section.lowest_name)
        panels[0, 0].annotate(name, (1.0, section.lowest), (-4, 2), ha="right", va="bottom", **place)
    return figure


def _energy_range(section):
    """Return the limits of the energy axis, the lowest energy included."""
    values = [run.chains for run in section.runs]
    low, high = min(v.min() for v in values), max(v.max() for v in values)
    low = low if section.lowest is None else min(low, section.lowest)
    margin = 0.06 * (high - low) or 1.0
    return low - margin, high + margin


def _trace(axes, run, color, n_bins):
    """Draw one chain; a long one as the range and the mean of ``n_bins`` stretches."""
    series = run.chains[0]
    sweeps = run.first_sweep + run.sweeps_per_draw * np.arange(len(series))
    if len(series) <= 2 * n_bins:
        axes.plot(sweeps, series, color=color, linewidth=1.0)
    else:
        starts = np.linspace(0, len(series), n_bins, endpoint=False).astype(int)
        centers = np.add.reduceat(sweeps, starts) / np.diff(np.append(starts, len(series)))
        means = np.add.reduceat(series, starts) / np.diff(np.append(starts, len(series)))
        lowest, highest = np.minimum.reduceat(series, starts), np.maximum.reduceat(series, starts)
        axes.fill_between(centers, lowest, highest, color=color, alpha=0.3, linewidth=0)
        axes.plot(centers, means, color=color, linewidth=1.0)
    axes.set_xlim(sweeps[0], sweeps[-1] if len(sweeps) > 1 else sweeps[0] + 1)


def _level(axes, energy, color, style):
    """Draw a horizontal line."""
    axes.axhline(energy, color=color, linestyle=style, linewidth=1.2)


def _share_histogram(axes, run, edges, **style):
    """Draw the share of all draws of a run that lie in each bin, lying on its side."""
    energies = run.chains.ravel()
    shares = np.full(len(energies), 1.0 / len(energies))
    axes.hist(energies, edges, weights=shares, orientation="horizontal", **style)


def _histogram_edges(values):
    """Return bin edges; energies on a ladder get whole rungs a bin, or the histogram would beat against it."""
    low, high = values.min(), values.max()
    if low == high:
        return np.array([low - 0.5, low + 0.5])
    rungs = np.diff(np.unique(values.round(9)))
    step = rungs.min()
    if np.allclose(rungs / step, np.rint(rungs / step), atol=1e-3) and (high - low) / step < 1e4:
        bin_width = step * np.ceil((high - low) / (32 * step))
        return np.arange(low - 0.5 * step, high + bin_width, bin_width)
    return np.linspace(low, high, 33)


@styled
def law_figure(section, width="wide"):
    """Return the likeliest states with their exact probabilities and observed shares, and how the shares deviate.

    Parameters
    ----------
    section : LawSection
        Data of the picture.
    width : {"wide", "narrow"}
        Layout of the picture: "wide" for a desktop, "narrow" for a phone.
    """
    exact, shares = np.asarray(section.exact, dtype=np.float64), np.asarray(section.counts) / section.n_draws
    errors = np.sqrt(exact * (1.0 - exact) / section.n_independent)
    order = likeliest_states(section)
    rank = np.arange(1, len(order) + 1)
    seen = (section.n_independent * exact >= MIN_EXPECTED) & (exact < 1.0)
    has_spread = np.count_nonzero(seen) >= MIN_SPREAD
    figure, grid, spread = _law_grid(width, has_spread)
    top, below = figure.add_subplot(grid[0, 0]), figure.add_subplot(grid[1, 0])
    bars = top.bar(rank, exact[order], width=0.8, color=PALETTE["blue"], alpha=0.35)
    dots = top.errorbar(
        rank, shares[order], errors[order], fmt="o", color=PALETTE["orange"], markersize=4, elinewidth=1.2, zorder=3
    )
    tidy(top, "", "probability")
    top.tick_params(labelbottom=False)
    legend_above(top, [bars, dots], ["exact", "observed"])
    plot_scores(below, rank, _scores(shares, exact, errors)[order], "state, from the likeliest down")
    for axes in (top, below):
        axes.set_xlim(0.3, len(order) + 0.7)
    if len(exact) <= 16:
        n_spins = int(np.log2(len(exact)))
        below.set_xticks(rank, [_state_text(state, n_spins) for state in order], rotation=90 if len(order) > 8 else 0)
        below.set_xlabel("state, spin 0 first")
    if has_spread:
        plot_score_histogram(figure.add_subplot(spread), _scores(shares, exact, errors)[seen], "states")
    return figure


def likeliest_states(section):
    """Return the states that `law_figure` shows one by one, from the likeliest down; ndarray of int64."""
    exact = np.asarray(section.exact)
    return np.argsort(-exact, kind="stable")[: min(np.count_nonzero(exact), MAX_STATES)]


def _law_grid(width, has_spread):
    """Return a figure, the grid of its two main panels, and where the spread goes: beside them, or below."""
    is_wide = width == "wide"
    figure = new_figure(width, 4.6 if is_wide or not has_spread else 7.4)
    if not has_spread:
        return figure, figure.add_gridspec(2, 1, height_ratios=[2.2, 1]), None
    if is_wide:
        grid = figure.add_gridspec(2, 2, width_ratios=[3.2, 1], height_ratios=[2.2, 1])
        return figure, grid, grid[:, 1]
    grid = figure.add_gridspec(3, 1, height_ratios=[2.0, 1.0, 1.3])
    return figure, grid, grid[2, 0]


def _scores(shares, exact, errors):
    """Return differences in units of their standard errors; 0 where a state is certain or impossible."""
    return np.divide(shares - exact, errors, out=np.zeros_like(exact), where=errors > 0)


def _state_text(state, n_spins):
    return "".join("+" if state >> i & 1 else "−" for i in range(n_spins))


@styled
def conditionals_figure(section, width="wide"):
    """Return the share of ups at each local field on the table's curve, and how the shares deviate.

    Parameters
    ----------
    section : ConditionalsSection
        Data of the picture.
    width : {"wide", "narrow"}
        Layout of the picture: "wide" for a desktop, "narrow" for a phone.
    """
    fields, p = np.asarray(section.fields, dtype=np.float64), np.asarray(section.probabilities, dtype=np.float64)
    n_updates = np.asarray(section.n_updates)
    shares, errors = section.n_ups / n_updates, np.sqrt(p * (1.0 - p) / n_updates)
    figure = new_figure(width, 4.6)
    top, below = figure.subplots(2, 1, sharex=True, height_ratios=[2.2, 1])
    (line,) = top.plot(*_table_curve(section), color=PALETTE["blue"], linewidth=1.8)
    dots = top.errorbar(
        fields, shares, errors, fmt="o", color=PALETTE["orange"], markersize=5, elinewidth=1.2, zorder=3
    )
    tidy(top, "", "share of spins up")
    top.set_ylim(-0.04, 1.04)
    legend_above(top, [line, dots], ["activation table", "observed"])
    shown = n_updates * np.minimum(p, 1.0 - p) >= MIN_EXPECTED
    plot_scores(below, fields[shown], _scores(shares, p, errors)[shown], f"local field J s + h ({ENERGY_UNIT})")
    margin = 0.05 * (np.ptp(fields) or 1.0)
    below.set_xlim(fields.min() - margin, fields.max() + margin)
    return figure


def _table_curve(section):
    """Return a smooth curve through the entries of the table: straight between them in log odds, as a sigmoid is."""
    fields, p = section.fields, section.probabilities
    if section.table_fields is not None:
        fields, p = section.table_fields, section.table_probabilities
    fields = np.asarray(fields, dtype=np.float64)
    dense = np.linspace(fields[0], fields[-1], 401)
    return dense, expit(np.interp(dense, fields, logit(np.asarray(p, dtype=np.float64))))


@styled
def autocorrelation_figure(runs, width="wide"):
    """Return the autocorrelation of the energy against the lag, with each run's integrated time marked.

    Parameters
    ----------
    runs : tuple of AutocorrelationRun
        Autocorrelations to plot, a curve each.
    width : {"wide", "narrow"}
        Layout of the picture: "wide" for a desktop, "narrow" for a phone.
    """
    figure = new_figure(width, 3.5)
    axes = figure.add_subplot()
    reach = max(10.0, max(LAGS_PER_TAU * run.tau_int * run.sweeps_per_draw for run in runs))
    axes.axhline(0.0, color=PALETTE["muted"], linewidth=0.8)
    handles = []
    for number, run in enumerate(runs):
        color, marker = PALETTE[SERIES[number % len(SERIES)]], MARKERS[number % len(MARKERS)]
        lags = run.sweeps_per_draw * np.arange(len(run.rho))
        near = lags <= reach
        every = max(1, int(near.sum() / 25))
        style = {"color": color, "marker": marker, "markersize": 4.5, "markevery": (number * every // 2, every)}
        handles += axes.plot(lags[near], np.asarray(run.rho)[near], linewidth=1.6, **style)
        tau = run.tau_int * run.sweeps_per_draw
        axes.axvline(tau, color=color, linestyle=(0, (4, 2 + number)), linewidth=1.3)
    tidy(axes, "lag (sweeps)", "autocorrelation of E")
    axes.set_xlim(0.0, reach)
    axes.legend(handles, [_tau_text(run) for run in runs], loc="upper right", **BACKED)
    return figure


def _tau_text(run):
    return f"{shown_name(run.name)}, τ = {number_text(run.tau_int * run.sweeps_per_draw)} sweeps"


@styled
def moments_figure(section, width="wide"):
    """Return the moments of one backend against those of another, and the spread of their differences.

    Parameters
    ----------
    section : MomentsSection
        Data of the picture.
    width : {"wide", "narrow"}
        Layout of the picture: "wide" for a desktop, "narrow" for a phone.
    """
    groups = section.groups
    z = np.concatenate([_differences(group) for group in groups])
    n_panels = len(groups) + (len(z) >= MIN_SPREAD)
    figure, panels = _moment_panels(width, len(groups), n_panels)
    for number, (axes, group) in enumerate(zip(panels, groups, strict=False)):
        _scatter(axes, group, PALETTE[SERIES[number % len(SERIES)]])
        tidy(axes, shown_name(section.x_name), shown_name(section.y_name))
        axes.set_title(shown_name(group.name))
    if n_panels > len(groups):
        plot_score_histogram(panels[-1], z, "differences")
        panels[-1].set_title("differences")
        panels[-1].set_box_aspect(1 if width == "wide" else None)
    return figure


def _moment_panels(width, n_groups, n_panels):
    """Return a figure and its axes: side by side, or below each other with square ones for the groups."""
    if width == "wide":
        figure = new_figure(width, 11.0 / max(3, n_panels))
        return figure, figure.subplots(1, n_panels, squeeze=False).ravel()
    heights = [3.9] * n_groups + [2.6] * (n_panels - n_groups)
    figure = new_figure(width, sum(heights))
    return figure, figure.subplots(n_panels, 1, squeeze=False, height_ratios=heights).ravel()


def _scatter(axes, group, color):
    """Draw y against x, with error bars where they can be told apart, and the identity."""
    low, high = min(np.min(group.x), np.min(group.y)), max(np.max(group.x), np.max(group.y))
    margin = 0.06 * (high - low) or 0.1
    limits = (low - margin, high + margin)
    axes.plot(limits, limits, color=PALETTE["muted"], linewidth=1.0)
    if len(group.x) <= MAX_ERROR_BARS:  # errors may be None, which draws no bar
        bars = {"fmt": "none", "ecolor": color, "elinewidth": 0.8, "alpha": 0.5}
        axes.errorbar(group.x, group.y, group.y_error, group.x_error, **bars)
    axes.plot(group.x, group.y, "o", color=color, markersize=3.2, alpha=0.7, markeredgewidth=0)
    axes.set_xlim(limits)
    axes.set_ylim(limits)
    axes.set_box_aspect(1)


def _differences(group):
    """Return differences in units of their standard errors; those without an error are left out."""
    if group.x_error is None or group.y_error is None:
        return np.zeros(0)
    errors = np.hypot(group.x_error, group.y_error)
    kept = errors > 0
    return (np.asarray(group.y) - np.asarray(group.x))[kept] / errors[kept]
