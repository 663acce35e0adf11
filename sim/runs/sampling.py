"""A run of any backend in numbers: what `spinchip sample` prints."""

from __future__ import annotations

import numpy as np

from ...emulator.spec.errors import InputError
from ...emulator.stats.autocorrelation import AutocorrError, effective_size, integrated_time, split_r_hat
from ...emulator.stats.effective_beta import beta_from_states
from ...emulator.stats.scale import deviation_of, mean_of
from ..samplers.analog_backends import machine_notes
from .mirror_symmetry import ONE_SIDED, is_one_sided

MIN_FOR_DIAGNOSTICS = 100  # states below which ArviZ's estimates are noise or undefined
MAX_FITTED_SPINS = 4_000_000  # spins that the fit of the effective beta looks at


def summarise(instance, samples, sampler=None):
    """Return the figures of a run: energy, effective samples, R-hat, effective beta, cost.

    Parameters
    ----------
    instance : IsingInstance
        Model that was sampled.
    samples : Samples
        Recorded samples.
    sampler : Sampler, optional
        Backend that drew them; its machine may be worth a note.

    Returns
    -------
    dict
        The keys of ``spinchip sample --json``. Figures that the run is too short for are None, and ``notes`` says so.
    """
    energies, notes = samples.energies, []
    if samples.n_samples == 0:
        raise InputError("Samples must hold at least one state per chain, not 0")
    tau = _or_note(lambda: integrated_time(energies), notes, "tau_int")
    moving = energies.min() < energies.max()
    is_enough = moving and samples.n_samples >= 4 and samples.n_samples * samples.n_chains >= MIN_FOR_DIAGNOSTICS
    ess = float(effective_size(energies)) if is_enough else None
    r_hat = float(split_r_hat(energies)) if is_enough and samples.n_chains > 1 else None
    if moving and not is_enough:
        notes.append(f"ESS and R-hat need {MIN_FOR_DIAGNOSTICS} states or more")
    if is_enough and samples.n_chains == 1:
        notes.append("R-hat compares chains, and there is one")
    if not moving:
        notes.append("energy never changed: error, ESS and R-hat are undefined")
    r_hat, beta_eff = _number(r_hat, notes, "R-hat: chains keep values of their own"), None
    if samples.n_samples * samples.n_chains == 1:
        notes.append("beta_eff: one state has no spread to make an interval from")
    elif samples.spins is not None:
        # Whole chains, as many as a few seconds allow: the interval needs their autocorrelation time.
        n_chains = max(1, MAX_FITTED_SPINS // samples.spins[0].size)
        beta_eff = _or_note(lambda: beta_from_states(instance, samples.spins[:n_chains]), notes, "beta_eff")
        if beta_eff is None and not any(note.startswith("beta_eff") for note in notes):
            notes.append("beta_eff: no spin saw a field that it disagreed with, or beta is beyond 1.8e308")
    notes += _notes_on_machine(instance, samples, sampler)
    updates, seconds = samples.ledger.events.get("updates", 0), samples.ledger.wall_seconds
    return {
        "n_spins": instance.n_spins,
        "n_chains": samples.n_chains,
        "n_samples": samples.n_samples * samples.n_chains,
        "energy": {
            "mean": mean_of(energies),
            "se": _number(deviation_of(energies) / np.sqrt(ess), notes, "energy: error beyond 1.8e308")
            if ess
            else None,
            "min": float(energies.min()),
        },
        "magnetization": float(samples.magnetizations.mean()),
        "tau_int": tau,
        "ess": ess,
        "r_hat": r_hat,
        "beta_eff": None if beta_eff is None else {"low": beta_eff.low, "best": beta_eff.best, "high": beta_eff.high},
        "flips_per_s": updates / seconds if seconds > 0 else None,
        "ledger": samples.ledger.as_dict(),
        "provenance": samples.provenance,
        "notes": notes,
        **({} if instance.labels is None else {"labels": list(instance.labels)}),
    }


def _notes_on_machine(instance, samples, sampler):
    """Return what a user should know of the run beside its statistics; list of str."""
    notes = [ONE_SIDED] if is_one_sided(instance, samples) else []
    for what in samples.provenance.get("card_unknown", ()):
        notes.append(f"card {samples.provenance.get('card')!r} does not know {what}")
    lost = 0 if samples.program is None else samples.program.n_saturated
    if lost:
        notes.append(f"WARNING: {lost} couplings or biases do not fit their word format and saturate")
    return notes if sampler is None else notes + machine_notes(sampler)


def _number(value, notes, why):
    """Return a figure, or None and a note if it is no finite number."""
    if value is None or np.isfinite(value):
        return value
    notes.append(why)
    return None


def _or_note(compute, notes, what):
    """Return a figure, or None and a note if the run is too short for it."""
    try:
        return compute()
    except AutocorrError as error:
        notes.append(f"{what}: {error}")
        return None
