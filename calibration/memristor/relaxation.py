"""Relaxation of RRAM with heavy tails: two kinds of cells, spreads that grow with the logarithm of time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import optimize, stats
from scipy.special import ndtr

from ...emulator.devices.memristor.heavy_tail_relaxation import MAD_TO_SIGMA, HeavyTailRelaxation
from ...emulator.spec.errors import InputError
from ..engine.bootstrap import N_TRIALS
from ..engine.coverage import coverage_of_experiments
from ..engine.least_squares import check_identified
from ..engine.likelihood_record import record_of_influence
from ..engine.record import provenance_of_arrays

MODEL = "relaxation of two kinds of cells"
NAMES = ("tail_share", "core_uS", "core_per_ln_t", "tail_uS", "tail_per_ln_t", "shift_uS", "shift_per_ln_t")
LEAST_CELLS = 200  # a tail of a tenth has then 20 cells
LEAST_GAIN = 10.0  # nats per time by which two kinds must beat one normal distribution
DIFFERENCE = 1e-5


@dataclass(frozen=True, eq=False)
class Relaxation:
    r"""Displacements since the first read.

    .. math::
        \Delta G \sim (1-p)\,N(m, c^2) + p\,N(m, d^2), \qquad (c, d, m)(t) = (c_0, d_0, m_0) + (c_1, d_1, m_1) \ln t/t_1

    Parameters
    ----------
    times_s : ndarray, shape (n_times,), float64
        Ascending; t1 is the first [s].
    moved_uS : ndarray, shape (n_cells, n_times), float64
        Displacement of each cell [uS].
    """

    times_s: np.ndarray
    moved_uS: np.ndarray

    @property
    def grown(self):
        """ln(t / t1); shape (n_times,)."""
        return np.log(self.times_s / self.times_s[0])

    def parts(self, theta):
        """Return tail share, core, tail and shift at each time from (logit p, ln c0, ln c_end, ...)."""
        share = 1.0 / (1.0 + np.exp(-theta[0]))
        w = self.grown / max(self.grown[-1], 1e-300)
        cores = np.exp(theta[1:3])
        tails = cores * (1.0 + np.exp(theta[3:5]))  # a tail is wider than its core
        core, tail = ((1.0 - w) * first + w * last for first, last in (cores, tails))
        return share, core, tail, theta[5] + theta[6] * w

    def likelihood(self, theta):
        """Return the log-likelihood of each cell, times added up as if independent; shape (n_cells,)."""
        share, core, tail, shift = self.parts(theta)
        x = self.moved_uS - shift
        logs = [
            np.log(part) - np.log(width) - 0.5 * (x / width) ** 2 for part, width in ((1 - share, core), (share, tail))
        ]
        return (np.logaddexp(*logs) - 0.5 * np.log(2.0 * np.pi)).sum(axis=1)

    def scores(self, theta):
        """Return the derivative of `likelihood`, by differences; shape (n_cells, 7)."""
        steps = DIFFERENCE * np.eye(len(NAMES))
        return np.stack([self.likelihood(theta + s) - self.likelihood(theta - s) for s in steps], axis=1) / (
            2 * DIFFERENCE
        )

    def fit(self):
        """Return the parameters of the largest likelihood; shape (7,)."""
        robust = MAD_TO_SIGMA * np.median(np.abs(self.moved_uS - np.median(self.moved_uS, axis=0)), axis=0)
        middle = np.median(self.moved_uS, axis=0)
        start = [-2.0, np.log(robust[0]), np.log(robust[-1]), 1.0, 1.0, middle[0], middle[-1] - middle[0]]
        count = len(self.moved_uS)
        found = optimize.minimize(
            lambda theta: -self.likelihood(theta).sum() / count,
            start,
            jac=lambda theta: -self.scores(theta).sum(axis=0) / count,
            method="BFGS",
            options={"gtol": 1e-6},
        )
        return found.x

    def curvature(self, theta):
        """Return minus the second derivative of the log-likelihood; shape (7, 7)."""
        steps = 1e-4 * np.eye(len(NAMES))
        rows = [(self.scores(theta - s) - self.scores(theta + s)).sum(axis=0) / 2e-4 for s in steps]
        return 0.5 * (np.array(rows) + np.array(rows).T)

    def shown(self, theta):
        """Return share, spreads at t1 and growth per ln t, and the same of the shift; shape (7,)."""
        share, core, tail, shift = self.parts(theta)
        width = max(self.grown[-1], 1e-300)
        found = [share]
        for part in (core, tail, shift):
            found += [part[0], (part[-1] - part[0]) / width]
        return np.array(found)


def calibrate_relaxation(times_s, moved_S, seed, n_trials=N_TRIALS, n_coverage=0):
    """Fit core, tail and shift of the displacements of many cells.

    Parameters
    ----------
    times_s : ndarray, shape (n_times,), float64
        Ascending, two or more [s].
    moved_S : ndarray, shape (n_cells, n_times), float64
        Displacement of each cell since its first read [S].
    seed : int
        Seed of the trials.
    n_trials, n_coverage : int
        Numbers of synthetic data sets behind the intervals, and of synthetic experiments that test them; see
        `calibrate`.

    Returns
    -------
    Calibration
        `NAMES` in microsiemens. Cells keep to a path, so the errors are those of scores summed over the times of a
        cell (Godambe's sandwich); chi2 compares the shares of cells in eight classes of displacement at each time.

    Raises
    ------
    InputError
        If cells are too few, or the displacements are as well described by one normal distribution: there is no tail.
    """
    data = _checked(times_s, moved_S)
    theta, influence = _fitted(data)
    coverage = None
    if n_coverage:

        def experiment(rng):
            one = Relaxation(data.times_s, _redrawn(data, theta, rng))
            values, moved = _fitted(one)
            found = record_of_influence(
                (MODEL, NAMES, one.shown(values)), moved, [], int(rng.integers(2**31)), {}, n_trials
            )
            return found.trials, float(stats.chi2.sf(*_misfit(one, values)))

        coverage = coverage_of_experiments(experiment, NAMES, data.shown(theta), seed, n_coverage)
    provenance = provenance_of_arrays("maximal likelihood, sandwich by cells", data.times_s, moved_S)
    found = record_of_influence(
        (MODEL, NAMES, data.shown(theta)), influence, [_misfit(data, theta)], seed, provenance, n_trials
    )
    object.__setattr__(found, "coverage", coverage)
    return found


def law_of_relaxation(calibration, times_s, conductance_S):
    """Return the `HeavyTailRelaxation` of cells around one conductance that a calibration found.

    Parameters
    ----------
    calibration : Calibration
        Result of `calibrate_relaxation`.
    times_s : ndarray, shape (n_times,), float64
        Times of its measurements [s].
    conductance_S : float
        Conductance of the cells [S].
    """
    found, grown = calibration.estimates, np.log(np.asarray(times_s) / times_s[0])
    share = found["tail_share"]
    core, tail = (found[f"{part}_uS"] + found[f"{part}_per_ln_t"] * grown for part in ("core", "tail"))
    robust = [MAD_TO_SIGMA * median_distance(c, d, share) for c, d in zip(core, tail, strict=True)]
    std = np.sqrt((1.0 - share) * core**2 + share * tail**2)
    last = found["shift_uS"] + found["shift_per_ln_t"] * grown[-1]
    return HeavyTailRelaxation(
        times_s=tuple(float(t) for t in times_s),
        bands_S=(float(conductance_S),),
        robust_S=(tuple(1e-6 * float(one) for one in robust),),
        std_S=(tuple(1e-6 * float(one) for one in std),),
        last_shift_S=(1e-6 * float(last),),
        tail_share=float(share),
    )


def median_distance(core, tail, share):
    """Return the distance from the middle that half of the cells of a mixture keep within; float."""

    def excess(x):
        return (1.0 - share) * (2.0 * ndtr(x / core) - 1.0) + share * (2.0 * ndtr(x / tail) - 1.0) - 0.5

    return float(optimize.brentq(excess, 0.0, tail))


def _checked(times_s, moved_S):
    times_s, moved_uS = np.asarray(times_s, dtype=np.float64), 1e6 * np.asarray(moved_S, dtype=np.float64)
    if times_s.size < 2 or not (times_s[0] > 0.0 and np.all(np.diff(times_s) > 0.0)):
        raise InputError(f"Times must be two or more that ascend from above 0 s, not {times_s.tolist()}")
    if len(moved_uS) < LEAST_CELLS:
        raise InputError(f"Cells must be at least {LEAST_CELLS} for tails, not {len(moved_uS)}")
    data = Relaxation(times_s, moved_uS)
    one_law = stats.norm.logpdf(moved_uS, moved_uS.mean(axis=0), moved_uS.std(axis=0)).sum()
    gain = data.likelihood(data.fit()).sum() - one_law
    if gain < LEAST_GAIN * times_s.size:
        rule = f"of heavier tails than a normal law (log-likelihood at least {LEAST_GAIN * times_s.size:g} above it)"
        raise InputError(f"Displacements must be {rule}, not {gain:.3g}")
    return data


def _fitted(data):
    """Return the parameters of the search and what each of 200 batches of cells moves the shown ones by."""
    theta = data.fit()
    curvature = data.curvature(theta)
    levels, vectors = np.linalg.eigh(curvature)
    inverse = check_identified(np.sqrt(np.maximum(levels, 0.0))[:, None] * vectors.T, np.ones(len(NAMES)), NAMES)
    steps = 1e-5 * np.eye(len(NAMES))
    slopes = np.stack([data.shown(theta + s) - data.shown(theta - s) for s in steps]) / 2e-5
    n_cells = len(data.moved_uS)
    starts = np.arange(min(200, n_cells)) * n_cells // min(200, n_cells)
    return theta, np.add.reduceat(data.scores(theta), starts, axis=0) @ inverse @ slopes


def _misfit(data, theta):
    """Return chi2 of the shares of cells in classes of displacement at the last time, and its degrees of freedom."""
    share, core, tail, shift = (np.broadcast_to(one, data.times_s.shape)[-1] for one in data.parts(theta))
    x = data.moved_uS[:, -1] - shift
    u = (1.0 - share) * ndtr(x / core) + share * ndtr(x / tail)
    edges = np.array([0.0, 0.01, 0.03, 0.1, 0.25, 0.5, 0.75, 0.9, 0.97, 0.99, 1.0])
    counts, expected = np.histogram(u, edges)[0], np.diff(edges) * u.size
    return float(((counts - expected) ** 2 / expected).sum()), edges.size - 2 - 4


def _redrawn(data, theta, rng):
    """Return displacements of synthetic cells that keep kind and number along their path."""
    share, core, tail, shift = data.parts(theta)
    n_cells = len(data.moved_uS)
    width = np.where((rng.random(n_cells) < share)[:, None], tail, core)
    return shift + width * rng.standard_normal((n_cells, 1))
