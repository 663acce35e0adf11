"""What ``import spinchip`` offers: a function for each of the main jobs, with the defaults of the command line."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ..emulator.instances.in_memory import from_memory
from ..emulator.instances.resolve import resolve
from ..emulator.spec.errors import InputError
from ..emulator.spec.files.atomic_write import check_folder, check_output
from ..emulator.spec.schedule import Recording, Schedule
from ..emulator.spec.seeds import check_seed

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
    from .runs.run_size import MAX_STORED_SPINS, check_draws
    from .samplers.by_name import JUNCTIONS

    schedule = beta if isinstance(beta, Schedule) else Schedule.constant(beta, sweeps)
    after = schedule.n_sweeps // BURN_IN if burn_in is None else burn_in
    n_kept = Recording(after, every).n_samples(schedule.n_sweeps)
    if n_kept == 0:
        cure = "lower the burn-in or the sweeps per kept state, or raise the sweeps"
        raise InputError(f"Run must keep at least one state per chain, not 0; {cure}")
    sampler = _sampler(on, fabric)
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
    from .proof.verified import verified

    sampler = _sampler(on, fabric)
    if out is not None:
        check_folder(out)
    return verified(sampler, load(instance), beta, (chains, sweeps), seed, out, step)


def anneal(
    instance,
    method="sa",
    sweeps=1000,
    runs=16,
    *,
    on="reference",
    seed=0,
    fabric=None,
    ground=None,
    checkpoint=None,
    out=None,
    keep=None,
):
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
    ground : float, optional
        Energy that residuals count from; a known ground state, else the lowest found, if absent.
    checkpoint : path, optional
        File to go on from, and to keep; of the reference.
    out : path, optional
        Text file for the best state, one spin a line, behind its label.
    keep : path, optional
        Folder for result, best state and picture; made if absent.

    Returns
    -------
    Search
        ``.as_dict()`` has the keys of ``spinchip anneal --json``.

    >>> anneal("[ferromagnet2d L=4]", sweeps=100, runs=4).energy
    -32.0
    """
    from .runs.anneal_run import Where, check_backend, find
    from .runs.search import search_of, write_search

    where = Where(on, fabric, checkpoint)
    check_backend(where, method)
    if ground is not None and not np.isfinite(ground):
        raise InputError(f"Energy must be a finite number, not {ground}")
    if out is not None:
        check_output(out)
    if keep is not None:
        check_folder(keep)
    model = load(instance)
    search = search_of(model, find(model, method, sweeps, runs, seed, where), sweeps, ground, seed)
    return write_search(search, {"instance": model.name, "method": method, "backend": where.name}, out, keep)


def calibrate(
    kind,
    data,
    *,
    seed=0,
    trials=100,
    coverage=0,
    base=None,
    columns="",
    mask="",
    filter_time="",
    baseline="",
    decimal=None,
    out=None,
):
    """Fit a device to measured data.

    Parameters
    ----------
    kind : str
        Kind of calibration, see ``spinchip calibrate list``.
    data : str or Path
        A file with the columns of that kind.
    seed : int
        Seed of the synthetic data behind the intervals.
    trials : int
        Number of synthetic data sets behind the intervals.
    coverage : int
        Synthetic experiments on which the intervals are tested.
    base : DeviceCard or str, optional
        Memristor whose card takes the measured model in; a device of the catalogue or a JSON file by name.
    columns, mask : str
        ``NAME=HEADER,...`` where headers differ, and which readings are left out; see `calibration.data.table_reader`.
    filter_time, baseline : str
        Time constant of a low-pass in a telegraph trace, shortest period of its slow baseline [s], or "fit" for either.
    decimal : {"comma", "point"}, optional
        Decimal mark of a text, where the file leaves it open.
    out : path, optional
        Folder for calibration, card and pictures; made if absent.

    Returns
    -------
    Outcome
        ``.calibration`` holds the parameters with intervals, ``.card`` what emulators load; ``.is_rejected`` says
        whether the data reject the model, whose intervals then mean nothing.
    """
    from ..calibration.data.table_reader import Reading
    from ..calibration.kind import Request
    from ..emulator.devices.catalogue import device
    from ..emulator.reference.arguments import check_count
    from ..emulator.spec.files.file_names import short_name
    from .runs.calibrate_run import calibrated

    n_trials, n_coverage = check_count("Trials", trials), check_count("Coverage", coverage, 0)
    card = device(base) if isinstance(base, str) else base
    request = Request(check_seed(seed), n_trials, n_coverage, short_name(data), card, filter_time, baseline)
    return calibrated(kind, data, request, out, Reading(columns, mask, decimal))


def crossbar(
    weights,
    device,
    at_s=0.0,
    *,
    tile=256,
    bits=(8, 8),
    wire_ohm=0.0,
    compensation="global",
    seed=0,
    out=None,
    step=None,
):
    """Program a matrix into emulated memristor tiles, let it drift, and tell the errors and the cost of a product.

    Parameters
    ----------
    weights : ndarray, shape (n_inputs, n_outputs), float64, or path
        W of y = x W, or an ``.npy`` file of it.
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
    out : path, optional
        Folder for the figures as JSON, and plots; made if absent.
    step : callable, optional
        Gets one line about what is done next.

    Returns
    -------
    result : dict
        The keys of ``spinchip crossbar --json``.
    array : Crossbar
        The programmed crossbar at that time; ``array.multiply(x)`` is a product.
    """
    from ..emulator.spec.matvec import checked_weights
    from .runs.crossbar_run import crossbar_result, read_weights, save_result, tile_spec

    is_path, say = isinstance(weights, str | Path), step or _silent
    matrix = read_weights(weights) if is_path else checked_weights(np.asarray(weights))
    spec = tile_spec(device, tile, bits, wire_ohm, compensation)
    if out is not None:
        check_folder(out)
    say(f"{matrix.shape[0]} x {matrix.shape[1]} weights on {device}")
    result, array, curve = crossbar_result(matrix, spec, at_s, check_seed(seed))
    if out is not None:
        say("plots")
        result["plots"] = save_result(out, result, array, matrix, curve)
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

    check_folder(out)
    top_name(name)
    check_seed(seed)
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
    from ..emulator.reference.arguments import check_count
    from .runs.build_run import BoardBuild

    job = BoardBuild(board, out, check_count("Baud rate", baud), clock, check_seed(seed), say)
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


def _silent(line):
    """Tell nobody."""
