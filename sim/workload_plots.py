"""Pictures of workloads, each beside what was published."""

from __future__ import annotations

from ..emulator.spec.atomic_write import whole_path
from .plot_style import MARKERS, PALETTE, SERIES, logarithmic, new_figure, style_context, tidy

TITLES = {"apt_icm": "Parallel tempering with cluster moves", "dt_sqa": "Simulated quantum annealing"}


def save_picture(folder, name, rows):
    """Write ``NAME.png`` and return its path.

    Parameters
    ----------
    folder : Path
        Where it goes; it must exist.
    name : str
        One of `PICTURES`.
    rows : list of dict
        Of the workload.

    Returns
    -------
    str
    """
    with style_context():
        figure = PICTURES[name](rows)
        with whole_path(folder / f"{name}.png") as path:
            figure.savefig(path, format="png", dpi=110, facecolor=PALETTE["paper"])
    return str(folder / f"{name}.png")


def residual_energies(rows):
    """Draw residual energy against sweeps for each method: ours with intervals, the published values as open marks."""
    rows = [row for row in rows if "sweeps" in row]
    methods = [name for name in TITLES if any(row["method"] == name for row in rows)]
    figure = new_figure("wide", 4.6)
    panels = figure.subplots(1, len(methods), squeeze=False)[0]
    for axes, method in zip(panels, methods, strict=True):
        mine = [row for row in rows if row["method"] == method]
        key = "size" if method == "apt_icm" else "replicas"
        label = "L = {}" if method == "apt_icm" else "R = {}, L = 15"
        for k, value in enumerate(sorted({row[key] for row in mine})):
            _curve(axes, [row for row in mine if row[key] == value], (label.format(value), k))
        tidy(axes, "sweeps (open marks: published)", "residual energy per spin")
        logarithmic(axes.xaxis)
        logarithmic(axes.yaxis)
        axes.set_title(TITLES[method])
        axes.legend(fontsize="small")
    return figure


def _curve(axes, rows, look):
    label, k = look
    color, marker = PALETTE[SERIES[k % len(SERIES)]], MARKERS[(k // len(SERIES) + k) % len(MARKERS)]
    rows = sorted(rows, key=lambda row: row["sweeps"])
    x, y = [row["sweeps"] for row in rows], [row["value"] for row in rows]
    below, above = ([abs(row["value"] - row[end]) for row in rows] for end in ("low", "high"))
    axes.errorbar(x, y, (below, above), color=color, marker=marker, markersize=4, linewidth=1.4, label=label)
    published = [row["reference"] for row in rows]
    axes.plot(x, published, marker, color=color, markerfacecolor="none", markersize=9, linestyle="none")


PICTURES = {"spin-glass": residual_energies}
