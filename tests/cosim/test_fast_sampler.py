"""The compiled RTL's samples equal golden's, bit for bit; its host does the cycles of the Verilog shell's."""

import re

import numpy as np
import pytest

from spinchip.emulator.golden.fabric.sampler import GoldenSampler
from spinchip.emulator.spec.errors import InputError, ToolError
from spinchip.emulator.spec.fabric.program import compile_program
from spinchip.emulator.spec.fabric.quantised import FabricOptions, fabric_for
from spinchip.emulator.spec.fabric.random_source import RandomKind, RandomSpec
from spinchip.emulator.spec.fabric.register_map import Register
from spinchip.emulator.spec.fixed import Fixed
from spinchip.emulator.spec.instance import IsingInstance
from spinchip.emulator.spec.schedule import Recording, Schedule
from spinchip.sim.cosim import cxxrtl
from spinchip.sim.cosim.compiled import CompiledMachine
from spinchip.sim.cosim.harness import Script
from spinchip.sim.cosim.icarus import build, play
from spinchip.sim.samplers.compiled_sampler import FastSampler
from spinchip.sim.samplers.script_sampler import run_script

pytestmark = pytest.mark.compiler


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("compiled")


def glass(n, seed):
    """Return a random glass whose couplings no short format holds."""
    rng = np.random.default_rng(seed)
    edges = np.argwhere(np.triu(rng.random((n, n)) < 3 / n, 1))
    return IsingInstance.from_edges(n, edges, rng.normal(size=len(edges)), 0.3 * rng.normal(size=n))


def case(name):
    """Return options, instance and the arguments of `sample`."""
    rng = np.random.default_rng(8)
    if name == "anneal with clamps":
        clamps = np.array([1, -1] + 6 * [0])
        schedule = Schedule(((0.1, 9), (0.6, 8), (2.0, 7), (0.1, 6)))
        run = {"schedule": schedule, "n_chains": 3, "seed": 5, "clamps": clamps, "initial": rng.choice([-1, 1], 8)}
        return FabricOptions(), glass(8, 1), run
    if name == "two spin words, stalls":
        options = FabricOptions(random=RandomSpec(RandomKind.XOSHIRO128PLUS), fifo_depth=2)
        run = {"schedule": Schedule.constant(0.7, 60), "n_chains": 2, "recording": Recording(after=7, every=3)}
        return options, glass(34, 2), run
    source = RandomSpec(RandomKind.LFSR32, slices=1, leap=32)
    options = FabricOptions(Fixed(1, 3), Fixed(1, 3), Fixed(0, 2), compare_bits=24, random=source)
    run = {"schedule": Schedule.constant(1.5, 40), "n_chains": 4, "initial": rng.choice([-1, 1], (4, 9))}
    return options, glass(9, 3), run


@pytest.mark.parametrize("name", ["anneal with clamps", "two spin words, stalls", "own first states, saturation"])
def test_samples_equal_golden(name, folder):
    options, instance, run = case(name)
    rtl = FastSampler(options, folder).sample(instance, **run)
    golden = GoldenSampler(options).sample(instance, **run)
    for part in ("spins", "energies", "magnetizations", "final_spins"):
        assert np.array_equal(getattr(rtl, part), getattr(golden, part)), part
    for event in ("sweeps", "updates", "saturations"):
        assert rtl.ledger.events[event] == golden.ledger.events[event]
    assert (golden.ledger.events["saturations"] > 0) == ("saturation" in name)
    other = GoldenSampler(options).sample(instance, **(run | {"seed": 99}))
    assert not np.array_equal(rtl.final_spins, other.final_spins)


@pytest.mark.icarus
def test_host_does_the_cycles_of_the_verilog_shell(folder):
    # CYCLES, read last in each chain, counts stalls too: a host one clock off would show there.
    options, instance, _ = case("two spin words, stalls")
    spec = fabric_for(instance, options)
    program = compile_program(instance, spec, Schedule.constant(0.7, 40), Recording())
    script = run_script(program, seed=4, n_chains=2)
    reads = [Register.STATUS, Register.SWEEPS, Register.CYCLES]
    script = Script((*script.lines, *Script().spend(5).read(map(int, reads)).lines))
    with CompiledMachine(spec, folder) as machine:
        words = machine.play(script, 10**6)
    assert words.tolist() == [int(word, 16) for word in play(build(spec, folder), script, 10**6, under_cocotb=False)]


def test_library_is_kept(folder, monkeypatch):
    instance, schedule = glass(8, 1), Schedule.constant(0.4, 5)
    first = FastSampler(folder=folder).sample(instance, schedule)
    monkeypatch.setattr("spinchip.sim.cosim.cxxrtl._translate", lambda component: pytest.fail("compiled a second time"))
    again = FastSampler(folder=folder).sample(instance, schedule)
    assert np.array_equal(again.spins, first.spins)


def test_changed_sources_are_compiled_anew(folder, monkeypatch):
    FastSampler(folder=folder).sample(glass(8, 1), Schedule.constant(0.4, 5))
    monkeypatch.setattr("spinchip.sim.cosim.cxxrtl.FLAGS", (*cxxrtl.FLAGS, "-include", "nowhere.h"))
    before = sorted(folder.iterdir())
    with pytest.raises(ToolError, match=r"^C\+\+ compiler failed on the translated design: .*error"):
        FastSampler(folder=folder).sample(glass(8, 1), Schedule.constant(0.4, 5))
    assert sorted(folder.iterdir()) == before


def test_missing_compiler_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolError, match=f"^{re.escape(cxxrtl.MISSING)}$"):
        FastSampler(folder=tmp_path).sample(glass(8, 1), Schedule.constant(0.4, 5))


def test_bad_scripts_and_names_are_refused(folder):
    program = FastSampler().program(glass(8, 1), Schedule.constant(0.4, 5))
    with CompiledMachine(program.spec, folder) as machine:
        with pytest.raises(ToolError, match=r"^Compiled RTL was still busy after 7 clocks$"):
            machine.play(Script().spend(100), 7)
        for line in ("0 20", "9 0 0", "x 0 0"):
            with pytest.raises(ToolError, match=r"^Script must have lines of three hex numbers$"):
                machine.play(Script((line,)), 100)
        with pytest.raises(InputError, match=r"^Register must be one of the compiled design, not 'nowhere'$"):
            machine.register("nowhere")
        assert machine.play(Script().read([int(Register.N_PBITS)]), 100).tolist() == [8]
