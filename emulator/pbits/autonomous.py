"""Autonomous p-bits: free-running junctions coupled by synapses with a delay."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from ..devices.junction.random import junction_streams
from ..reference.arguments import check_count, first_states
from ..spec.errors import InputError
from ..spec.samples import Ledger, Samples
from ..spec.samples_record import run_provenance
from ..spec.schedule import Recording, Schedule, check_schedule
from ..spec.seeds import check_seed
from .autonomous_kernels import Flips, Machine, Network, Synapse, run_machine
from .delay_line import delay_line
from .event_queue import event_queue
from .junction_bank import NOMINAL, junction_bank


@dataclass(frozen=True)
class FlipLog:
    """Every flip of one machine in order of time.

    Parameters
    ----------
    times_s : ndarray, shape (n_flips,), float64
        Time of each flip [s].
    junctions : ndarray, shape (n_flips,), int64
        Index of the junction that flips.
    """

    times_s: np.ndarray
    junctions: np.ndarray


class AutonomousSampler:
    """Sampler protocol over free-running junctions; a sweep is a period after which states are read.

    Simulated event by event, exactly: there is no time step. A flip reaches its neighbours after ``delay_s``, and their
    drive then approaches its new value with the time constant ``rise_s``. Read-out is ideal.

    Parameters
    ----------
    card : SmtjCard
        Junctions and their spreads; its cycle-to-cycle spread and its comparator belong to clocks and are not used.
    delay_s, rise_s : float
        Delay and rise time of the synapse [s].
    sweep_s : float, optional
        Time between two recorded states [s]; the correlation time of the nominal junction without input if absent.
    device_seed : int
        Which machine is drawn from the card's spreads.
    """

    name = "smtj-autonomous"

    def __init__(self, card=NOMINAL, delay_s=0.0, rise_s=0.0, sweep_s=None, device_seed=0):
        for label, value in (("Synapse delay", delay_s), ("Synapse rise time", rise_s)):
            if not (np.isfinite(value) and value >= 0):
                raise InputError(f"{label} must be 0 s or above, not {value!r}")
        self.card, self.device_seed = card, device_seed
        self.synapse = Synapse(float(delay_s), float(rise_s))
        self.sweep_s = float(card.correlation_time_s(0.0)) if sweep_s is None else float(sweep_s)
        if not (np.isfinite(self.sweep_s) and self.sweep_s > 0):
            raise InputError(f"Time of a sweep must be above 0 s, not {sweep_s!r}")

    def bank(self, instance):
        """Return the `JunctionBank` on which an instance runs; the same for every run."""
        return junction_bank(self.card, instance.n_spins, self.device_seed)

    def sample(self, instance, schedule, n_chains=1, seed=0, recording=None, initial=None, clamps=None):
        """Draw states; see `Sampler.sample`. Chain c is the same for any number of chains."""
        check_schedule(schedule)
        n_chains, seed = check_count("Chains", n_chains), check_seed(seed)
        recording = recording or Recording()
        spins, clamps = first_states(instance, n_chains, initial, clamps)
        network, n = self._network(instance, schedule, clamps), instance.n_spins
        kept = np.empty((n_chains, recording.n_samples(schedule.n_sweeps), n), dtype=np.int8)
        last, betas = np.empty((n_chains, n), dtype=np.int8), schedule.beta_of_sweep()
        streams = junction_streams(seed, n_chains * n).reshape(n_chains, n, -1)
        plan, counts = (self.sweep_s, recording.after, recording.every), np.zeros(2, dtype=np.int64)
        run_machine(
            network, self.synapse, _machine(instance, spins[0], streams[0].copy()), betas[:0], plan, kept[0], _logs(0)
        )
        started = time.perf_counter()
        for chain in range(n_chains):
            machine = _machine(instance, spins[chain], streams[chain])
            counts += run_machine(network, self.synapse, machine, betas, plan, kept[chain], _logs(0)).counts
            last[chain] = machine.spins
        seconds, sweeps = time.perf_counter() - started, schedule.n_sweeps * n_chains
        events = {"sweeps": sweeps, "updates": sweeps * int(np.sum(clamps == 0))}
        events |= {"flips": int(counts[0]), "proposals": int(counts[1])}
        provenance = run_provenance(self.name, instance, schedule, seed, n_chains, recording)
        provenance |= {"card": self.card.name, "device_seed": self.device_seed, "sweep_s": self.sweep_s}
        if self.card.unknown:
            provenance["card_unknown"] = list(self.card.unknown)
        provenance |= self.synapse._asdict()
        return Samples.from_spins(instance, kept, last, Ledger(events, seconds), provenance, recording.spins)

    def log(self, instance, beta, duration_s, seed=0, initial=None):
        """Run one machine and write down every flip.

        Parameters
        ----------
        instance : IsingInstance
            Model that is coupled.
        beta : float
            Inverse temperature.
        duration_s : float
            Simulated time [s].
        seed, initial : see `Sampler.sample`

        Returns
        -------
        FlipLog
        """
        schedule = Schedule.constant(beta, 1)
        spins, clamps = first_states(instance, 1, initial, None)
        network = self._network(instance, schedule, clamps)
        recorded = np.empty((1, instance.n_spins), dtype=np.int8)
        streams = junction_streams(check_seed(seed), instance.n_spins)
        machine = _machine(instance, spins[0], streams)
        betas, plan = schedule.beta_of_sweep(), (float(duration_s), 0, 1)
        flips = run_machine(network, self.synapse, machine, betas, plan, recorded, _logs(1024))
        return FlipLog(flips.times_s[: flips.counts[0]], flips.junctions[: flips.counts[0]])

    def _network(self, instance, schedule, clamps):
        bank, matrix = self.bank(instance), instance.couplings
        bank.check_range(instance, max(schedule.betas))
        pointers, neighbors = matrix.indptr.astype(np.int64), matrix.indices.astype(np.int64)
        return Network(
            pointers,
            neighbors,
            matrix.data,
            bank.barrier_kT,
            1.0 / bank.tau0_s,
            bank.scale,
            bank.shift,
            float(bank.card.exponent),
            clamps != 0,
        )


def _machine(instance, spins, streams):
    """Return a machine at rest in a state that every synapse has felt for long."""
    n, fields = instance.n_spins, instance.local_fields(spins[None])[0].astype(np.float64)
    return Machine(spins.copy(), fields.copy(), fields.copy(), np.zeros(n), np.zeros(n), event_queue(n), streams)


def _logs(capacity):
    """Return an empty delay line and an empty list of flips."""
    return delay_line(), Flips(np.empty(capacity), np.empty(capacity, dtype=np.int64), np.zeros(2, dtype=np.int64))
