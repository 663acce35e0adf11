"""Clocked p-bits: a junction, a comparator, a latch; colours latch in turn."""

from __future__ import annotations

import math
import time

import numpy as np

from ..devices.junction.random import junction_streams
from ..reference.arguments import check_count, first_states
from ..reference.layout import sweep_layout
from ..spec.errors import InputError
from ..spec.samples import Ledger, Samples
from ..spec.samples_record import run_provenance
from ..spec.schedule import Recording, check_schedule
from ..spec.seeds import check_seed
from .clocked_kernels import Junctions, Wiring, run_chain
from .junction_bank import NOMINAL, comparator_chances, junction_bank


class SmtjSampler:
    """Sampler protocol over clocked junctions; backend ``smtj``.

    Every junction feels the input of its p-bit all the time and moves between clocks by the exact propagator of its two
    states. At each clock the comparators of one colour are latched. With ``clock_s`` not far above the correlation time
    a junction remembers what it was, and the distribution is no longer Boltzmann's: `clocked_law` has it.

    Parameters
    ----------
    card : SmtjCard
        Junctions, their spreads and read-out.
    clock_s : float
        Time between two clocks [s]; infinite for junctions that forget in between.
    device_seed : int
        Which machine is drawn from the card's spreads. All chains run on it.
    colors : array_like, shape (n_spins,), int, optional
        A proper colouring; found if absent.
    """

    name = "smtj"

    def __init__(self, card=NOMINAL, clock_s=math.inf, device_seed=0, colors=None):
        if not clock_s > 0:
            raise InputError(f"Clock period must be above 0 s, not {clock_s!r}")
        self.card, self.clock_s, self.device_seed, self.colors = card, float(clock_s), device_seed, colors

    def bank(self, instance):
        """Return the `JunctionBank` on which an instance runs; the same for every run."""
        return junction_bank(self.card, instance.n_spins, self.device_seed)

    def sample(self, instance, schedule, n_chains=1, seed=0, recording=None, initial=None, clamps=None):
        """Draw states; see `Sampler.sample`. Chain c is the same for any number of chains."""
        check_schedule(schedule)
        n_chains, seed = check_count("Chains", n_chains), check_seed(seed)
        recording = recording or Recording()
        spins, clamps = first_states(instance, n_chains, initial, clamps)
        layout, bank = sweep_layout(instance, clamps, self.colors), self.bank(instance)
        bank.check_range(instance, max(schedule.betas))
        wiring = Wiring(layout.bounds, layout.pointers, layout.neighbors, layout.values, layout.biases)
        junctions, betas = self._rows(bank, layout.order), schedule.beta_of_sweep()
        n = instance.n_spins
        kept = np.empty((n_chains, recording.n_samples(schedule.n_sweeps), n), dtype=np.int8)
        last = np.empty((n_chains, n), dtype=np.int8)
        plan = (recording.after, recording.every)
        rows = spins[:, layout.order].copy()
        run_chain(wiring, junctions, betas[:0], (rows[0], rows[0].copy()), junction_streams(0, n), kept[0], plan)
        streams = junction_streams(seed, n_chains * n).reshape(n_chains, n, -1)
        started = time.perf_counter()
        for chain in range(n_chains):
            state = (rows[chain], rows[chain].copy())
            run_chain(wiring, junctions, betas, state, streams[chain], kept[chain], plan)
            last[chain] = state[0]
        events = {"sweeps": schedule.n_sweeps * n_chains}
        events |= {"updates": events["sweeps"] * layout.n_free, "clocks": events["sweeps"] * (len(layout.bounds) - 1)}
        ledger = Ledger(events, time.perf_counter() - started)
        provenance = run_provenance(self.name, instance, schedule, seed, n_chains, recording)
        provenance |= {"card": self.card.name, "clock_s": self.clock_s, "device_seed": self.device_seed}
        if self.card.unknown:
            provenance["card_unknown"] = list(self.card.unknown)
        in_order = np.empty_like(kept)
        in_order[..., layout.order] = kept
        final = np.empty_like(last)
        final[:, layout.order] = last
        return Samples.from_spins(instance, in_order, final, ledger, provenance, recording.spins)

    def _rows(self, bank, order):
        """Return the junctions in the order of the rows."""
        cycle = bank.scale * bank.card.exponent * bank.card.barrier_kT * bank.card.gain * self.card.sd_cycle
        return Junctions(
            barrier=bank.barrier_kT[order],
            rate=1.0 / bank.tau0_s[order],
            scale=bank.scale[order],
            shift=bank.shift[order],
            cycle=cycle[order],
            exponent=float(bank.card.exponent),
            clock_s=self.clock_s,
            chances=comparator_chances(self.card.circuit),
        )
