"""States of an instance on any backend, and the verdict on a backend."""

from __future__ import annotations

from ...emulator.reference.arguments import check_count
from ...emulator.spec.errors import InputError
from ...emulator.spec.files.atomic_write import check_folder, check_output
from ...emulator.spec.schedule import Recording, Schedule
from .data import load
from .hardware import check_fabric

BURN_IN = 4  # one sweep in so many is not kept, unless told otherwise


def sample(
    instance,
    beta,
    sweeps=1000,
    *,
    on="reference",
    chains=64,
    burn_in=None,
    every=1,
    seed=0,
    fabric=None,
    out=None,
    keep_spins=True,
):
    """Draw states of an instance on a backend; `summarise` tells how good they are.

    Parameters
    ----------
    instance : IsingInstance, or whatever `load` takes
        What to sample, P(s) ~ exp(-beta E(s)).
    beta : float or Schedule
        Inverse temperature, or a schedule of several, whose own sweeps then count.
    sweeps : int
        Sweeps of each chain, burn-in included.
    on : str or Sampler
        Backend by name, see `sim.samplers.by_name`, or a sampler.
    chains : int
        Number of independent chains.
    burn_in : int, optional
        Sweeps that are not kept; a quarter by default.
    every : int
        Sweeps per kept state.
    seed : int
        Reproduces the run, bit for bit on the same backend.
    fabric : FabricOptions, optional
        Word formats and the like of hardware backends.
    out : path, optional
        NetCDF file for ArviZ or xarray; see `Samples.save`.
    keep_spins : bool, optional
        Whether states are kept beside their energies; None: as long as they take 200 MB or less, as the command does.

    Returns
    -------
    Samples
        ``.energies`` and ``.spins`` are of shape (chains, kept) and (chains, kept, n).

    >>> samples = sample("[ring n=6 J=1 h=0.3]", beta=0.5, sweeps=40, on="golden", chains=4, seed=1)
    >>> samples.spins.shape
    (4, 30, 6)
    """
    from ..runs.run_size import MAX_STORED_SPINS, check_draws
    from ..samplers.by_name import JUNCTIONS

    chains = check_count("Chains", chains)
    schedule = beta if isinstance(beta, Schedule) else Schedule.constant(beta, sweeps)
    after = schedule.n_sweeps // BURN_IN if burn_in is None else burn_in
    n_kept = Recording(after, every).n_samples(schedule.n_sweeps)
    if n_kept == 0:
        cure = "lower the burn-in or the sweeps per kept state, or raise the sweeps"
        raise InputError(f"Run must keep at least one state per chain, not 0; {cure}")
    sampler = sampler_of(on, fabric)
    if out is not None:
        check_output(out)
    model = load(instance)
    if keep_spins is None:
        keep_spins = n_kept * chains * model.n_spins <= MAX_STORED_SPINS
    recording = Recording(after, every, keep_spins)
    check_draws(model.n_spins, chains, schedule.n_sweeps, recording, sampler.name in JUNCTIONS)
    samples = sampler.sample(model, schedule, chains, seed, recording)
    if out is not None:
        samples.save(out)
    return samples


def verify(instance, beta, *, on="golden", chains=None, sweeps=None, seed=0, fabric=None, out=None, step=None):
    """Hold a backend's samples against the exact distribution.

    An honest sampler fails with a probability of at most one in a million. Hardware is held against the distribution of
    its own quantised chain.

    Parameters
    ----------
    instance : IsingInstance, or whatever `load` takes
        Model to sample.
    beta : float
        Inverse temperature.
    on, seed, fabric
        Same meaning as in `sample`.
    chains, sweeps : int, optional
        Size of the first stage; chosen for the backend if absent.
    out : path, optional
        Folder for verdict and pictures; made if absent.
    step : callable, optional
        Gets one line about what is done next.

    Returns
    -------
    Verified
        ``.verdict`` is "pass", "suspicious" or "fail"; ``.p_value`` and ``.tests`` say why, ``.tested`` what it was
        held against. ``.as_dict()`` has the keys of ``spinchip verify --json``.

    >>> verify("[ring n=6 J=1 h=0.3]", beta=0.5).verdict
    'pass'
    """
    from ..proof.verified import verified

    sampler = sampler_of(on, fabric)
    if out is not None:
        check_folder(out)
    return verified(sampler, load(instance), beta, (chains, sweeps), seed, out, step)


def sampler_of(on, fabric):
    """Return the sampler of a name; a sampler stays what it is."""
    from ..samplers.by_name import backend

    check_fabric(fabric)
    if isinstance(on, str):
        return backend(on, fabric)
    if not hasattr(on, "sample"):
        raise InputError(f"Backend must be a name or a sampler, not {on!r:.60}")
    if fabric is not None:
        raise InputError("Fabric choices must go with the name of a backend, not with a sampler, which has its own")
    return on
