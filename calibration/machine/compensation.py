"""Undoing gains and offsets of p-bits by the couplings and biases that a machine is given."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from ...emulator.spec.errors import InputError
from ...emulator.spec.instance import IsingInstance


@dataclass(frozen=True, eq=False)
class SubstituteInstance(IsingInstance):
    """What a machine is given in place of a model: couplings by rows, J_ij being what p-bit i feels from p-bit j.

    Energies are those of the model that it stands for. If the couplings are directed, only samplers take it that read
    every p-bit's own row; ``edge_values``, which hold a coupling once, are refused.

    Parameters
    ----------
    target : IsingInstance
        Model that shall be sampled.

    Raises
    ------
    InputError
        If a pair is coupled in one direction only, a spin to itself, or any number is not finite.
    """

    target: IsingInstance | None = None

    def __post_init__(self):
        couplings = sparse.csr_array(self.couplings, dtype=np.float64)
        couplings.eliminate_zeros()
        couplings.sort_indices()
        object.__setattr__(self, "couplings", couplings)
        object.__setattr__(self, "biases", np.ascontiguousarray(self.biases, dtype=np.float64))
        if self.target is None or couplings.shape != self.target.couplings.shape:
            raise InputError(f"Couplings must be of as many spins as the model has, not of shape {couplings.shape}")
        if couplings.diagonal().any() or ((couplings != 0) != (couplings.T != 0)).nnz:
            raise InputError("Pairs must be two spins that feel each other, not one that feels itself or is not felt")
        if not (np.isfinite(couplings.data).all() and np.isfinite(self.biases).all()):
            raise InputError("Couplings and biases must be finite, not NaN or infinite")

    @property
    def edge_values(self):
        """Coupling of each pair of ``edges``; ndarray, shape (m,), float64."""
        if abs(self.couplings - self.couplings.T).sum() != 0:
            rule = "symmetric for a machine that holds each once (compensate with symmetric=True)"
            raise InputError(f"Couplings must be {rule}, not directed")
        return super().edge_values

    def energies(self, spins):
        """Return E(s) of the model for spins of shape (..., n)."""
        return self.target.energies(spins)


def compensated(instance, beta, pbits, symmetric=False):
    r"""Return what a machine must be given so that its p-bits do what ideal ones would.

    .. math:: J'_{ij} = J_{ij} / \alpha_i, \qquad h'_i = h_i / \alpha_i + d_i / \beta

    makes alpha (beta I' - d) equal to beta I for every state, so a directed machine is ideal again. One that holds a
    coupling once, for both ends, gets 2 J_ij / (alpha_i + alpha_j): the mean of what both ends feel is then J_ij, and
    what is left, (alpha_i - alpha_j) / (alpha_i + alpha_j) J_ij of opposite sign at both ends, no symmetric coupling
    removes. With one spread of gains x it leaves an error of the distribution of the first order in x, smaller than
    before.

    Parameters
    ----------
    instance : IsingInstance
        The model that shall be sampled.
    beta : float
        At this inverse temperature: offsets do not scale with it.
    pbits : PbitGains
        Result of `fit_gains`.
    symmetric : bool
        Whether the machine needs J' = J'^T.

    Returns
    -------
    SubstituteInstance

    References
    ----------
    arXiv:2410.16915 (gain and offset of each p-bit, and rows rescaled).
    """
    if not (np.isfinite(beta) and beta > 0):
        raise InputError(f"Inverse temperature must be above 0 to hold an offset, not {beta!r}")
    gains, offsets = pbits.gains, pbits.offsets
    if gains.size != instance.n_spins:
        raise InputError(f"Gains must be one per spin ({instance.n_spins}), not {gains.size}")
    biases = instance.biases / gains + offsets / beta
    origin = {"compensates": instance.provenance or instance.name, "beta": float(beta)}
    name = f"{instance.name}, compensated"
    couplings = instance.couplings.tocoo()
    row, column = couplings.coords
    share = 2.0 / (gains[row] + gains[column]) if symmetric else 1.0 / gains[row]
    matrix = sparse.csr_array((couplings.data * share, (row, column)), shape=couplings.shape)
    return SubstituteInstance(matrix, biases, name, origin, target=instance)


class CompensatedSampler:
    """Sampler protocol over a machine whose p-bits are known: every instance is compensated before it is run.

    Parameters
    ----------
    sampler : Sampler
        Machine to compensate.
    pbits : PbitGains
        Gains and offsets of its p-bits.
    symmetric : bool
        Whether the machine needs symmetric couplings, J' = J'^T.
    """

    def __init__(self, sampler, pbits, symmetric=False):
        self.sampler, self.pbits, self.symmetric = sampler, pbits, symmetric
        self.name = sampler.name

    def given(self, instance, beta):
        """Return what the machine is given for an instance at ``beta``."""
        return compensated(instance, beta, self.pbits, self.symmetric)

    def sample(self, instance, schedule, n_chains=1, seed=0, recording=None, initial=None, clamps=None):
        """Draw states; see `Sampler.sample`. The schedule must keep to one beta above 0."""
        if len(schedule.betas) != 1:
            rule = "one beta, since compensated biases are for one"
            raise InputError(f"Schedule must have {rule}, not {len(schedule.betas)}")
        given = self.given(instance, schedule.betas[0])
        found = self.sampler.sample(given, schedule, n_chains, seed, recording, initial, clamps)
        found.provenance |= {"compensated": True, "instance": instance.name}
        return found
