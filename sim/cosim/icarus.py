"""Icarus builds of a fabric, and cocotb benches run on them."""

from __future__ import annotations

import json
import logging
import os
import pickle
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cocotb_tools.runner import get_runner

from ...emulator.spec.errors import ToolError
from ...emulator.spec.fabric.parameters import FabricSpec
from ...emulator.spec.files.atomic_write import whole_file
from ...rtl.verilog.emit import verilog_of
from ..tools.trials import GET_ICARUS, icarus, icarus_trials
from .harness import TOP, harness_text

MISSING = f"Icarus Verilog (iverilog) is missing; {GET_ICARUS}"


def icarus_is_here():
    """Tell whether there is an Icarus that compiles and runs Verilog."""
    return any(not trial.fault for trial in icarus_trials())


def why_no_icarus():
    """Return the line that says why Icarus cannot be used, or None if it can."""
    try:
        icarus()
    except ToolError as error:
        return str(error)
    return None


@contextmanager
def usable_icarus():
    """Put the Icarus that passed its trial first on PATH, where cocotb's runner looks; yields its `Trial`.

    Raises
    ------
    ToolError
        If none can be used.
    """
    found, before = icarus(), os.environ.get("PATH", os.defpath)
    os.environ["PATH"] = os.pathsep.join([os.path.dirname(found.path), os.path.dirname(found.partner), before])
    try:
        yield found
    finally:
        os.environ["PATH"] = before


@dataclass(frozen=True, eq=False)
class IcarusBuild:
    """A compiled simulation.

    Parameters
    ----------
    spec : FabricSpec
        Parameters of the fabric.
    folder : Path
        Where its Verilog and its compiled form lie.
    """

    spec: FabricSpec
    folder: Path

    @property
    def program_file(self):
        """Compiled simulation, for a run without cocotb."""
        return self.folder / "sim.vvp"

    def is_of(self, sources):
        """Tell whether a whole simulation of these sources, a dict of str to str by file name, lies here."""
        texts = {name: self.folder / name for name in sources}
        same = all(path.is_file() and path.read_text(encoding="utf-8") == sources[name] for name, path in texts.items())
        return same and self.program_file.exists()


def build(spec, folder):
    """Generate the Verilog of ``spec`` and compile it.

    Parameters
    ----------
    spec : FabricSpec
        Parameters of the fabric.
    folder : path
        Working folder; a build of the same Verilog that lies there is used again.

    Returns
    -------
    IcarusBuild

    Raises
    ------
    ToolError
        If Icarus is missing or refuses the sources.
    """
    icarus()  # or one line why there is none
    result = IcarusBuild(spec, Path(folder).absolute() / f"{spec.design_id:016x}")
    return build_sources(result, {"p_computer.v": verilog_of(spec), "harness.v": harness_text(spec)})


def build_sources(simulation, sources, what="design"):
    """Write sources into the folder of a simulation and compile them, unless a simulation of the same ones lies there.

    Parameters
    ----------
    simulation : IcarusBuild
        Where; the folder is made.
    sources : dict of str to str
        Verilog by file name.
    what : str
        What they describe, for the error.

    Returns
    -------
    IcarusBuild
        Compiled design, to run benches on.

    Raises
    ------
    ToolError
        If Icarus is missing or refuses the sources.
    """
    if simulation.is_of(sources):
        return simulation
    simulation.folder.mkdir(parents=True, exist_ok=True)
    simulation.program_file.unlink(missing_ok=True)  # until the end it would be of other sources
    for name, text in sources.items():
        with whole_file(simulation.folder / name, "w") as handle:
            handle.write(text)
    _compile(simulation.folder, sources, what)
    return simulation


def _compile(folder, names, what):
    """Compile sources that lie in a folder, which takes the simulation, `IcarusBuild.program_file`, and the log."""
    with usable_icarus():
        try:
            _runner().build(
                sources=[folder / name for name in names],
                hdl_toplevel=TOP,
                build_dir=folder,
                # As users compile it; `rtl.verilog.power_up` lets it start under -g2012 too.
                build_args=["-g2005", "-Wall", "-Wno-timescale"],
                log_file=folder / "build.log",
            )
        except (subprocess.CalledProcessError, SystemExit, RuntimeError) as error:
            raise ToolError(f"Icarus could not compile the {what}; see {folder / 'build.log'}") from error


def run_bench(simulation, module, job, plusargs=(), waves=False):
    """Run a cocotb bench and return what it reports.

    Parameters
    ----------
    simulation : IcarusBuild
        The design under test.
    module : str
        Bench, a module of ``spinchip.sim.cosim.benches``.
    job : dict
        Picklable input of the bench.
    plusargs : sequence of str
        Arguments of the simulation.
    waves : bool
        Dump every signal to ``waves.fst`` in the run's folder.

    Returns
    -------
    dict
        What the bench wrote: JSON values and, under ``arrays``, the name of an .npz file.

    Raises
    ------
    ToolError
        If the simulator died or the bench failed for a reason other than a mismatch that it reports itself.
    """
    folder = simulation.folder / f"run-{module}-{os.getpid()}"
    folder.mkdir(exist_ok=True)
    report = folder / "report.json"
    report.unlink(missing_ok=True)
    (folder / "job.pickle").write_bytes(pickle.dumps({"spec": simulation.spec, **job}))
    log = folder / "bench.log"
    log.unlink(missing_ok=True)  # the runner appends
    environment = {
        "SPINCHIP_JOB": str(folder),
        "COCOTB_LOG_LEVEL": "WARNING",
        "COCOTB_REWRITE_ASSERTION_FILES": "",  # else every module that a bench imports is parsed anew (1.3 s a run)
    }
    with usable_icarus():
        try:
            _runner().test(
                test_module=f"spinchip.sim.cosim.benches.{module}",
                hdl_toplevel=TOP,
                build_dir=simulation.folder,
                hdl_toplevel_lang="verilog",
                test_dir=folder,
                extra_env=environment,
                plusargs=[*plusargs, "+waves=waves.fst"] if waves else [*plusargs],
                waves=waves,
                log_file=log,
            )
        except (subprocess.CalledProcessError, SystemExit, RuntimeError) as error:
            raise ToolError(f"Bench {module} did not run to its end{_reason(log)}; see {log}") from error
    if not report.exists():
        raise ToolError(f"Bench {module} left no report{_reason(log)}; see {log}")
    return json.loads(report.read_text(encoding="utf-8")) | {"folder": str(folder)}


def _reason(log):
    """Return the last exception that a bench's log names, in brackets, or nothing."""
    errors = [line.strip() for line in log.read_text("utf-8", "replace").splitlines() if "Error: " in line]
    return f" ({errors[-1]})" if errors else ""


def play(simulation, script, watchdog_cycles, under_cocotb=True):
    """Play a script on a simulated machine and return the words that it read.

    Parameters
    ----------
    simulation : IcarusBuild
        The design.
    script : Script
        Bus operations of the host.
    watchdog_cycles : int
        The run fails after so many clocks.
    under_cocotb : bool
        False leaves cocotb out: for a netlist, and to measure the simulator's own speed.

    Returns
    -------
    list of str
        Words of 32 bits, in hex, in order: snapshots word by word, then or between them what was read.

    Raises
    ------
    ToolError
        If the simulator died or the watchdog barked.
    """
    folder = simulation.folder / f"play-{os.getpid()}"
    folder.mkdir(exist_ok=True)
    with whole_file(folder / "script.hex", "w") as handle:
        handle.write(script.text())
    result = folder / "result.hex"
    result.unlink(missing_ok=True)
    # Relative to a neighbour, which the simulator runs in: Icarus opens no file whose path has letters beyond ASCII.
    plusargs = [f"+script=../{folder.name}/script.hex", f"+result=../{folder.name}/{result.name}"]
    if under_cocotb:
        run_bench(simulation, "bench_sample", {"watchdog_cycles": watchdog_cycles}, plusargs)
    else:
        command = [icarus().partner, "-n", str(simulation.program_file), *plusargs]
        command += ["+finish", f"+clocks={watchdog_cycles}"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode != 0 or not result.exists():
            raise ToolError(f"vvp failed with status {done.returncode}: {done.stderr.strip()[:200]}")
    return result.read_text().split()


def _runner():
    logging.getLogger("cocotb_tools").setLevel(logging.ERROR)
    return get_runner("icarus")
