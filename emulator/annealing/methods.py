"""The methods and their settings, refused where they make no sense."""

from __future__ import annotations

from dataclasses import MISSING, dataclass, fields

import numpy as np

from ..spec.errors import InputError

GAMMA_FLOOR = 1e-5  # Source: arXiv:2503.10302, SQA.m: the transverse field never reaches zero, where ln tanh diverges


@dataclass(frozen=True)
class SimulatedAnnealing:
    """Gibbs sweeps under rising beta.

    Parameters
    ----------
    betas : sequence of float
        Inverse temperatures; stretched over the sweeps, so one beta a sweep if there are as many.
    """

    betas: tuple

    def __post_init__(self):
        object.__setattr__(self, "betas", checked_list("Betas", self.betas))


@dataclass(frozen=True)
class QuantumAnnealing:
    r"""Discrete-time simulated quantum annealing: R Trotter replicas on a ring, under a falling transverse field.

    .. math:: P(s) \propto \exp\Big(-\beta' \sum_k E(s_k) + K \sum_{k,i} s_{k,i} s_{k+1,i}\Big), \qquad
              K = -c \ln \tanh(\beta' \Gamma)

    Parameters
    ----------
    n_replicas : int
        R, 3 or more.
    beta : float
        beta', the inverse temperature of one replica: R beta' is that of the quantum system.
    gammas : sequence of float, optional
        Transverse fields, above 0; stretched over the sweeps. From 3 down to 1e-5 in equal steps if absent.
    coupling_factor : float
        c. One half is the Suzuki-Trotter formula, one is what the published program has.

    References
    ----------
    Chowdhury et al., arXiv:2503.10302: n_replicas 50 ... 16000, beta 0.5, gammas 3 (1 - t/T) + 1e-5, c = 1.
    """

    n_replicas: int = 50
    beta: float = 0.5
    gammas: tuple | None = None
    coupling_factor: float = 0.5

    def __post_init__(self):
        check_whole("Trotter replicas", self.n_replicas, 3)
        check_positive("Beta of a Trotter replica", self.beta)
        check_positive("Factor of the Trotter coupling", self.coupling_factor)
        if self.gammas is not None:
            object.__setattr__(self, "gammas", checked_list("Transverse fields", self.gammas, above_zero=True))

    def couplings(self, sweeps, span=None):
        """Return K of every sweep, or of those of a ``span`` (first, one after the last); ndarray, float64."""
        if self.gammas is None:
            first, last = span or (0, sweeps)
            gammas = 3.0 * (1 - np.arange(first + 1, last + 1) / sweeps) + GAMMA_FLOOR
        else:
            gammas = stretched("Transverse fields", self.gammas, sweeps, span)
        return -self.coupling_factor * np.log(np.tanh(gammas * self.beta))


@dataclass(frozen=True)
class Tempering:
    """Parallel tempering with isoenergetic cluster moves (Houdayer).

    A sweep is one Gibbs sweep of every replica, then a cluster move on random pairs of replicas of one beta, then
    swaps between neighbouring betas, odd and even pairs in turn.

    Parameters
    ----------
    betas : sequence of float
        Rising inverse temperatures, at least two.
    n_replicas : int
        Replicas of each beta; even if there are cluster moves.
    clusters : bool
        Whether clusters are moved.

    References
    ----------
    Houdayer, Eur. Phys. J. B 22, 479 (2001); Zhu, Ochoa and Katzgraber, Phys. Rev. Lett. 115, 077201 (2015).
    """

    betas: tuple
    n_replicas: int = 4
    clusters: bool = True

    def __post_init__(self):
        object.__setattr__(self, "betas", checked_list("Betas", self.betas))
        if len(self.betas) < 2 or not np.all(np.diff(self.betas) > 0):
            raise InputError(f"Betas of a tempering must be two or more, rising, not {self.betas!r}")
        check_whole("Replicas of a beta", self.n_replicas, 1)
        if self.clusters and self.n_replicas % 2:
            raise InputError(f"Replicas of a beta must be even for cluster moves, not {self.n_replicas!r}")


@dataclass(frozen=True)
class PopulationAnnealing:
    """A population under rising beta, resampled by its Boltzmann weights whenever beta rises.

    Parameters
    ----------
    betas : sequence of float
        Inverse temperatures that never fall; stretched over the sweeps. The population starts at beta = 0.
    population : int
        Number of replicas.

    References
    ----------
    Hukushima and Iba, AIP Conf. Proc. 690, 200 (2003); Machta, Phys. Rev. E 82, 026704 (2010).
    """

    betas: tuple
    population: int = 100

    def __post_init__(self):
        object.__setattr__(self, "betas", checked_list("Betas", self.betas))
        if np.any(np.diff(self.betas) < 0):
            raise InputError(f"Betas of a population must never fall, not {self.betas!r}")
        check_whole("Population", self.population, 2)


METHODS = {"sa": SimulatedAnnealing, "sqa": QuantumAnnealing, "apt": Tempering, "pa": PopulationAnnealing}


def make_settings(method, given):
    """Return the settings of a method by name; unknown names are refused.

    >>> make_settings("sa", {"betas": [0.5, 1]})
    SimulatedAnnealing(betas=(0.5, 1.0))
    """
    if method not in METHODS:
        raise InputError(f"Method must be one of {', '.join(METHODS)}, not {method!r}")
    known = [field.name for field in fields(METHODS[method])]
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise InputError(f"Settings of {method} must be among {', '.join(known)}, not {', '.join(unknown)}")
    needed = [field.name for field in fields(METHODS[method]) if field.default is field.default_factory is MISSING]
    missing = [name for name in needed if name not in given]
    if missing:
        raise InputError(f"Settings of {method} must give {', '.join(missing)}")
    return METHODS[method](**given)


def stretched(subject, values, sweeps, span=None):
    """Return one value for each sweep, or for those of a ``span`` (first, one after the last).

    >>> stretched("Betas", (0.1, 0.2), 5).tolist(), stretched("Betas", (0.1, 0.2), 5, (2, 4)).tolist()
    ([0.1, 0.1, 0.1, 0.2, 0.2], [0.1, 0.2])
    """
    if len(values) > sweeps:
        raise InputError(f"{subject} must be at most one a sweep ({sweeps}), not {len(values)}")
    return np.array(values)[np.arange(*(span or (0, sweeps)), dtype=np.int64) * len(values) // sweeps]


def checked_list(subject, values, above_zero=False):
    """Return finite numbers of 0 or more, or above 0, as a tuple."""
    try:
        numbers = tuple(float(value) for value in values)
    except (TypeError, ValueError):
        raise InputError(f"{subject} must be a list of numbers, not {values!r}") from None
    rule = "above 0" if above_zero else "0 or more"
    if not numbers:
        raise InputError(f"{subject} must be one number or more, not none")
    for number in numbers:
        if not np.isfinite(number) or number < 0 or (above_zero and number == 0):
            raise InputError(f"{subject} must be finite and {rule}, not {number!r}")
    return numbers


def check_whole(subject, value, least):
    """Refuse anything but a whole number of at least ``least``."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < least:
        raise InputError(f"{subject} must be a whole number of at least {least}, not {value!r}")


def check_positive(subject, value):
    """Refuse anything but a finite number above 0."""
    if not isinstance(value, (int, float, np.number)) or not np.isfinite(value) or value <= 0:
        raise InputError(f"{subject} must be finite and above 0, not {value!r}")
