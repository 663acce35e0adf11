r"""Complex networks on real p-bits: states of the real part, and weights between 0 and 1 that mend their distribution.

.. math:: |\cosh(a + i b)|^2 = \cosh^2 a \left(1 - \frac{\sin^2 b}{\cosh^2 a}\right)

The first factor is a standard real network, which p-bits sample; the product of the second over the hidden units is the
weight. It is bounded, so no single state can outweigh all others; what is lost shows in the effective sample size.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from ...emulator.spec.errors import InputError, SpinchipError
from ...emulator.stats.importance import effective_share, shares_of
from ...emulator.stats.reweighting import LARGEST_K, pareto_k
from .rbm import STANDARD, SymmetricRbm
from .sampling import draw_gibbs
from .time_evolution import Moving, natural_gradient

LEAST_SHARE = 0.01  # effective over drawn states, below which a mean says little and is refused


@dataclass(frozen=True, eq=False)
class Weighted:
    """States of p-bits with the weights of a complex network.

    Parameters
    ----------
    spins : ndarray, shape (n_states, n), int8
        States -1/+1, one a row.
    weights : ndarray, shape (n_states,), float64
        Normalised to a sum of 1.
    """

    spins: np.ndarray
    weights: np.ndarray

    @property
    def effective_share(self):
        """Kish's effective sample size over the number of states."""
        return effective_share(self.weights)

    @property
    def pareto_k(self):
        """Shape of the weights' tail, see `emulator.stats.reweighting`."""
        with np.errstate(divide="ignore"):
            return pareto_k(np.log(self.weights))


def real_part(network):
    """Return the real network whose square p-bits sample; SymmetricRbm, standard."""
    return SymmetricRbm(network.lattice, network.biases.real, network.filters.real, STANDARD)


def log_weights(network, spins):
    """Return the logarithm of the weight of each state, at most 0; ndarray, shape (n_states,), float64."""
    theta = spins @ network.weights() + np.repeat(network.biases, network.lattice.n_sites)
    ratio = (np.sin(theta.imag) / np.cosh(np.clip(theta.real, -300.0, 300.0))) ** 2
    with np.errstate(divide="ignore"):
        return np.log1p(-np.minimum(ratio, 1.0)).sum(axis=1)


def weighted(network, spins):
    """Return states of the real part with their weights.

    Parameters
    ----------
    network : ComplexNetwork
        Network that represents the state.
    spins : ndarray, shape (n_states, n), int8
        Drawn from `real_part`, by any backend.

    Raises
    ------
    SpinchipError
        If fewer than a hundredth of the states count, or the largest weights have too heavy a tail: the state has moved
        too far from its real part.
    """
    found = Weighted(spins, shares_of(log_weights(network, spins)))
    if not found.effective_share >= LEAST_SHARE:
        rule = f"at least {LEAST_SHARE:g} of the {len(spins)} drawn"
        raise SpinchipError(
            f"Effective states must be {rule}, not {found.effective_share:.2g}: too far from real weights"
        )
    if not found.pareto_k <= LARGEST_K:
        rule = f"{LARGEST_K:g} or less (Pareto's k of the largest weights)"
        raise SpinchipError(f"Tail of the weights must be {rule}, not {found.pareto_k:.2g}: too far from real weights")
    return found


class SampledVariational(Moving):
    """The Ising model in a transverse field and a network's state on it, by reweighted states of p-bits.

    Parameters
    ----------
    model : TransverseIsing
        H, of any size.
    plan : Plan
        States of each velocity.
    seed : int
        Reproduces the chains.
    cutoff : float
        Eigenvalues of the covariance below this part of the largest are left out; noise asks for more than exact sums.
    """

    def __init__(self, model, plan, seed, cutoff=1e-3):
        if model.conserves_magnetisation:
            raise InputError("Model must be the transverse-field Ising model, not one that conserves magnetisation")
        self.model, self.plan, self.cutoff = model, plan, cutoff
        self._seeds = np.random.SeedSequence(seed)

    def draw(self, network):
        """Return fresh states with their weights; Weighted."""
        seed = int(self._seeds.spawn(1)[0].generate_state(1)[0])
        return weighted(network, draw_gibbs(real_part(network), self.plan, seed).flat)

    def velocity(self, network, factor, cutoff=None):
        """Return the derivative of the parameters, see `Moving`."""
        drawn = self.draw(network)
        _, derivatives = network.log_psi_and_derivatives(drawn.spins)
        energies = self.local_energies(network, drawn.spins)
        cutoff = self.cutoff if cutoff is None else cutoff
        return factor * natural_gradient(drawn.weights, derivatives, energies, cutoff)

    def local_energies(self, network, spins):
        """Return H psi / psi; ndarray, shape (n_states,), complex128."""
        return self.model.diagonal(spins) - self.model.field * flip_ratios(network, spins).sum(axis=1)

    def field_mean(self, network):
        """Return the mean of sigma^x per site and the effective share of the states it comes from; float, float."""
        drawn = self.draw(network)
        ratios = flip_ratios(network, drawn.spins).mean(axis=1).real
        return float(drawn.weights @ ratios), drawn.effective_share


def flip_ratios(network, spins):
    """Return psi(site i flipped) / psi; ndarray, shape (n_states, n), complex128."""
    weights = network.weights()
    theta = spins @ weights + np.repeat(network.biases, network.lattice.n_sites)
    out = np.empty(spins.shape, dtype=np.complex128)
    _flip_ratios(np.exp(2.0 * weights), theta, np.ascontiguousarray(spins), out)
    return out


@njit(cache=True)
def _flip_ratios(grown, theta, spins, out):
    """Write the products of cosh(theta + change) / cosh(theta) = up factor + down / factor."""
    n, m = grown.shape
    up, down = np.empty(m, np.complex128), np.empty(m, np.complex128)
    for s in range(spins.shape[0]):
        for h in range(m):
            is_up = theta[s, h].real >= 0.0
            small = np.exp(-2.0 * theta[s, h]) if is_up else np.exp(2.0 * theta[s, h])
            large = 1.0 / (1.0 + small)
            up[h] = large if is_up else small * large
            down[h] = small * large if is_up else large
        for i in range(n):
            product = 1.0 + 0.0j
            for h in range(m):
                factor = 1.0 / grown[i, h] if spins[s, i] > 0 else grown[i, h]
                product *= up[h] * factor + down[h] / factor
            out[s, i] = product
