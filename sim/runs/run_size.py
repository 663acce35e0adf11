"""How much memory a run asks for, before it is started."""

from __future__ import annotations

from ...emulator.reference.arguments import check_count
from ...emulator.spec.memory import check_memory
from ...emulator.spec.schedule import Schedule

# Measured as peaks of processes, less that of a short run, on rings of 6 and 100 spins.
STATE_BYTES = 90  # of a kept state besides its spins: energy and magnetisation, their copies, one transform of them
CHAIN_BYTES, SPIN_BYTES = 1000, 10  # of a chain: its random streams; its rows, a spin
JUNCTION_BYTES = 110  # of a junction, which has a random stream of its own
MAX_STORED_SPINS = 200_000_000  # bytes of states that a run keeps unless told otherwise
RUN_BYTES = 1000  # of a search: energies at each of its thirty records, best and current; and 16 a spin


def check_draws(n_spins, n_chains, n_sweeps, recording, is_junctions=False):
    """Refuse draws that would not fit into the memory; counts below 1 too.

    Parameters
    ----------
    n_spins, n_chains, n_sweeps : int
        Numbers of spins, chains and sweeps of the run.
    recording : Recording
        Which states are kept.
    is_junctions : bool
        Whether every spin of every chain has a random stream.

    Raises
    ------
    InputError
        With the memory that they would take, or the rule of the counts.
    """
    check_count("Chains", n_chains)
    Schedule.constant(0.0, n_sweeps)  # its rule for sweeps
    n_states = n_chains * recording.n_samples(n_sweeps)
    kept = n_states * (STATE_BYTES + (n_spins if recording.spins else 0))
    check_memory(
        kept + n_chains * (CHAIN_BYTES + n_spins * (JUNCTION_BYTES if is_junctions else SPIN_BYTES)) + 8 * n_sweeps,
        f"{n_chains} chains of {n_sweeps} sweeps",
        "lower --chains or --sweeps, or raise --every",
    )


def check_search(n_spins, n_runs, n_sweeps):
    """Refuse a search whose runs would not fit into the memory; see `check_draws`."""
    check_count("Sweeps", n_sweeps)
    check_count("Runs", n_runs)
    Schedule.constant(0.0, n_sweeps)
    cost = n_runs * (RUN_BYTES + 16 * n_spins)
    check_memory(cost, f"{n_runs} runs of {n_sweeps} sweeps", "lower --runs, or run them one part after the other")
