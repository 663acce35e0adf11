"""Pictures of autoregressive networks: errors beside formulas, flaws of hardware, overlaps with patterns."""

from __future__ import annotations

import numpy as np

from .flaw_plots import flaw_panels
from .plot_style import MARKERS, PALETTE, SERIES, logarithmic, new_figure, tidy

NAMES = {"tap": "TAP", "bethe": "Bethe", "sessak_monasson": "Sessak and Monasson"}
SHADES = "YlGnBu"


def network_errors(rows):
    """Draw errors of glasses; of a whole table also what hardware costs, and where states lie beside two patterns."""
    landscapes = next((row["landscapes"] for row in rows if "landscapes" in row), None)
    if landscapes is None:
        figure = new_figure("wide", 4.6)
        glass_panel(figure.subplots(), rows)
        return figure
    figure = new_figure("wide", 11.0)
    figure.set_layout_engine("constrained")
    top, middle, bottom = figure.subfigures(3, 1, height_ratios=(1.1, 1.1, 1.0))
    glass_panel(top.subplots(), rows)
    hardware_panels(middle, [row for row in rows if "flaw" in row])
    overlap_panels(bottom, landscapes)
    return figure


def glass_panel(axes, rows):
    """Draw relative errors of the free energy of glasses against beta: networks, mean field, Bethe."""
    against_beta(axes, [row for row in rows if "others" in row], "others", "network of one layer")
    axes.set_ylabel("relative error of the free energy")
    axes.set_title("Glasses of 20 spins, one mark an instance")


def hardware_panels(figure, rows):
    """Draw relative errors of the free energy against the size of each flaw."""
    panels = flaw_panels(figure, rows, "beta", "beta = {:g}")
    for axes in panels:
        logarithmic(axes.yaxis)
    panels[0].set_ylabel("relative error of F")
    panels[0].legend(fontsize="small")
    figure.suptitle("One layer on flawed hardware (open marks: an independent prototype)", fontsize="medium")


def overlap_panels(figure, landscapes):
    """Draw -ln of the share of states on each pair of overlaps, one panel a beta."""
    panels = figure.subplots(1, len(landscapes), sharey=True)
    for axes, (beta, counts) in zip(panels, landscapes.items(), strict=True):
        share = np.array(counts, dtype=np.float64).T / np.sum(counts)
        depth = np.full(share.shape, np.nan)
        np.log(share, out=depth, where=share > 0)
        image = axes.imshow(-depth, origin="lower", extent=(-1.05, 1.05, -1.05, 1.05), cmap=f"{SHADES}_r", vmin=2)
        axes.plot([1, -1, 0, 0], [0, 0, 1, -1], "+", color=PALETTE["orange"], markersize=8)
        tidy(axes, "overlap with pattern 1", "")
        axes.set_title(f"beta = {beta}", fontsize="medium")
        axes.grid(visible=False)
    panels[0].set_ylabel("overlap with pattern 2")
    figure.colorbar(image, ax=panels, label="-ln of the share", shrink=0.85)
    figure.suptitle("Hopfield network of 100 spins (crosses: the patterns and their reverses)", fontsize="medium")


def inverse_distances(rows):
    """Draw distances of inferred couplings against beta: networks and mean-field formulas."""
    figure = new_figure("wide", 4.6)
    axes = figure.subplots()
    against_beta(axes, [row for row in rows if "formulas" in row], "formulas", "network")
    axes.set_ylabel("distance of the couplings")
    axes.set_title("Couplings from exact correlations, one mark an instance")
    return figure


def against_beta(axes, rows, key, label):
    """Draw values of rows against beta, beside those of other methods that each row holds under ``key``."""
    betas = [row["beta"] for row in rows]
    names = list(rows[0][key])
    axes.plot(betas, [row["value"] for row in rows], "o", color=PALETTE["blue"], label=label)
    others = [name for name in SERIES if name != "blue"] + ["muted", "ink"]
    for k, name in enumerate(names):
        values = [row[key][name] for row in rows]
        color, marker = PALETTE[others[k % len(others)]], MARKERS[(k + 1) % len(MARKERS)]
        axes.plot(
            betas, values, marker, color=color, markerfacecolor="none", label=NAMES.get(name, name.replace("_", " "))
        )
    tidy(axes, "beta", "")
    logarithmic(axes.yaxis)
    axes.legend(fontsize="small", ncols=2)
