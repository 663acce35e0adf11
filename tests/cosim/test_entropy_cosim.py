"""Emulated junctions at the entropy port: RTL under Icarus in lockstep with golden, and the law that the bits leave."""

from dataclasses import replace

import numpy as np
import pytest

from spinchip.emulator.devices.junction.card import SmtjCard
from spinchip.emulator.devices.junction.synchroniser import Sampling, synchronised_bits
from spinchip.emulator.golden.fabric.entropy_stages import BiasTracker, extracted, words_of, xor_groups
from spinchip.emulator.instances.resolve import resolve
from spinchip.emulator.spec.errors import InputError
from spinchip.emulator.spec.fabric.entropy import TrackerSpec
from spinchip.emulator.spec.fabric.program import compile_program
from spinchip.emulator.spec.fabric.quantised import FabricOptions, fabric_for
from spinchip.emulator.spec.fabric.random_source import RandomKind, RandomSpec
from spinchip.emulator.spec.schedule import Recording, Schedule
from spinchip.emulator.stats.evidence import Evidence
from spinchip.emulator.stats.gate import Gate
from spinchip.sim.cosim.lockstep import run_lockstep
from spinchip.sim.cosim.stimulus import program_stimulus
from spinchip.sim.runs.entropy_run import run_with_words

CARD = SmtjCard(1e-9, 4.0)
NEURON_S = float(CARD.correlation_time_s(0.0))
RING = resolve("[ring n=6 J=1 h=0.3]")
SPEC = fabric_for(RING, FabricOptions(random=RandomSpec(RandomKind.EXTERNAL)))
N_LINES = SPEC.n_slots * SPEC.compare_bits
# A share of ones of 0.54 moves the chance of every draw by up to 0.04. In 5000 sweeps each p-bit draws 5000 times: 5.7
# standard errors of one p-bit, 14 of six together. An XOR of two leaves 2 x 0.04^2 = 0.0032, which nothing here sees.
N_SWEEPS = 5000
N_CYCLES = N_SWEEPS * SPEC.n_colors
BIASED = 0.01  # drive: tanh(8 x 0.01) / 2 = 0.04


def verdict(bits):
    program = compile_program(RING, SPEC, Schedule.constant(0.5, N_SWEEPS), Recording())
    spins = run_with_words(program, words_of(bits[:N_CYCLES]))
    return Gate().judge(Evidence(program, spins[None])).verdict


def junction_bits(drive, clocks, n_lines=N_LINES, n_cycles=N_CYCLES, **more):
    return synchronised_bits(CARD, drive, Sampling(clocks * NEURON_S, **more), n_cycles, 1, n_lines)


@pytest.mark.promise("smtj.entropy-cosim")
@pytest.mark.icarus
def test_rtl_equals_golden_on_the_bits_of_junctions(tmp_path):
    stimulus = program_stimulus(compile_program(RING, SPEC, Schedule.constant(0.5, 1500), Recording(every=300)))
    bits = junction_bits(0.05, 1.0, n_cycles=len(stimulus), aperture_s=0.05 * NEURON_S)
    result = run_lockstep(SPEC, replace(stimulus, entropy=words_of(bits)), tmp_path)
    assert (result.cycles, result.mismatches, result.first) == (len(stimulus), 0, {})
    assert result.sweeps == 1500


@pytest.mark.promise("smtj.entropy-cosim")
def test_fair_and_fast_junctions_pass():
    assert verdict(junction_bits(0.0, 10.0)) == "pass"


@pytest.mark.promise("smtj.entropy-cosim")
def test_biased_junctions_fail_and_two_behind_an_xor_pass():
    bits = junction_bits(BIASED, 10.0, 2 * N_LINES)
    assert verdict(bits[:, :N_LINES]) == "fail"
    assert verdict(xor_groups(bits, 2)) == "pass"


@pytest.mark.promise("smtj.entropy-cosim")
def test_extractor_mends_a_bias_of_which_an_xor_leaves_too_much():
    bits = junction_bits(0.05, 10.0, n_cycles=6 * N_CYCLES)
    assert (
        verdict(
            xor_groups(bits[: 2 * N_CYCLES].reshape(N_CYCLES, 2, N_LINES).transpose(0, 2, 1).reshape(N_CYCLES, -1), 2)
        )
        == "fail"
    )
    lines = extracted(bits)
    assert min(map(len, lines)) >= N_CYCLES
    assert verdict(np.stack([line[:N_CYCLES] for line in lines], axis=1)) == "pass"


@pytest.mark.promise("smtj.entropy-cosim")
def test_slow_junctions_fail_behind_either():
    bits = junction_bits(0.0, 0.5, 2 * N_LINES)
    assert verdict(bits[:, :N_LINES]) == "fail"
    assert verdict(xor_groups(bits, 2)) == "fail"


@pytest.mark.promise("smtj.entropy-cosim")
def test_tracker_finds_the_drive_of_a_fair_junction():
    """A junction with an offset: the loop moves its code until half of the bits are ones."""
    offset, step, window = 0.1, 0.001, 256
    tracker, shares = BiasTracker(TrackerSpec(window_bits=8, code_bits=10, shift=3)), []
    for k in range(100):
        drive = step * tracker.code - offset
        bits = synchronised_bits(CARD, drive, Sampling(10 * NEURON_S), window, k, 1)[:, 0]
        for bit in bits:
            tracker.tick(bit)
        shares.append(bits.mean())
    # Code and share end within what one window's noise makes of them: 0.5 / sqrt(256) = 0.03 a window, 50 windows.
    assert abs(np.mean(shares[50:]) - 0.5) < 5 * 0.03 / np.sqrt(50)
    assert abs(shares[0] - 0.5) > 0.2
    assert abs(step * tracker.code - offset) < 0.02


def test_too_few_words_are_refused():
    program = compile_program(RING, SPEC, Schedule.constant(0.5, 10), Recording())
    with pytest.raises(InputError, match="^Words must be 20, one a clock, not fewer$"):
        run_with_words(program, [0] * 19)
