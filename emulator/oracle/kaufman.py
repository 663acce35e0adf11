"""Kaufman's exact partition function of the ferromagnet on a finite square torus."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..spec.errors import InputError

MAX_BETA = 150.0  # beyond, sinh(2 beta)^2 overflows; the ground state has long taken all the weight


@dataclass(frozen=True)
class TorusAnswer:
    """Exact thermodynamics of the whole torus: ln Z, <E>, and beta^2 Var(E)."""

    log_z: float
    mean_energy: float
    heat_capacity: float


def torus_answer(rows, columns, beta):
    r"""Return ln Z, mean energy and heat capacity of the square torus with J = 1 and h = 0.

    With :math:`S = \sinh 2\beta` and :math:`\cosh \gamma_l = S + 1/S - \cos(\pi l / n)` for n rows and m columns,

    .. math::

       Z = \tfrac12 (2 S)^{nm/2} \left(
           \prod_r 2 \cosh \tfrac{m \gamma_{2r+1}}{2} + \prod_r 2 \sinh \tfrac{m \gamma_{2r+1}}{2}
         + \prod_r 2 \cosh \tfrac{m \gamma_{2r}}{2}   + \prod_r 2 \sinh \tfrac{m \gamma_{2r}}{2} \right)

    where r runs over 0..n-1 and :math:`\gamma_0 = 2\beta + \ln\tanh\beta` is negative above the critical temperature.
    Near criticality nothing cancels: :math:`\sinh(\gamma_l/2)` is the root of :math:`(S-1)^2/(2S) + \sin^2(\pi l/2n)`.
    The four products are summed relative to the largest, and the fourth, whose factor of :math:`\gamma_0` passes
    through zero at the critical point, by that factor times the product of the rest.

    Parameters
    ----------
    rows, columns : int
        Size, 2 or more each; at 2 the two bonds between the same pair of spins both count.
    beta : float
        Inverse temperature, 0..150.

    Returns
    -------
    TorusAnswer

    References
    ----------
    Kaufman, Phys. Rev. 76, 1232 (1949), Eq. 49; derivatives as in Ferdinand and Fisher, Phys. Rev. 185, 832 (1969).

    >>> [round(torus_answer(16, 16, beta).mean_energy, 6) for beta in (0.3, 0.44, 0.6)]
    [-180.360364, -370.622327, -488.726061]
    """
    if int(rows) != rows or int(columns) != columns or min(rows, columns) < 2:
        raise InputError(f"Sides of the torus must be whole numbers of 2 or more, not {rows!r} and {columns!r}")
    if not 0 <= beta <= MAX_BETA:
        raise InputError(f"Inverse temperature must be in 0..{MAX_BETA:g}, not {beta!r}")
    if beta == 0:
        return TorusAnswer(rows * columns * float(np.log(2)), 0.0, 0.0)
    log_total, slope, curvature = _sum_of_products(rows, columns, beta)
    area = rows * columns
    two_s = 2 * np.sinh(2 * beta)
    log_z = 0.5 * area * np.log(two_s) - np.log(2) + log_total
    mean_energy = -(area / np.tanh(2 * beta) + slope)
    return TorusAnswer(float(log_z), float(mean_energy), float(beta**2 * (curvature - 8 * area / two_s**2)))


def _sum_of_products(rows, columns, beta):
    """Return the logarithm of the sum of the four products, and its first and second derivative by beta."""
    half = columns / 2
    odd, even = _gammas(beta, np.arange(1, 2 * rows, 2), rows), _gammas(beta, np.arange(2, 2 * rows, 2), rows)
    zero = _gamma_zero(beta)
    logs = np.array(
        [
            _log_product(odd, half, 1),
            _log_product(odd, half, -1),
            _log_product(even, half, 1) + _log_product(zero, half, 1),
            _log_product(even, half, -1),
        ]
    )
    # The fourth product still lacks its factor a = 2 sinh(m gamma_0 / 2), which has no logarithm at criticality.
    # It is used as a / exp(|m gamma_0 / 2|), and the exponential joins the logarithm as a mere constant.
    x, x1, x2 = (half * float(g[0]) for g in zero)
    logs[3, 0] += abs(x)
    sinh, cosh = -np.expm1(-2 * abs(x)) * np.sign(x), 1 + np.exp(-2 * abs(x))
    factors = np.array([[1.0, 0.0, 0.0]] * 3 + [[sinh, cosh * x1, cosh * x2 + sinh * x1**2]])
    top = logs[:, 0].max()
    weights = np.exp(logs[:, 0] - top)
    total = weights @ factors[:, 0]
    slope = weights @ (factors[:, 1] + factors[:, 0] * logs[:, 1]) / total
    apart = logs[:, 1] - slope
    curvature = weights @ (factors[:, 2] + 2 * factors[:, 1] * apart + factors[:, 0] * (logs[:, 2] + apart**2)) / total
    return top + np.log(total), slope, curvature


def _gammas(beta, numbers, rows):
    """Return gamma_l > 0 and its first two derivatives by beta, for l = ``numbers`` other than 0; shape (3, k)."""
    s, c = np.sinh(2 * beta), np.cosh(2 * beta)
    root = np.sqrt((s - 1) ** 2 / (2 * s) + np.sin(np.pi * numbers / (2 * rows)) ** 2)
    gamma = 2 * np.arcsinh(root)
    first = 2 * c * (1 - s**-2.0)  # derivatives of S + 1/S
    second = 4 * s * (1 - s**-2.0) + 8 * (c / s) ** 2 / s
    sinh, cosh = 2 * root * np.sqrt(1 + root**2), 1 + 2 * root**2
    slope = first / sinh
    return np.stack([gamma, slope, second / sinh - cosh / sinh * slope**2])


def _gamma_zero(beta):
    """Return gamma_0, which may have either sign, and its first two derivatives by beta; shape (3, 1)."""
    s, c = np.sinh(2 * beta), np.cosh(2 * beta)
    return np.array([[2 * np.arcsinh((s - 1) / np.sqrt(2 * s))], [2 + 2 / s], [-4 * c / s**2]])


def _log_product(gammas, half, sign):
    """Return the logarithm of prod 2 cosh (sign 1) or 2 sinh (-1) of half * gamma, and its two derivatives; (3,)."""
    x, x1, x2 = half * gammas
    tail = np.exp(-2 * np.abs(x))
    ratio = np.tanh(x) if sign > 0 else 1 / np.tanh(x)
    value = np.abs(x) + np.log1p(sign * tail)
    return np.array([value.sum(), (x1 * ratio).sum(), (x2 * ratio + x1**2 * (1 - ratio**2)).sum()])
