"""Digital p-bits that stochastic junctions clock: each rising edge of a free junction updates one p-bit.

References
----------
Singh et al., Nature Communications 15, 2685 (2024): sMTJ-clocked asynchronous p-bits on an FPGA.
"""

from __future__ import annotations

import time

import numpy as np
from scipy.special import expit

from ..devices.junction.random import junction_streams
from ..oracle.states import all_spins, check_n_spins
from ..reference.arguments import check_count, first_states
from ..spec.errors import InputError
from ..spec.samples import Ledger, Samples
from ..spec.samples_record import run_provenance
from ..spec.schedule import Recording, check_schedule
from ..spec.seeds import check_seed
from .delay_line import delay_line
from .device_laws import MAX_CONTINUOUS, continuous_law
from .event_queue import event_queue
from .junction_bank import NOMINAL, junction_bank
from .junction_clocked_kernels import Clocks, Digital, run_clocks

BITS_MAX = 32


class JunctionClockedSampler:
    """Sampler protocol over digital p-bits whose clocks are free-running junctions.

    No order of updates is kept and no two p-bits need the same rate: with fast synapses such a machine samples the
    distribution of its thresholds. A sweep is a period in which a nominal junction rises once on average.

    Parameters
    ----------
    card : SmtjCard
        Junctions and their spreads; none feels an input.
    bits : int
        Width of the comparison: a p-bit rises with a probability of a whole number of 2^-bits, 1 or more and 2^bits - 1
        or less, as in the fabric.
    delay_s : float
        Between an update and the moment at which other p-bits read it [s].
    device_seed : int
        Which machine is drawn from the card's spreads.
    """

    name = "smtj-clocked-digital"

    def __init__(self, card=NOMINAL, bits=16, delay_s=0.0, device_seed=0):
        if not (int(bits) == bits and 2 <= bits <= BITS_MAX):
            raise InputError(f"Bits of a comparison must be 2 to {BITS_MAX}, not {bits!r}")
        if not (np.isfinite(delay_s) and delay_s >= 0):
            raise InputError(f"Synapse delay must be 0 s or above, not {delay_s!r}")
        self.card, self.bits, self.delay_s, self.device_seed = card, int(bits), float(delay_s), device_seed
        up, down = card.dwell_s(card.reduced_drive(card.drive_for(0.0)))
        self.sweep_s = float(up + down)

    def rates_Hz(self, n_spins):
        """Return the rates of each junction, up and down, shape (n,) each [1/s]."""
        return junction_bank(self.card, n_spins, self.device_seed).rates_Hz(np.zeros(n_spins))

    def up_chance(self, inputs):
        """Return the probability that an update gives +1 at inputs beta I."""
        steps = np.rint(expit(2.0 * np.asarray(inputs)) * 2.0**self.bits)
        return np.clip(steps, 1, 2.0**self.bits - 1) * 2.0**-self.bits

    def law(self, instance, beta):
        """Return the stationary distribution without delay; shape (2**n,), float64, at most 12 spins.

        Updates whose times do not look at the spins leave the Boltzmann distribution alone, whatever these times are.
        Rounded thresholds belong to no common distribution; for them this is the distribution of edges that are
        Poisson, as those of a junction with one rare state are.
        """
        n = instance.n_spins
        check_n_spins(n, MAX_CONTINUOUS)
        up, down = self.rates_Hz(n)
        chance = self.up_chance(beta * instance.local_fields(all_spins(n)))
        edges = up * down / (up + down)
        return continuous_law(edges * chance, edges * (1.0 - chance))

    def sample(self, instance, schedule, n_chains=1, seed=0, recording=None, initial=None, clamps=None):
        """Draw states; see `Sampler.sample`. Chain c is the same for any number of chains."""
        check_schedule(schedule)
        n_chains, seed = check_count("Chains", n_chains), check_seed(seed)
        recording = recording or Recording()
        spins, clamps = first_states(instance, n_chains, initial, clamps)
        matrix, n = instance.couplings, instance.n_spins
        up, down = self.rates_Hz(n)
        clocks = Clocks(up, down, clamps != 0)
        kept = np.empty((n_chains, recording.n_samples(schedule.n_sweeps), n), dtype=np.int8)
        last, betas = np.empty((n_chains, n), dtype=np.int8), schedule.beta_of_sweep()
        plan, n_updates = (self.sweep_s, recording.after, recording.every), 0

        def digital(chain):
            fields = instance.local_fields(spins[chain][None])[0].astype(np.float64)
            arrays = (matrix.indptr.astype(np.int64), matrix.indices.astype(np.int64), matrix.data)
            return Digital(*arrays, spins[chain].copy(), fields, 2.0**self.bits, self.delay_s)

        streams = junction_streams(seed, n_chains * n).reshape(n_chains, n, -1)

        def run(chain, betas):
            state, randomness = digital(chain), (streams[chain].copy(), event_queue(n), delay_line())
            count = run_clocks(clocks, state, betas, plan, kept[chain], randomness)
            return count, state.spins

        run(0, betas[:0])
        started = time.perf_counter()
        for chain in range(n_chains):
            count, last[chain] = run(chain, betas)
            n_updates += count
        seconds, sweeps = time.perf_counter() - started, schedule.n_sweeps * n_chains
        events = {"sweeps": sweeps, "updates": n_updates}
        provenance = run_provenance(self.name, instance, schedule, seed, n_chains, recording)
        provenance |= {"card": self.card.name, "device_seed": self.device_seed, "delay_s": self.delay_s}
        return Samples.from_spins(instance, kept, last, Ledger(events, seconds), provenance, recording.spins)
