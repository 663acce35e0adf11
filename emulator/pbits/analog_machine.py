"""The analog p-computer: couplings as conductances, columns as inputs of junctions, the read voltage as beta."""

from __future__ import annotations

import time

import numpy as np
from scipy.special import expit

from ..crossbar.column_sums import ColumnSums
from ..crossbar.crossbar import Crossbar
from ..crossbar.dac import Dac
from ..crossbar.tile_spec import TileSpec
from ..devices.junction.random import junction_streams
from ..oracle.states import all_spins, check_n_spins, state_indices
from ..reference.arguments import check_count, first_states
from ..spec.errors import InputError
from ..spec.samples import Ledger, Samples
from ..spec.samples_record import run_provenance
from ..spec.schedule import Recording, check_schedule
from ..spec.seeds import check_seed
from .analog_kernels import Columns, Deciders, run_analog
from .junction_bank import NOMINAL, junction_bank

IDEAL_TILE = TileSpec(dac=Dac(1), read_noise="none")
MAX_ANALOG_LAW = 12
NODES = 60  # of Gauss and Hermite, for the noise of a read


class CrossbarSampler:
    """Sampler protocol over a memristor crossbar and junctions; backend ``crossbar``.

    Spin i drives row i with +-V; column j carries I_j = sum J_ij s_i + h_j (a last row, always +V, holds the biases) as
    the devices have it, and its junction decides. P-bits are updated one by one in order, so that couplings which only
    errors of programming make are read as well, and a spin's on itself. V = ``volts_per_beta`` beta ``voltage_gain``:
    a higher read voltage is a lower temperature.

    Parameters
    ----------
    tile : TileSpec
        Devices and converters; inputs of one bit. With ``compensation`` the sums are rescaled after the converter.
    card : SmtjCard
        Junctions; they forget between two updates.
    t_s : float, optional
        Time since programming [s]; the card's reference time if absent.
    volts_per_beta : float
        Read voltage of beta = 1 [V].
    voltage_gain : float
        Turns the voltage up against drift [1]; see `drift_gain`.
    amplifier_noise : float
        Standard deviation that the amplifier adds to beta I, whatever the voltage [1].
    device_seed : int
        Which machine: programming of the crossbar, and junctions.
    """

    name = "crossbar"

    def __init__(
        self,
        tile=IDEAL_TILE,
        card=NOMINAL,
        t_s=None,
        volts_per_beta=0.05,
        voltage_gain=1.0,
        amplifier_noise=0.0,
        device_seed=0,
    ):
        for label, value in (("Volts per beta", volts_per_beta), ("Voltage gain", voltage_gain)):
            if not (np.isfinite(value) and value > 0):
                raise InputError(f"{label} must be above 0, not {value!r}")
        if not (np.isfinite(amplifier_noise) and amplifier_noise >= 0):
            raise InputError(f"Amplifier noise must be 0 or above, not {amplifier_noise!r}")
        self.tile, self.card, self.t_s, self.device_seed = tile, card, t_s, device_seed
        self.volts_per_beta, self.voltage_gain = float(volts_per_beta), float(voltage_gain)
        self.amplifier_noise = float(amplifier_noise)

    def crossbar(self, instance):
        """Return the programmed `Crossbar` of an instance at the time of this sampler; the same for every run."""
        weights = np.vstack([instance.couplings.toarray(), instance.biases[None, :]])
        if not weights.any():
            weights[0, -1] = np.finfo(float).tiny  # a matrix of zeros has no scale
        made = Crossbar(weights, self.tile, seed=self.device_seed)
        return made if self.t_s is None else made.at(self.t_s)

    def deciders(self, instance, clamps=None):
        """Return the junctions of an instance."""
        bank, n = junction_bank(self.card, instance.n_spins, self.device_seed), instance.n_spins
        held = np.zeros(n, dtype=bool) if clamps is None else clamps != 0
        return Deciders(bank.barrier_kT, bank.scale, bank.shift, float(self.card.exponent), self.amplifier_noise, held)

    def check_voltage(self, beta):
        """Refuse a beta whose read voltage the devices do not bear; the text names their range."""
        self.tile.device.check_voltage(self.volts_per_beta * self.voltage_gain * max(beta, 1e-9))

    def sample(self, instance, schedule, n_chains=1, seed=0, recording=None, initial=None, clamps=None):
        """Draw states; see `Sampler.sample`. Chain c is the same for any number of chains, all on one machine."""
        check_schedule(schedule)
        n_chains, seed = check_count("Chains", n_chains), check_seed(seed)
        recording = recording or Recording()
        spins, clamps = first_states(instance, n_chains, initial, clamps)
        self.check_voltage(max(schedule.betas))
        n, deciders = instance.n_spins, self.deciders(instance, clamps)
        sums = ColumnSums(self.crossbar(instance), np.ones(n + 1, dtype=np.int8))
        kept = np.empty((n_chains, recording.n_samples(schedule.n_sweeps), n), dtype=np.int8)
        last, plan, n_flips = np.empty((n_chains, n), dtype=np.int8), (recording.after, recording.every), 0
        betas = self.voltage_gain * schedule.beta_of_sweep()
        streams = junction_streams(seed, n_chains * n).reshape(n_chains, n, -1)
        run_analog(_columns(sums), deciders, betas[:0], sums.spins, streams[0], kept[0], plan)
        started = time.perf_counter()
        for chain in range(n_chains):
            sums.set_spins(np.append(spins[chain], np.int8(1)))
            n_flips += run_analog(_columns(sums), deciders, betas, sums.spins, streams[chain], kept[chain], plan)
            last[chain] = sums.spins[:n]
        seconds, sweeps = time.perf_counter() - started, schedule.n_sweeps * n_chains
        n_updates = sweeps * int(np.sum(clamps == 0))
        events = {"sweeps": sweeps, "updates": n_updates, "column_reads": n_updates, "flips": n_flips}
        provenance = run_provenance(self.name, instance, schedule, seed, n_chains, recording)
        provenance |= {"device": self.tile.device.name, "t_s": self.t_s, "card": self.card.name}
        if self.card.unknown:
            provenance["card_unknown"] = list(self.card.unknown)
        provenance |= {"voltage_gain": self.voltage_gain, "device_seed": self.device_seed}
        return Samples.from_spins(instance, kept, last, Ledger(events, seconds), provenance, recording.spins)


def _columns(sums):
    return Columns(*sums.rows, sums.sums, sums.reading)


def drift_gain(sampler, instance):
    """Return the voltage gain that undoes the mean drift, from one calibration read before and one after; float.

    Parameters
    ----------
    sampler : CrossbarSampler
        Machine that has drifted, its tiles without compensation.
    instance : IsingInstance
        Model that it holds.
    """
    spins = np.random.default_rng(sampler.device_seed).choice([-1.0, 1.0], (64, instance.n_spins + 1))
    now = sampler.crossbar(instance)
    fresh = CrossbarSampler(sampler.tile, sampler.card, device_seed=sampler.device_seed).crossbar(instance)
    before, after = fresh.multiply(spins, seed=1), now.multiply(spins, seed=2)
    return float((before * after).sum() / (after * after).sum())


def analog_law(sampler, instance, schedule):
    """Return the exact distribution after a schedule from the state of all -1; ndarray, shape (2**n,), float64.

    Programming errors, drift, lumped read noise, amplifier noise and spread of junctions are in the distribution; tiles
    must have no ADC.

    Parameters
    ----------
    sampler : CrossbarSampler
    instance : IsingInstance
        At most 12 spins.
    schedule : Schedule
    """
    n = instance.n_spins
    check_n_spins(n, MAX_ANALOG_LAW)
    if sampler.tile.adc.bits is not None:
        raise InputError(f"ADC of an exact distribution must be absent, not of {sampler.tile.adc.bits} bits")
    states, deciders = all_spins(n), sampler.deciders(instance)
    sums = ColumnSums(sampler.crossbar(instance), np.ones(n + 1, dtype=np.int8))
    inputs = np.empty((1 << n, n))
    for k, state in enumerate(states):
        sums.set_spins(np.append(state, np.int8(1)))
        inputs[k] = sums.values()
    nodes, weights = np.polynomial.hermite_e.hermegauss(NODES)
    law = np.zeros(1 << n)
    law[state_indices(np.full(n, -1))] = 1.0
    for beta, n_sweeps in schedule.segments:
        gain = sampler.voltage_gain * beta
        sigma = np.hypot(gain * sums.sigmas, sampler.amplifier_noise)
        chance = _share_up(deciders, gain * inputs[..., None] + sigma[:, None] * nodes) @ (weights / weights.sum())
        for _ in range(n_sweeps):
            for j in range(n):
                law = _redraw(law, chance[:, j], j)
    return law


def _share_up(deciders, u):
    """Return the chances of all junctions at inputs of shape (2**n, n, n_nodes)."""
    x = deciders.scale[:, None] * u + deciders.shift[:, None]
    up, down = (np.maximum(1.0 + sign * x, 0.0) ** deciders.exponent for sign in (1.0, -1.0))
    return expit(deciders.barrier[:, None] * (up - down))


def _redraw(law, chance, j):
    """Draw spin j anew: up with the chance that the state before gives it."""
    half = 1 << j
    split, up = law.reshape(-1, 2, half), chance.reshape(-1, 2, half)
    high = (split * up).sum(axis=1)
    return np.stack([split.sum(axis=1) - high, high], axis=1).reshape(-1)
