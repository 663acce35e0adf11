"""Sections of a report, made from what instances, samplers, benches and gates give back."""

from __future__ import annotations

import platform
from importlib import metadata

import numpy as np

from ...emulator.spec.errors import InputError
from ...emulator.spec.schedule import Recording
from ...emulator.stats.autocorrelation import AutocorrError, autocorrelation, integrated_time
from ...emulator.stats.distance import state_histogram
from ...emulator.stats.evidence import thinned
from ..tools.trials import icarus_trials
from .plot_data import (
    AutocorrelationRun,
    ConditionalsSection,
    EnergyRun,
    EnergySection,
    LawSection,
    MomentGroup,
    MomentsSection,
)
from .written_numbers import number_text

PACKAGES = ("spinchip", "numpy", "scipy", "numba", "amaranth", "cocotb")
MAX_LISTED_VALUES = 4  # distinct couplings or biases that are listed; more are given as a range
MIN_CHAINS = 8  # from here on their spread gives an error to a quarter of itself
LONGEST_LAG = 1000  # draws of an autocorrelation that a report keeps


def instance_facts(instance):
    """Return what an instance is, for `ReportData.instance`; dict of str to value."""
    degrees = instance.degrees
    facts = {
        "name": instance.name,
        "spins": instance.n_spins,
        "couplings": instance.n_couplings,
        "mean degree": float(degrees.mean()),
        "largest degree": int(degrees.max()),
        "values of J": _values_text(instance.edge_values),
        "values of h": _values_text(instance.biases),
    }
    return facts | {str(key): _provenance_text(value) for key, value in instance.provenance.items()}


def _values_text(values):
    """Return the values that occur, or their range."""
    distinct = np.unique(values)
    if len(distinct) == 0:
        return "none"
    if len(distinct) <= MAX_LISTED_VALUES:
        return ", ".join(number_text(float(value)) for value in distinct)
    return f"{number_text(float(distinct[0]))} to {number_text(float(distinct[-1]))}, {len(distinct):,} values"


def _provenance_text(value):
    if isinstance(value, dict):
        return ", ".join(f"{key} {_provenance_text(part)}" for key, part in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else number_text(value)


def design_facts(spec):
    """Return what a fabric is, for `ReportData.design`; dict of str to value."""
    return {
        "design id": f"{spec.design_id:016x}",
        "p-bits": spec.n_pbits,
        "wires": len(spec.edges),
        "colours": spec.n_colors,
        "cycles per sweep": spec.clocks_per_sweep,
        "coupling format": _format_text(spec.weight),
        "bias format": _format_text(spec.bias),
        "field format": _format_text(spec.field),
        "table entries": spec.n_table_entries,
        "compared bits": spec.compare_bits,
        "random source": str(spec.random),
        "generators": spec.n_generators,
    }


def _format_text(number_format):
    """Return a fixed-point format and its width."""
    return f"{number_format}, {number_format.width} bit{'s'[: number_format.width - 1]}"


def energy_run(name, samples, recording=None):
    """Return the energies of one backend, with the mean's standard error and their autocorrelation time.

    Parameters
    ----------
    name : str
        Name of the backend.
    samples : Samples
        Recorded samples.
    recording : Recording, optional
        Which sweeps were kept; all by default.

    Returns
    -------
    EnergyRun
        The error is the spread over eight independent chains or more, and rests on the autocorrelation time where
        there are fewer. Of a constant energy neither is known.
    """
    recording, energies = recording or Recording(), samples.energies
    tau, n_chains = _tau(energies), samples.n_chains
    if n_chains >= MIN_CHAINS:
        error = float(energies.mean(axis=1).std(ddof=1) / np.sqrt(n_chains)) or None
    else:
        error = None if tau is None else float(energies.std() * np.sqrt(tau / energies.size))
    return EnergyRun(
        name=name,
        energies=energies,
        mean=float(energies.mean()),
        error=error,
        tau_int=None if tau is None else tau * recording.every,
        first_sweep=recording.after + recording.every,
        sweeps_per_draw=recording.every,
    )


def _tau(series):
    """Return the integrated autocorrelation time [draw], however short the chains; None for a constant series."""
    try:
        return integrated_time(series, min_length=0.0)
    except AutocorrError as error:
        return float(error.tau) if np.isfinite(error.tau) else None


def energy_section(runs, lowest=None, lowest_name="ground state"):
    """Return energies of several backends, with the difference of the first two means in standard errors."""
    agreement_z = None
    if len(runs) > 1 and runs[0].error and runs[1].error:
        agreement_z = (runs[1].shown_mean - runs[0].shown_mean) / float(np.hypot(runs[0].error, runs[1].error))
    return EnergySection(tuple(runs), lowest, lowest_name, agreement_z)


def autocorrelation_run(name, samples, recording=None):
    """Return the memory of the energy, or None if the energy is constant; see `energy_run` for the arguments."""
    tau = _tau(samples.energies)
    if tau is None:
        return None
    rho = autocorrelation(samples.energies)[:LONGEST_LAG]
    return AutocorrelationRun(name, rho, tau, (recording or Recording()).every)


def moments_section(instance, x_name, x_samples, y_name, y_samples):
    """Return spin means and edge correlations of one backend against another's.

    Errors are the spread over independent chains, so they need kept spins and two chains or more (eight are worth
    having); without these the moments come without errors.
    """
    x, y = (_moments_by_chain(instance, samples) for samples in (x_samples, y_samples))
    groups = []
    for number, (name, field) in enumerate((("spin means ⟨s_i⟩", "spin_means"), ("edges ⟨s_i s_j⟩", "edge_means"))):
        errors = [None if part is None else part[number] for part in (x, y)]
        groups.append(MomentGroup(name, getattr(x_samples, field), getattr(y_samples, field), *errors))
    return MomentsSection(x_name, y_name, tuple(group for group in groups if len(group.x)))


def _moments_by_chain(instance, samples):
    """Return standard errors of spin and edge means from the spread over chains, or None."""
    if samples.spins is None or samples.n_chains < 2:
        return None
    first, second = instance.edges.T
    by_chain = [
        (spins.mean(axis=0, dtype=np.float64), (spins[:, first] * spins[:, second]).mean(axis=0, dtype=np.float64))
        for spins in samples.spins
    ]
    return [np.std(part, axis=0, ddof=1) / np.sqrt(samples.n_chains) for part in zip(*by_chain, strict=True)]


def law_section(name, evidence, alpha=None, min_expected=20.0):
    """Return the histogram of a gate's evidence against its exact distribution.

    Parameters
    ----------
    name : str
        Which system, sampled by what.
    evidence : Evidence
        Evidence that holds an exact distribution.
    alpha : float, optional
        False-alarm budget of the verdict.
    min_expected : float
        Least expected count of a cell of the G-test, as in `Gate`.
    """
    test = evidence.law_test(min_expected)
    if test is None:
        raise InputError(f"Evidence must hold an exact distribution to be shown against it, not none for {name!r}")
    if evidence.end_law is not None:
        states, law, inflation = evidence.spins[:, -1], evidence.end_law, 1.0
    else:
        states, inflation = thinned(evidence.program, evidence.spins)
        law = evidence.stationary_law
    counts = state_histogram(states)
    n_eff = test.n_states / inflation
    return LawSection(name, law, counts, n_eff, test.tv, test.tv_floor, test.fit.p_value, alpha)


def conditionals_section(name, conditionals, page=0):
    """Return ups by field of one table page.

    Parameters
    ----------
    name : str
        Which system, sampled by what.
    conditionals : Conditionals
        Result of `measure_conditionals`.
    page : int
        Table page, that is, which beta of the schedule.
    """
    spec, words = conditionals.program.spec, conditionals.words
    index = words & (spec.n_table_entries - 1)
    counts = conditionals.counts[page].sum(axis=0)[index]
    n_updates, fields = counts.sum(axis=1), spec.field.values(words)
    table = conditionals.program.tables[page][index] / 2.0**spec.compare_bits
    seen = n_updates > 0
    return ConditionalsSection(
        name=name,
        fields=fields[seen],
        n_updates=n_updates[seen],
        n_ups=counts[seen, 1],
        probabilities=table[seen],
        table_fields=fields,
        table_probabilities=table,
        z_max=conditionals.z_max,
    )


def software_versions():
    """Return the versions that a report's numbers may depend on; dict of str to str."""
    versions = {"Python": platform.python_version()}
    for package in PACKAGES:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue  # a checkout that was not installed
    for trial in icarus_trials():
        if not trial.fault:
            versions["Icarus Verilog"] = trial.version or "unknown"
    return versions
