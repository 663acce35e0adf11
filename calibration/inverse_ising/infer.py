"""Inverse Ising: the couplings and biases that made given states or moments."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...emulator.oracle.states import all_spins, check_n_spins
from ...emulator.spec.errors import InputError
from ...emulator.spec.instance import IsingInstance
from .logistic import Batches, errors_of
from .mean_field import MOMENT_METHODS
from .pseudolikelihood import pseudolikelihood, symmetrised
from .states import checked_order, checked_states

METHODS = (*MOMENT_METHODS, "pseudolikelihood")
N_BLOCKS = 40  # left out in turn for errors of moment methods
SMALLEST_REST = 1e-12  # 1 - m^2, below which a spin is frozen


@dataclass(frozen=True, eq=False)
class InverseIsing:
    """Couplings and biases, beta included, that explain what was seen.

    Parameters
    ----------
    method : str
        One of `METHODS`.
    couplings : ndarray, shape (n, n), float64
        beta J, symmetric, diagonal 0.
    biases : ndarray, shape (n,), float64
        Biases times inverse temperature, beta h.
    coupling_errors, bias_errors : ndarray or None
        Standard errors of sampling, shaped like these; None from exact moments. What a formula or a penalty is off
        by is not in them.
    directed : ndarray, shape (n, n), float64, or None
        Estimates of pseudolikelihood: what spin i feels from spin j, [i, j], each row fitted on its own.
    directed_errors : ndarray, shape (n, n), float64, or None
        Standard errors of ``directed``.
    """

    method: str
    couplings: np.ndarray
    biases: np.ndarray
    coupling_errors: np.ndarray | None = None
    bias_errors: np.ndarray | None = None
    directed: np.ndarray | None = None
    directed_errors: np.ndarray | None = None

    def __post_init__(self):
        n = len(self.biases)
        for label in ("couplings", "coupling_errors", "directed", "directed_errors"):
            matrix = getattr(self, label)
            if matrix is not None and (matrix.shape != (n, n) or not np.isfinite(matrix).all()):
                raise InputError(f"Matrix {label} must be finite and {n} x {n}, not of shape {matrix.shape}")

    def distance(self, couplings):
        """Return Delta_J = (1/n) sqrt(sum_ij (difference)^2) to couplings that include beta; float.

        References
        ----------
        arXiv:1809.10606, Fig. 4.
        """
        return float(np.linalg.norm(self.couplings - np.asarray(couplings)) / len(self.biases))

    def instance(self, beta=1.0, edges=None):
        """Return an `IsingInstance` whose distribution at ``beta`` this is; only ``edges`` if given."""
        n = len(self.biases)
        edges = np.stack(np.triu_indices(n, 1), axis=1) if edges is None else np.asarray(edges)
        values = self.couplings[edges[:, 0], edges[:, 1]] / beta
        origin = {"inverse Ising": self.method, "beta": float(beta)}
        return IsingInstance.from_edges(n, edges, values, self.biases / beta, self.method, origin)


def moments_of_states(spins):
    """Return means and covariances of recorded states.

    Parameters
    ----------
    spins : ndarray, shape (n_draws, n) or (n_chains, n_draws, n), int8
        States -1/+1.

    Returns
    -------
    m : ndarray, shape (n,), float64
    c : ndarray, shape (n, n), float64
        1 - m^2 on the diagonal.
    """
    return _moments(*_sums(checked_states(spins)))


def moments_of_law(law):
    """Return means and covariances of an exact distribution of at most 20 spins, numbered as in `oracle.states`."""
    n = len(law).bit_length() - 1
    check_n_spins(n)
    if len(law) != 1 << n:
        raise InputError(f"Distribution must have a power of two of entries, not {len(law)}")
    m, ss, states = np.zeros(n), np.zeros((n, n)), all_spins(n)
    for start in range(0, len(law), 1 << 16):
        part, p = states[start : start + (1 << 16)].astype(np.float64), law[start : start + (1 << 16)]
        m, ss = m + p @ part, ss + (part.T * p) @ part
    return m, ss - np.outer(m, m)


def infer_from_moments(m, c, method):
    """Return the couplings and biases that have given moments, to the order of a formula.

    Parameters
    ----------
    m : array_like, shape (n,), float64
        Mean of each spin.
    c : array_like, shape (n, n), float64
        Covariances, with 1 - m^2 on the diagonal.
    method : str
        One of `MOMENT_METHODS`.

    Returns
    -------
    InverseIsing
        Couplings and biases, without errors.

    Raises
    ------
    InputError
        If the moments are of no spins, or a formula has no solution.
    """
    formula, (m, c) = _formula(method), _checked_moments(m, c)
    return InverseIsing(method, *formula(m, c))


def infer_from_states(spins, method="pseudolikelihood", n_blocks=None, **choices):
    """Return the couplings and biases of recorded states, with standard errors.

    Parameters
    ----------
    spins : ndarray, shape (n_draws, n) or (n_chains, n_draws, n), int8
        States -1/+1 in equilibrium, in the order in which they were drawn; two dimensions are one chain.
    method : str
        One of `METHODS`.
    n_blocks : int, optional
        Batches behind the errors, at most: 200 of pseudolikelihood, 40 of the others, which leave out one in turn
        (jackknife). Each is made ten times as long as the memory of a chain.
    **choices
        ``edges``, ``l2``, ``colors`` of `pseudolikelihood`.

    Returns
    -------
    InverseIsing

    Raises
    ------
    InputError
        If a spin is frozen, chains are too short, or a formula has no solution.
    """
    spins = checked_states(spins)
    if method == "pseudolikelihood":
        choices["colors"] = checked_order(choices.get("colors"), spins.shape[2], spins.shape[1])
        return _by_pseudolikelihood(spins, n_blocks or 200, choices)
    if choices:
        raise InputError(f"Choice {min(choices)!r} must go with pseudolikelihood, not with {method}")
    return _by_jackknife(spins, method, n_blocks or N_BLOCKS)


def _by_pseudolikelihood(spins, n_blocks, choices):
    rows, biases, influence = pseudolikelihood(spins, n_batches=n_blocks, **choices)
    couplings, errors = symmetrised(rows, influence)
    directed_errors, bias_errors = errors_of(influence[:, :, :-1]), errors_of(influence[:, :, -1])
    return InverseIsing("pseudolikelihood", couplings, biases, errors, bias_errors, rows, directed_errors)


def _by_jackknife(spins, method, n_blocks):
    formula, n = _formula(method), spins.shape[2]
    batches = Batches.of_shape(*spins.shape[:2], n_blocks)
    flat = spins.reshape(-1, n)
    tau = max(batches.tau(flat[:, i].astype(np.float64)) for i in range(n))
    bounds = np.append(batches.starts[batches.groups(tau)], len(flat))
    sums = [_sums(flat[None, a:b]) for a, b in zip(bounds[:-1], bounds[1:], strict=True)]
    whole = [sum(parts) for parts in zip(*sums, strict=True)]
    couplings, biases = formula(*_checked_moments(*_moments(*whole)))
    left = [[a - b for a, b in zip(whole, one, strict=True)] for one in sums]
    trials = [formula(*_checked_moments(*_moments(*one))) for one in left]
    errors = [_jackknife_error(np.stack(parts)) for parts in zip(*trials, strict=True)]
    return InverseIsing(method, couplings, biases, *errors)


def _jackknife_error(trials):
    n_blocks = len(trials)
    return np.sqrt(np.square(trials - trials.mean(axis=0)).sum(axis=0) * (n_blocks - 1) / n_blocks)


def _sums(spins):
    """Return number of draws, sum of spins and sum of products, exact."""
    flat = spins.reshape(-1, spins.shape[2])
    products = np.zeros((flat.shape[1], flat.shape[1]))
    for start in range(0, len(flat), 1 << 16):
        part = flat[start : start + (1 << 16)].astype(np.float64)
        products += part.T @ part
    return len(flat), flat.sum(axis=0, dtype=np.float64), products


def _moments(count, total, products):
    m = total / count
    return m, products / count - np.outer(m, m)


def _formula(method):
    if method not in MOMENT_METHODS:
        raise InputError(f"Method must be one of {', '.join(METHODS)}, not {method!r}")
    return MOMENT_METHODS[method]


def _checked_moments(m, c):
    m, c = np.asarray(m, dtype=np.float64), np.asarray(c, dtype=np.float64)
    if m.ndim != 1 or c.shape != (m.size, m.size):
        raise InputError(f"Moments must be n means and n x n covariances, not {m.shape} and {c.shape}")
    if not (np.isfinite(m).all() and np.isfinite(c).all()):
        raise InputError("Moments must be finite, not NaN or infinite")
    for i in np.flatnonzero(1.0 - m**2 < SMALLEST_REST):
        raise InputError(f"Spin {i} must be seen in both states, not with a mean of {m[i]:g}")
    if np.abs(c - c.T).max() > 1e-9 or np.abs(c.diagonal() - (1.0 - m**2)).max() > 1e-6:
        raise InputError("Covariances must be symmetric with 1 - m^2 on the diagonal, not others")
    return m, 0.5 * (c + c.T)
