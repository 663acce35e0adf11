"""What undoes the heat of an analog machine: gains of the read voltage, from reads of columns or of spins."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ..reference.arguments import check_count
from ..spec.errors import InputError
from ..spec.schedule import Recording, Schedule
from ..stats.effective_beta import LEVEL, BetaInterval, beta_from_states

N_CALIBRATION = 64  # spin vectors of a calibration read
N_ROUNDS = 6  # of measuring beta and correcting the voltage
REFUSAL = 3.0  # half widths of the 95 % interval: 5.9 standard errors, a false alarm in 3e8


@dataclass(frozen=True)
class GainSetting:
    """A gain of the read voltage, and the effective beta that was measured with it afterwards.

    Parameters
    ----------
    voltage_gain : float
        For `CrossbarSampler` [1].
    beta : BetaInterval
        From a run of its own: the search for the gain has not seen it.
    """

    voltage_gain: float
    beta: BetaInterval


def drift_gain(sampler, instance):
    r"""Return the voltage gain that undoes the mean drift, from calibration reads; float.

    .. math:: g = \frac{\sum y(t_0)\, y_2(t)}{\sum y_1(t)\, y_2(t)}

    y are the columns of 64 random spin vectors, read once at ``t0_s`` and twice at ``t_s``. The noise of the two late
    reads is independent, so that the sums keep their means whatever it is; one read squared would count its noise as
    signal and ask for too little.

    Parameters
    ----------
    sampler : CrossbarSampler
        Machine that has drifted; its own ``voltage_gain`` is left out.
    instance : IsingInstance
        What it holds.
    """
    spins = np.random.default_rng(sampler.device_seed).choice([-1.0, 1.0], (N_CALIBRATION, instance.n_spins + 1))
    fresh, now = (machine.crossbar(instance) for machine in (replace(sampler, t_s=None), sampler))
    before, once, twice = fresh.multiply(spins, seed=1), now.multiply(spins, seed=2), now.multiply(spins, seed=3)
    return float((before * twice).sum() / (once * twice).sum())


def effective_beta(sampler, instance, schedule, n_chains, seed=0, level=LEVEL):
    """Return the effective beta after a schedule, from the last states of independent chains.

    Parameters
    ----------
    sampler : Sampler
        Any.
    instance : IsingInstance
        Couplings and biases that it should have.
    schedule : Schedule
        Long enough for equilibrium.
    n_chains : int
        States.
    seed : int
        Of the run.
    level : float
        Coverage of the interval.

    Returns
    -------
    BetaInterval

    Raises
    ------
    InputError
        If the states carry no information on beta.
    """
    spins = sampler.sample(instance, schedule, n_chains, seed, Recording(after=schedule.n_sweeps - 1)).spins
    found = beta_from_states(instance, spins, level=level, min_length=0.0)
    if found is None:
        raise InputError(f"Chains must be enough for spins against their fields, not {n_chains} without one")
    return found


def temperature_gain(sampler, instance, beta, n_chains=4000, n_sweeps=30, seed=0):
    """Return the voltage gain at which a machine has the effective beta that is asked for.

    The loop of a machine that knows its temperature: measure beta, multiply the voltage by what is missing, six times
    over. It corrects whatever acts as heat, drift, the noise of amplifiers and the noise of devices, and leaves what
    does not, such as errors of programming. Noise that grows with the voltage sets a highest beta.

    Parameters
    ----------
    sampler : CrossbarSampler
        Machine; its ``voltage_gain`` is where the search begins.
    instance : IsingInstance
        What it holds.
    beta : float
        Wanted inverse temperature, above 0.
    n_chains, n_sweeps : int
        States for each measurement, and sweeps before each.
    seed : int
        Of all runs.

    Returns
    -------
    GainSetting

    Raises
    ------
    InputError
        If beta is not reached, or the devices do not bear the voltage that it takes.
    """
    if not (np.isfinite(beta) and beta > 0):
        raise InputError(f"Beta of a gain must be above 0, not {beta!r}")
    check_count("Seed", seed, least=0)
    schedule, gain = Schedule.constant(beta, n_sweeps), sampler.voltage_gain
    *seeds, last = (int(s) for s in np.random.SeedSequence(seed).generate_state(N_ROUNDS + 1))
    for round_seed in seeds:
        found = effective_beta(replace(sampler, voltage_gain=gain), instance, schedule, n_chains, round_seed)
        if found.best <= 0:
            raise InputError(f"Noise must leave an effective beta above 0, not {found.best:.3g}")
        gain *= beta / found.best
    found = effective_beta(replace(sampler, voltage_gain=gain), instance, schedule, n_chains, last)
    if abs(found.best - beta) > REFUSAL * (found.high - found.best):
        reached = f"{found.best:.3g} at a gain of {gain:.3g}"
        raise InputError(f"Beta must be within reach of noise and voltage, here {reached}, not {beta!r}")
    return GainSetting(gain, found)
