"""Networks trained here and shipped, so that hardware needs no JAX: the command makes them all again.

``python -m spinchip.models.digits.own_networks DIR`` trains them in two minutes on one core (extra ``models``).
"""

from __future__ import annotations

import sys
from pathlib import Path

from ...emulator.spec.errors import InputError
from .images import FOLDER, bundled, train_and_test
from .network import NetworkSpec, load_network, save_network

SEED = 1
# Name -> shape, and what of the plan is not the default.
NETWORKS = {
    "cnn": (NetworkSpec(), {}),
    "cnn-noise-aware": (NetworkSpec(), {"weight_noise": 0.05, "weight_bits": 6}),
    "mlp": (NetworkSpec("mlp", n_hidden=64), {}),
    "mlp-pbits": (
        NetworkSpec("mlp", n_hidden=64, activation="sigmoid"),
        {"n_epochs": 100, "rate": 1e-2, "is_stochastic": True},
    ),
}


def own_network(name):
    """Return a network of the embedded digits that was trained here; Network."""
    if name not in NETWORKS:
        raise InputError(f"Network must be one of {', '.join(NETWORKS)}, not {name!r}")
    return load_network(FOLDER / f"{name}.npz")


def trained(name, seed=SEED, images=None):
    """Return a network of `NETWORKS` and the history of its training; see `training.train`."""
    from .training import DigitPlan, train

    spec, changes = NETWORKS[name]
    return train(spec, train_and_test(bundled())[0] if images is None else images, DigitPlan(**changes), seed)


def main(folder):
    """Train all networks and write them."""
    for name in NETWORKS:
        save_network(Path(folder) / f"{name}.npz", trained(name)[0])


if __name__ == "__main__":
    main(sys.argv[1])
