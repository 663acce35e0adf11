"""A search as a folder for `spinchip report`: its numbers as JSON, the best state, energies of all runs drawn."""

from __future__ import annotations

import numpy as np

from ...emulator.spec.files.atomic_write import whole_file, whole_path
from ...emulator.spec.files.strict_json import write_json
from ..report.plot_style import PALETTE, new_figure, shown_name, style_context, tidy

MOST_BARS = 40  # energies that have a bar each; more are put into as many bins


def save_search(folder, result, state_lines):
    """Write ``anneal.json``, ``best.txt`` and ``energies.png``.

    Parameters
    ----------
    folder : Path
        Where they go; it must exist.
    result : dict
        Result as `spinchip anneal --json` prints it, with ``instance``, ``method`` and ``backend``.
    state_lines : list of str
        The best state, a line for each spin.

    Returns
    -------
    list of str
        Paths of the files that were written.
    """
    write_json(folder / "anneal.json", result)
    with whole_file(folder / "best.txt") as handle:
        handle.write("".join(state_lines))
    with style_context():
        figure = energies_figure(result)
        with whole_path(folder / "energies.png") as path:
            figure.savefig(path, format="png", dpi=110, facecolor=PALETTE["paper"])
    return [str(folder / name) for name in ("anneal.json", "best.txt", "energies.png")]


def energies_figure(result):
    """Return how many runs ended at which energy, with the energy that residuals count from."""
    energies = np.asarray(result["energies"])
    figure = new_figure("wide", 3.6)
    axes = figure.subplots()
    levels, counts = np.unique(energies.round(9), return_counts=True)
    if len(levels) > MOST_BARS:
        counts, edges = np.histogram(energies, MOST_BARS)
        levels, width = (edges[:-1] + edges[1:]) / 2, 0.95 * (edges[1] - edges[0])
    else:
        gap = 0.02 * (abs(levels[0]) or 1.0)  # a bar of its own beside empty ones, if all runs end at one energy
        width = 0.6 * (np.diff(levels).min() if len(levels) > 1 else gap)
        if len(levels) == 1:
            seen = (levels[0], result["residual_from"])
            axes.set_xlim(min(seen) - 5 * gap, max(seen) + 5 * gap)
    axes.bar(levels, counts, width, color=PALETTE["blue"])
    axes.axvline(result["residual_from"], color=PALETTE["orange"], linestyle="--", label="residuals count from here")
    tidy(axes, "lowest energy of a run (coupling units)", "runs")
    axes.yaxis.get_major_locator().set_params(integer=True)
    axes.set_title(shown_name(f"{result['method']} on {result['backend']}: {result['instance']}"))
    axes.margins(y=0.3)  # room for the legend above the bars
    axes.legend(loc="upper right")
    return figure
