"""The RTL's own samples under Icarus equal golden's, bit for bit."""

import re

import numpy as np
import pytest

from spinchip.emulator.golden.fabric.sampler import GoldenSampler
from spinchip.emulator.spec.errors import ToolError
from spinchip.emulator.spec.fabric.quantised import FabricOptions
from spinchip.emulator.spec.fabric.random_source import RandomKind, RandomSpec
from spinchip.emulator.spec.fabric.register_map import Register, identity
from spinchip.emulator.spec.fixed import Fixed
from spinchip.emulator.spec.instance import IsingInstance
from spinchip.emulator.spec.schedule import Recording, Schedule
from spinchip.sim.cosim.harness import Script
from spinchip.sim.cosim.icarus import MISSING, build, play
from spinchip.sim.samplers.icarus_sampler import IcarusSampler

pytestmark = pytest.mark.icarus


def glass(n, seed):
    """Return a random glass whose couplings no short format holds."""
    rng = np.random.default_rng(seed)
    edges = np.argwhere(np.triu(rng.random((n, n)) < 3 / n, 1))
    return IsingInstance.from_edges(n, edges, rng.normal(size=len(edges)), 0.3 * rng.normal(size=n))


def case(name):
    """Return options, instance and the arguments of `sample`."""
    rng = np.random.default_rng(8)
    if name == "anneal with clamps":
        clamps = np.array([1, -1] + 10 * [0])
        schedule = Schedule(((0.1, 9), (0.6, 8), (2.0, 7), (0.1, 6)))
        run = {"schedule": schedule, "n_chains": 3, "seed": 5, "clamps": clamps, "initial": rng.choice([-1, 1], 12)}
        return FabricOptions(), glass(12, 1), run
    if name == "two spin words, stalls":
        options = FabricOptions(random=RandomSpec(RandomKind.XOSHIRO128PLUS), fifo_depth=2)
        run = {"schedule": Schedule.constant(0.7, 60), "n_chains": 2, "recording": Recording(after=7, every=3)}
        return options, glass(40, 2), run
    if name == "own first states, saturation":
        source = RandomSpec(RandomKind.LFSR32, slices=1, leap=32)
        options = FabricOptions(Fixed(1, 3), Fixed(1, 3), Fixed(0, 2), compare_bits=24, random=source)
        run = {"schedule": Schedule.constant(1.5, 40), "n_chains": 4, "initial": rng.choice([-1, 1], (4, 9))}
        return options, glass(9, 3), run
    return FabricOptions(), glass(8, 4), {"schedule": Schedule.constant(0.4, 5), "recording": Recording(after=4)}


@pytest.mark.parametrize(
    "name", ["anneal with clamps", "two spin words, stalls", "own first states, saturation", "one state kept"]
)
def test_samples_equal_golden(name, tmp_path):
    options, instance, run = case(name)
    rtl = IcarusSampler(options, tmp_path).sample(instance, **run)
    golden = GoldenSampler(options).sample(instance, **run)
    for part in ("spins", "energies", "magnetizations", "final_spins"):
        assert np.array_equal(getattr(rtl, part), getattr(golden, part)), part
    for event in ("sweeps", "updates", "saturations"):
        assert rtl.ledger.events[event] == golden.ledger.events[event]
    assert (golden.ledger.events["saturations"] > 0) == ("saturation" in name)
    assert rtl.provenance["design_id"] == golden.provenance["design_id"]
    other = GoldenSampler(options).sample(instance, **(run | {"seed": 99}))
    assert not np.array_equal(rtl.final_spins, other.final_spins)


def test_states_can_be_left_out(tmp_path):
    instance, schedule = glass(8, 4), Schedule.constant(0.4, 30)
    kept = IcarusSampler(folder=tmp_path).sample(instance, schedule, seed=1)
    lean = IcarusSampler(folder=tmp_path).sample(instance, schedule, seed=1, recording=Recording(spins=False))
    assert lean.spins is None
    assert np.array_equal(lean.spin_means, kept.spins.mean(axis=(0, 1)))
    products = [(kept.spins[..., i] * kept.spins[..., j]).mean() for i, j in instance.edges]
    assert np.allclose(lean.edge_means, products, rtol=0, atol=1e-15)


def test_missing_icarus_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolError, match=f"^{re.escape(MISSING)}$"):
        IcarusSampler().sample(glass(8, 4), Schedule.constant(0.4, 5))


def test_broken_sources_are_reported(tmp_path, monkeypatch):
    monkeypatch.setattr("spinchip.sim.cosim.icarus.verilog_of", lambda spec: "module p_computer(clk); nonsense")
    with pytest.raises(ToolError, match=r"^Icarus could not compile the design; see .*build\.log$"):
        IcarusSampler(folder=tmp_path).sample(glass(8, 4), Schedule.constant(0.4, 5))


@pytest.mark.promise("house.foreign-machines")
@pytest.mark.parametrize("name", ["with space", "accentué"])
@pytest.mark.parametrize("under_cocotb", [True, False], ids=["cocotb", "vvp alone"])
def test_folders_of_any_name_serve(tmp_path, name, under_cocotb):
    """Icarus opens no file whose path has letters beyond ASCII, so it is told where they lie from where it runs."""
    spec = GoldenSampler().program(glass(8, 4), Schedule.constant(0.4, 5)).spec
    words = play(build(spec, tmp_path / name), Script().read([Register.MAGIC]), 1000, under_cocotb)
    assert [int(word, 16) for word in words] == [identity(spec)[Register.MAGIC]]
