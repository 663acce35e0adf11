"""Stages between junctions and the entropy port: equal to their twins in every clock, simulated and under Icarus."""

import shutil
import subprocess

import numpy as np
import pytest
from amaranth.back import verilog

from spinchip.emulator.golden.fabric.entropy_stages import BiasTracker as TrackerTwin
from spinchip.emulator.golden.fabric.entropy_stages import VonNeumann as VonNeumannTwin
from spinchip.emulator.golden.fabric.entropy_stages import extracted, words_of, xor_groups
from spinchip.emulator.spec.errors import InputError
from spinchip.emulator.spec.fabric.entropy import TrackerSpec
from spinchip.rtl.entropy.entropy_tracker import BiasTracker
from spinchip.rtl.entropy.entropy_von_neumann import VonNeumann
from spinchip.rtl.entropy.entropy_xor import XorWhitener

LATENCY = 3  # clocks of the XOR stage: two of the synchroniser, one register
TRACKERS = [TrackerSpec(), TrackerSpec(4, 6, 0), TrackerSpec(2, 4, 2), TrackerSpec(6, 16, 6), TrackerSpec(10, 5, 1)]


def biased(share, n, seed=0):
    return (np.random.default_rng(seed).random(n) < share).astype(int)


def traced(simulate, unit, lines, outputs):
    """Return what a unit shows in every clock while its line carries bits."""
    seen = []

    async def bench(context):
        for bit in lines:
            context.set(unit.line, int(bit))
            seen.append(tuple(context.get(output) for output in outputs))
            await context.tick()

    simulate(unit, bench)
    return seen


@pytest.mark.promise("smtj.entropy-cosim")
@pytest.mark.parametrize("share", [0.5, 0.2, 0.95, 0.0])
def test_von_neumann_equals_its_twin(simulate, share):
    unit, twin, lines = VonNeumann(), VonNeumannTwin(), biased(share, 600)
    assert traced(simulate, unit, lines, (unit.bit, unit.valid)) == [twin.tick(bit) for bit in lines]


@pytest.mark.promise("smtj.entropy-cosim")
@pytest.mark.parametrize("spec", TRACKERS, ids=str)
@pytest.mark.parametrize("share", [0.5, 0.1, 1.0, 0.0])
def test_tracker_equals_its_twin(simulate, spec, share):
    unit, twin, lines = BiasTracker(spec), TrackerTwin(spec), biased(share, 3000, 1)
    expected = [(twin.tick(bit),) for bit in lines]
    assert traced(simulate, unit, lines, (unit.code,)) == expected
    if share in (0.0, 1.0) and spec == TRACKERS[1]:  # saturated, and not wrapped
        assert expected[-1][0] == spec.code_range[share == 0.0]


class NeverSaturates(TrackerTwin):
    def tick(self, line):
        seen = self.code
        ones, spec = self.ones + int(line), self.spec
        if self.count == (1 << spec.window_bits) - 1:
            self.code += ((1 << (spec.window_bits - 1)) - ones) >> spec.shift
            self.count, self.ones = 0, 0
        else:
            self.count, self.ones = self.count + 1, ones
        return seen


class RoundsToZero(TrackerTwin):
    def tick(self, line):
        before = self.code
        seen = super().tick(line)
        if self.count == 0 and self.code < before and self.spec.shift:
            self.code += 1
        return seen


class OverlappingPairs(VonNeumannTwin):
    def tick(self, line):
        seen = (self.bit, self.valid)
        self.valid = int(line != self.first)
        self.bit = self.first if self.valid else self.bit
        self.first = int(line)
        return seen


@pytest.mark.promise("smtj.entropy-cosim")
@pytest.mark.parametrize(
    ("make", "outputs", "mutant"),
    [
        (lambda: BiasTracker(TRACKERS[1]), ("code",), lambda: NeverSaturates(TRACKERS[1])),
        (lambda: BiasTracker(TRACKERS[0]), ("code",), lambda: RoundsToZero(TRACKERS[0])),
        (VonNeumann, ("bit", "valid"), OverlappingPairs),
    ],
)
def test_mutants_differ(simulate, make, outputs, mutant):
    unit, broken, lines = make(), mutant(), biased(0.7, 3000, 2)
    seen = traced(simulate, unit, lines, [getattr(unit, name) for name in outputs])
    wrong = [broken.tick(bit) for bit in lines]
    assert seen != [row if isinstance(row, tuple) else (row,) for row in wrong]


@pytest.mark.promise("smtj.entropy-cosim")
def test_xor_equals_its_twin_three_clocks_later(simulate):
    unit, seen = XorWhitener(4, 3), []
    bits = biased(0.4, (200, 12), 3)

    async def bench(context):
        for word in words_of(bits):
            context.set(unit.junctions, word)
            seen.append(context.get(unit.lines))
            await context.tick()

    simulate(unit, bench)
    assert seen[LATENCY:] == words_of(xor_groups(bits, 3))[:-LATENCY]
    assert seen[LATENCY:] != words_of(xor_groups(bits[:, ::-1], 3))[:-LATENCY]  # negative control: another grouping


def test_whole_streams_equal_the_twin_clock_by_clock():
    bits, twin = biased(0.3, (1001, 2), 4), VonNeumannTwin()
    clocked = [twin.tick(bit) for bit in [*bits[:, 1], 0]]
    assert [bit for bit, valid in clocked if valid] == extracted(bits)[1].tolist()


BENCH = """
module bench;
  reg clk = 0, rst = 1, line = 0; integer file, status;
  wire signed [9:0] code; wire bit_, valid;
  tracker t (.clk(clk), .rst(rst), .line(line), .code(code));
  extractor e (.clk(clk), .rst(rst), .line(line), .bit(bit_), .valid(valid));
  initial begin
    file = $fopen("bits.txt", "r"); #1 clk = 1; #1 clk = 0; rst = 0;
    status = $fscanf(file, "%b", line);
    while (status == 1) begin
      #1 $display("%0d %b %b", code, bit_, valid); #1 clk = 1; #1 clk = 0;
      status = $fscanf(file, "%b", line);
    end
    $finish;
  end
endmodule
"""


@pytest.mark.promise("smtj.entropy-cosim")
@pytest.mark.icarus
def test_generated_verilog_equals_the_twins_under_icarus(tmp_path):
    spec, lines = TrackerSpec(), biased(0.8, 4000, 5)
    for unit, name in ((BiasTracker(spec), "tracker"), (VonNeumann(), "extractor")):
        (tmp_path / f"{name}.v").write_text(verilog.convert(unit, name=name, strip_internal_attrs=True, emit_src=False))
    (tmp_path / "bench.v").write_text(BENCH)
    (tmp_path / "bits.txt").write_text("\n".join(map(str, lines)))
    files = ["bench.v", "tracker.v", "extractor.v"]
    subprocess.run([shutil.which("iverilog"), "-o", "sim", *files], cwd=tmp_path, check=True)
    ran = subprocess.run([shutil.which("vvp"), "-n", "sim"], cwd=tmp_path, check=True, capture_output=True, text=True)
    tracker, extractor = TrackerTwin(spec), VonNeumannTwin()
    expected = [f"{tracker.tick(bit)} {' '.join(map(str, extractor.tick(bit)))}" for bit in lines]
    assert [line for line in ran.stdout.splitlines() if "finish" not in line] == expected


@pytest.mark.parametrize("broken", [(1, 10, 0), (8, 3, 0), (8, 10, 9), (8, 10.5, 0)])
def test_trackers_that_cannot_be_are_refused(broken):
    with pytest.raises(InputError, match=r"of a tracker must be \d+ to \d+, not"):
        TrackerSpec(*broken)
