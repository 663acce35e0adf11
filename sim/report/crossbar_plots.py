"""Pictures of a matrix on crossbar tiles: error against time, conductances, outputs against exact ones."""

from __future__ import annotations

import numpy as np

from ...emulator.spec.files.atomic_write import whole_path
from .plot_style import logarithmic, new_figure, style_context, tidy

N_VECTORS = 64


def save_plots(folder, crossbar, weights, curve, seed):
    """Write ``error.png``, ``conductance.png`` and ``outputs.png``.

    Parameters
    ----------
    folder : Path
        Where they go; it must exist.
    crossbar : Crossbar
        At the time of the pictures.
    weights : ndarray, shape (n_inputs, n_outputs), float64
        The exact matrix.
    curve : ErrorReport
        Errors at several times.
    seed : int
        Seed of the input vectors and the read noise.

    Returns
    -------
    list of str
        Paths of the files that were written.
    """
    pictures = {
        "error": lambda: _errors(curve),
        "conductance": lambda: _conductances(crossbar),
        "outputs": lambda: _outputs(crossbar, weights, seed),
    }
    written = []
    for name, draw in pictures.items():
        with style_context():
            figure = draw()
            with whole_path(folder / f"{name}.png") as path:
                figure.savefig(path, format="png", dpi=150)
        written.append(str(folder / f"{name}.png"))
    return written


def _errors(curve):
    """Draw the relative error against time, cause by cause."""
    figure = new_figure("wide", 3.4)
    axes = figure.subplots()
    times = [max(row.after_s, 1.0) for row in curve.rows]
    for name, values in (
        ("drift, as it is", [row.drift for row in curve.rows]),
        (f"drift, {curve.compensation} compensation", [row.compensated for row in curve.rows]),
        ("read noise alone", [row.read for row in curve.rows]),
        ("all together", [row.total for row in curve.rows]),
    ):
        axes.plot(times, values, marker="o", label=name)
    axes.axhline(curve.programming, linestyle=":", color="0.5", label="programming alone")
    tidy(axes, "time after the reference read (s)", "relative error of a product")
    logarithmic(axes.xaxis)  # after tidy, which formats plain axes
    axes.set_ylim(bottom=0)
    axes.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0), fontsize="small")  # beside the axes, over no curve
    return figure


def _conductances(crossbar):
    """Draw the conductances of both signs as they lie now."""
    plus, minus = crossbar.conductances_S()
    figure = new_figure("wide", 3.4)
    panels = figure.subplots(1, 2)
    top = max(plus.max(), minus.max()) * 1e6
    for axes, cells, title in zip(panels, (plus, minus), ("positive devices", "negative devices"), strict=True):
        image = axes.imshow(cells * 1e6, aspect="auto", vmin=0, vmax=top, cmap="viridis", interpolation="nearest")
        axes.set_title(title)
        axes.set_xlabel("column")
        axes.set_ylabel("row")
        axes.grid(visible=False)
    figure.colorbar(image, ax=panels, label="conductance (µS)")
    return figure


def _outputs(crossbar, weights, seed):
    """Draw outputs of random vectors against the exact ones."""
    vectors = np.random.default_rng([seed, 3]).standard_normal((N_VECTORS, len(weights)))
    exact, found = (vectors @ weights).ravel(), crossbar.multiply(vectors, seed).ravel()
    figure = new_figure("wide", 3.4)
    axes = figure.subplots()
    ends = [exact.min(), exact.max()]
    axes.plot(ends, ends, color="0.5", linewidth=1, label="exact")
    axes.plot(exact, found, ".", markersize=2, alpha=0.5, label="crossbar")
    tidy(axes, "exact output", "output of the crossbar")
    axes.legend(frameon=False, fontsize="small")
    return figure
