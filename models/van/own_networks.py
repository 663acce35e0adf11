"""Networks trained here and shipped, so that hardware needs no JAX: the command makes them all again.

``python -m spinchip.models.van.own_networks DIR`` trains them in two minutes on one core (extra ``models``): the first
glass of 20 spins, ``sk_couplings(20, 1)``, by one layer and by 15 hidden units a site mixed with its mirror image.
"""

from __future__ import annotations

import sys
from importlib.resources import files
from pathlib import Path

import numpy as np

from ...emulator.spec.errors import InputError
from ...emulator.spec.files.atomic_write import whole_path
from .exact import sk_couplings
from .fvsbn import Fvsbn
from .hidden import HiddenNetwork
from .training import VanPlan, train_van

BETAS = (0.5, 1.0, 1.5, 2.0, 3.0, 5.0)
RAMP = tuple(np.round(np.arange(0.1, 5.01, 0.1), 3).tolist())
KINDS = {"layer": ("weights",), "hidden": ("first", "hidden_biases", "slopes", "second", "biases")}
WIDTH, SEED = 15, 1
FOLDER = files("spinchip") / "examples" / "van"


def own_network(kind, beta):
    """Return a network of the first glass of 20 spins that was trained here.

    Parameters
    ----------
    kind : {"layer", "hidden"}
        `Fvsbn`, or `HiddenNetwork`, whose states must be reversed with probability 1/2: it was trained so.
    beta : float
        One of `BETAS`.
    """
    if kind not in KINDS or beta not in BETAS:
        have = f"{' or '.join(KINDS)} at beta {', '.join(f'{one:g}' for one in BETAS)}"
        raise InputError(f"Network must be {have}, not {kind} at {beta!r}")
    with (FOLDER / _name(kind)).open("rb") as handle:
        archive = np.load(handle)
        arrays = [archive[f"{beta:g}/{field}"] for field in KINDS[kind]]
    return Fvsbn(*arrays) if kind == "layer" else HiddenNetwork(*arrays)


def trained(kind):
    """Return the networks of a kind after their training; dict of float to network."""
    couplings = sk_couplings(20, 1)
    if kind == "layer":
        return train_van(couplings, VanPlan(RAMP), SEED)
    from .masked import MaskedSpec
    from .reinforce import hidden_network, train_masked

    spec = MaskedSpec("dense", 1, 2, WIDTH, n_spins=20)
    found = train_masked(spec, couplings, VanPlan(RAMP), SEED, is_mixed=True)
    return {beta: hidden_network(spec, found[beta]) for beta in BETAS}


def _name(kind):
    return f"sk20_{kind}.npz"


def main(folder):
    """Train all networks and write an archive of each kind."""
    for kind, fields in KINDS.items():
        found = trained(kind)
        arrays = {f"{beta:g}/{name}": getattr(found[beta], name) for beta in BETAS for name in fields}
        with whole_path(Path(folder) / _name(kind)) as temporary, open(temporary, "wb") as handle:
            np.savez_compressed(handle, **arrays)


if __name__ == "__main__":
    main(sys.argv[1])
