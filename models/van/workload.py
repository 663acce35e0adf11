"""Autoregressive networks as a workload: free energies beside exact ones, and what hardware does to them."""

from __future__ import annotations

import numpy as np

from ...emulator.oracle.kaufman import torus_answer
from ...emulator.spec.errors import InputError
from ..workload_row import below, fact, measured, near, reweighted, row
from .directed_pbits import DirectedHardware, draw_directed
from .exact import (
    SQUARE,
    enumerated,
    half_energies,
    hopfield_couplings,
    hopfield_free_energy,
    sk_couplings,
    torus_couplings,
    triangular_entropy,
)
from .mean_field import bethe_free_energy, mean_field_free_energy
from .training import VanPlan, free_energy, train_van
from .workload_hardware import cost_rows, loop_rows
from .workload_sweeps import sweep_rows

SEED = 1
DIGITS, PAPER = "exact, printed digits", "target of arXiv:1809.10606's systems"
SK_LIMIT, N_STATES = 2e-3, 40_000
HARDWARE = (
    ("exact", DirectedHardware()),
    ("6-bit weights", DirectedHardware(weight_bits=6)),
    ("4-bit weights", DirectedHardware(weight_bits=4)),
    ("1-bit weights", DirectedHardware(weight_bits=1)),
    ("read noise 0.3", DirectedHardware(read_noise=0.3)),
    ("p-bit slope doubled", DirectedHardware(slope=2.0)),
    ("phase-change cells", DirectedHardware(device_name="pcm_ibm")),
    ("phase-change cells, a day later", DirectedHardware(device_name="pcm_ibm", after_s=86400.0)),
)


def workload_rows(full=False, seed=SEED):
    """Return the figures of the workload, one dictionary each.

    Parameters
    ----------
    full : bool
        Three glasses to beta = 5, Hopfield patterns of 100 spins, the ferromagnet of 16 x 16, masked networks (they
        need JAX): twenty minutes. Otherwise one glass.
    seed : int
        Seed of trainings and states.

    Returns
    -------
    list of dict
        ``quantity``, ``value``, ``se``, ``reference``, ``source``, ``ok``.
    """
    rows = exact_rows()
    for instance in (1, 2, 3) if full else (1,):
        rows += glass_rows(instance, seed)
    rows += hardware_rows(seed) + loop_rows(seed) + cost_rows(seed)
    if not full:
        return rows
    return rows + sweep_rows(seed) + hopfield_rows(seed) + ferromagnet_rows(seed) + _masked_rows(seed)


def _masked_rows(seed):
    """Return the rows of masked networks, which need JAX."""
    try:
        from .workload_networks import network_rows
    except ImportError as error:
        raise InputError(f"The whole table must have JAX, not {error}: pip install 'spinchip[models]'") from None
    return network_rows(seed)


def exact_rows():
    """Return exact references beside printed digits."""
    glass = sk_couplings(20, 1)
    rows = [near("SK-20, E0 / N", half_energies(glass).min() / 20, -0.610082, 5e-7, DIGITS)]
    rows.append(near("SK-20, F / N at beta = 1", enumerated(glass, (1.0,))[0].free_energy, -0.890513, 5e-7, DIGITS))
    for side, entropy in ((4, 0.233977), (8, 0.322392), (16, 0.320528)):
        name = f"triangular antiferromagnet, L = {side}, S / N at 3"
        rows.append(near(name, triangular_entropy(side, 3.0), entropy, 1e-6, DIGITS))
    rows.append(near("Hopfield, 100 spins, F / N at 1.5", hopfield_free_energy(100, 1.5), -0.541882, 5e-7, DIGITS))
    return rows


def glass_rows(instance, seed):
    """Return relative errors of the free energy of one glass, raw and reweighted."""
    couplings, betas = sk_couplings(20, instance), tuple(np.round(np.arange(0.1, 5.01, 0.1), 3).tolist())
    networks = train_van(couplings, VanPlan(betas), seed)
    shown = (0.5, 1.0, 1.5, 2.0, 3.0, 5.0)
    rows = []
    for beta, exact in zip(shown, enumerated(couplings, shown), strict=True):
        spins = networks[beta].sample(N_STATES, seed)
        q = networks[beta].log_probabilities
        found = free_energy(couplings, beta, spins, q(spins), q)
        error = found.variational / exact.free_energy - 1.0
        name = f"SK-20 number {instance}, beta {beta:g}: relative error of F_q"
        others = {
            "naive mean field": abs(mean_field_free_energy(couplings, beta) / exact.free_energy - 1.0),
            "Bethe": abs(bethe_free_energy(couplings, beta)[0] / exact.free_energy - 1.0),
        }
        point = {"instance": instance, "beta": beta, "others": others}
        rows.append(below(name, abs(error), SK_LIMIT, PAPER) | point)
        best = min(others, key=others.get)
        rows.append(fact(f"SK-20 number {instance}, beta {beta:g}: that of {best}, the better formula", others[best]))
        name = f"SK-20 number {instance}, beta {beta:g}: F / N reweighted (ESS {found.effective:.2f})"
        rows.append(reweighted(name, found.reweighted, exact.free_energy, found.error, found.faults, "exact"))
    return rows


def hardware_rows(seed, beta=1.0):
    """Return energies of a glass by directed p-bits, reweighted with realised and with ideal probabilities."""
    couplings = sk_couplings(20, 1)
    plan = VanPlan(tuple(np.round(np.arange(0.1, beta + 0.01, 0.1), 3).tolist()))
    network = train_van(couplings, plan, seed)[beta]
    exact, rows = enumerated(couplings, (beta,))[0], []
    for name, hardware in HARDWARE:
        drawn = draw_directed(network, hardware, 5 * N_STATES, seed)
        found, ideal = (free_energy(couplings, beta, drawn.spins, one) for one in (drawn.realised, drawn.ideal))
        spread = np.sqrt(exact.heat_capacity * 20) / beta / 20 / np.sqrt(found.effective * len(drawn.spins))
        label = f"E / N, {name}, realised (ESS {found.effective:.2f})"
        rows.append(measured(label, found.energy, exact.energy, 2.0 * spread, "exact"))
        text = f"the same by ideal probabilities (ESS {ideal.effective:.2f}), off by {ideal.energy - exact.energy:+.4f}"
        rows.append(row(text, ideal.energy, exact.energy, "biased where hardware is not ideal", True))
    return rows


def hopfield_rows(seed, n_spins=100, beta=1.5):
    """Return the free energy and the weights of the four modes of two orthogonal patterns."""
    couplings, patterns = hopfield_couplings(n_spins)
    plan = VanPlan(tuple(np.round(np.arange(0.3, beta + 0.01, 0.05), 3).tolist()), 120, 1000, 0.005)
    networks = train_van(couplings, plan, seed)
    network = networks[beta]
    spins = network.sample(N_STATES, seed)
    found = free_energy(couplings, beta, spins, network.log_probabilities(spins), network.log_probabilities)
    exact = hopfield_free_energy(n_spins, beta)
    error = abs(found.variational / exact - 1.0)
    rows = [below("Hopfield, 100 spins, beta 1.5: relative error of F_q", error, 5e-3, PAPER)]
    name = "Hopfield, F / N reweighted"
    rows.append(reweighted(name, found.reweighted, exact, found.error, found.faults, "exact"))
    overlaps = spins @ patterns.T / n_spins
    for k, sign in ((0, 1), (0, -1), (1, 1), (1, -1)):
        share = float((sign * overlaps[:, k] > 0.5).mean())
        name = f"Hopfield, share of states near {'+' if sign > 0 else '-'} pattern {k + 1}"
        rows.append(row(name, share, 0.2491, "exact sum", abs(share - 0.2491) < 0.015))
    rows[0]["landscapes"] = {f"{at:g}": _landscape(networks[at], patterns, seed) for at in (0.3, 1.0, beta)}
    return rows


def _landscape(network, patterns, seed):
    """Return how many states fall on each pair of overlaps with two patterns; list of 21 lists of 21."""
    overlaps = network.sample(N_STATES, seed) @ patterns.T / network.n_spins
    edges = np.linspace(-1.05, 1.05, 22)  # between possible overlaps, multiples of 0.02
    return np.histogram2d(overlaps[:, 0], overlaps[:, 1], (edges, edges))[0].astype(int).tolist()


def ferromagnet_rows(seed, side=16):
    """Return free energies of the square ferromagnet, relative to Kaufman's."""
    couplings = torus_couplings(side, SQUARE, 1.0)
    betas = (0.1, 0.2, 0.3, 0.35, 0.4, 0.44, 0.5, 0.6, 0.8, 1.0)
    networks = train_van(couplings, VanPlan(betas, 400, 500, 0.001), seed)
    rows = []
    for beta in betas:
        spins = networks[beta].sample(N_STATES, seed)
        q = networks[beta].log_probabilities
        found = free_energy(couplings, beta, spins, q(spins), q)
        exact = torus_answer(side, side, beta)
        wanted = -exact.log_z / (beta * side * side)
        name = f"ferromagnet {side} x {side}, beta {beta:g}"
        label = f"{name} (ESS {found.effective:.2f}): relative error of F_q"
        rows.append(below(label, abs(found.variational / wanted - 1.0), 1e-3, PAPER))
        rows.append(near(f"{name}: E / N reweighted", found.energy, exact.mean_energy / side**2, 1e-3, "Kaufman"))
        heat = exact.heat_capacity / side**2
        rows.append(near(f"{name}: C_v / N reweighted", found.heat_capacity, heat, 0.1 * heat, "Kaufman"))
    return rows
