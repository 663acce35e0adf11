"""What flaws of hardware cost, one panel a flaw: shared by the pictures of workloads."""

from __future__ import annotations

from .plot_style import MARKERS, PALETTE, SERIES, tidy


def flaw_panels(figure, rows, key, label):
    """Draw values against the size of each flaw, one curve for each value of ``key``; returns the panels.

    Parameters
    ----------
    figure : Figure or SubFigure
        Figure that takes the panels.
    rows : list of dict
        ``flaw``, ``size``, ``place``, ``value``, ``se``, ``key``, and ``reference``, an open mark where there is one.
    key : str
        Key that tells curves apart.
    label : str
        Label of a curve, with ``{}`` for its value.
    """
    flaws = list(dict.fromkeys(row["flaw"] for row in rows))
    panels = figure.subplots(1, len(flaws), sharey=True)
    for axes, flaw in zip(panels, flaws, strict=True):
        for k, value in enumerate(dict.fromkeys(row[key] for row in rows)):
            mine = [row for row in rows if (row["flaw"], row[key]) == (flaw, value)]
            color, marker = PALETTE[SERIES[k]], MARKERS[k]
            places, values = [row["place"] for row in mine], [row["value"] for row in mine]
            errors = [2.0 * row["se"] for row in mine]
            axes.errorbar(places, values, errors, marker=marker, color=color, label=label.format(value))
            known = [(row["place"], row["reference"]) for row in mine if row["reference"] is not None]
            if known:
                axes.plot(*zip(*known, strict=True), marker, color=color, markerfacecolor="none", markersize=9)
        tidy(axes, flaw.replace(", ", ",\n"), "")
        axes.set_xticks(places, [f"{row['size']:.2g}" if row["size"] < 1 else f"{row['size']:g}" for row in mine])
    return panels
