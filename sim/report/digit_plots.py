"""Picture of the workload on digits: how networks learn, what flaws cost, which digits are confused, and joules."""

from __future__ import annotations

import numpy as np

from .flaw_plots import flaw_panels
from .plot_style import MARKERS, PALETTE, SERIES, logarithmic, new_figure, tidy

SHADES = "Blues"


def digit_figures(rows):
    """Draw p-bit passes; of a whole table also training curves, the confusion of digits, flaws and joules."""
    if not any("losses" in row for row in rows):
        figure = new_figure("wide", 4.6)
        pass_panel(figure.subplots(), rows)
        return figure
    figure = new_figure("wide", 14.0)
    figure.set_layout_engine("constrained")
    top, middle, bottom = figure.subfigures(3, 1, height_ratios=(1.0, 1.0, 1.0))
    curves, confused = top.subplots(1, 2)
    curve_panel(curves, [row for row in rows if "losses" in row])
    confusion_panel(confused, next(row for row in rows if "confusion" in row))
    hardware_panels(middle, [row for row in rows if "flaw" in row])
    passes, joules = bottom.subplots(1, 2)
    pass_panel(passes, rows)
    joule_panel(joules, [row for row in rows if "joules" in row])
    return figure


def curve_panel(axes, rows):
    """Draw the loss against epochs of the first training of each network."""
    for k, row in enumerate(rows):
        axes.plot(np.arange(1, len(row["losses"]) + 1), row["losses"], color=PALETTE[SERIES[k]], label=row["network"])
    tidy(axes, "epoch", "cross entropy while training")
    logarithmic(axes.yaxis)
    axes.legend(fontsize="small")
    axes.set_title("Training on 1347 optical digits")


def confusion_panel(axes, row):
    """Draw how many pictures of each digit were read as each."""
    table = np.array(row["confusion"])
    axes.imshow(np.sqrt(table), cmap=SHADES)
    for i, j in np.argwhere(table > 0):
        color = PALETTE["paper"] if table[i, j] > table.max() / 3 else PALETTE["ink"]
        axes.text(j, i, str(table[i, j]), ha="center", va="center", fontsize="small", color=color)
    tidy(axes, f"read as, by the {row['network']}", "digit")
    axes.set_xticks(range(10), [str(k) for k in range(10)])
    axes.set_yticks(range(10), [str(k) for k in range(10)])
    axes.grid(visible=False)
    axes.set_title("450 held-out pictures")


def hardware_panels(figure, rows):
    """Draw accuracies against the size of each flaw, one curve a network."""
    panels = flaw_panels(figure, rows, "network", "{}")
    panels[0].set_ylabel("accuracy")
    panels[0].legend(fontsize="small", loc="lower right")
    figure.suptitle("Flaws of crossbars, one at a time", fontsize="medium")


def pass_panel(axes, rows):
    """Draw accuracies against passes in which p-bits draw the hidden units."""
    rows = [row for row in rows if "passes" in row]
    passes, bars = [row["passes"] for row in rows], [2.0 * row["se"] for row in rows]
    axes.errorbar(passes, [row["value"] for row in rows], bars, fmt="o-", color=PALETTE["blue"])
    tidy(axes, "passes averaged", "accuracy")
    logarithmic(axes.xaxis)
    axes.set_xticks(passes, [str(n) for n in passes])
    axes.set_xticks([], minor=True)
    axes.set_title("Hidden units drawn by p-bits")


def joule_panel(axes, rows):
    """Draw accuracy against joules of a picture; points that nothing beats are joined."""
    for k, network in enumerate(dict.fromkeys(row["network"] for row in rows)):
        mine = [row for row in rows if row["network"] == network]
        x, y = [row["joules"] for row in mine], [row["value"] for row in mine]
        axes.plot(x, y, MARKERS[k], color=PALETTE[SERIES[k]], label=network)
        for row in mine:
            axes.annotate(
                f"{row['bits']}", (row["joules"], row["value"]), (4, -10), textcoords="offset points", fontsize=8
            )
    best = sorted((row for row in rows if row["is_best"]), key=lambda row: row["joules"])
    axes.plot([row["joules"] for row in best], [row["value"] for row in best], color=PALETTE["muted"], zorder=0)
    tidy(axes, "cells and converters, joules a picture", "accuracy")
    logarithmic(axes.xaxis)
    axes.legend(fontsize="small", loc="lower right")
    axes.set_title("Joules by bits of the converters")
