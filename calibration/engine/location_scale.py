"""Normal numbers whose mean and spread depend on a state: maximal likelihood, trials, test of what is left out."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import ndtr

from ...emulator.spec.errors import InputError
from .bootstrap import N_TRIALS
from .least_squares import check_identified
from .likelihood_record import score_test

MAX_STEPS = 300
LAST_GAIN = 1e-4  # nats left after so many steps, that are let go: a hundredth of a standard error
STEP_DONE = 1e-6  # in standard errors
SMALLEST_SPREAD = 1e-3  # of the typical one, below which a spread is held
N_BATCHES = 100
N_WAVES = 4
DIFFERENCE = 1e-5


@dataclass(frozen=True, eq=False)
class LocationScale:
    r"""Normal numbers whose mean and spread depend on a state.

    .. math:: y_i \sim N(X_i \mu,\; (D_i \sigma)^2 + v_i)

    Parameters
    ----------
    y : ndarray, shape (n,), float64
        Numbers, in any unit.
    mean_design, spread_design : ndarray, shape (n, p), (n, q), float64
        X and D; their first column is 1.
    extra_variance : ndarray, broadcast to (n,), float64
        v, known: the variance of each number's own fit.
    names : tuple of str
        Names of the p + q parameters.
    """

    y: np.ndarray
    mean_design: np.ndarray
    spread_design: np.ndarray
    extra_variance: np.ndarray | float
    names: tuple[str, ...]

    def __post_init__(self):
        n, d = self.y.size, len(self.names)
        if n <= d:
            raise InputError(f"Number of values must be more than the {d} parameters, not {n}")
        object.__setattr__(self, "extra_variance", np.broadcast_to(np.asarray(self.extra_variance, float), (n,)))

    @property
    def n_means(self):
        """Parameters of the mean."""
        return self.mean_design.shape[1]

    def parts(self, theta):
        """Return mean, spread and variance of each number; three of shape (n,)."""
        spread = self.spread_design @ theta[self.n_means :]
        spread = np.maximum(spread, SMALLEST_SPREAD * abs(theta[self.n_means]) + 1e-300)
        return self.mean_design @ theta[: self.n_means], spread, spread**2 + self.extra_variance

    def likelihood(self, theta):
        """Return the log-likelihood of each number; shape (n,), float64."""
        mean, _, variance = self.parts(theta)
        return -0.5 * (np.log(2.0 * np.pi * variance) + (self.y - mean) ** 2 / variance)

    def scores(self, theta):
        """Return the derivative of each number's log-likelihood; shape (n, p + q)."""
        mean, spread, variance = self.parts(theta)
        off = self.y - mean
        by_mean = (off / variance)[:, None] * self.mean_design
        by_spread = ((off**2 / variance - 1.0) * spread / variance)[:, None] * self.spread_design
        return np.concatenate([by_mean, by_spread], axis=1)

    def covariance(self, theta):
        """Return the inverse of the expected information, or refuse numbers that do not determine a parameter."""
        _, spread, variance = self.parts(theta)
        roots = [self.mean_design / np.sqrt(variance)[:, None]]
        roots.append(self.spread_design * (np.sqrt(2.0) * spread / variance)[:, None])
        jacobian = np.zeros((2 * self.y.size, len(self.names)))
        jacobian[: self.y.size, : self.n_means], jacobian[self.y.size :, self.n_means :] = roots
        scale = np.concatenate([np.full(self.n_means, self.y.std()), np.full(len(roots[1].T), self.y.std())])
        return check_identified(jacobian, np.maximum(np.abs(theta), scale), self.names)

    def start(self):
        """Return least squares for the mean, and the common spread of what is left; shape (p + q,)."""
        mean = np.linalg.lstsq(self.mean_design, self.y, rcond=None)[0]
        left = np.var(self.y - self.mean_design @ mean) - self.extra_variance.mean()
        spread = np.zeros(self.spread_design.shape[1])
        spread[0] = np.sqrt(max(left, 1e-2 * np.var(self.y), 1e-300))
        return np.concatenate([mean, spread])

    def fit(self, theta=None):
        """Return parameters of the largest likelihood and their covariance; Fisher scoring, halved where it overshoots.

        Raises
        ------
        InputError
            If the search does not end, or the numbers do not determine a parameter.
        """
        theta = self.start() if theta is None else theta
        value = self.likelihood(theta).sum()
        covariance, score = self.covariance(theta), self.scores(theta).sum(axis=0)
        step = covariance @ score
        for _ in range(MAX_STEPS):
            if abs(step @ score) < STEP_DONE**2 * self.y.size**0.5:
                return theta, covariance
            trial = self.likelihood(theta + step).sum()
            if not trial >= value - 1e-10 * abs(value):
                step = 0.5 * step
                continue
            theta, value = theta + step, trial
            covariance, score = self.covariance(theta), self.scores(theta).sum(axis=0)
            step = covariance @ score
        if abs(step @ score) < LAST_GAIN:  # near a spread of 0 the expected information overshoots, and steps go around
            return theta, covariance
        raise InputError(f"Fit of {self.names[0]!r} must end, not be at work after {MAX_STEPS} steps: measure more")

    def redrawn(self, theta, rng):
        """Return the same states with numbers drawn from the model."""
        mean, _, variance = self.parts(theta)
        return replace(self, y=mean + np.sqrt(variance) * rng.standard_normal(mean.size))

    def trials(self, theta, rng, n_trials=N_TRIALS):
        """Return parameters of synthetic numbers, each refitted; shape (n_trials, p + q)."""
        return np.stack([self.redrawn(theta, rng).fit(theta)[0] for _ in range(n_trials)])

    def misfit(self, theta, covariance, state):
        """Return chi2 and degrees of freedom of what the model leaves out.

        Directions: the first four cosines of the probability of a smaller number (Neyman's smooth test of the normal
        law; bounded, so that a few far cells do not hide what they show), and the next two powers of the state in mean
        and in variance.

        Parameters
        ----------
        theta, covariance
            Result of `fit`.
        state : ndarray, shape (n,), float64
            What the designs are powers of.
        """
        n_batches = min(N_BATCHES, self.y.size // 5)
        starts = np.arange(n_batches) * self.y.size // n_batches
        order = np.random.default_rng(0).permutation(self.y.size)  # batches must not be sorted by state
        x = (state - state.mean()) / max(state.std(), 1e-300)
        powers = np.stack([x ** self.mean_design.shape[1], x ** (self.mean_design.shape[1] + 1)], axis=1)

        def directions(values):
            mean, _, variance = self.parts(values)
            z = (self.y - mean) / np.sqrt(variance)
            waves = [np.cos(np.pi * order * ndtr(z)) for order in range(1, N_WAVES + 1)]
            columns = waves + [z * one for one in powers.T] + [(z**2 - 1.0) * one for one in powers.T]
            return np.add.reduceat(np.stack(columns, axis=1)[order], starts, axis=0)

        units = DIFFERENCE * np.sqrt(covariance.diagonal())
        slopes = np.stack(
            [
                (directions(theta + one) - directions(theta - one)).sum(axis=0) / (2.0 * one.sum())
                for one in np.diag(units)
            ]
        )
        scores = np.add.reduceat(self.scores(theta)[order], starts, axis=0)
        return score_test(directions(theta), -slopes, scores @ covariance)
