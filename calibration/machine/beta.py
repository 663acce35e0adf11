"""Effective inverse temperature of a machine, with an interval and a test of whether one number is enough."""

from __future__ import annotations

import numpy as np

from ...emulator.spec.errors import InputError
from ..engine.bootstrap import N_TRIALS
from ..engine.likelihood_record import provenance_of_states, record_of_influence, score_test, together
from ..inverse_ising.logistic import N_BATCHES, Batches, fit_logistic
from ..inverse_ising.states import checked_order, checked_states, seen_fields

MODEL = "effective inverse temperature"


def fit_beta(instance, spins, seed, colors=None, n_trials=N_TRIALS, n_batches=N_BATCHES):
    """Return the inverse temperature at which ideal p-bits would do most nearly what the machine did.

    The estimate is that of `emulator.stats.effective_beta.beta_from_states`, maximal pseudolikelihood; here batches of
    draws give the interval, and a test that asks every p-bit whether it agrees.

    Parameters
    ----------
    instance : IsingInstance
        Couplings and biases that the machine was given.
    spins, seed, colors, n_trials, n_batches
        Same meaning as in `gain.fit_gains`.

    Returns
    -------
    Calibration
        Parameter ``beta``; chi2 tests a gain and an offset of its own for every p-bit.

    Raises
    ------
    InputError
        If the states tell no beta (no field, or no bit against its field), or chains are too short.
    """
    spins = checked_states(spins)
    n_chains, n_draws, n = spins.shape
    colors = checked_order(colors, n, n_draws)
    if n != instance.n_spins:
        raise InputError(f"Spins must be as many as the instance has, {instance.n_spins}, not {n}")
    batches = Batches.of_shape(n_chains, n_draws - (colors is not None), n_batches)
    fields = seen_fields(instance, spins, colors).reshape(-1, n)
    bits = (spins if colors is None else spins[:, 1:]).reshape(-1, n)
    if not fields.any():
        raise InputError("Local fields must differ from 0 somewhere to tell a beta, not vanish in every state")
    by_spin = Batches(n_chains, batches.n_draws * n, batches.starts * n)
    fit = fit_logistic(fields.reshape(-1, 1), bits.ravel(), by_spin, ("beta",))
    mean = np.tanh(fit.values[0] * fields)
    residual, weight = bits - mean, 1.0 - mean**2
    tau = batches.tau(np.sum(residual * fields, axis=1)) if colors is None else 1.0
    groups = batches.groups(tau)
    starts, influence = batches.starts[groups], together(fit.influence, groups)
    slopes, shifts = (np.add.reduceat(part, starts, axis=0) for part in (residual * fields, residual))
    cross = np.stack([np.sum(weight * fields**2, axis=0), np.sum(weight * fields, axis=0)])
    misfit = [score_test(np.stack([slopes[:, i], shifts[:, i]], 1), cross[None, :, i], influence) for i in range(n)]
    provenance = provenance_of_states(spins, instance, None, colors)
    return record_of_influence((MODEL, ["beta"], fit.values), influence, misfit, seed, provenance, n_trials)
