"""Rows of the workload on masked networks (extra ``models``): parameter counts, glasses and triangles."""

from __future__ import annotations

import numpy as np

from ...emulator.oracle.kaufman import torus_answer
from ..workload_row import below, fact, near, reweighted
from .exact import (
    SQUARE,
    TRIANGLE,
    enumerated,
    sk_couplings,
    torus_couplings,
    triangular_entropy,
    triangular_free_energy,
)
from .masked import MaskedSpec, init, log_probabilities, n_parameters
from .mean_field import mean_field_free_energy
from .reinforce import draw, train_masked
from .training import VanPlan, free_energy, variational

PAPER, TARGET = "arXiv:1809.10606, Tab. I", "target of arXiv:1809.10606's systems"
COUNTS = (
    ("convolution, 3 layers of 64", MaskedSpec("convolution", 16, 3, 64, 6), 714_113),
    ("convolution, 6 residual layers of 64", MaskedSpec("convolution", 16, 6, 64, 3, is_residual=True), 826_369),
    ("dense, 3 layers of 4", MaskedSpec("dense", 16, 3, 4), 1_577_216),
    ("dense, 6 residual layers of 2", MaskedSpec("dense", 16, 6, 2, is_residual=True), 2_366_720),
)
RAMP = tuple(np.round(np.linspace(3.0 / 60, 3.0, 60), 4).tolist())
HIDDEN_LIMIT, N_STATES = 3e-4, 100_000
SHOWN = (0.5, 1.0, 1.5, 2.0, 3.0, 5.0)
# Side: steps, states of each, relative tolerance of the entropy.
TRIANGLES = {4: (1500, 500, 0.01), 6: (2000, 500, 0.02), 8: (2500, 500, 0.02), 16: (6000, 200, 0.05)}


def network_rows(seed):
    """Return parameter counts, and free energies of networks with hidden units, mixed with their mirror images."""
    rows = [
        near(f"parameters, {name}", float(n_parameters(init(spec, seed))), n, 0.0, PAPER) for name, spec, n in COUNTS
    ]
    for number in (1, 2, 3):
        rows += glass_rows(number, seed)
    rows.append(convolution_row(seed))
    for side, (n_steps, batch, within) in TRIANGLES.items():
        rows += triangle_rows(side, VanPlan(RAMP, n_steps // len(RAMP), batch, 0.005), within, seed)
    return rows


def convolution_row(seed, side=4, beta=0.44):
    """Return the relative error of the free energy of a small ferromagnet by a trained convolution."""
    couplings, spec = torus_couplings(side, SQUARE, 1.0), MaskedSpec("convolution", side, 2, 8, 3)
    network = train_masked(spec, couplings, VanPlan((0.1, 0.2, 0.3, 0.4, beta), 150, 500, 0.005), seed)[beta]
    spins = draw(spec, network, 20_000, seed + 9)
    log_q = np.asarray(log_probabilities(spec, network, spins), dtype=np.float64)
    exact = -torus_answer(side, side, beta).log_z / (beta * side**2)
    error = abs(variational(couplings, beta, spins, log_q) / exact - 1.0)
    formula = abs(mean_field_free_energy(couplings, beta) / exact - 1.0)
    name = f"ferromagnet {side} x {side}, beta {beta:g}, convolution: relative error of F_q"
    return below(name, error, formula, "naive mean field")


def glass_rows(number, seed):
    """Return relative errors of the free energy of one glass with 15 hidden units a site."""
    couplings, spec = sk_couplings(20, number), MaskedSpec("dense", 1, 2, 15, n_spins=20)
    betas = tuple(np.round(np.arange(0.1, 5.01, 0.1), 3).tolist())
    networks = train_masked(spec, couplings, VanPlan(betas), seed, is_mixed=True)
    rows = []
    for beta, exact in zip(SHOWN, enumerated(couplings, SHOWN), strict=True):
        found = _measured(spec, networks[beta], couplings, beta, seed)
        name = f"SK-20 number {number}, hidden units, beta {beta:g} (ESS {found.effective:.2f}): relative error of F_q"
        rows.append(below(name, abs(found.variational / exact.free_energy - 1.0), HIDDEN_LIMIT, TARGET))
    return rows


def triangle_rows(side, plan, within, seed):
    """Return free energy and entropy of the triangular antiferromagnet at the plan's last beta."""
    beta, couplings, spec = plan.betas[-1], torus_couplings(side, TRIANGLE, -1.0), MaskedSpec("dense", side, 2, 6)
    network = train_masked(spec, couplings, plan, seed, is_mixed=True)[beta]
    found = _measured(spec, network, couplings, beta, seed)
    exact, wanted = triangular_free_energy(side, beta), triangular_entropy(side, beta)
    name, tail = f"triangular antiferromagnet, L = {side}, beta {beta:g}", f"(ESS {found.effective:.2g})"
    raw = abs(found.variational / exact - 1.0)
    label = f"{name}, F / N reweighted {tail}"
    first = reweighted(label, found.reweighted, exact, found.error, found.faults, "exact")
    entropy = beta * (found.energy - found.reweighted)
    return [
        fact(f"{name}: relative error of F_q", raw),
        first,
        near(f"{name}, S / N reweighted", entropy, wanted, within * wanted, "exact at this side"),
    ]


def _measured(spec, params, couplings, beta, seed):
    spins = draw(spec, params, N_STATES, seed + 9, True)

    def log_q(states):
        parts = [np.asarray(log_probabilities(spec, params, part, True)) for part in np.array_split(states, 20)]
        return np.concatenate(parts).astype(np.float64)

    return free_energy(couplings, beta, spins, log_q(spins), log_q)
