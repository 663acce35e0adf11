"""The main job: a published spin glass, from its file to RTL that is proved to sample it."""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import numpy as np

from ..emulator.golden.sampler import GoldenSampler
from ..emulator.instances.resolve import read_instance
from ..emulator.oracle.quantisation import quantisation_report
from ..emulator.reference.sampler import ReferenceSampler
from ..emulator.spec.errors import InputError
from ..emulator.spec.program import compile_program
from ..emulator.spec.quantised import FabricOptions, fabric_for
from ..emulator.spec.schedule import Recording, Schedule
from ..emulator.stats.gate import Gate
from .agreement import compare_chains
from .icarus import MISSING, icarus_is_here
from .icarus_sampler import IcarusSampler
from .lockstep import demo_stimulus, run_lockstep
from .pysim_lockstep import run_lockstep_pysim
from .rtl_output import write_rtl
from .verification import Size, hardware_evidence

GLASS = "examples/ea3d/size08_0000.txt"
PUTATIVE_GROUND_ENERGY = "examples/ea3d/putative_ground_energies.csv"
BETA = 0.8
N_CHAINS = 256
ANNEAL = tuple((beta, 25) for beta in (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75))
SCHEDULE = Schedule((*ANNEAL, (BETA, 800)))
LOCKSTEP_SCHEDULE = Schedule(((0.4, 20), (BETA, 180), (1.2, 20)))  # 220 sweeps, three table pages
PIECE_SPINS = 12  # what the oracle can solve exactly
PIECE_SIZE = Size(n_chains=500, n_sweeps=50)
N_STEPS = 7


@dataclass(frozen=True, eq=False)
class Glass:
    """The published instance and what it became."""

    instance: object
    spec: object
    quantisation: object
    ground_energy: float


def run_demo(folder, seed=1, step=lambda name: None):
    """Run the main job and write its report.

    Parameters
    ----------
    folder : path
        Receives ``report.html`` and ``rtl/``.
    seed : int
        Of every draw.
    step : callable
        Told what comes next, `N_STEPS` times.

    Returns
    -------
    dict
        The promised keys, and what a person reads beside them. ``good`` is False if anything failed.
    """
    started = time.perf_counter()
    folder = _made(folder)
    step("reading, colouring, quantising")
    glass = read_glass()
    step("reference, 256 chains")
    recording = Recording(after=len(ANNEAL) * 25, every=4)
    reference = ReferenceSampler().sample(glass.instance, SCHEDULE, N_CHAINS, seed, recording)
    step("golden, 256 machines")
    golden = GoldenSampler().sample(glass.instance, SCHEDULE, N_CHAINS, seed, recording)
    agreement = compare_chains(glass.instance, reference, golden)
    step("generating the RTL of 512 p-bits")
    rtl = write_rtl(glass.spec, glass.instance, folder / "rtl")
    step("lockstep, RTL beside golden")
    lockstep, skipped = prove_lockstep(glass, seed)
    step("law of a 12-spin piece")
    piece, law = prove_law(glass.instance, seed)
    step("writing the report")
    result = {
        "good": False,
        "instance": glass.instance.name,
        "energy": _energies(glass, reference, golden),
        "agreement": agreement.as_dict(),
        "rtl": rtl,
        "lockstep": lockstep,
        "law": law,
        "skipped": skipped,
        "report": str(folder / "report.html"),
    }
    result["good"] = lockstep["mismatches"] == 0 and law["verdict"] != "fail" and agreement.verdict == "pass"
    result["seconds"] = round(time.perf_counter() - started, 2)
    return result


def read_glass():
    """Return the shipped glass, coloured and quantised; Glass."""
    root = resources.files(__package__.split(".")[0])
    with resources.as_file(root / GLASS) as path:
        instance = read_instance(path)
    text = (root / PUTATIVE_GROUND_ENERGY).read_text()
    energies = {tuple(line.split(",")[:2]): float(line.split(",")[2]) for line in text.split()[1:]}
    spec = fabric_for(instance, FabricOptions())
    return Glass(instance, spec, quantisation_report(instance, spec, BETA), energies["08", "0"])


def prove_lockstep(glass, seed):
    """Run the RTL beside golden, under Icarus if it is there; return the findings and what was skipped."""
    program = compile_program(glass.instance, glass.spec, LOCKSTEP_SCHEDULE, Recording(every=20))
    if icarus_is_here():
        with tempfile.TemporaryDirectory(prefix="spinchip-demo-") as folder:
            result, engine = run_lockstep(program, demo_stimulus(program, seed), folder), "Icarus"
        skipped = []
    else:
        result, engine = run_lockstep_pysim(glass.spec, demo_stimulus(program, seed)), "Amaranth's simulator"
        skipped = [f"co-simulation under Icarus, and the law of the RTL's own samples: {MISSING}"]
    return {
        "engine": engine,
        "cycles": result.cycles,
        "mismatches": result.mismatches,
        "registers": result.registers,
        "sweeps": result.sweeps,
        "first": result.first,
    }, skipped


def prove_law(instance, seed):
    """Judge a connected 12-spin piece of the glass; return its evidence and the promised keys."""
    piece = instance.submodel(connected_spins(instance, PIECE_SPINS))
    sampler = IcarusSampler() if icarus_is_here() else GoldenSampler()
    kept = []

    def draw(stage_seed, scale):
        size = Size(scale * PIECE_SIZE.n_chains, PIECE_SIZE.n_sweeps)
        kept.append(hardware_evidence(sampler, piece, BETA, size, stage_seed))
        return kept[-1]

    verdict = Gate().two_stage(draw, seed)
    return kept[-1], {"backend": sampler.name, "spins": piece.n_spins, **verdict.as_dict()}


def connected_spins(instance, count):
    """Return the first ``count`` spins that a breadth-first walk from spin 0 meets."""
    found = [0]
    for spin in found:
        start, end = instance.couplings.indptr[spin], instance.couplings.indptr[spin + 1]
        found += [int(j) for j in instance.couplings.indices[start:end] if j not in found]
        if len(found) >= count:
            return found[:count]
    raise InputError(f"Piece must lie in one connected part of the instance, not {count} spins of {len(found)}")


def _energies(glass, reference, golden):
    """Return mean energies with errors from the spread between chains."""
    figures = {}
    for name, samples in (("reference", reference), ("golden", golden)):
        means = samples.energies.mean(axis=1)
        error = means.std(ddof=1) / np.sqrt(len(means))
        figures[name] = {"mean": means.mean(), "se": error, "text": f"{means.mean():.3f} ± {error:.3f}"}
    lowest = min(reference.energies.min(), golden.energies.min())
    return {**figures, "lowest": float(lowest), "putative_ground": glass.ground_energy}


def _made(folder):
    folder = Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"Output must be a folder that can be made, not {str(folder)!r} ({error.strerror})") from None
    return folder
