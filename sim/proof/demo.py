"""The main job: a published spin glass, from its file to RTL that is proved to sample it."""

from __future__ import annotations

import shlex
import tempfile
import time
from dataclasses import asdict, dataclass, replace
from importlib import resources

import numpy as np

from ...emulator.golden.fabric.sampler import GoldenSampler
from ...emulator.instances.resolve import read_instance
from ...emulator.oracle.quantisation import quantisation_report
from ...emulator.reference.sampler import ReferenceSampler
from ...emulator.spec.fabric.program import compile_program
from ...emulator.spec.fabric.quantised import FabricOptions, fabric_for
from ...emulator.spec.files.atomic_write import made_folder
from ...emulator.spec.schedule import Recording, Schedule
from ...emulator.stats.gate import Gate
from ..cosim.icarus import icarus_is_here, why_no_icarus
from ..cosim.lockstep import demo_stimulus, run_lockstep
from ..cosim.pysim_lockstep import run_lockstep_pysim
from ..runs.rtl_output import write_rtl
from ..samplers.icarus_sampler import IcarusSampler
from .agreement import compare_chains
from .demo_report import write_demo_report
from .verification import Size, hardware_evidence

GLASS = "examples/ea3d/size08_0000.txt"
PUTATIVE_GROUND_ENERGY = "examples/ea3d/putative_ground_energies.csv"
BETA = 0.8
N_CHAINS = 512
ANNEAL, STEP = (0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 0.9375), 25  # shares of beta, and sweeps of each
SWEEPS = 800  # at beta
LOCKSTEP = ((0.5, 20), (1.0, 180), (1.5, 20))  # shares of beta and sweeps: 220, three table pages
FIELD = 6**0.5  # rms local field of the shipped glass; another instance is taken as cold relative to its own
MOST_RTL_PBITS = 512  # that are turned into RTL and run beside golden; of a larger instance a connected part
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
    ground_energy: float | None
    beta: float
    file: str = GLASS


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


def run_demo(folder, seed=0, step=lambda name: None, glass=None):
    """Run the main job and write its report.

    Parameters
    ----------
    folder : path
        Receives ``report.html`` and ``rtl/``.
    seed : int
        Seed of every draw.
    step : callable
        Told what comes next, `N_STEPS` times.
    glass : Glass, optional
        What it is done on, see `own_glass`; the shipped one by default.

    Returns
    -------
    dict
        The promised keys, and what a person reads beside them. ``good`` is False if anything failed.
    """
    started = time.perf_counter()
    folder = made_folder(folder)
    step("reading, colouring, quantising")
    glass = read_glass() if glass is None else glass
    recording = Recording(after=len(ANNEAL) * STEP, every=4)
    n_chains, schedule = _chains(glass.instance, N_CHAINS), anneal_schedule(glass.beta)
    step(f"reference, {n_chains} chains")
    reference = ReferenceSampler().sample(glass.instance, schedule, n_chains, seed, recording)
    step(f"golden, {n_chains} machines")
    golden = GoldenSampler().sample(glass.instance, schedule, n_chains, seed, recording)
    agreement = compare_chains(glass.instance, reference, golden)
    whole, updates = prove_updates(glass, seed)
    part = rtl_part(glass)
    step(f"generating the RTL of {part.instance.n_spins} p-bits")
    rtl = write_rtl(part.spec, part.instance, folder / "rtl")
    step("lockstep, RTL beside golden")
    lockstep, engine = prove_lockstep(part, seed)
    step("law of a small piece")
    laws, law = prove_law(glass, seed)
    step("writing the report")
    result = {
        "good": lockstep.mismatches == 0
        and agreement.verdict == "pass"
        and "fail" not in (law["verdict"], updates["verdict"]),
        "instance": glass.instance.name,
        "beta": glass.beta,
        "energy": _energies(glass, reference, golden),
        "agreement": agreement.as_dict(),
        "updates": updates,
        "rtl": rtl,
        "lockstep": {"engine": engine, **asdict(lockstep)},
        "law": law,
        "skipped": _skipped(glass, part),
        "report": str(folder / "report.html"),
        "seconds": round(time.perf_counter() - started, 2),
    }
    named = shlex.quote(glass.file)
    commands = ("make demo",) if glass.file == GLASS else (f"spinchip demo {named} --beta {glass.beta:.12g}",)
    commands += (f"spinchip info {named} --beta {glass.beta:.12g}", f"spinchip rtl {named} --out {folder}/rtl")
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
    return Glass(instance, spec, quantisation_report(instance, spec, BETA), energies["08", "0"], BETA)


def own_glass(text, instance, beta=None):
    """Return an instance of the user's as what the main job is done on; Glass.

    Parameters
    ----------
    text : str
        File or generator that the instance comes from.
    instance : IsingInstance
        Model of any size.
    beta : float, optional
        Inverse temperature; by default as cold as the shipped glass, in units of the rms local field of free spins.
    """
    if beta is None:
        squares = instance.couplings.power(2).sum() / instance.n_spins + float(np.mean(instance.biases**2))
        beta = BETA * FIELD / np.sqrt(squares) if squares > 0 else BETA
    spec = fabric_for(instance, FabricOptions())
    known = instance.provenance.get("ground_energy")
    return Glass(instance, spec, quantisation_report(instance, spec, beta), known, float(beta), text)


def anneal_schedule(beta):
    """Return steps of rising beta, then the stretch that is looked at."""
    return Schedule((*((share * beta, STEP) for share in ANNEAL), (beta, SWEEPS)))


def rtl_part(glass):
    """Return the glass, or a connected part of it that simulators of RTL bear."""
    if glass.instance.n_spins <= MOST_RTL_PBITS:
        return glass
    part = glass.instance.submodel(piece_spins(glass.instance, MOST_RTL_PBITS))
    return replace(glass, instance=part, spec=fabric_for(part, FabricOptions()))


def _chains(instance, usual):
    """Return how many chains of an instance cost what the usual ones of the shipped glass do.

    A hundred at least, where means over chains are normal, or the usual number if that is fewer.
    """
    return max(min(100, usual), min(usual, usual * 512 // instance.n_spins))


def _skipped(glass, part):
    """Return what was not done, and why."""
    skipped = []
    if part is not glass:
        rule = f"RTL is generated and run for {part.instance.n_spins} of {glass.instance.n_spins} spins"
        skipped.append(f"the rest of the RTL: {rule}; spinchip rtl writes all of it")
    if not icarus_is_here():
        skipped.append(f"co-simulation under Icarus and the distribution of the RTL's own samples: {why_no_icarus()}")
    return skipped


def prove_updates(glass, seed):
    """Judge every update of the whole glass on golden; return evidence by name, and the verdict's keys."""
    instance, kept = glass.instance, []

    def draw(stage_seed, scale):
        size = Size(scale * _chains(instance, WHOLE_SIZE.n_chains), WHOLE_SIZE.n_sweeps)
        kept.append(hardware_evidence(GoldenSampler(), instance, glass.beta, size, stage_seed))
        return kept[-1]

    verdict = Gate().two_stage(draw, seed)
    return {f"{instance.n_spins} spins on golden": kept[-1]}, verdict.as_dict()


def prove_lockstep(glass, seed):
    """Run the RTL beside golden; return the findings and the simulator's name."""
    schedule = Schedule(tuple((share * glass.beta, n_sweeps) for share, n_sweeps in LOCKSTEP))
    program = compile_program(glass.instance, glass.spec, schedule, Recording(every=20))
    stimulus = demo_stimulus(program, seed)
    if not icarus_is_here():
        return run_lockstep_pysim(glass.spec, stimulus), "Amaranth's simulator"
    with tempfile.TemporaryDirectory(prefix="spinchip-demo-") as folder:
        return run_lockstep(program, stimulus, folder), "Icarus"


def prove_law(glass, seed):
    """Judge a piece of 12 spins, or all if there are fewer; return evidence by name, and the promised keys.

    The verdict is on the RTL's own samples, or on golden's without Icarus. Golden draws more for the plot, where the
    noise floor then lies low enough to see the distribution.
    """
    instance = glass.instance
    piece = instance.submodel(piece_spins(instance, min(PIECE_SPINS, instance.n_spins)))
    sampler = IcarusSampler() if icarus_is_here() else GoldenSampler()
    kept = []

    def draw(stage_seed, scale):
        size = Size(scale * PIECE_SIZE.n_chains, PIECE_SIZE.n_sweeps)
        kept.append(hardware_evidence(sampler, piece, glass.beta, size, stage_seed))
        return kept[-1]

    verdict = Gate().two_stage(draw, seed)
    name = f"{piece.n_spins} spins on"
    shown = hardware_evidence(GoldenSampler(), piece, glass.beta, SHOWN_SIZE, seed)
    laws = {f"{name} {sampler.name}": kept[-1], f"{name} golden, {SHOWN_SIZE.n_chains:,} machines": shown}
    return laws, {"backend": sampler.name, "spins": piece.n_spins, **verdict.as_dict()}


def piece_spins(instance, count):
    """Return spins that hang together as far as the instance does: walks from the first, then from what is left."""
    found = []
    while len(found) < count:
        known = set(found)
        left = next(spin for spin in range(instance.n_spins) if spin not in known)
        found += _walk(instance, left, count - len(found))
    return found


def _walk(instance, first, count):
    """Return at most ``count`` spins that a breadth-first walk meets."""
    found, seen = [first], {first}
    for spin in found:
        start, end = instance.couplings.indptr[spin], instance.couplings.indptr[spin + 1]
        for j in instance.couplings.indices[start:end].tolist():
            if j not in seen:
                seen.add(j)
                found.append(j)
        if len(found) >= count:
            break
    return found[:count]


def _energies(glass, reference, golden):
    """Return mean energies with errors from the spread between chains."""
    figures = {}
    for name, samples in (("reference", reference), ("golden", golden)):
        means = samples.energies.mean(axis=1)
        error = means.std(ddof=1) / np.sqrt(len(means))
        figures[name] = {"mean": means.mean(), "se": error, "text": f"{means.mean():.3f} ± {error:.3f}"}
    lowest = min(reference.energies.min(), golden.energies.min())
    return {**figures, "lowest": float(lowest), "putative_ground": glass.ground_energy}
