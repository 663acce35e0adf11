"""The Boltzmann machine behind a NetKet network: its weights, and the number of copies of its hidden layer."""

from __future__ import annotations

from functools import partial

import jax
import numpy as np
from flax import linen as nn

from ...emulator.spec.errors import InputError
from ...models.nqs.mapping import BoltzmannMachine

LAYER = "Dense"  # the linear layer of NetKet's RBM, RBMModPhase and RBMSymm
MOST_COPIES = 4
N_PROBES = 32  # random states on which the distribution of the machine is held against the square of the network
EXACT = 1e-6  # spread of ln of their ratio; float32 networks keep 1e-4 of it


def boltzmann_machine(module, variables, power, n_sites):
    """Return the machine whose visible spins follow abs(psi)^power.

    The weights are read by sending the zero vector and unit vectors through the linear layer, so symmetric layers need
    no rule of their own. The number of hidden copies is found, not assumed: it is the one with which the distribution
    of the machine is the power of the network on random states.

    Parameters
    ----------
    module : flax.linen.Module
        NetKet's RBM or RBMSymm, with an activation that is a multiple of ln cosh.
    variables : dict
        Parameters of the network, real.
    power : float
        Power of the amplitude abs(psi) that is sampled.
    n_sites : int
        Number of visible spins.

    Raises
    ------
    InputError
        If weights are complex, there is no such linear layer, or no number of copies gives the distribution.
    """
    if not isinstance(module, nn.Module):
        raise InputError(f"Machine must be a Flax module such as RBM or RBMSymm, not {type(module).__name__}")
    probes = np.concatenate([np.zeros((1, n_sites)), np.eye(n_sites)])
    fields = _fields(module, variables, probes).reshape(n_sites + 1, -1)
    hidden_biases, weights = fields[0], fields[1:] - fields[:1]
    spins = np.random.default_rng(0).choice([-1.0, 1.0], (N_PROBES, n_sites))
    wanted = power * np.asarray(module.apply(variables, spins)).real
    visible_biases, closest = _visible_biases(variables, power, n_sites), np.inf
    for copies in range(1, MOST_COPIES + 1):
        machine = BoltzmannMachine(np.tile(weights, copies), np.tile(hidden_biases, copies), visible_biases)
        off = machine.log_marginal(spins) - wanted
        closest = min(closest, float(np.ptp(off)))
        if np.ptp(off) < EXACT * max(1.0, np.ptp(wanted), 1e3 * _resolution(variables)):
            return machine
    rule = f"a Boltzmann machine with 1..{MOST_COPIES} equal hidden layers"
    raise InputError(
        f"abs(psi)^{power:g} must be {rule}, not off by {closest:.2g} in ln: an activation ln cosh makes machine_pow"
        f" layers of {type(module).__name__}, half of it machine_pow / 2; take a power that makes them whole"
    )


def _fields(module, variables, probes):
    """Return what the linear layer gives, float64."""
    found = _captured(module, variables, probes)
    layers = [value for name, value in found.get("intermediates", {}).items() if name == LAYER]
    if len(layers) != 1:
        raise InputError(f"Network must have one linear layer {LAYER!r}, not {len(layers)}: {type(module).__name__}")
    return _real(layers[0]["__call__"][0], "Weights")


@partial(jax.jit, static_argnums=0)
def _captured(module, variables, probes):
    def is_layer(part, method):
        return part.name == LAYER and method == "__call__"

    return module.apply(variables, probes, capture_intermediates=is_layer, mutable=["intermediates"])[1]


def _visible_biases(variables, power, n_sites):
    bias = variables.get("params", {}).get("visible_bias")
    return None if bias is None else power * np.broadcast_to(_real(bias, "Visible biases"), (n_sites,))


def _real(values, name):
    """Return numbers as float64, and refuse those with an imaginary part."""
    values = np.asarray(values)
    if np.iscomplexobj(values):
        if np.abs(values.imag).max() > 0:
            raise InputError(f"{name} must be real for p-bits, not complex: abs(psi)^2 is no Boltzmann marginal then")
        values = values.real
    if not np.isfinite(values).all():
        raise InputError(f"{name} must be finite, not NaN or infinite")
    return values.astype(np.float64)


def _resolution(variables):
    kinds = [np.asarray(leaf).dtype for leaf in jax.tree_util.tree_leaves(variables)]
    return max(float(np.finfo(kind).eps) for kind in kinds)
