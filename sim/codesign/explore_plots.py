"""Picture of an exploration: its front with the knee, and what each value of the first parameters costs."""

from __future__ import annotations

import numpy as np

from ..report.plot_style import MARKERS, PALETTE, SERIES, logarithmic, new_figure, shown_name, tidy

MOST_CURVES = 8


def explore_figure(result):
    """Draw the first two objectives against each other, and the first one against the parameter of most values.

    Parameters
    ----------
    result : dict
        Result of `exploration.explore`, with at least one point.
    """
    figure = new_figure("wide", 4.8)
    figure.set_layout_engine("constrained")
    left, right = figure.subplots(1, 2)
    names = list(result["objectives"])
    if len(names) > 1:
        front_panel(left, result, names)
    else:
        spread_panel(left, result, names[0])
    axis_panel(right, result, names[0])
    figure.suptitle(shown_name(result["name"]), fontsize="medium")
    return figure


def front_panel(axes, result, names):
    """Draw all points, the front of two objectives, and its knee."""
    x, y = (np.array([row["result"][name] for row in result["points"]]) for name in names[:2])
    best = result["pareto"]
    axes.plot(x, y, ".", color=PALETTE["muted"], markersize=4, label="all points")
    axes.plot(x[best], y[best], "o-", color=PALETTE["blue"], markersize=5, linewidth=1, label="nothing beats these")
    tidy(axes, names[0], names[1])
    for scale, values in ((axes.xaxis, x), (axes.yaxis, y)):
        if values.min() > 0 and values.max() > 10 * values.min():
            logarithmic(scale)
    if result["knee"] is not None:
        k = result["knee"]
        point = "\n".join(f"{key} {value}" for key, value in result["points"][k]["point"].items())
        axes.plot(x[k], y[k], "*", color=PALETTE["orange"], markersize=14, label=f"knee: {point}")
    axes.legend(fontsize="x-small")


def spread_panel(axes, result, name):
    """Draw how one objective is spread."""
    axes.hist([row["result"][name] for row in result["points"]], bins=30, color=PALETTE["blue"])
    tidy(axes, name, "points")


def axis_panel(axes, result, name):
    """Draw the best value of an objective against one parameter, one curve for each value of another."""
    points = [row["point"] for row in result["points"]]
    counts = {key: len({str(point[key]) for point in points}) for key in points[0]}
    is_number = {key: all(isinstance(point[key], int | float) for point in points) for key in points[0]}
    along = max(counts, key=lambda key: (is_number[key], counts[key]))
    others = [key for key in counts if key != along and 1 < counts[key] <= MOST_CURVES]
    by = min(others, key=lambda key: (is_number[key], counts[key])) if others else None
    pick = min if result["objectives"][name] == "min" else max
    curves = list(dict.fromkeys(str(point[by]) for point in points)) if by else [None]
    for k, curve in enumerate(curves):
        found = {}
        for row in result["points"]:
            if by is None or str(row["point"][by]) == curve:
                place, value = row["point"][along], row["result"][name]
                found[place] = value if place not in found else pick(found[place], value)
        places = sorted(found, key=lambda place: (isinstance(place, str), place))
        color, marker = PALETTE[SERIES[k % len(SERIES)]], MARKERS[k % len(MARKERS)]
        label = None if by is None else shown_name(f"{by} {curve}")
        axes.plot([str(p) for p in places] if not is_number[along] else places, [found[p] for p in places],
                  f"{marker}-", color=color, label=label)  # fmt: skip
    tidy(axes, along, f"best {name} over all else")
    values = np.array([row["result"][name] for row in result["points"]])
    if values.min() > 0 and values.max() > 10 * values.min():
        logarithmic(axes.yaxis)
    lengths = [point[along] for point in points] if is_number[along] else [0]
    if min(lengths) > 0 and max(lengths) > 20 * min(lengths):
        logarithmic(axes.xaxis)
    if by is not None:
        axes.legend(fontsize="x-small")
