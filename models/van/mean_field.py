"""Free energies of a glass by naive mean field and by Bethe's approximation, what networks are held against."""

from __future__ import annotations

import numpy as np
from scipy.special import xlogy

from ...emulator.spec.errors import InputError
from .training import symmetric_couplings

N_STARTS, N_SWEEPS, DAMPING = 20, 2000, 0.5
SETTLED = 1e-10
LARGEST = 1.0 - 1e-15


def mean_field_free_energy(couplings, beta, seed=0):
    """Return the lowest F / N of naive mean field, m = tanh(beta J m), over starts; an upper bound, float."""
    couplings, n = _checked(couplings, beta), len(couplings)
    rng, best = np.random.default_rng(seed), np.inf
    for _ in range(N_STARTS):
        m = rng.uniform(-1.0, 1.0, n)
        for _ in range(N_SWEEPS):
            moved = DAMPING * m + (1.0 - DAMPING) * np.tanh(beta * couplings @ m)
            if np.abs(moved - m).max() < SETTLED:
                break
            m = moved
        best = min(best, (-0.5 * m @ couplings @ m - _entropy(m).sum() / beta) / n)
    return float(best)


def bethe_free_energy(couplings, beta, seed=0):
    r"""Return F / N of Bethe's approximation by belief propagation, and how far the messages were from rest.

    .. math:: \ln Z = \sum_i \ln \sum_{s} \prod_k (1 + s\, x_{ki}) + \sum_{i<j} \ln \cosh \beta J_{ij}
              - \sum_{i<j} \ln (1 + t_{ij} c_{ij} c_{ji})

    with t = tanh beta J, c the tanh of cavity fields and x = t c. Messages are damped; where they find no rest, which
    the second number tells, F belongs to where they were stopped.

    Returns
    -------
    (float, float)
    """
    couplings = _checked(couplings, beta)
    n = len(couplings)
    t, off = np.tanh(beta * couplings), ~np.eye(n, dtype=bool)
    sent = 0.1 * np.random.default_rng(seed).uniform(-1.0, 1.0, (n, n)) * off  # sent[i, j]: field on j from i
    for _ in range(N_SWEEPS):
        cavity = sent.sum(axis=0)[:, None] - sent.T  # cavity[i, j]: field on i without what j sends
        moved = np.arctanh(np.clip(t * np.tanh(cavity), -LARGEST, LARGEST)) * off
        residual = float(np.abs(moved - sent).max())
        sent = DAMPING * sent + (1.0 - DAMPING) * moved
        if residual < SETTLED:
            break
    cavity = np.tanh(sent.sum(axis=0)[:, None] - sent.T)
    up, down = (np.log1p(sign * np.tanh(sent) * off).sum(axis=0) for sign in (1.0, -1.0))
    i, j = np.triu_indices(n, 1)
    links = np.log(np.cosh(beta * couplings[i, j])) - np.log1p(t[i, j] * cavity[i, j] * cavity[j, i])
    return float(-(np.logaddexp(up, down).sum() + links.sum()) / (beta * n)), residual


def _entropy(m):
    """Return the entropy of independent spins of means m; ndarray, shape (n,)."""
    up, down = 0.5 * (1.0 + m), 0.5 * (1.0 - m)
    return -(xlogy(up, up) + xlogy(down, down))


def _checked(couplings, beta):
    if not beta > 0:
        raise InputError(f"Inverse temperature must be above 0, not {beta!r}")
    return symmetric_couplings(couplings)
