"""spinchip for Ocean users: a `dimod.Sampler` over the searches of `spinchip.anneal`, on every backend."""

from __future__ import annotations

import dimod
import numpy as np

from ...emulator.annealing.betas import N_BETAS
from ...emulator.spec.errors import InputError
from ...emulator.spec.foreign_models import label_order
from ...emulator.spec.instance import IsingInstance
from ...emulator.spec.seeds import check_seed
from ..runs.anneal_run import METHODS, STEPS, TEMPERING, Where, find
from ..samplers.by_name import backend

N_RUNGS = 24  # betas of a tempering in a given range


class SpinchipSampler(dimod.Sampler):
    """Samples of low energy from binary quadratic models.

    Parameters
    ----------
    on : str
        Backend, see `sim.samplers.by_name`; "reference" has all methods, the others anneal ("sa", "sqa"), and golden
        and icarus temper ("apt").
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
        self._fabric, self._most_betas = fabric, N_BETAS if on == "reference" else STEPS
        self._sampler = "reference" if on == "reference" else backend(on, fabric)
        methods = METHODS if on == "reference" else ("sa", "sqa", *(["apt"] if on in TEMPERING else []))
        self.properties = {"backend": on, "methods": sorted(methods)}
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
            One of ``properties["methods"]``; what they do is in `spinchip.anneal`.
        beta_range : (float, float), optional
            First and last inverse temperature in units of the spin model; from the model if absent, as in
            `spinchip.anneal`. Method "sqa" has its own.
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
        n_betas = N_RUNGS if method == "apt" else min(self._most_betas, num_sweeps)
        betas = None if beta_range is None else beta_line(beta_range, n_betas)
        named = method == "apt" and self._sampler != "reference"  # the replica fabric is one of its own
        where = Where(self.properties["backend"], self._fabric) if named else Where(self._sampler)
        spins = find(instance, method, num_sweeps, num_reads, seed, where, betas).run_spins
        samples = spins if bqm.vartype is dimod.SPIN else (spins + 1) // 2
        info = {"backend": self.properties["backend"], "method": method, "seed": seed}
        return dimod.SampleSet.from_samples_bqm((samples, label_order(bqm)), bqm, info=info)


def beta_line(beta_range, n_betas):
    """Return rising inverse temperatures in equal ratios, at both ends of a range; one alone is the last; float64."""
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
