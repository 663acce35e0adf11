"""Oracle against published and noted figures: what the exact law of the chain says about them."""

import dataclasses

import numpy as np
import pytest
from scipy.special import expit

from spinchip.emulator.oracle.enumeration import boltzmann_law
from spinchip.emulator.oracle.law_distance import total_variation
from spinchip.emulator.oracle.law_moments import law_moments
from spinchip.emulator.oracle.stationary import stationary_law
from spinchip.emulator.spec.fabric.parameters import FabricSpec
from spinchip.emulator.spec.fabric.program import compile_program
from spinchip.emulator.spec.fabric.random_source import RandomSpec
from spinchip.emulator.spec.fixed import Fixed
from spinchip.emulator.spec.instance import IsingInstance
from spinchip.emulator.spec.schedule import Schedule

# Source: notes/p-computer.md, section 2.4. Its figures are Monte Carlo, 960 000 correlated states; its own rows of
# faultless sources show the noise: TV .0031 (numpy) and .0037 (xorshift32). By the triangle inequality a TV figure
# differs from the exact one by no more than the TV between the histogram and the law that it samples.
TV_NOISE = 0.0037 + 0.00005
# The rows of quantised chains ran on the same xorshift32 words as the faultless row, whose own deviation from the
# exact moments is therefore the noise to allow (both are rounded to 4 digits).
NOISE_M, NOISE_E = 0.37363 - 0.3706 + 0.0001, 3.83732 - 3.8252 + 0.0001

BETA, BIAS = 0.5, 0.3


def ring(bias=BIAS):
    return IsingInstance.from_edges(6, [(i, (i + 1) % 6) for i in range(6)], np.ones(6), np.full(6, bias))


def ring_program(compare_bits, rounding):
    """Return the notes' ring with field words -2, 0, +2 and the bias inside the table, not rounded before it."""
    instance = ring(bias=0.0)
    spec = FabricSpec(
        n_pbits=6,
        edges=tuple((int(i), int(j)) for i, j in instance.edges),
        colors=(0, 1, 0, 1, 0, 1),
        weight=Fixed(1, 0),
        bias=Fixed(0, 0),
        field=Fixed(2, 0),
        compare_bits=compare_bits,
        random=RandomSpec(slices=1),
    )
    words = np.array([0, 1, 2, 3, -4, -3, -2, -1])
    table = rounding(2.0**compare_bits * expit(2 * BETA * (words + BIAS))).astype(np.uint32)
    program = compile_program(instance, spec, Schedule.constant(BETA, 1))
    return dataclasses.replace(program, tables=table[None])


def test_chromatic_chain_with_a_fine_table_samples_boltzmann():
    # Thresholds err by 2^-33, 6 p-bits, p(1 - p) > 0.13.
    law = stationary_law(ring_program(32, np.rint))
    assert total_variation(law, boltzmann_law(ring(), BETA)) < 6 * 2.0**-33 / 0.13


@pytest.mark.promise("oracle.chain")
def test_all_updated_at_once():
    law = stationary_law(ring_program(32, np.rint), order=[range(6)])
    moments = law_moments(law, ring())
    assert total_variation(law, boltzmann_law(ring(), BETA)) == pytest.approx(0.4008, abs=TV_NOISE)  # exact .40060
    # On a ring of even length the all-at-once chain is two interleaved, independent chromatic chains on alternating
    # space-time sublattices: single-spin means stay exact, and neighbours are independent.
    assert moments.magnetization == pytest.approx(0.37363131, abs=1e-8)
    assert moments.edge_means == pytest.approx(np.full(6, moments.magnetization**2), abs=1e-9)
    # The notes' <E> -1.5030 and <m> .3719 differ from -1.51014 and .37363 by noise: dE = -6 (2 m + h) dm.
    energy_noise = 6 * (2 * 0.37363 + BIAS) * (0.37363 - 0.3719)
    assert moments.mean_energy == pytest.approx(-1.5030, abs=energy_noise)


@pytest.mark.parametrize(
    ("n_frac", "tv", "magnetization", "energy"), [(3, 0.0403, 0.3147, -3.6414), (1, 0.2478, -0.0024, -2.8681)]
)
def test_rounded_beta_h(n_frac, tv, magnetization, energy):
    rounded = np.rint(BETA * BIAS * 2**n_frac) / 2**n_frac / BETA
    law = boltzmann_law(ring(rounded), BETA)
    moments = law_moments(law, ring())
    assert total_variation(law, boltzmann_law(ring(), BETA)) == pytest.approx(tv, abs=TV_NOISE)
    assert moments.magnetization == pytest.approx(magnetization, abs=NOISE_M)
    assert moments.mean_energy == pytest.approx(energy, abs=NOISE_E)


def test_compare_of_8_bits_with_rounding_up():
    # The notes compare k / 256 < p, which is a threshold of ceil(256 p): exact TV .01131, <m> .38977, <E> -3.89438.
    law = stationary_law(ring_program(8, np.ceil))
    moments = law_moments(law, ring())
    assert total_variation(law, boltzmann_law(ring(), BETA)) == pytest.approx(0.0098, abs=TV_NOISE)
    assert moments.magnetization == pytest.approx(0.3871, abs=NOISE_M)
    assert moments.mean_energy == pytest.approx(-3.8828, abs=NOISE_E)


@pytest.mark.parametrize("rounding", [np.rint, np.floor])
def test_compare_of_8_bits_with_another_rounding_is_not_that_chain(rounding):
    moments = law_moments(stationary_law(ring_program(8, rounding)), ring())
    assert abs(moments.magnetization - 0.3871) > 2 * NOISE_M


def test_rounding_to_nearest_halves_the_harm_of_8_bits():
    target = boltzmann_law(ring(), BETA)
    nearest, up = (total_variation(stationary_law(ring_program(8, r)), target) for r in (np.rint, np.ceil))
    assert nearest < up / 2


def wobbly_bits(coupling):
    """Return the chip's chain: six p-bits all-to-all, in turn, threshold 128 + field saturated to 8 bits.

    Source: rats2012/WobblyBits, src/pbit_array.v and test/test.py (public repository); notes, fact 4.
    """
    instance = IsingInstance(coupling * (np.ones((6, 6)) - np.eye(6)), np.zeros(6))
    spec = FabricSpec(
        n_pbits=6,
        edges=tuple((int(i), int(j)) for i, j in instance.edges),
        colors=tuple(range(6)),
        weight=Fixed(6, 0),
        bias=Fixed(0, 0),
        field=Fixed(7, 0),
        compare_bits=8,
    )
    words = np.arange(256)
    thresholds = 128 + np.where(words > 127, words - 256, words)
    program = compile_program(instance, spec, Schedule.constant(1.0, 1))
    return dataclasses.replace(program, tables=thresholds[None].astype(np.uint32))


def test_wobbly_bits_align_in_36_7_percent():
    law = stationary_law(wobbly_bits(20))
    assert 100 * (law[0] + law[-1]) == pytest.approx(36.7, abs=0.05)


def test_wobbly_bits_freeze_at_strong_coupling():
    # At -200 the field saturates to a threshold of 0: all down is absorbing, all up is left once in 256 turns.
    law = stationary_law(wobbly_bits(40))
    assert law[0] == 1.0
    assert law[1:].sum() == 0.0
