"""Figure of the analog machine: drift as heat, noise as a flat sigmoid, the read voltage as an inverse temperature."""

from __future__ import annotations

import numpy as np
from scipy.integrate import quad
from scipy.special import expit
from scipy.stats import norm

from ..emulator.pbits.analog_machine import CrossbarSampler
from ..emulator.spec.instance import IsingInstance
from ..emulator.spec.schedule import Schedule

FIELDS = np.linspace(-3.0, 3.0, 13)
NOISES = (0.0, 1.0, 2.0)
N_DRAWS = 4000


def flattened(field, noise):
    """Return the sigmoid of 2 beta I averaged over a normal deviate of ``noise`` that is added to beta I; float."""
    if noise == 0:
        return float(expit(2 * field))
    return quad(lambda z: expit(2 * (field + noise * z)) * norm.pdf(z), -9, 9)[0]


def transfer_curves():
    """Return for each noise the share of ups of lone p-bits in `FIELDS`, drawn; dict of ndarray, shape (13,)."""
    lone = IsingInstance(np.zeros((FIELDS.size, FIELDS.size)), FIELDS)
    found = {}
    for noise in NOISES:
        drawn = CrossbarSampler(amplifier_noise=noise).sample(lone, Schedule.constant(1.0, N_DRAWS), 1, 1)
        found[noise] = (drawn.spins[0] > 0).mean(axis=0)
    return found


def figure(drift, voltages, path):
    """Draw three panels; write a PNG.

    Parameters
    ----------
    drift : dict
        ``times_s`` (k,), ``labels``, ``law`` (k,) and, as (mean, half width) of shape (2, k), ``bare`` and ``voltage``.
    voltages : list of (float, float, BetaInterval)
        Read voltage [V], ideal beta, effective beta.
    path : path-like
        Of the PNG.
    """
    import matplotlib.pyplot as plt

    from ..sim.plot_style import PALETTE, STYLE

    with plt.rc_context(STYLE | {"figure.facecolor": PALETTE["paper"], "savefig.facecolor": PALETTE["paper"]}):
        drawn, (left, middle, right) = plt.subplots(1, 3, figsize=(13.2, 4.0), layout="constrained")
        _draw_drift(left, drift, PALETTE)
        _draw_curves(middle, PALETTE)
        _draw_voltages(right, voltages, PALETTE)
        drawn.savefig(path, dpi=120)
        plt.close(drawn)


def _draw_drift(axes, drift, colors):
    for key, label, color, marker in (
        ("voltage", "read voltage turned up", "blue", "o"),
        ("bare", "nothing done", "orange", "s"),
    ):
        mean, half = drift[key]
        axes.errorbar(drift["times_s"], mean, half, ls="none", marker=marker, color=colors[color], label=label)
    axes.plot(drift["times_s"], drift["law"], color=colors["muted"], ls=":", label="0.5 (t / t0)^-0.049")
    axes.set(xscale="log", xlabel="time since programming", ylabel="effective beta", ylim=(0.0, 0.6))
    axes.minorticks_off()
    axes.set_xticks(drift["times_s"], drift["labels"])
    axes.set_title("Drift heats")
    axes.legend(loc="lower left")


def _draw_curves(axes, colors):
    fine = np.linspace(-3.0, 3.0, 61)
    for (noise, shares), name in zip(transfer_curves().items(), ("blue", "orange", "green"), strict=True):
        axes.plot(fine, [flattened(u, noise) for u in fine], color=colors[name])
        axes.plot(FIELDS, shares, "o", color=colors[name], label=f"noise {noise:g}")
    axes.set(xlabel="beta I", ylabel="share of ups", ylim=(-0.02, 1.02))
    axes.set_title("Noise flattens: drawn, and convolved")
    axes.legend(loc="upper left")


def _draw_voltages(axes, voltages, colors):
    volts_mV = [1e3 * v for v, _, _ in voltages]
    best, low, high = (
        np.array([1 / getattr(found, end) for _, _, found in voltages]) for end in ("best", "high", "low")
    )
    axes.errorbar(
        volts_mV,
        best,
        [best - low, high - best],
        marker="s",
        color=colors["orange"],
        label="24 vertices, amplifier noise 0.5",
    )
    axes.plot(volts_mV, [1 / beta for _, beta, _ in voltages], color=colors["muted"], ls=":", label="ideal")
    axes.set(xlabel="read voltage [mV]", ylabel="effective temperature", ylim=(0.0, None))
    axes.set_title("A higher voltage is colder")
    axes.legend(loc="upper right")
