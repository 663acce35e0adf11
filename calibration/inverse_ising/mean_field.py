"""Couplings and biases from first and second moments: mean-field formulas, each to its order."""

from __future__ import annotations

import numpy as np

from ...emulator.spec.errors import InputError

SMALLEST_EIGENVALUE = 1e-9  # of the correlation matrix: its inverse then keeps six digits of double precision


def naive_mean_field(m, c):
    r"""Invert the naive mean-field equations.

    .. math:: J_{ij} = -(C^{-1})_{ij}, \qquad h_i = \operatorname{artanh} m_i - \sum_j J_{ij} m_j

    Parameters
    ----------
    m : ndarray, shape (n,), float64
        Means of the spins, inside -1 ... 1.
    c : ndarray, shape (n, n), float64
        Covariances, with 1 - m^2 on the diagonal.

    Returns
    -------
    couplings : ndarray, shape (n, n), float64
        beta J, symmetric, diagonal 0.
    biases : ndarray, shape (n,), float64
        Biases times inverse temperature, beta h.

    Notes
    -----
    Wrong from the second order of the couplings on.

    References
    ----------
    Kappen and Rodriguez, Neural Comput. 10, 1137 (1998).
    """
    couplings = _without_diagonal(-_inverse(m, c))
    return couplings, np.arctanh(m) - couplings @ m


def tap(m, c):
    r"""Invert the equations of Thouless, Anderson and Palmer; see `naive_mean_field` for arguments and results.

    .. math:: (C^{-1})_{ij} = -J_{ij} - 2 J_{ij}^2 m_i m_j, \qquad
              h_i = \operatorname{artanh} m_i - \sum_j J_{ij} m_j + m_i \sum_j J_{ij}^2 (1 - m_j^2)

    Raises
    ------
    InputError
        If a pair has no real solution: its correlation is too strong for the expansion.

    References
    ----------
    Tanaka, Phys. Rev. E 58, 2302 (1998).
    """
    inverse = _without_diagonal(_inverse(m, c))
    discriminant = 1.0 - 8.0 * np.outer(m, m) * inverse
    _refuse_pairs(discriminant < 0.0, "weakly correlated enough for TAP (1 - 8 m_i m_j C^-1_ij of at least 0)")
    couplings = _without_diagonal(-2.0 * inverse / (1.0 + np.sqrt(np.maximum(discriminant, 0.0))))
    return couplings, np.arctanh(m) - couplings @ m + m * (couplings**2 @ (1.0 - m**2))


def independent_pairs(m, c):
    r"""Treat every pair as if no other spin were there; see `naive_mean_field` for arguments and results.

    .. math:: J_{ij} = \tfrac14 \ln \frac{p_{++} p_{--}}{p_{+-} p_{-+}}, \qquad
              h_i = \operatorname{artanh} m_i + \sum_j (h_i^{(ij)} - \operatorname{artanh} m_i)

    which is artanh C_ij without biases. Exact for two spins; J lacks what other spins transmit.
    """
    couplings, fields = _pairs(m, c)
    return couplings, np.arctanh(m) + _without_diagonal(fields - np.arctanh(m)[:, None]).sum(axis=1)


def sessak_monasson(m, c):
    r"""Add pairs and loops, and take away what both count; see `naive_mean_field` for arguments and results.

    .. math:: J_{ij} = -(C^{-1})_{ij} + J_{ij}^{\text{pair}} - \frac{C_{ij}}{(1 - m_i^2)(1 - m_j^2) - C_{ij}^2}

    Biases are the derivatives of the same entropy, S(m, C) = sum of single spins + pairs + (1/2) ln det C of loops
    less that of each pair alone: h_i = -dS/dm_i - sum_j J_ij m_j. Exact for two spins.

    References
    ----------
    Sessak and Monasson, J. Phys. A 42, 055001 (2009); Roudi, Aurell and Hertz, Front. Comput. Neurosci. 3, 22 (2009).
    """
    inverse, (pairs, fields) = _inverse(m, c), _pairs(m, c)
    rest = 1.0 - m**2
    determinant = np.outer(rest, rest) - c**2
    np.fill_diagonal(determinant, 1.0)
    couplings = _without_diagonal(-inverse + pairs - c / determinant)
    alone = np.arctanh(m)
    by_pairs = _without_diagonal(fields + pairs * m - alone[:, None]).sum(axis=1)
    by_loops = -m * (1.0 / rest - inverse.diagonal())
    counted_twice = m / rest * _without_diagonal(c**2 / determinant).sum(axis=1)
    return couplings, alone + by_pairs + by_loops - counted_twice - couplings @ m


def bethe(m, c):
    r"""Invert the Bethe approximation; see `naive_mean_field` for arguments and results.

    With c = (C^-1)_ij and B = sqrt(1 + 4 (1 - m_i^2)(1 - m_j^2) c^2) - 2 m_i m_j c,

    .. math:: \tanh J_{ij} = \frac{-2 c}{B + \sqrt{B^2 - 4 c^2}}

    which is J = -(1/2) arsinh(2 C^-1) without biases. Eq. 27 of arXiv:1809.10606 prints the other sign, which makes
    every ferromagnet an antiferromagnet. Exact on trees.

    Raises
    ------
    InputError
        If a pair has no real solution.

    References
    ----------
    Ricci-Tersenghi, J. Stat. Mech. P08015 (2012); Nguyen and Berg, J. Stat. Mech. P03004 (2012).
    """
    inverse, rest = _without_diagonal(_inverse(m, c)), 1.0 - m**2
    b = np.sqrt(1.0 + 4.0 * np.outer(rest, rest) * inverse**2) - 2.0 * np.outer(m, m) * inverse
    square = b**2 - 4.0 * inverse**2
    _refuse_pairs(square < 0.0, "weakly correlated enough for the Bethe approximation (a real root)")
    t = -2.0 * inverse / (b + np.sqrt(np.maximum(square, 0.0)))
    # The magnetisation that spin j would have without spin i, times t, is what i gets from j.
    passed = t * _cavity(m[None, :], m[:, None], t)
    return np.arctanh(t), np.arctanh(m) - np.arctanh(passed).sum(axis=1)


def _cavity(m_from, m_to, t):
    """Return the magnetisation of one end of a bond without the other; both ends' means are with the bond."""
    one, cross = 1.0 - t**2, (m_from - m_to * t) * (m_to - m_from * t)
    root = np.sqrt(np.maximum(one**2 - 4.0 * t * cross, 0.0))
    return 2.0 * (m_from - m_to * t) / (one + root)


def _pairs(m, c):
    """Return couplings and biases of every pair alone; two arrays (n, n), the bias being that of the row's spin."""
    one, other, ss = m[:, None], m[None, :], c + np.outer(m, m)
    shares = [1.0 + a * one + b * other + a * b * ss for a, b in ((1, 1), (1, -1), (-1, 1), (-1, -1))]
    off = ~np.eye(len(m), dtype=bool)
    _refuse_pairs(off & (np.min(shares, axis=0) <= 0.0), "in all four of its states at times")
    upup, updown, downup, downdown = (np.log(np.where(off, share, 1.0)) for share in shares)
    couplings = 0.25 * (upup + downdown - updown - downup)
    return 0.5 * (couplings + couplings.T), 0.25 * (upup + updown - downup - downdown)


def _inverse(m, c):
    """Return the inverse of the covariances, or refuse a matrix that has none worth having."""
    smallest = float(np.linalg.eigvalsh(c / np.sqrt(np.outer(1.0 - m**2, 1.0 - m**2)))[0])
    if smallest < SMALLEST_EIGENVALUE:
        rule = f"positive definite (smallest eigenvalue of the correlations above {SMALLEST_EIGENVALUE:g})"
        raise InputError(f"Covariances must be {rule}, not {smallest:.2g}")
    inverse = np.linalg.inv(c)
    return 0.5 * (inverse + inverse.T)


def _without_diagonal(matrix):
    return matrix * ~np.eye(len(matrix), dtype=bool)


def _refuse_pairs(bad, rule):
    for i, j in np.argwhere(bad):
        raise InputError(f"Spins {i} and {j} must be {rule}, not as these moments have it")


MOMENT_METHODS = {
    "naive_mean_field": naive_mean_field,
    "tap": tap,
    "independent_pairs": independent_pairs,
    "sessak_monasson": sessak_monasson,
    "bethe": bethe,
}
