"""The bit-sliced backend (multi-spin coding): 512 chains a vector, couplings and biases small multiples of a unit."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from ..spec.samples import Ledger, Samples
from ..spec.samples_record import run_provenance
from ..spec.schedule import Recording, check_schedule
from ..spec.seeds import check_seed
from .arguments import check_count, first_states
from .bit_fields import GROUP_CHAINS, GROUP_WORDS
from .bit_groups import bit_model, compile_kernels, new_group, run_group, unpacked
from .layout import sweep_layout


class BitSlicedSampler:
    """Sampler protocol over the bit kernels.

    Probabilities are exact to 2^-64; couplings and biases are taken as multiples of one unit, to 1e-9 of each. Chains
    come in groups of 512, and a run of fewer takes as long.

    Parameters
    ----------
    n_threads : int
        Threads that share the groups; the samples do not depend on it.
    colors : array_like, shape (n_spins,), int, optional
        A proper colouring; found if absent.
    """

    name = "bitsliced"

    def __init__(self, n_threads=1, colors=None):
        self.n_threads, self.colors = check_count("Threads", n_threads), colors

    def sample(self, instance, schedule, n_chains=1, seed=0, recording=None, initial=None, clamps=None):
        """Draw states; see `Sampler.sample`. Chain c is the same for any number of chains.

        Raises
        ------
        InputError
            If couplings and biases are not small multiples of one unit.
        """
        check_schedule(schedule)
        n_chains, seed = check_count("Chains", n_chains), check_seed(seed)
        recording = recording or Recording()
        spins, clamps = first_states(instance, n_chains, initial, clamps)
        model = bit_model(instance, sweep_layout(instance, clamps, self.colors))
        n_samples = recording.n_samples(schedule.n_sweeps)
        n_kept = n_samples if recording.spins else 0
        firsts = range(0, n_chains, GROUP_CHAINS)
        groups = [
            new_group(model, spins[first : first + GROUP_CHAINS], seed, number, n_samples, n_kept)
            for number, first in enumerate(firsts)
        ]
        compile_kernels(model, groups[0])
        started = time.perf_counter()
        with ThreadPoolExecutor(self.n_threads) as pool:
            for job in [pool.submit(run_group, model, group, schedule, recording) for group in groups]:
                job.result()
        seconds = time.perf_counter() - started
        sweeps = schedule.n_sweeps * n_chains
        ledger = Ledger({"sweeps": sweeps, "updates": sweeps * model.layout.n_free}, seconds)
        provenance = run_provenance(self.name, instance, schedule, seed, n_chains, recording) | {"unit": model.unit}
        return _samples(instance, model, groups, recording.spins, ledger, provenance)


def _samples(instance, model, groups, keeps_spins, ledger, provenance):
    """Return the samples of all groups together."""
    layout, n = model.layout, model.layout.n_spins
    energies = np.ascontiguousarray(np.concatenate([group.energies for group in groups], axis=1).T)
    up_or_differing = np.empty(len(model.order))
    up_or_differing[model.order] = sum(group.totals for group in groups)
    shares = up_or_differing / energies.size if energies.size else np.full(len(model.order), np.nan)
    kept = None
    if keeps_spins:
        kept = np.concatenate([unpacked(layout, group.kept, group.n_chains) for group in groups])
    return Samples(
        spins=kept,
        energies=instance.with_offset(energies),
        magnetizations=np.ascontiguousarray(np.concatenate([group.magnetizations for group in groups], axis=1).T),
        spin_means=layout.in_spin_order(2 * shares[-n:] - 1),
        edge_means=1 - 2 * shares[:-n],
        final_spins=np.concatenate(
            [unpacked(layout, group.words[: n * GROUP_WORDS], group.n_chains) for group in groups]
        ),
        ledger=ledger,
        provenance=provenance,
        labels=instance.labels,
    )
