"""1/f noise in time: Ornstein-Uhlenbeck processes whose correlation times are spread evenly in the logarithm."""

from __future__ import annotations

import numpy as np

from ...spec.errors import InputError


class FlickerProcess:
    r"""1/f noise between 1/(2 pi tau_max) and 1/(2 pi tau_min), stationary from the first moment.

    .. math:: x(t) = \frac{\sigma}{\sqrt K} \sum_{k=1}^{K} u_k(t), \qquad
        \langle u_k(t) u_k(t + s) \rangle = e^{-|s| / \tau_k}

    With K large the one-sided density in the middle of the band is sigma^2 / (ln(tau_max / tau_min) f). At equal times
    the variance is sigma^2 exactly, for any K. Steps are exact: u' = a u + sqrt(1 - a^2) xi with a = exp(-dt / tau).

    Parameters
    ----------
    sigma : ndarray, any shape, float64
        Standard deviation of each cell's relative conductance [1].
    tau_min_s, tau_max_s : float
        Shortest and longest correlation time [s].
    rng : numpy.random.Generator
        Source of all draws, kept.
    per_decade : int
        Processes a decade of tau, at least; with 2 the density ripples by 2 / cosh(pi^2 / spacing)
        = 0.08 %, the spacing being that of ln tau.

    References
    ----------
    van der Ziel, Physica 16, 359 (1950): flicker noise from a spread of relaxation times.
    """

    def __init__(self, sigma, tau_min_s, tau_max_s, rng, per_decade=2):
        sigma = np.array(sigma, dtype=np.float64)
        if not ((sigma >= 0) & (sigma < np.inf)).all():
            raise InputError(f"Relative sigma must be finite and at least 0, not {sigma.min():g} to {sigma.max():g}")
        if not 0 < tau_min_s < tau_max_s < np.inf:
            raise InputError(f"tau_min_s must be above 0 and below tau_max_s = {tau_max_s!r}, not {tau_min_s!r}")
        if not per_decade >= 1:
            raise InputError(f"per_decade must be at least 1, not {per_decade!r}")
        n_processes = int(np.ceil(per_decade * np.log10(tau_max_s / tau_min_s))) + 1
        self.taus_s = _middles(tau_min_s, tau_max_s, n_processes)
        self._scale = sigma / np.sqrt(n_processes)
        self._rng = rng
        self._parts = rng.standard_normal((n_processes, *sigma.shape))

    @classmethod
    def of_card(cls, card, cells, t_s, rng, per_decade=2):
        """Return the noise in time that the lumped law of a card sums up at ``t_s`` after programming.

        The band is that of the lumped law: tau_max / tau_min = (t + t_read) / (2 t_read), so that the density is
        Q^2 / f and the variance at equal times is that of `DeviceCard.read_sigma_S`.

        Raises
        ------
        InputError
            If the card has no read noise, or the time is outside its range.
        """
        if card.read_noise is None:
            raise InputError(f"Device must have read noise, which {card.name} has not")
        g_S = card.conductance_S(cells, t_s)
        sigma = np.divide(card.read_sigma_S(cells, t_s), g_S, out=np.zeros_like(g_S), where=g_S > 0)
        t_read_s = card.read_noise.t_read_s
        return cls(sigma, t_read_s / np.pi, (t_s + t_read_s) / (2 * np.pi), rng, per_decade)

    @property
    def deviation(self):
        """Relative deviation of each cell, now; a new array [1]."""
        return self._scale * self._parts.sum(axis=0)

    def advance(self, dt_s):
        """Move on by ``dt_s``, exactly."""
        shape = (-1,) + (1,) * (self._parts.ndim - 1)
        kept = np.exp(-dt_s / self.taus_s).reshape(shape)
        fresh = np.sqrt(-np.expm1(-2 * dt_s / self.taus_s)).reshape(shape)
        self._parts = kept * self._parts + fresh * self._rng.standard_normal(self._parts.shape)


def _middles(low, high, n):
    """Return the middles of ``n`` equal cells of ln tau, so that their ends are the ends of the band."""
    edges = np.linspace(np.log(low), np.log(high), n + 1)
    return np.exp((edges[1:] + edges[:-1]) / 2)
