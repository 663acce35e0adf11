"""Betas of an annealing where none are given: from the fields of the instance alone, in a few descents."""

from __future__ import annotations

import numpy as np
from scipy.special import expit

from ..spec.errors import InputError
from ..spec.seeds import stream
from .descent import descend
from .methods import check_whole
from .problem import make_problem

N_BETAS = 200
N_DESCENTS = 4
FIRST_FIELD = 1.17  # the published first beta, 0.5, times the root mean square field of random spins on their lattices
EXCITATIONS = 0.03  # expected in the whole instance at the last beta
GEOMETRIC = 0.3  # share of the steps that are even in ln beta; shares of 0 to 1/2 find ground states as often
FREE = 1e-12  # of the largest field: below it a spin is free, and no beta holds it
FINE = 2000  # points of the integral along the line
FLAT = (0.5, 1.0)  # of an instance whose states all have one energy


def default_betas(instance, n_betas=N_BETAS, seed=0):
    r"""Return rising inverse temperatures from the heat of the strongest spin to the cold of the whole instance.

    The first is 1.17 over the root mean square field of random spins at the spin where it is largest. At the last one
    the spins of a local minimum, each in the field :math:`f_i` that it has there, are hardly ever excited,

    .. math:: \sum_i \frac{1}{1 + e^{2 \beta |f_i|}} = 0.03,

    on the mean over four descents from random states; free spins, which no beta holds, do not count. Steps are even
    in a length of which 0.3 goes with :math:`\ln \beta` and the rest with the fluctuation of the energy of spins in
    these fields, so that a few weak spins do not take the steps of all others.

    Parameters
    ----------
    instance : IsingInstance
        Model whose energy is minimised.
    n_betas : int
        How many; one alone is the last.
    seed : int
        Seed of the descents.

    Returns
    -------
    ndarray, shape (n_betas,), float64
        1/2 ... 1, which do not matter, if no state differs from another in its energy.

    Raises
    ------
    InputError
        If fields are so large or small that a beta is no finite number.
    """
    check_whole("Betas of a line", n_betas, 1)
    largest = float(instance.max_field)
    if largest == 0.0:
        return np.linspace(*FLAT, n_betas) if n_betas > 1 else np.array(FLAT[1:])
    squares = (instance.couplings / largest).power(2).sum(axis=1)
    typical = largest * np.sqrt((np.asarray(squares).ravel() + (instance.biases / largest) ** 2).max())
    if not 1e-300 < typical < 1e300:
        raise InputError(f"Largest field must be in 1e-300..1e300 for betas, not {largest:g}; scale the instance")
    first = FIRST_FIELD / typical
    gaps = _gaps(instance, largest, seed) / typical
    last = max(_cold(gaps), 2.0 * FIRST_FIELD) / typical
    return _spread(gaps * typical, first, last, n_betas)


def _gaps(instance, largest, seed):
    """Return |f| of the spins that are held in local minima, of all descents in one, sorted; shape (k,), float64."""
    starts = stream(seed, "descents").choice(np.array([-1, 1], dtype=np.int8), (N_DESCENTS, instance.n_spins))
    _, fields = descend(make_problem(instance), starts)
    sizes = np.sort(np.abs(fields).ravel())
    return sizes[sizes > FREE * largest]


def _cold(gaps):
    """Return the beta at which spins in these fields are excited ``EXCITATIONS`` times a state."""
    if not len(gaps):
        return 0.0
    low, high = 0.0, np.log(2.0 * len(gaps) / EXCITATIONS) / (2.0 * gaps[0])
    for _ in range(60):
        beta = 0.5 * (low + high)
        if expit(-2.0 * beta * gaps).sum() > N_DESCENTS * EXCITATIONS:
            low = beta
        else:
            high = beta
    return high


def _spread(gaps, first, last, n_betas):
    """Return betas even in the length of `default_betas`."""
    if n_betas == 1:
        return np.array([last])
    fine = np.geomspace(first, last, FINE)
    inputs = np.quantile(gaps, np.linspace(0.0, 1.0, min(len(gaps), 512))) if len(gaps) else np.zeros(1)
    chances = expit(-2.0 * fine[:, None] * inputs)
    fluctuation = np.sqrt(((2.0 * fine[:, None] * inputs) ** 2 * chances * (1.0 - chances)).mean(axis=1))
    speed = GEOMETRIC / FINE + (1.0 - GEOMETRIC) * fluctuation / max(fluctuation.sum(), np.finfo(float).tiny)
    length = np.concatenate([[0.0], np.cumsum(0.5 * (speed[1:] + speed[:-1]))])
    betas = np.interp(np.linspace(0.0, length[-1], n_betas), length, fine)
    betas[0], betas[-1] = first, last
    return betas
