"""An instance as Verilog, and as a bitstream for a board."""

from __future__ import annotations

from ...emulator.reference.arguments import check_count, check_number
from ...emulator.spec.errors import InputError
from ...emulator.spec.fabric.quantised import FabricOptions, fabric_for
from ...emulator.spec.files.atomic_write import check_folder
from ...emulator.spec.seeds import check_seed
from .data import load

PROGRAM_SWEEPS = 100  # of a program that is written beside the Verilog


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
    from ..cosim.program_files import ProgramFiles
    from ..runs.rtl_output import top_name
    from ..runs.rtl_output import write_rtl as write_files

    check_folder(out)
    top_name(name)
    check_seed(seed)
    check_fabric(fabric)
    at = 1.0 if beta is None else check_number("Inverse temperature", beta)
    n_sweeps = PROGRAM_SWEEPS if sweeps is None else check_count("Sweeps", sweeps)
    model = load(instance)
    spec, program = fabric_for(model, fabric), None
    if beta is not None or sweeps is not None:
        program = ProgramFiles(model, spec, at, n_sweeps, seed)
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
    from ..runs.build_run import BoardBuild

    check_fabric(fabric)
    job = BoardBuild(board, out, check_count("Baud rate", baud), clock, check_seed(seed), say)
    make = job.maker()
    return job.run(make, load(instance), fabric)


def check_fabric(fabric):
    """Refuse design choices that are none."""
    if not isinstance(fabric, FabricOptions | None):
        raise InputError(f"Fabric choices must be FabricOptions, not {fabric!r:.60}")
