"""spinchip for Ocean users: a `dimod.Sampler` on the annealing kernels and on every backend."""

from __future__ import annotations

import dimod
import numpy as np

from ...emulator.annealing.anneal import anneal
from ...emulator.annealing.betas import N_BETAS, default_betas
from ...emulator.annealing.ladder import search_betas
from ...emulator.annealing.methods import METHODS
from ...emulator.annealing.progress import AnnealOptions
from ...emulator.spec.errors import InputError
from ...emulator.spec.foreign_models import label_order
from ...emulator.spec.instance import IsingInstance
from ...emulator.spec.schedule import Recording, Schedule
from ...emulator.spec.seeds import check_seed
from ..samplers.by_name import backend

N_RUNGS = 24  # betas of a tempering in a given range
STEPS = 16  # betas of a schedule on a backend: one table page each


class SpinchipSampler(dimod.Sampler):
    """Samples of low energy from binary quadratic models.

    Parameters
    ----------
    on : str
        Backend, see `sim.samplers.by_name`; "reference" uses the annealing kernels with all their methods, the others
        anneal by a schedule.
    fabric : FabricOptions, optional
        Word formats and the like of hardware backends.

    Examples
    --------
    >>> bqm = dimod.BinaryQuadraticModel({"a": 1.0}, {("a", "b"): -1.0}, 0.0, "BINARY")
    >>> best = SpinchipSampler().sample(bqm, num_reads=5, seed=1).first
    >>> float(best.energy), int(best.sample["a"])
    (0.0, 0)
    """

    properties = None
    parameters = None

    def __init__(self, on="reference", fabric=None):
        self._sampler = None if on == "reference" else backend(on, fabric)
        self.properties = {"backend": on, "methods": sorted(METHODS) if on == "reference" else ["sa"]}
        self.parameters = {name: [] for name in ("num_reads", "num_sweeps", "method", "beta_range", "seed")}

    def sample(self, bqm, num_reads=1, num_sweeps=1000, method="sa", beta_range=None, seed=None, **unknown):
        """Return one sample a read.

        Parameters
        ----------
        bqm : dimod.BinaryQuadraticModel
            SPIN or BINARY; energies of the answer are computed from it.
        num_reads, num_sweeps : int
            Independent runs, and sweeps of each.
        method : str
            "sa", "sqa", "apt" or "pa"; backends other than the reference take "sa".
        beta_range : (float, float), optional
            First and last inverse temperature in units of the spin model; from the fields of its spins if absent, see
            `default_betas`.
        seed : int, optional
            Reproduces the answer, any whole number of 0 or more; drawn if absent.
        **unknown
            Ignored with dimod's SamplerUnknownArgWarning, as its own samplers do.

        Returns
        -------
        dimod.SampleSet

        Raises
        ------
        InputError
            If an argument breaks a rule.
        """
        self.remove_unknown_kwargs(**unknown)
        if method not in self.properties["methods"]:
            rule = f"one of {', '.join(self.properties['methods'])} on {self.properties['backend']}"
            raise InputError(f"Method must be {rule}, not {method!r}")
        for label, value in (("Reads", num_reads), ("Sweeps", num_sweeps)):
            if not (isinstance(value, int | np.integer) and not isinstance(value, bool) and value >= 1):
                raise InputError(f"{label} must be a whole number of 1 or more, not {value!r}")
        seed = int(np.random.default_rng().integers(2**31)) if seed is None else check_seed(seed)
        if bqm.num_variables == 0:
            return dimod.SampleSet.from_samples_bqm(dimod.as_samples(np.empty((num_reads, 0), np.int8)), bqm)
        instance = IsingInstance.from_dimod(bqm)
        betas = beta_line(instance, beta_range, num_sweeps if self._sampler is None else min(STEPS, num_sweeps))
        if method == "apt":
            betas = _rungs(instance, beta_range, (num_sweeps, num_reads, seed))
        spins = self._spins(instance, (method, num_reads, num_sweeps, seed), betas)
        samples = spins if bqm.vartype is dimod.SPIN else (spins + 1) // 2
        info = {"backend": self.properties["backend"], "method": method, "seed": seed}
        return dimod.SampleSet.from_samples_bqm((samples, label_order(bqm)), bqm, info=info)

    def _spins(self, instance, run, betas):
        """Return the best state of each read; shape (num_reads, n), int8."""
        method, num_reads, num_sweeps, seed = run
        if self._sampler is None:
            settings = {} if method == "sqa" else {"betas": betas}
            return anneal(instance, method, num_sweeps, num_reads, seed, AnnealOptions(), **settings).run_spins
        schedule = Schedule.through(betas, num_sweeps)
        states = self._sampler.sample(instance, schedule, num_reads, seed, Recording()).spins
        best = instance.energies(states).argmin(axis=1)
        return states[np.arange(num_reads), best]


def beta_line(instance, beta_range=None, num_sweeps=N_BETAS):
    """Return rising inverse temperatures; ndarray, shape (at most 200,), float64.

    Parameters
    ----------
    instance : IsingInstance
        Sets the betas where none are given, see `default_betas`.
    beta_range : (float, float), optional
        First and last; the others between them in equal ratios.
    num_sweeps : int
        At most one beta a sweep; one alone is the last.
    """
    n_betas = min(N_BETAS, num_sweeps)
    if beta_range is None:
        return default_betas(instance, n_betas)
    first, last = _ends(beta_range)
    return np.geomspace(last, first, n_betas)[::-1]


def _ends(beta_range):
    """Return the two ends of a range, checked."""
    try:
        ends = tuple(float(one) for one in beta_range)
    except (TypeError, ValueError):
        ends = ()
    if len(ends) != 2 or not 0.0 < ends[0] < ends[1] < np.inf:
        raise InputError(f"Range of beta must be two rising numbers above 0, not {beta_range!r}")
    return ends


def _rungs(instance, beta_range, run):
    """Return the betas of a tempering; ``run`` is sweeps, reads and seed."""
    if beta_range is None:
        return search_betas(instance, "apt", *run)
    return np.geomspace(*_ends(beta_range), N_RUNGS)
