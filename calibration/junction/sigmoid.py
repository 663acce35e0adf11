"""Slope and offset of junctions from how often each was up at given drives; correlated reads counted for less."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from ...emulator.spec.errors import InputError
from ...emulator.stats.autocorrelation import integrated_time
from ..engine.bootstrap import N_TRIALS
from ..engine.coverage import coverage_of_experiments
from ..engine.record import Calibration, provenance_of_arrays
from .sigmoid_kernels import fit_many

MODEL = "sigmoid of a junction"
PROTOCOL = "maximal likelihood of binomial counts, N / tau reads each, parametric bootstrap"


@dataclass(frozen=True, eq=False)
class SigmoidCounts:
    r"""How often junctions were up at given drives.

    .. math:: P(\mathrm{up}) = \sigma(2 \alpha (V - V_0))

    Parameters
    ----------
    drives : ndarray, shape (n_drives,), float64
        Drive of each point, ascending [drive unit].
    n_up, n_reads : ndarray, shape (n_junctions, n_drives), float64
        Reads that gave +1, and all reads.
    tau : ndarray, broadcast to (n_junctions, n_drives), float64
        Integrated autocorrelation time [reads]: N reads are worth N / tau, 1 for independent ones.
    unit : str
        Unit of the drives.
    """

    drives: np.ndarray
    n_up: np.ndarray
    n_reads: np.ndarray
    tau: np.ndarray | float = 1.0
    unit: str = "V"

    def __post_init__(self):
        for label in ("drives", "n_up", "n_reads"):
            object.__setattr__(self, label, np.array(getattr(self, label), dtype=np.float64))
        for label in ("n_up", "n_reads"):
            object.__setattr__(self, label, np.atleast_2d(getattr(self, label)))
        try:
            object.__setattr__(self, "tau", np.broadcast_to(np.asarray(self.tau, dtype=np.float64), self.n_up.shape))
        except ValueError:
            raise InputError(f"Autocorrelation times must be {self.n_up.shape}, not {np.shape(self.tau)}") from None
        self._check()

    @classmethod
    def of_states(cls, drives, states, unit="V"):
        """Count reads and measure their memory.

        Parameters
        ----------
        drives : ndarray, shape (n_drives,), float64
            Drive of each point, ascending [drive unit].
        states : ndarray, shape (n_drives, n_reads, n_junctions), int8
            Successive reads -1 or +1 at each drive.
        unit : str
            Unit of the drives.

        Raises
        ------
        InputError
            If reads are too few for their memory to be told.
        """
        states = np.asarray(states)
        n_drives, n_reads, n_junctions = states.shape
        tau = np.ones((n_junctions, n_drives))
        for k, i in np.ndindex(n_drives, n_junctions):
            series = states[k, :, i]
            if np.ptp(series) != 0:  # a junction that never turns there says nothing of its memory
                tau[i, k] = max(integrated_time(series.astype(np.float64)), 1.0)
        n_up = (states > 0).sum(axis=1).T
        return cls(drives, n_up, np.full(n_up.shape, n_reads), tau, unit)

    def _check(self):
        n_drives = self.drives.size
        if self.drives.ndim != 1 or n_drives < 3:
            raise InputError(f"Drives must be at least 3 for two parameters and a test, not {n_drives}")
        for label in ("n_up", "n_reads"):
            shape = getattr(self, label).shape
            if shape != (len(self.n_up), n_drives):
                raise InputError(f"{label} must be of shape (junctions, {n_drives}), not {shape}")
        for row in np.flatnonzero(~(np.diff(self.drives) > 0.0)) + 1:
            rule = f"above {self.drives[row - 1]:g}, the one before"
            raise InputError(f"Drive in row {row} must be {rule}, not {self.drives[row]:g}")
        whole = (self.n_reads >= 1.0) & (self.n_up >= 0.0) & (self.n_up <= self.n_reads) & (self.tau >= 1.0)
        for i, k in np.argwhere(~whole):
            found = f"{self.n_up[i, k]:g} of {self.n_reads[i, k]:g}, tau {self.tau[i, k]:g}"
            raise InputError(f"Reads of junction {i}, drive {k}, must be 0 to all of 1 or more, tau >= 1, not {found}")


@dataclass(frozen=True, eq=False)
class SigmoidFits:
    """Fits of many junctions.

    Parameters
    ----------
    slopes, offsets : ndarray, shape (n_junctions,), float64
        alpha [1 / drive unit] and V0 [drive unit].
    chi2 : ndarray, shape (n_junctions,), float64
        Pearson's, with reads counted for what they are worth; ``dof`` degrees of freedom.
    dof : int
        Degrees of freedom: the number of drives less two.
    slope_trials, offset_trials : ndarray, shape (n_junctions, n_trials), float64
        Slopes and offsets fitted to synthetic counts.
    """

    slopes: np.ndarray
    offsets: np.ndarray
    chi2: np.ndarray
    dof: int
    slope_trials: np.ndarray
    offset_trials: np.ndarray


def fit_sigmoids(counts, seed, n_trials=N_TRIALS):
    """Fit every junction, and synthetic counts of each, in one compiled call.

    Parameters
    ----------
    counts : SigmoidCounts
        Measured counts.
    seed : int
        Seed of the synthetic counts: binomial numbers of N / tau reads, which have the variance of N correlated ones.
    n_trials : int
        Synthetic data sets of each junction.

    Returns
    -------
    SigmoidFits

    Raises
    ------
    InputError
        If no drive left a junction undecided, so that its slope has no upper end.
    """
    middle, width = counts.drives.mean(), np.ptp(counts.drives) / 2.0
    x = (counts.drives - middle) / width
    worth = counts.n_reads / counts.tau
    found = _fitted(x, counts.n_up / counts.tau, worth, _starts(x, counts))
    _check_found(counts, found[:, :2], "the reads")
    p = 1.0 / (1.0 + np.exp(-(found[:, :1] + found[:, 1:2] * x)))
    chi2 = ((counts.n_up - counts.n_reads * p) ** 2 / (counts.n_reads * counts.tau * p * (1.0 - p))).sum(axis=1)
    drawn, whole = _synthetic(p, worth, np.random.default_rng(seed), n_trials)
    start = np.repeat(found[:, :2], n_trials, axis=0)
    trials = _fitted(x, drawn, whole, start)
    _check_found(counts, trials[:, :2].reshape(-1, n_trials, 2).sum(axis=1), "synthetic reads")
    shape = (len(found), n_trials)
    slopes, offsets = _natural(found, middle, width)
    slope_trials, offset_trials = (part.reshape(shape) for part in _natural(trials, middle, width))
    return SigmoidFits(slopes, offsets, chi2, x.size - 2, slope_trials, offset_trials)


def calibrate_sigmoids(counts, seed, n_trials=N_TRIALS, n_coverage=0):
    """Return slopes and offsets of junctions, and how they are spread over more than one.

    Parameters
    ----------
    counts, seed, n_trials
        Same meaning as in `fit_sigmoids`.
    n_coverage : int
        Synthetic experiments on which the intervals are tested.

    Returns
    -------
    Calibration
        ``slope_I_per_V`` and ``offset_I_V`` of junction I; from three junctions on also ``slope_mean``, ``slope_sd``,
        ``offset_mean`` and ``offset_sd``, with the variance of the fits taken off that of the values.
    """
    fits = fit_sigmoids(counts, seed, n_trials)
    names = _names(len(fits.slopes), counts.unit)
    coverage = None
    if n_coverage:
        coverage = coverage_of_experiments(
            lambda rng: _experiment(counts, fits, rng, n_trials), names, _single(fits), seed, n_coverage
        )
    values, trials = _single(fits), _single_trials(fits)
    if len(fits.slopes) >= 3:
        more, spread, spread_trials = _population(fits, counts.unit, seed)
        names, values = names + more, np.concatenate([values, spread])
        trials = np.concatenate([trials, spread_trials], axis=1)
    estimates = dict(zip(names, values.tolist(), strict=True))
    misfit = (fits.chi2.sum(), fits.dof * len(fits.slopes))
    return Calibration.of_trials(
        MODEL,
        estimates,
        trials,
        misfit,
        seed,
        provenance_of_arrays(PROTOCOL, counts.drives, counts.n_up, counts.n_reads, counts.tau),
        coverage,
    )


def _names(n_junctions, unit):
    return tuple(name for i in range(n_junctions) for name in (f"slope_{i}_per_{unit}", f"offset_{i}_{unit}"))


def _single(fits):
    return np.stack([fits.slopes, fits.offsets], axis=1).ravel()


def _single_trials(fits):
    both = np.stack([fits.slope_trials, fits.offset_trials], axis=1)  # (n_junctions, 2, n_trials)
    return both.reshape(-1, both.shape[2]).T.copy()


def _population(fits, unit, seed):
    """Return mean and spread over junctions, and trials that draw junctions and their errors anew."""
    names, values, trials = (), [], []
    rng = np.random.default_rng([seed, 1])
    picked = rng.integers(0, fits.slopes.size, (fits.slope_trials.shape[1], fits.slopes.size))
    for label, one, drawn, of_unit in (
        ("slope", fits.slopes, fits.slope_trials, f"per_{unit}"),
        ("offset", fits.offsets, fits.offset_trials, unit),
    ):
        noise = drawn.var(axis=1, ddof=1)
        names += (f"{label}_mean_{of_unit}", f"{label}_sd_{of_unit}")
        values += [one.mean(), _spread(one, noise)]
        trials += [one[picked].mean(axis=1), _spread(one[picked], noise[picked])]
    return names, np.array(values), np.stack(trials, axis=1)


def _spread(values, noise):
    """Return the standard deviation that is left when the variance of the fits is taken off; 0 if none is."""
    return np.sqrt(np.maximum(values.var(axis=-1, ddof=1) - noise.mean(axis=-1), 0.0))


def _fitted(x, n_up, n_reads, start):
    found = np.empty((len(n_up), 5))
    fit_many(x, np.ascontiguousarray(n_up), np.ascontiguousarray(n_reads), np.ascontiguousarray(start), found)
    return found


def _starts(x, counts):
    """Return log-odds fitted by a line to shares that are kept off 0 and 1; shape (n_junctions, 2)."""
    share = (counts.n_up + 0.5) / (counts.n_reads + 1.0)
    odds = np.log(share / (1.0 - share))
    weight = share * (1.0 - share)
    mean_x, mean_y = ((weight * one).sum(axis=1) / weight.sum(axis=1) for one in (x, odds))
    off = x - mean_x[:, None]
    slope = (weight * off * (odds - mean_y[:, None])).sum(axis=1) / (weight * off**2).sum(axis=1)
    return np.stack([mean_y - slope * mean_x, slope], axis=1)


def _check_found(counts, found, what):
    for i in np.flatnonzero(~np.isfinite(found).all(axis=1)):
        rule = "between never and always up at two drives or more"
        raise InputError(f"Junction {i} must be {rule} in {what}, not decided at all of {counts.drives.size}")
    for i in np.flatnonzero(~(found[:, 1] > 0.0)):
        raise InputError(f"Junction {i} must be up more often at larger drives, not less often, in {what}")


def _synthetic(p, worth, rng, n_trials):
    """Return synthetic counts and reads, shape (n_junctions * n_trials, n_drives)."""
    whole = np.repeat(np.maximum(np.rint(worth), 1.0), n_trials, axis=0)
    return rng.binomial(whole.astype(np.int64), np.repeat(p, n_trials, axis=0)).astype(np.float64), whole


def _natural(found, middle, width):
    """Return alpha and V0 from log-odds a + b (V - middle) / width."""
    return found[:, 1] / (2.0 * width), middle - width * found[:, 0] / found[:, 1]


def _experiment(counts, fits, rng, n_trials):
    p = 1.0 / (1.0 + np.exp(-2.0 * fits.slopes[:, None] * (counts.drives - fits.offsets[:, None])))
    worth = np.maximum(np.rint(counts.n_reads / counts.tau), 1.0)
    one = SigmoidCounts(counts.drives, rng.binomial(worth.astype(np.int64), p), worth, 1.0, counts.unit)
    found = fit_sigmoids(one, int(rng.integers(2**31)), n_trials)
    return _single_trials(found), float(stats.chi2.sf(found.chi2.sum(), found.dof * len(found.slopes)))
