"""Pictures of workloads, each beside what was published."""

from __future__ import annotations

from ...emulator.spec.files.atomic_write import whole_path
from .digit_plots import digit_figures
from .plot_style import MARKERS, PALETTE, SERIES, logarithmic, new_figure, style_context, tidy
from .van_plots import inverse_distances, network_errors

TITLES = {"apt_icm": "Parallel tempering with cluster moves", "dt_sqa": "Simulated quantum annealing"}


def save_picture(folder, name, rows):
    """Write ``NAME.png`` and return its path.

    Parameters
    ----------
    folder : Path
        Where it goes; it must exist.
    name : str
        Name of the picture, one of `PICTURES`.
    rows : list of dict
        Rows of the workload.

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


def network_machines(rows):
    """Draw memory against sites, error against steps and the projected speed-up of neural quantum states."""
    figure = new_figure("wide", 9.0)
    panels = figure.subplots(2, 2).ravel()
    _memories(panels[:2], [row for row in rows if "tau_kept" in row])
    _settling(panels[2], [row for row in rows if "errors" in row])
    _speedups(panels[3], [row for row in rows if "speedup" in row])
    return figure


def _memories(panels, rows):
    """Draw tau of p-bits in kept sweeps and in all sweeps, each beside Metropolis in attempts."""
    for axes, key, title in zip(panels, ("tau_kept", "tau_sweeps"), ("Kept sweeps", "All sweeps"), strict=True):
        for k, alpha in enumerate(sorted({row["alpha"] for row in rows})):
            mine = sorted((row for row in rows if row["alpha"] == alpha), key=lambda row: row["sites"])
            sites, color = [row["sites"] for row in mine], PALETTE[SERIES[k]]
            axes.plot(sites, [row[key] for row in mine], MARKERS[k], color=color, label=f"p-bits, alpha {alpha}")
            attempts = [row["tau_attempts"] for row in mine]
            axes.plot(sites, attempts, MARKERS[k], color=color, markerfacecolor="none", label=f"Metropolis, {alpha}")
        tidy(axes, "sites", "tau of the energy [steps]")
        logarithmic(axes.xaxis)
        logarithmic(axes.yaxis)
        axes.set_title(f"{title}: a step is a sweep of all p-bits, or one attempt")
    panels[0].legend(fontsize="small", ncols=2)


def _settling(axes, rows):
    """Draw the relative error of one chain's mean energy against its steps."""
    for k, row in enumerate(rows):
        color, is_pbits = PALETTE[SERIES[(k // 2) % len(SERIES)]], row["machine"] == "p-bits"
        face = color if is_pbits else "none"
        label = f"{row['machine']}, N = {row['sites']}"
        axes.plot(row["steps"], row["errors"], "o-", color=color, markerfacecolor=face, markersize=5, label=label)
    tidy(axes, "steps, rejected sweeps counted", "relative error of the energy")
    logarithmic(axes.xaxis)
    logarithmic(axes.yaxis)
    axes.set_title("Error of one chain, root mean square over 64")
    axes.legend(fontsize="small")


def _speedups(axes, rows):
    """Draw the range of projected speed-ups, products of 100 to 4 ns, by both countings."""
    for k, (counting, label) in enumerate((("kept", "kept sweeps"), ("sweeps", "all sweeps"))):
        mine = [row for row in rows if row["counting"] == counting]
        places = [j + 0.22 * (2 * k - 1) for j in range(len(mine))]
        low, high = zip(*(row["speedup"] for row in mine), strict=True)
        axes.vlines(places, low, high, color=PALETTE[SERIES[k]], linewidth=14, label=label)
    axes.set_xlim(-0.6, len(mine) - 0.4)
    tidy(axes, "", "projected speed-up")
    axes.set_xticks(range(len(mine)), [f"N = {row['sites']}" for row in mine])
    logarithmic(axes.yaxis)
    axes.axhline(1.0, color=PALETTE["muted"], linewidth=0.8)
    axes.set_title("Speed-up over one core; products of 100 ... 4 ns")
    axes.legend(fontsize="small", loc="upper left")


def well_profile(rows):
    """Draw the free energy of the double well along its coordinate, by the flow and by quadrature."""
    row = next(row for row in rows if "profile" in row)
    figure = new_figure("wide", 4.6)
    axes = figure.subplots()
    axes.plot(row["places"], row["exact"], color=PALETTE["ink"], linewidth=1.2, label="quadrature")
    places, found, error = row["places"], row["profile"], row["profile_errors"]
    axes.errorbar(places, found, error, fmt="o", color=PALETTE["orange"], markersize=4, label="flow, reweighted")
    axes.plot(places, row["drawn"], "s", color=PALETTE["blue"], markerfacecolor="none", label="flow, as drawn")
    tidy(axes, "x", "free energy [kT]")
    axes.set_title("Double well, points of the shipped flow")
    axes.legend(fontsize="small")
    return figure


PICTURES = {
    "digits": digit_figures,
    "van": network_errors,
    "inverse-ising": inverse_distances,
    "boltzmann-generator": well_profile,
    "spin-glass": residual_energies,
    "nqs": network_machines,
}
