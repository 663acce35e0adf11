"""The analog p-computer: couplings as conductances, columns as inputs of junctions, the read voltage as beta."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from ..crossbar.column_sums import ColumnSums
from ..crossbar.crossbar import Crossbar
from ..crossbar.dac import Dac
from ..crossbar.tile_spec import TileSpec
from ..devices.smtj_card import SmtjCard
from ..devices.smtj_random import junction_streams
from ..reference.arguments import check_count, first_states, run_provenance
from ..spec.errors import InputError
from ..spec.samples import Ledger, Samples
from ..spec.schedule import Recording
from .analog_kernels import Chains, Columns, Deciders, run_chains
from .junction_bank import NOMINAL, comparator_chances, junction_bank

IDEAL_TILE = TileSpec(dac=Dac(1), read_noise="none")
SMALLEST_V = 1e-6  # a curved device is read at no less; beta = 0 would be no voltage at all


@dataclass(frozen=True)
class CrossbarSampler:
    """Sampler protocol over a memristor crossbar and junctions; backend ``crossbar``.

    Spin i drives row i with +-V; column j carries I_j = sum J_ij s_i + h_j (a last row, always +V, holds the biases) as
    the devices have it, and its junction decides. P-bits are updated one by one in order, so that couplings which only
    errors of programming make are read as well, and a spin's on itself. V = ``volts_per_beta`` beta ``voltage_gain``:
    a higher read voltage is a lower temperature. Curved devices are read at that V and gain current as their curve
    does; the circuit is right for them at beta = 1. A converter's reference follows the read voltage.

    Parameters
    ----------
    tile : TileSpec
        Devices and converters; inputs of one bit. With ``compensation`` the sums are rescaled after the converter. Its
        own ``read_voltage_V`` is that of calibration reads.
    card : SmtjCard
        Junctions, with offsets from cycle to cycle and read-out; they forget between two updates.
    t_s : float, optional
        Time since programming [s]; the card's reference time if absent.
    volts_per_beta : float
        Read voltage of beta = 1 [V].
    voltage_gain : float
        Turns the voltage up against drift and noise [1]; see `analog_control`.
    amplifier_noise : float
        Standard deviation that the amplifier adds to beta I, whatever the voltage [1].
    device_seed : int
        Which machine: programming of the crossbar, and junctions.

    Raises
    ------
    InputError
        If a number breaks its rule, or the devices' card does not reach ``t_s``.
    """

    tile: TileSpec = IDEAL_TILE
    card: SmtjCard = NOMINAL
    t_s: float | None = None
    volts_per_beta: float = 0.05
    voltage_gain: float = 1.0
    amplifier_noise: float = 0.0
    device_seed: int = 0
    name: ClassVar[str] = "crossbar"

    def __post_init__(self):
        for label, value in (("Volts per beta", self.volts_per_beta), ("Voltage gain", self.voltage_gain)):
            if not (np.isfinite(value) and value > 0):
                raise InputError(f"{label} must be above 0, not {value!r}")
        if not (np.isfinite(self.amplifier_noise) and self.amplifier_noise >= 0):
            raise InputError(f"Amplifier noise must be 0 or above, not {self.amplifier_noise!r}")
        check_count("Device seed", self.device_seed, least=0)
        if self.t_s is not None:
            self.tile.device.check_time(self.t_s)

    def read_voltage_V(self, beta):
        """Return the read voltage of a beta [V]."""
        return self.volts_per_beta * self.voltage_gain * beta

    def crossbar(self, instance, beta=None):
        """Return the programmed `Crossbar` of an instance at the time of this sampler; the same for every run.

        Parameters
        ----------
        instance : IsingInstance
            Couplings and biases.
        beta : float, optional
            At whose voltage it is read; the tile's own voltage if absent.
        """
        weights = np.vstack([instance.couplings.toarray(), instance.biases[None, :]])
        if not weights.any():
            weights[0, -1] = np.finfo(float).tiny  # a matrix of zeros has no scale
        volts_V = self.tile.read_voltage_V if beta is None else max(self.read_voltage_V(beta), SMALLEST_V)
        made = Crossbar(weights, replace(self.tile, read_voltage_V=volts_V), seed=self.device_seed)
        return made if self.t_s is None else made.at(self.t_s)

    def deciders(self, instance, clamps=None):
        """Return the junctions of an instance."""
        bank, card, n = junction_bank(self.card, instance.n_spins, self.device_seed), self.card, instance.n_spins
        held = np.zeros(n, dtype=bool) if clamps is None else clamps != 0
        # An offset from cycle to cycle is a deviation of the drive: in beta I it is n Delta gain sd of the card.
        cycle = card.exponent * card.barrier_kT * card.gain * card.sd_cycle
        noise, chances = float(np.hypot(self.amplifier_noise, cycle)), comparator_chances(card.circuit)
        return Deciders(bank.barrier_kT, bank.scale, bank.shift, float(card.exponent), noise, chances, held)

    def check_range(self, instance, beta):
        """Refuse a beta whose voltage the devices, or whose input the junctions, do not bear; the text says which."""
        self.tile.device.check_voltage(self.read_voltage_V(beta))
        junction_bank(self.card, instance.n_spins, self.device_seed).check_range(instance, self.voltage_gain * beta)

    def blocks(self, instance, schedule):
        """Return what a schedule reads, as pairs of `ColumnSums` and the beta I of a column of 1 in each sweep.

        Ohmic devices make one block. Curved ones make one for each segment, whose sums are those at its voltage.
        """
        n_rows = np.ones(instance.n_spins + 1, dtype=np.int8)
        if self.tile.device.is_linear:
            return [(ColumnSums(self.crossbar(instance), n_rows), self.voltage_gain * schedule.beta_of_sweep())]
        made = {beta: ColumnSums(self.crossbar(instance, beta), n_rows) for beta in schedule.betas}
        return [(made[beta], np.full(n_sweeps, self._gain(beta))) for beta, n_sweeps in schedule.segments]

    def _gain(self, beta):
        """Return beta I of a column of 1 where the largest device carries what its curve says."""
        volts_V, nominal = max(self.read_voltage_V(beta), SMALLEST_V), self.tile.encoding.nominal
        step_S, right_S = (nominal(self.tile.device, v)[0] for v in (volts_V, self.volts_per_beta))
        return self.voltage_gain * beta * step_S / right_S

    def sample(self, instance, schedule, n_chains=1, seed=0, recording=None, initial=None, clamps=None):
        """Draw states; see `Sampler.sample`. Chain c is the same for any number of chains, all on one machine."""
        n_chains, seed = check_count("Chains", n_chains), check_count("Seed", seed, least=0)
        recording = recording or Recording()
        spins, clamps = first_states(instance, n_chains, initial, clamps)
        self.check_range(instance, max(schedule.betas))
        n, deciders, blocks = instance.n_spins, self.deciders(instance, clamps), self.blocks(instance, schedule)
        kept = np.empty((n_chains, recording.n_samples(schedule.n_sweeps), n), dtype=np.int8)
        states = np.hstack([spins, np.ones((n_chains, 1), dtype=np.int8)])
        chains = Chains(states, junction_streams(seed, n_chains * n).reshape(n_chains, n, -1))
        n_flips, begun, seconds = 0, 0, 0.0
        for sums, gains in blocks:
            columns = Columns(*sums.rows, sums.sums, sums.reading)
            plan = (begun, recording.after, recording.every)
            run_chains(columns, deciders, gains[:0], sums.spins, chains, kept, plan)  # compiles, untimed
            started = time.perf_counter()
            n_flips += run_chains(columns, deciders, gains, sums.spins, chains, kept, plan)
            seconds, begun = seconds + time.perf_counter() - started, begun + gains.size
        sweeps = schedule.n_sweeps * n_chains
        n_updates = sweeps * int(np.sum(clamps == 0))
        events = {"sweeps": sweeps, "updates": n_updates, "column_reads": n_updates, "flips": n_flips}
        provenance = run_provenance(self.name, instance, schedule, seed, n_chains) | self._provenance()
        last = states[:, :n].copy()
        return Samples.from_spins(instance, kept, last, Ledger(events, seconds), provenance, recording.spins)

    def _provenance(self):
        return {
            "device": self.tile.device.name,
            "card": self.card.name,
            "t_s": self.t_s,
            "volts_per_beta": self.volts_per_beta,
            "voltage_gain": self.voltage_gain,
            "amplifier_noise": self.amplifier_noise,
            "device_seed": self.device_seed,
        }
