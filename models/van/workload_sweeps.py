"""Rows of the workload on what each flaw of the hardware costs, one at a time: bits, programming, drift, reads."""

from __future__ import annotations

import numpy as np

from ..workload_row import fact, row
from .directed_pbits import DirectedHardware, draw_directed
from .exact import enumerated, sk_couplings
from .own_networks import own_network
from .training import variational

FACTOR, SOURCE = 2.0, "an independent prototype, within a factor of 2: networks and machines are others"
BETAS, N_STATES, N_MACHINES = (1.0, 3.0), 20_000, 5
# Relative errors of F_q at beta 1 and 3 of an independent prototype, its own networks enumerated over all states.
PROTOTYPE = {
    ("bits of a weight", 3): (1.3e-2, 6.2e-2),
    ("bits of a weight", 4): (3.3e-3, 2.6e-3),
    ("bits of a weight", 6): (6.6e-4, 2.6e-4),
    ("bits of a weight", 8): (5.4e-4, 1.1e-4),
    ("programming noise, % of the largest weight", 0.5): (5.7e-4, 1.5e-4),
    ("programming noise, % of the largest weight", 1.0): (6.8e-4, 4.0e-4),
    ("programming noise, % of the largest weight", 2.0): (1.1e-3, 8.9e-4),
    ("programming noise, % of the largest weight", 5.0): (4.1e-3, 9.2e-3),
}
SWEEPS = {
    "bits of a weight": tuple((bits, DirectedHardware(weight_bits=bits)) for bits in (2, 3, 4, 5, 6, 8)),
    "programming noise, % of the largest weight": tuple(
        (percent, DirectedHardware(programming_noise=percent / 100)) for percent in (0.5, 1.0, 2.0, 5.0, 10.0)
    ),
    "hours of drift, phase-change cells": tuple(
        (hours, DirectedHardware(device_name="pcm_ibm", after_s=3600.0 * hours)) for hours in (0.01, 1.0, 24.0, 720.0)
    ),
    "noise of a p-bit's input": tuple((noise, DirectedHardware(read_noise=noise)) for noise in (0.03, 0.1, 0.3, 1.0)),
}


def sweep_rows(seed):
    """Return relative errors of F_q of the states that shipped networks draw on flawed hardware.

    F_q is that of the distribution which the machine has, noise included: its distance from F is a divergence and never
    negative but for sampling. Machines are programmed anew, five of each.
    """
    couplings, rows = sk_couplings(20, 1), []
    exact = dict(zip(BETAS, enumerated(couplings, BETAS), strict=True))
    for beta in BETAS:
        network = own_network("layer", beta)
        for flaw, points in SWEEPS.items():
            for k, (size, hardware) in enumerate(points):
                errors = [
                    _error(network, hardware, (couplings, beta, exact[beta]), seed + 100 * n) for n in range(N_MACHINES)
                ]
                reference = PROTOTYPE.get((flaw, size), (None, None))[BETAS.index(beta)]
                name = f"{flaw} {size:g}, beta {beta:g}: relative error of F_q"
                se = float(np.std(errors, ddof=1) / np.sqrt(N_MACHINES))
                point = {"flaw": flaw, "size": size, "beta": beta, "place": k}
                found = float(np.mean(errors))
                if reference is None:
                    rows.append(fact(name, found) | point | {"se": se})
                else:
                    is_near = abs(np.log(found / reference)) < np.log(FACTOR)
                    rows.append(row(name, found, reference, SOURCE, is_near, se) | point)
    return rows


def _error(network, hardware, problem, seed):
    couplings, beta, exact = problem
    drawn = draw_directed(network, hardware, N_STATES, seed)
    return 1.0 - variational(couplings, beta, drawn.spins, drawn.realised) / exact.free_energy
