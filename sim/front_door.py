"""What ``import spinchip`` offers: a function for each of the main jobs, with the defaults of the command line."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..emulator.instances.in_memory import from_memory
from ..emulator.instances.resolve import resolve
from ..emulator.spec.errors import InputError
from ..emulator.spec.schedule import Recording, Schedule

BURN_IN = 4  # one sweep in so many is not kept, unless told otherwise
PROGRAM_SWEEPS = 100  # of a program that is written beside the Verilog


def load(source, file_format=None, **reading):
    """Return the instance that a file, a generator in brackets, a matrix, a graph or a dimod model tells of.

    Parameters
    ----------
    source : str, Path, IsingInstance, array_like of shape (n, n), networkx.Graph or dimod.BinaryQuadraticModel
        A file, a text such as ``[ea3d L=8 seed=3]``, couplings J, a graph whose edges carry ``J`` and whose nodes may
        carry ``h``, or a model in dimod's convention, whose sign is turned.
    file_format : str, optional
        Format of a file; guessed from its name and content if absent.
    **reading
        How an ambiguous file is read, see `emulator.instances.resolve.resolve`. Of a matrix: biases ``h``, ``offset``,
        ``labels``, ``name``, ``triangle``, or ``sense`` (a QUBO), see `emulator.instances.in_memory.from_memory`.

    Returns
    -------
    IsingInstance

    Raises
    ------
    InputError
        One line that names the place, the value and the rule.

    >>> load([[0, 1], [1, 0]]).n_couplings
    1
    """
    if isinstance(source, str | Path):
        return resolve(source, file_format, **reading)
    return from_memory(source, file_format=file_format, **reading)


def sample(instance, beta, sweeps=1000, *, on="reference", chains=64, burn_in=None, every=1, seed=0, fabric=None):
    """Draw states of an instance on a backend.

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

    Returns
    -------
    Samples
        ``.energies`` and ``.spins`` are of shape (chains, kept) and (chains, kept, n).

    >>> samples = sample("[ring n=6 J=1 h=0.3]", beta=0.5, sweeps=40, on="golden", chains=4, seed=1)
    >>> samples.spins.shape
    (4, 30, 6)
    """
    from .runs.run_size import check_draws
    from .samplers.by_name import JUNCTIONS

    schedule = beta if isinstance(beta, Schedule) else Schedule.constant(beta, sweeps)
    after = schedule.n_sweeps // BURN_IN if burn_in is None else burn_in
    recording = Recording(after, every)
    if recording.n_samples(schedule.n_sweeps) == 0:
        raise InputError("Run must keep at least one state per chain, not 0; lower burn_in or every, or raise sweeps")
    sampler, model = _sampler(on, fabric), load(instance)
    check_draws(model.n_spins, chains, schedule.n_sweeps, recording, sampler.name in JUNCTIONS)
    return sampler.sample(model, schedule, chains, seed, recording)


def verify(instance, beta, *, on="golden", chains=None, sweeps=None, seed=0, fabric=None):
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

    Returns
    -------
    Verdict
        ``.verdict`` is "pass", "suspicious" or "fail"; ``.p_value`` and ``.tests`` say why.

    >>> verify("[ring n=6 J=1 h=0.3]", beta=0.5).verdict
    'pass'
    """
    from .proof.verification import chosen_size
    from .proof.verification import verify as judge

    sampler, model = _sampler(on, fabric), load(instance)
    return judge(sampler, model, beta, chosen_size(sampler, model.n_spins, chains, sweeps), seed)


@dataclass(frozen=True, eq=False)
class Search:
    """What a search for the lowest energy found.

    Parameters
    ----------
    energy : float
        Lowest of all runs.
    spins : ndarray, shape (n,), int8
        A state that has it.
    energies : ndarray, shape (runs,), float64
        Lowest energy of each run.
    replicas : int
        Replicas of a run.
    seconds : float
        Wall-clock time of the sweeps [s].
    ladder_seconds : float
        Wall-clock time of the choice of betas, before the first sweep [s].
    labels : tuple of str, optional
        Names of the spins, in the order of ``spins``; a model of dimod may come in another order than it was built.
    """

    energy: float
    spins: np.ndarray
    energies: np.ndarray
    replicas: int
    seconds: float
    ladder_seconds: float = 0.0
    labels: tuple | None = None

    def __repr__(self):
        return f"Search(energy={self.energy:g}, runs={len(self.energies)}, seconds={self.seconds:.3g})"


def anneal(instance, method="sa", sweeps=1000, runs=16, *, on="reference", seed=0, fabric=None):
    """Search an instance for its lowest energy.

    Parameters
    ----------
    instance : IsingInstance, or whatever `load` takes
        Model whose energy is minimised.
    method : {"sa", "sqa", "apt", "pa"}
        Simulated annealing, simulated quantum annealing, parallel tempering with cluster moves, population annealing.
    sweeps, runs : int
        Sweeps of each replica, and independent runs.
    on, seed, fabric
        Same meaning as in `sample`.

    Returns
    -------
    Search

    >>> anneal("[ferromagnet2d L=4]", sweeps=100, runs=4).energy
    -32.0
    """
    from .runs.anneal_run import Where, check_backend, find

    where = Where(on, fabric)
    check_backend(where, method)
    model = load(instance)
    found = find(model, method, sweeps, runs, seed, where)
    lowest = float(found.energies.min())
    return Search(
        lowest, found.spins, found.energies, found.replicas, found.seconds, found.ladder_seconds, model.labels
    )


def calibrate(kind, data, *, seed=0, trials=None, coverage=0, base=None):
    """Fit a device to measured data.

    Parameters
    ----------
    kind : str
        Kind of calibration, see ``spinchip calibrate list``.
    data : str or Path
        A file with the columns of that kind.
    seed : int
        Seed of the synthetic data behind the intervals.
    trials : int, optional
        Number of synthetic data sets behind the intervals.
    coverage : int
        Synthetic experiments on which the intervals are tested.
    base : DeviceCard, optional
        Memristor whose card takes the measured model in.

    Returns
    -------
    Outcome
        ``.calibration`` holds the parameters with intervals, ``.card`` what emulators load.
    """
    from ..calibration.engine.bootstrap import N_TRIALS
    from ..calibration.kind import Request
    from ..calibration.kinds import calibrate_file
    from ..emulator.reference.arguments import check_count

    n_trials = N_TRIALS if trials is None else check_count("Trials", trials)
    return calibrate_file(kind, data, Request(seed, n_trials, coverage, Path(data).stem, base))


def crossbar(weights, device, at_s=0.0, *, tile=256, bits=(8, 8), wire_ohm=0.0, compensation="global", seed=0):
    """Program a matrix into emulated memristor tiles, let it drift, and tell the errors and the cost of a product.

    Parameters
    ----------
    weights : ndarray, shape (n_inputs, n_outputs), float64
        W of y = x W.
    device : str
        Device of the catalogue by name, or path of a JSON file.
    at_s : float
        Time after the reference read [s].
    tile : int
        Rows and columns of a tile.
    bits : (int, int)
        Bits of inputs and of ADC codes; 0 leaves them exact [bit].
    wire_ohm : float
        One segment of a line [ohm].
    compensation : str
        Compensation of drift: "none", "global", "tile" or "column"; see `TileSpec`.
    seed : int
        Seed of all random numbers; the same seed gives the same result.

    Returns
    -------
    result : dict
        The keys of ``spinchip crossbar --json``.
    array : Crossbar
        The programmed crossbar at that time; ``array.multiply(x)`` is a product.
    """
    from ..emulator.spec.matvec import checked_weights
    from .runs.crossbar_run import crossbar_result, tile_spec

    spec = tile_spec(device, tile, bits, wire_ohm, compensation)
    result, array, _ = crossbar_result(checked_weights(np.asarray(weights)), spec, at_s, seed)
    return result, array


def write_rtl(instance, out, *, beta=None, sweeps=None, name=None, fabric=None, seed=0):
    """Write Verilog, register map and manifest of a p-computer.

    With ``beta`` or ``sweeps`` also a program as $readmemh files, and a plain Verilog testbench that loads it and
    checks the first states against the bit-exact model.

    Parameters
    ----------
    instance : IsingInstance, or whatever `load` takes
        What the hardware shall sample.
    out : path
        Folder; made if absent.
    beta : float, optional
        Inverse temperature of the program; 1 if only ``sweeps`` are given.
    sweeps : int, optional
        Sweeps of the program; 100 if only ``beta`` is given.
    name : str, optional
        Prefix of every module, for several designs in one project.
    fabric : FabricOptions, optional
        Word formats and the like.
    seed : int
        Seed of the program.

    Returns
    -------
    result : dict
        The keys of ``spinchip rtl --json``: top, files, n_pbits, colors, design_id, saturated.
    """
    from ..emulator.reference.arguments import check_count
    from ..emulator.spec.fabric.quantised import fabric_for
    from .cosim.program_files import ProgramFiles
    from .runs.rtl_output import top_name
    from .runs.rtl_output import write_rtl as write_files

    top_name(name)
    n_sweeps = PROGRAM_SWEEPS if sweeps is None else check_count("Sweeps", sweeps)
    model = load(instance)
    spec, program = fabric_for(model, fabric), None
    if beta is not None or sweeps is not None:
        program = ProgramFiles(model, spec, 1.0 if beta is None else beta, n_sweeps, seed)
    return write_files(spec, model, out, program, name)


def build(instance, board, out, *, baud=1_000_000, clock=None, fabric=None, seed=0, say=None):
    """Make the bitstream of a p-computer for a board, or the Vivado project for a Xilinx one.

    A design that is too large gets more colours, which share more hardware, unless ``fabric`` names their number.

    Parameters
    ----------
    instance : IsingInstance, or whatever `load` takes
        What the hardware shall sample.
    board : str
        A name of `sim.fpga.boards.BOARDS`.
    out : path
        Folder; a build found there is used again.
    baud : int
        Speed of the serial port [bit/s].
    clock : float or "max", optional
        Clock from the FPGA's PLL [MHz], or the fastest that the design reaches; the board's own if absent.
    fabric : FabricOptions, optional
        Word formats, number of colours and the like.
    seed : int
        Starting point of place and route.
    say : callable, optional
        Told in one line what was tried and did not do.

    Returns
    -------
    result : dict
        The keys of ``spinchip build --json``. ``bitstream`` is None where the clock is faster than the design.

    Raises
    ------
    InputError
        If the board is unknown, the design does not fit, or neither clock nor baud rate can be made.
    ToolError
        If a tool is missing or fails.
    """
    from .runs.build_run import BoardBuild

    job = BoardBuild(board, out, baud, clock, seed, say)
    make = job.maker()
    return job.run(make, load(instance), fabric)


def _sampler(on, fabric):
    """Return the sampler of a name; a sampler stays what it is."""
    from .samplers.by_name import backend

    if isinstance(on, str):
        return backend(on, fabric)
    if not hasattr(on, "sample"):
        raise InputError(f"Backend must be a name or a sampler, not {on!r:.60}")
    if fabric is not None:
        raise InputError("Fabric choices must go with the name of a backend, not with a sampler, which has its own")
    return on
