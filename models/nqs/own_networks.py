"""Networks trained here, for widths that were not published or do not mix: the command makes them all again.

``python -m spinchip.models.nqs.own_networks DIR`` trains every network of `PLANS` in a quarter of an hour on one core.
"""

from __future__ import annotations

import sys
from importlib.resources import files
from pathlib import Path

import numpy as np

from ...emulator.spec.errors import InputError
from ...emulator.spec.files.atomic_write import whole_file
from .hamiltonian import Heisenberg
from .lattice import Lattice
from .rbm import random_rbm, read_rbm
from .training import TrainingPlan, train

# (side, alpha) -> L2 term. Without one, networks of width 4 freeze under block Gibbs sampling.
PLANS = {(side, alpha): penalty for side in (4, 6, 8, 10) for alpha, penalty in ((1, 0.005), (4, 0.02))}
N_ITERATIONS, RATE, SEED = 400, 0.01, 1
FOLDER = files("spinchip") / "examples" / "nqs_own"


def own_rbm(n_sites, alpha):
    """Return a network of the square lattice that was trained here.

    Parameters
    ----------
    n_sites : int
        16, 36, 64 or 100.
    alpha : int
        Hidden units a site, 1 or 4.
    """
    side = int(round(np.sqrt(n_sites)))
    if (side, alpha) not in PLANS or side * side != n_sites:
        have = ", ".join(f"{s * s} sites and alpha {a}" for s, a in PLANS)
        raise InputError(f"Network must be one of {have}, not of {n_sites} sites and alpha {alpha}")
    return read_rbm(FOLDER / _name(side, alpha), Lattice((side, side)), alpha)


def trained(side, alpha, penalty):
    """Return the network of `PLANS` after its training."""
    model = Heisenberg(Lattice((side, side)))
    plan = TrainingPlan(N_ITERATIONS, RATE, penalty=penalty)
    return train(model, random_rbm(model.lattice, alpha, SEED), plan, SEED).rbm


def _name(side, alpha):
    return f"rbm_{side * side}_{alpha}.txt"


def main(folder):
    """Train all networks and write them, one number a line, biases first."""
    for (side, alpha), penalty in PLANS.items():
        rbm = trained(side, alpha, penalty)
        with whole_file(Path(folder) / _name(side, alpha)) as handle:
            handle.writelines(f"{value:.9g}\n" for value in rbm.parameters)


if __name__ == "__main__":
    main(sys.argv[1])
