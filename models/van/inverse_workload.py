"""Inverse Ising as a workload: couplings of a glass from its correlations, by a network beside mean-field formulas."""

from __future__ import annotations

import numpy as np

from ..workload_row import below, near, row
from .exact import sk_couplings
from .inverse_ising import InversePlan, exact_correlations, infer_couplings, mean_field_distances

SEED = 1
PAPER, DIGITS = "arXiv:1809.10606, Fig. 4", "exact, printed digits"
# Distances of naive mean field, Sessak-Monasson and Bethe for glass number 1, to their printed digits.
PRINTED = {0.5: (6.8e-3, 1.1e-3, 3.0e-3), 1.0: (5.7e-2, 4.0e-2, 3.3e-2), 1.5: (0.275, 0.299, 0.103)}
SHOWN = ("naive_mean_field", "sessak_monasson", "bethe")
TIMES_BETTER = {1.0: 3.0, 1.5: 3.0, 2.0: 1.0}
N_DATA = 1_000_000


def workload_rows(full=False, seed=SEED):
    """Return the figures of the workload, one dictionary each.

    Parameters
    ----------
    full : bool
        Glasses of 20 spins at beta = 1, 1.5 and 2, two instances, and correlations of a million states: some minutes.
        Otherwise 12 spins at 1 and 1.5.
    seed : int
        Seed of networks and states.

    Returns
    -------
    list of dict
        ``quantity``, ``value``, ``se``, ``reference``, ``source``, ``ok``.
    """
    rows = formula_rows()
    if not full:
        return rows + network_rows(12, 1, (1.0, 1.5), InversePlan(600, 5, 1000, 5000, 0.02), seed)
    plan = InversePlan(800, 10)
    for number in (1, 2):
        rows += network_rows(20, number, tuple(TIMES_BETTER), plan, seed)
    return rows + [data_row(plan, seed)]


def formula_rows():
    """Return distances of the mean-field formulas beside their printed digits."""
    glass, rows = sk_couplings(20, 1), []
    for beta, printed in PRINTED.items():
        found = mean_field_distances(exact_correlations(beta * glass), glass, beta)
        for name, value in zip(SHOWN, printed, strict=True):
            label = f"SK-20, beta {beta:g}, distance of {name}"
            rows.append(near(label, found[name], value, 0.05 * value, DIGITS))
    return rows


def network_rows(n_spins, number, betas, plan, seed):
    """Return the distance of the network's couplings, and how far the best formula is."""
    glass, rows = sk_couplings(n_spins, number), []
    for beta in betas:
        correlations = exact_correlations(beta * glass)
        found = infer_couplings(correlations, plan, seed)
        mine = float(np.linalg.norm(found.couplings / beta - glass) / n_spins)
        formulas = mean_field_distances(correlations, glass, beta)
        best = min(formulas, key=formulas.get)
        name = f"SK-{n_spins} number {number}, beta {beta:g}"
        limit = formulas[best] / TIMES_BETTER[beta]
        label = f"{name}, distance of the network (ESS {found.effective:.2f})"
        point = {"instance": f"SK-{n_spins} number {number}", "beta": beta, "formulas": formulas}
        rows.append(below(label, mine, limit, PAPER) | point)
        rows.append(row(f"{name}, {best}, the best formula, over it", formulas[best] / mine, None, "measured", True))
    return rows


def data_row(plan, seed, beta=1.0):
    """Return the distance when correlations come from a million states, as the paper's do."""
    glass = sk_couplings(20, 1)
    exact = exact_correlations(beta * glass)
    rng = np.random.default_rng([seed, 9])
    # Of a mean of products of spins only its variance matters here: (1 - c^2) / n.
    noise = rng.standard_normal(exact.shape) * np.sqrt((1.0 - exact**2) / N_DATA)
    noisy = exact + np.triu(noise, 1) + np.triu(noise, 1).T
    found = infer_couplings(noisy, plan, seed)
    mine = float(np.linalg.norm(found.couplings / beta - glass) / 20)
    limit = min(mean_field_distances(noisy, glass, beta).values()) / TIMES_BETTER[beta]
    return below("SK-20 number 1, beta 1, from a million states, distance of the network", mine, limit, PAPER)
