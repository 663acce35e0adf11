"""Result of a calibration: parameters with intervals and correlations, and how well the model fits."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, field
from importlib import metadata

import numpy as np
from scipy import stats

from ...emulator.spec.errors import InputError
from ...emulator.spec.files.strict_json import write_json
from .bootstrap import LEAST_TRIALS, Interval, correlations, intervals
from .coverage import Coverage

FORMAT = "spinchip calibration 1"
SMALLEST_P = 1e-3  # a true model is refused once in a thousand calibrations


@dataclass(frozen=True, eq=False)
class Calibration:
    """Parameters of a model with intervals that were earned.

    Parameters
    ----------
    model : str
        Name of the model.
    parameters : dict of str to Interval
        Median of the trials, and the interval that contains 68 % of them.
    estimates : dict of str to float
        The least-squares solution of the data themselves.
    correlations : ndarray, shape (n_parameters, n_parameters), float64
        Correlations of the parameters over the trials, in their order.
    chi2, dof, chi2_dof, chi2_p : float, int, float, float
        Weighted sum of squares, degrees of freedom, their ratio, and the probability of a larger one.
    trials : ndarray, shape (n_trials, n_parameters), float64
        Parameters of every synthetic data set.
    seed : int
        Seed of the synthetic data.
    provenance : dict
        Protocol, data (hash and sizes), versions.
    coverage : Coverage or None
        Share of synthetic experiments whose intervals hold the truth, where it was asked for.
    """

    model: str
    parameters: dict[str, Interval]
    estimates: dict[str, float]
    correlations: np.ndarray
    chi2: float
    dof: int
    chi2_dof: float
    chi2_p: float
    trials: np.ndarray
    seed: int
    provenance: dict = field(default_factory=dict)
    coverage: Coverage | None = None

    @classmethod
    def of_trials(cls, model, estimates, trials, misfit, seed, provenance, coverage=None):
        """Return the record of parameters that were fitted by something else than least squares.

        Parameters
        ----------
        model : str
            Name of the model.
        estimates : dict of str to float
            The solution of the data themselves.
        trials : ndarray, shape (n_trials, n_parameters), float64
            Parameters of every synthetic data set, in the order of ``estimates``.
        misfit : (float, int)
            chi2 of what the model leaves out, and its degrees of freedom; (0, 0) where nothing tests it.
        seed : int
            Seed of the trials.
        provenance : dict
            Protocol, data, versions.
        coverage : Coverage, optional
            Where it was asked for.

        Returns
        -------
        Calibration
        """
        if len(trials) < LEAST_TRIALS:
            raise InputError(f"Number of trials must be at least {LEAST_TRIALS} for an interval, not {len(trials)}")
        ends, (chi2, dof) = intervals(trials), misfit
        return cls(
            model=model,
            parameters={name: Interval(*map(float, ends[:, k])) for k, name in enumerate(estimates)},
            estimates={name: float(value) for name, value in estimates.items()},
            correlations=correlations(trials),
            chi2=float(chi2),
            dof=int(dof),
            chi2_dof=float(chi2 / dof) if dof else float("nan"),
            chi2_p=float(stats.chi2.sf(chi2, dof)) if dof else 1.0,
            trials=trials,
            seed=int(seed),
            provenance=provenance,
            coverage=coverage,
        )

    def correlation(self, one, other):
        """Return the correlation of two parameters over the trials."""
        names = list(self.parameters)
        return float(self.correlations[names.index(one), names.index(other)])

    def check(self):
        """Return this calibration, or refuse one whose model the data reject: its intervals mean nothing.

        Raises
        ------
        InputError
            If a true model would give a larger chi2 less than once in a thousand times.
        """
        if self.chi2_p < SMALLEST_P:
            rule = f"consistent with the data (chi2 probability of at least {SMALLEST_P:g})"
            found = f"{self.chi2_p:.2g}, chi2/dof {self.chi2_dof:.3g}"
            raise InputError(f"Model {self.model!r} must be {rule}, not {found}")
        return self

    def as_dict(self):
        """Return a plain dictionary for JSON; the trials stay out."""
        return {
            "format": FORMAT,
            "model": self.model,
            "parameters": {name: asdict(one) for name, one in self.parameters.items()},
            "estimates": self.estimates,
            "correlations": self.correlations.tolist(),
            **{key: getattr(self, key) for key in ("chi2", "dof", "chi2_dof", "chi2_p", "seed")},
            "n_trials": len(self.trials),
            "coverage": None if self.coverage is None else self.coverage.as_dict(),
            "provenance": self.provenance,
        }

    def save(self, path):
        """Write `as_dict` as JSON, whole or not at all."""
        write_json(path, self.as_dict())


def provenance_of(series, centre):
    """Return where a calibration comes from: protocol, a hash of the data, versions.

    Parameters
    ----------
    series : sequence of Series
        The measured points.
    centre : str
        Means of the synthetic data, see `bootstrap`.

    Returns
    -------
    dict
    """
    digest = hashlib.sha256()
    for one in series:
        for array in (one.x, one.values, one.covariances):
            digest.update(np.ascontiguousarray(array, dtype="<f8").tobytes())
    return {
        "protocol": f"weighted least squares, parametric bootstrap around the {centre} (arXiv:2103.06246)",
        "data_sha256": digest.hexdigest(),
        "series": {one.name: {"n_points": one.x.size, "columns": list(one.columns)} for one in series},
        "versions": {package: metadata.version(package) for package in ("spinchip", "numpy", "scipy")},
    }


def provenance_of_arrays(protocol, *arrays):
    """Return where a calibration comes from: protocol, hash and shapes of its arrays, versions; dict."""
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(np.ascontiguousarray(array, dtype="<f8").tobytes())
    return {
        "protocol": protocol,
        "data_sha256": digest.hexdigest(),
        "shapes": [list(np.shape(array)) for array in arrays],
        "versions": {package: metadata.version(package) for package in ("spinchip", "numpy", "scipy")},
    }
