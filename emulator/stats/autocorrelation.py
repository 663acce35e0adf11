"""How many independent draws a chain is worth: integrated autocorrelation time, effective size, R-hat."""

from __future__ import annotations

import warnings

import numpy as np

from ..spec.errors import InputError
from .scale import deviations

WINDOW = 5.0  # Source: Sokal, Functional Integration (1997), section 3: M >= c tau with c = 4 ... 6
MIN_LENGTH = 50.0  # Source: emcee, autocorr.integrated_time, tol; draws per tau below which the estimate is not used


class AutocorrError(InputError):
    """A chain is too short for its autocorrelation time.

    Parameters
    ----------
    tau : float
        Estimate so far [draws], too small as a rule; infinite for a series that never changes.
    n_draws : int
        Length of each chain.
    n_needed : float
        Length that the estimate asks for.
    """

    def __init__(self, tau, n_draws, n_needed):
        self.tau, self.n_draws, self.n_needed = tau, n_draws, n_needed
        if np.isinf(tau):
            super().__init__(f"Series must change, not keep one value for {n_draws} draws: it has no memory to measure")
            return
        rule = f"at least {n_needed:.6g} draws long (tau is {tau:.4g} or more)"
        super().__init__(f"Chain must be {rule}, not {n_draws}; run longer")


def autocorrelation(series):
    """Return the normalised autocorrelation function, averaged over chains.

    Parameters
    ----------
    series : ndarray, shape (n_chains, n_draws) or (n_draws,), float64
        One observable. The mean over all chains is subtracted, so that chains in different valleys show it.

    Returns
    -------
    ndarray, shape (n_draws,), float64
        1 at lag 0; biased estimator (divided by n_draws at every lag), all NaN for a constant series.
    """
    x = deviations(np.atleast_2d(np.asarray(series, dtype=np.float64)))
    n_draws = x.shape[1]
    if not x.any():
        return np.full(n_draws, np.nan)
    size = 1 << (2 * n_draws - 1).bit_length()  # zero padding: the circular correlation must not wrap
    transform = np.fft.rfft(x, size, axis=1)
    covariance = np.fft.irfft(np.mean(np.abs(transform) ** 2, axis=0), size)[:n_draws]
    return covariance / covariance[0]


def integrated_time(series, window=WINDOW, min_length=MIN_LENGTH):
    r"""Return the integrated autocorrelation time by Sokal's self-consistent window.

    .. math:: \tau = 1 + 2 \sum_{t=1}^{M} \rho_t, \qquad M = \min\{M : M \ge c \, \tau(M)\}

    In this convention independent draws have tau = 1, an AR(1) chain of coefficient a has (1 + a) / (1 - a), and
    N draws are worth N / tau.

    Parameters
    ----------
    series : ndarray, shape (n_chains, n_draws) or (n_draws,), float64
        Series of one observable.
    window : float
        Constant c of the window.
    min_length : float
        Draws that each chain must have per tau; 0 takes any estimate.

    Raises
    ------
    AutocorrError
        If the chains are too short, or the series is constant.

    References
    ----------
    Sokal, Monte Carlo Methods in Statistical Mechanics, in Functional Integration, Plenum 1997; Foreman-Mackey et
    al., PASP 125, 306 (2013), and `autocorr.py` of emcee 3.
    """
    rho = autocorrelation(series)
    n_draws = len(rho)
    if np.isnan(rho[0]):
        raise AutocorrError(np.inf, n_draws, np.inf)
    taus = 2.0 * np.cumsum(rho) - 1.0
    is_wide = np.arange(n_draws) >= window * taus
    tau = float(taus[np.argmax(is_wide)]) if is_wide.any() else float(taus.max())
    if n_draws < min_length * tau or not is_wide.any():
        raise AutocorrError(tau, n_draws, max(min_length, window) * tau)
    return tau


def effective_size(series, method="bulk"):
    """Return ArviZ's effective sample size of an observable of shape (n_chains, n_draws).

    Parameters
    ----------
    series : ndarray, shape (n_chains, n_draws), float64
        One observable; at least four draws.
    method : str
        Method of `arviz.ess`; "bulk" is rank-normalised, "mean" is for the plain mean.
    """
    return float(arviz().ess(deviations(series), method=method))


def split_r_hat(series):
    """Return ArviZ's rank-normalised split R-hat of an observable of shape (n_chains, n_draws).

    References
    ----------
    Vehtari et al., Bayesian Anal. 16, 667 (2021): 1.01 or less with all chains at work.
    """
    with np.errstate(all="ignore"):  # chains that each keep a value of their own: infinite, and no news
        return float(arviz().rhat(deviations(series)))


def arviz():
    """Import ArviZ when it is needed (it takes a second) and without its daily notice of a refactoring."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        import arviz
    return arviz
