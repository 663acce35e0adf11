"""The main job: a published spin glass, from its file to RTL that is proved to sample it."""

from __future__ import annotations

import tempfile
import time
from dataclasses import asdict, dataclass, replace
from importlib import resources

import numpy as np

from ..emulator.golden.sampler import GoldenSampler
from ..emulator.instances.resolve import read_instance
from ..emulator.oracle.quantisation import quantisation_report
from ..emulator.reference.sampler import ReferenceSampler
from ..emulator.spec.atomic_write import made_folder
from ..emulator.spec.errors import InputError
from ..emulator.spec.program import compile_program
from ..emulator.spec.quantised import FabricOptions, fabric_for
from ..emulator.spec.schedule import Recording, Schedule
from ..emulator.stats.gate import Gate
from .agreement import compare_chains
from .demo_report import write_demo_report
from .icarus import icarus_is_here, why_no_icarus
from .icarus_sampler import IcarusSampler
from .lockstep import demo_stimulus, run_lockstep
from .pysim_lockstep import run_lockstep_pysim
from .rtl_output import write_rtl
from .verification import Size, hardware_evidence

GLASS = "examples/ea3d/size08_0000.txt"
PUTATIVE_GROUND_ENERGY = "examples/ea3d/putative_ground_energies.csv"
BETA = 0.8
N_CHAINS = 512
ANNEAL = tuple((beta, 25) for beta in (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75))
SCHEDULE = Schedule((*ANNEAL, (BETA, 800)))
LOCKSTEP_SCHEDULE = Schedule(((0.4, 20), (BETA, 180), (1.2, 20)))  # 220 sweeps, three table pages
PIECE_SPINS = 12  # what the oracle can solve exactly
PIECE_SIZE = Size(n_chains=500, n_sweeps=50)
SHOWN_SIZE = Size(n_chains=40_000, n_sweeps=50)
WHOLE_SIZE = Size(n_chains=64, n_sweeps=100)
N_STEPS = 7


@dataclass(frozen=True, eq=False)
class Glass:
    """The published instance and what it became."""

    instance: object
    spec: object
    quantisation: object
    ground_energy: float


@dataclass(frozen=True, eq=False)
class Findings:
    """What was drawn on the way: samples of the glass, and evidence by the name of what drew it."""

    glass: Glass
    recording: Recording
    reference: object
    golden: object
    lockstep: object
    laws: dict
    updates: dict
    commands: tuple


def run_demo(folder, seed=0, step=lambda name: None):
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
    folder = made_folder(folder)
    step("reading, colouring, quantising")
    glass = read_glass()
    recording = Recording(after=len(ANNEAL) * 25, every=4)
    step(f"reference, {N_CHAINS} chains")
    reference = ReferenceSampler().sample(glass.instance, SCHEDULE, N_CHAINS, seed, recording)
    step(f"golden, {N_CHAINS} machines")
    golden = GoldenSampler().sample(glass.instance, SCHEDULE, N_CHAINS, seed, recording)
    agreement = compare_chains(glass.instance, reference, golden)
    whole, updates = prove_updates(glass.instance, seed)
    step("generating the RTL of 512 p-bits")
    rtl = write_rtl(glass.spec, glass.instance, folder / "rtl")
    step("lockstep, RTL beside golden")
    lockstep, engine = prove_lockstep(glass, seed)
    step(f"law of a {PIECE_SPINS}-spin piece")
    laws, law = prove_law(glass.instance, seed)
    step("writing the report")
    result = {
        "good": lockstep.mismatches == 0
        and agreement.verdict == "pass"
        and "fail" not in (law["verdict"], updates["verdict"]),
        "instance": glass.instance.name,
        "energy": _energies(glass, reference, golden),
        "agreement": agreement.as_dict(),
        "updates": updates,
        "rtl": rtl,
        "lockstep": {"engine": engine, **asdict(lockstep)},
        "law": law,
        "skipped": []
        if icarus_is_here()
        else [f"co-simulation under Icarus and the law of the RTL's own samples: {why_no_icarus()}"],
        "report": str(folder / "report.html"),
        "seconds": round(time.perf_counter() - started, 2),
    }
    commands = (f"spinchip info {GLASS} --beta {BETA}", f"spinchip rtl {GLASS} --out {folder}/rtl")
    findings = Findings(glass, recording, reference, golden, lockstep, laws, whole, commands)
    write_demo_report(folder / "report.html", findings, result)
    return result | {"seconds": round(time.perf_counter() - started, 2)}


def read_glass():
    """Return the shipped glass, coloured and quantised; Glass."""
    root = resources.files(__package__.split(".")[0])
    with resources.as_file(root / GLASS) as path:
        instance = read_instance(path)
    instance = replace(instance, provenance={**instance.provenance, "file": GLASS})  # not where this machine keeps it
    text = (root / PUTATIVE_GROUND_ENERGY).read_text()
    energies = {tuple(line.split(",")[:2]): float(line.split(",")[2]) for line in text.split()[1:]}
    spec = fabric_for(instance, FabricOptions())
    return Glass(instance, spec, quantisation_report(instance, spec, BETA), energies["08", "0"])


def prove_updates(instance, seed):
    """Judge every update of the whole glass on golden; return evidence by name, and the verdict's keys."""
    kept = []

    def draw(stage_seed, scale):
        size = Size(scale * WHOLE_SIZE.n_chains, WHOLE_SIZE.n_sweeps)
        kept.append(hardware_evidence(GoldenSampler(), instance, BETA, size, stage_seed))
        return kept[-1]

    verdict = Gate().two_stage(draw, seed)
    return {f"{instance.n_spins} spins on golden": kept[-1]}, verdict.as_dict()


def prove_lockstep(glass, seed):
    """Run the RTL beside golden; return the findings and the simulator's name."""
    program = compile_program(glass.instance, glass.spec, LOCKSTEP_SCHEDULE, Recording(every=20))
    stimulus = demo_stimulus(program, seed)
    if not icarus_is_here():
        return run_lockstep_pysim(glass.spec, stimulus), "Amaranth's simulator"
    with tempfile.TemporaryDirectory(prefix="spinchip-demo-") as folder:
        return run_lockstep(program, stimulus, folder), "Icarus"


def prove_law(instance, seed):
    """Judge a connected 12-spin piece of the glass; return evidence by name, and the promised keys.

    The verdict is on the RTL's own samples, or on golden's without Icarus. Golden draws more for the plot, where the
    noise floor then lies low enough to see the law.
    """
    piece = instance.submodel(connected_spins(instance, PIECE_SPINS))
    sampler = IcarusSampler() if icarus_is_here() else GoldenSampler()
    kept = []

    def draw(stage_seed, scale):
        size = Size(scale * PIECE_SIZE.n_chains, PIECE_SIZE.n_sweeps)
        kept.append(hardware_evidence(sampler, piece, BETA, size, stage_seed))
        return kept[-1]

    verdict = Gate().two_stage(draw, seed)
    name = f"{PIECE_SPINS} spins on"
    shown = hardware_evidence(GoldenSampler(), piece, BETA, SHOWN_SIZE, seed)
    laws = {f"{name} {sampler.name}": kept[-1], f"{name} golden, {SHOWN_SIZE.n_chains:,} machines": shown}
    return laws, {"backend": sampler.name, "spins": piece.n_spins, **verdict.as_dict()}


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
