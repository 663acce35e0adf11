"""Boltzmann generators as a workload: shipped flows beside quadrature, exact and on hardware."""

from __future__ import annotations

import numpy as np

from ...emulator.spec.errors import InputError
from ..workload_row import below, measured, near, reweighted, row
from .estimates import estimate, exact_profile, profile
from .flow_spec import load_flow
from .hardware import FlowHardware, PlainFlow, latent_walk
from .systems import SYSTEMS, metropolis_states

SEED = 1
DIGITS, EXACT = "quadrature by another rule", "quadrature"
# By Gauss-Legendre quadrature, 60 points in each of 40 x 20 pieces: seven digits of another rule than `exact` uses.
REFERENCES = {"double-well": (11.0204672, 3.3800057), "mueller-brown": (11.7295906, 3.6318211)}
N_POINTS, N_NOISY = 200_000, 100_000
LIMITS = {"double-well": (0.7, 0.02), "mueller-brown": (0.3, 0.05)}  # effective share, and distance of the difference
LOG_Z_LIMIT = 0.01
EDGES, SHOWN_KT = np.linspace(-2.5, 2.5, 41), 6.0
HARDWARE = (
    ("outputs of nets 2 % off", FlowHardware(output_noise=0.02)),
    ("outputs of nets 10 % off", FlowHardware(output_noise=0.1)),
    ("rram_cmo", FlowHardware("rram_cmo")),
    ("rram_cmo, an hour later", FlowHardware("rram_cmo", after_s=3600.0)),
    ("rram_cmo, 8-bit ADC", FlowHardware("rram_cmo", adc_bits=8)),
    ("noise of 8 bits", FlowHardware(noise_bits=8)),
)


def workload_rows(full=False, seed=SEED):
    """Return the figures of the workload, one dictionary each.

    Parameters
    ----------
    full : bool
        Also trainings by energy, coordinate, forces and temperature, and latent exploration; needs JAX.
    seed : int
        Seed of points and trainings.

    Returns
    -------
    list of dict
        ``quantity``, ``value``, ``se``, ``reference``, ``source``, ``ok``.
    """
    rows = reference_rows() + flow_rows(seed) + [profile_row(seed)] + hardware_rows(seed) + walk_rows(seed)
    if not full:
        return rows
    try:
        from .workload_training import training_rows
    except ImportError as error:
        raise InputError(f"The whole table must have JAX, not {error}: pip install 'spinchip[models]'") from None
    return rows + training_rows(seed)


def reference_rows():
    """Return quadrature beside printed digits."""
    rows = []
    for name, (log_z, difference) in REFERENCES.items():
        exact = SYSTEMS[name].exact()
        rows.append(near(f"{name}, ln Z", exact.log_z, log_z, 1e-6, DIGITS))
        rows.append(near(f"{name}, free energy of the far state", exact.difference, difference, 1e-6, DIGITS))
    return rows


def flow_rows(seed):
    """Return free energies of shipped flows."""
    rows = []
    for name, (least, within) in LIMITS.items():
        drawn = PlainFlow(*load_flow(name)).draw(N_POINTS, seed)
        found, exact = estimate(SYSTEMS[name], drawn.x, drawn.realised), SYSTEMS[name].exact()
        share = f"{name}, effective share (heaviest weight {found.heaviest:.1e})"
        rows.append(row(share, found.effective, f"> {least}", "target", found.effective > least))
        rows.append(near(f"{name}, free energy by the flow", found.difference, exact.difference, within, EXACT))
        rows.append(near(f"{name}, ln Z by the flow", found.log_z, exact.log_z, LOG_Z_LIMIT, EXACT))
    return rows


def profile_row(seed):
    """Return the largest error of the double well's profile by the shipped flow, with the curve for the figure."""
    system, drawn = SYSTEMS["double-well"], PlainFlow(*load_flow("double-well")).draw(N_POINTS, seed)
    (found, error), exact = profile(system, drawn.x, drawn.realised, EDGES), exact_profile(system, EDGES)
    counts = np.maximum(np.histogram(drawn.x[:, 0], EDGES)[0], 1.0)
    seen = np.isfinite(found) & np.isfinite(error)
    curve = {
        "places": 0.5 * (EDGES[1:] + EDGES[:-1])[seen],
        "profile": found[seen],
        "profile_errors": error[seen],
        "exact": exact[seen],
        "drawn": -np.log(counts / counts.max())[seen],
    }
    off = curve["profile"] - curve["exact"]
    low = exact[seen] < SHOWN_KT
    worst = float((np.abs(off - np.median(off[low])) / curve["profile_errors"])[low].max())
    name = f"double well, largest distance of the profile from quadrature below {SHOWN_KT:g} kT, standard errors"
    return below(name, worst, 4.5) | {key: value.tolist() for key, value in curve.items()}


def hardware_rows(seed):
    """Return ln Z of the double well when nets and noise are hardware: realised weights, and those on paper."""
    flow, system = load_flow("double-well"), SYSTEMS["double-well"]
    exact, rows = system.exact(), []
    for name, hardware in HARDWARE:
        drawn = PlainFlow(*flow, hardware, seed).draw(N_NOISY, seed)
        found, ideal = (estimate(system, drawn.x, one) for one in (drawn.realised, drawn.ideal))
        label = f"ln Z, {name}, realised weights (ESS {found.effective:.2f})"
        rows.append(reweighted(label, found.log_z, exact.log_z, found.log_z_error, found.faults, EXACT))
        text = f"the same with the density on paper (ESS {ideal.effective:.2g})"
        rows.append(row(text, ideal.log_z, exact.log_z, "biased where nets are not exact", True))
    biased = PlainFlow(*flow, FlowHardware(bias=0.53), seed).draw(N_NOISY, seed)
    off = estimate(system, biased.x, biased.realised).difference - exact.difference
    rows.append(below("p-bits of 0.53 instead of 0.5 shift the free energy by", off, -0.05, "must be seen"))
    return rows


def walk_rows(seed, n_walkers=200, n_steps=1500):
    """Return the population of the far well after a walk in the noise from the near one, moves accepted by p-bits."""
    system, plain = SYSTEMS["double-well"], PlainFlow(*load_flow("double-well"))
    start = plain.to_z(metropolis_states(system, n_walkers, seed)[:n_walkers])[0]
    x, _, accepted = latent_walk(system, plain, start, n_steps, 1.0, seed)
    kept = x[n_steps // 5 :]
    share = system.is_far(kept.reshape(-1, 2)).reshape(len(kept), n_walkers).mean(axis=0)
    exact = 1.0 / (1.0 + np.exp(system.exact().difference))
    error = float(share.std(ddof=1) / np.sqrt(n_walkers))
    name = f"double well, far population of a latent walk by Barker's rule ({accepted:.2f} accepted)"
    return [measured(name, float(share.mean()), exact, error, EXACT)]
