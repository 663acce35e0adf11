"""Couplings of any size: the words' exponents move with them, so the machine draws the same states."""

import numpy as np
import pytest

from spinchip.emulator.golden.fabric.sampler import GoldenSampler
from spinchip.emulator.golden.replicas.tempering import temper
from spinchip.emulator.instances.generators.by_name import generate
from spinchip.emulator.oracle.enumeration import boltzmann_law
from spinchip.emulator.oracle.law_distance import total_variation
from spinchip.emulator.oracle.quantisation import quantisation_report
from spinchip.emulator.spec.fabric.quantised import FabricOptions, fabric_for, quantise
from spinchip.emulator.spec.fabric.register_map import Register, identity
from spinchip.emulator.spec.fixed import Fixed
from spinchip.emulator.spec.instance import IsingInstance
from spinchip.emulator.spec.replicas.tempering import tempering_program
from spinchip.emulator.spec.schedule import Schedule
from spinchip.emulator.stats.judging import judge_mutant
from spinchip.emulator.stats.mutants import catalogue

GLASS, BETA = generate("sk", n=8, seed=1), 0.7
FIELDS = np.linspace(-0.5, 0.6, 8)


def scaled(factor, with_fields=True):
    fields = factor * FIELDS if with_fields else np.zeros(8)
    return IsingInstance(GLASS.couplings * factor, fields, name=f"glass x {factor:g}")


@pytest.mark.promise("spec.any-scale")
@pytest.mark.parametrize("with_fields", [False, True])
@pytest.mark.parametrize(("first", "second"), [(2.0**12, 2.0**40), (2.0**-12, 2.0**-40)])
def test_powers_of_two_change_nothing(first, second, with_fields):
    drawn = [
        GoldenSampler().sample(scaled(factor, with_fields), Schedule.constant(BETA / factor, 300), 4, 1)
        for factor in (first, second)
    ]
    np.testing.assert_array_equal(drawn[0].spins, drawn[1].spins)
    assert len(np.unique(drawn[0].spins.reshape(-1, 8), axis=0)) > 50  # it moves


@pytest.mark.promise("spec.any-scale")
@pytest.mark.parametrize("factor", [1e-9, 1e-4, 1.0, 1e3, 3e5, 1e12])
def test_quantised_law_is_near_at_any_size(factor):
    """Words of eight bits lose as little of large and of small couplings as of those near one."""
    instance = scaled(factor)
    spec = fabric_for(instance)
    report = quantisation_report(instance, spec, BETA / factor, 1)
    assert report.n_saturated == 0
    assert report.tv < 0.02
    assert max(spec.weight.width, spec.bias.width) <= 8
    assert spec.field.width <= 10


def test_a_format_without_its_exponent_would_be_far():
    """What large couplings met before: a word that ends at 127, and every coupling at its end."""
    instance = scaled(3e5)
    poor = fabric_for(instance, FabricOptions(weight=Fixed(7, 0), bias=Fixed(7, 0), field=Fixed(9, 0)))
    assert quantisation_report(instance, poor, BETA / 3e5, 1).tv > 0.2
    law = boltzmann_law(instance, BETA / 3e5)
    assert total_variation(law, np.full(256, 1 / 256)) > 0.2


def test_tempering_of_large_numbers_finds_the_ground_state():
    """Energies of replicas are exact integers of the words, so swaps are right at any size."""
    factor = 3e5
    instance = scaled(factor)
    betas = tuple(np.geomspace(0.5, 4.0, 4) / factor)
    found = temper(tempering_program(instance, betas, 200), 4, 1)
    states = 2 * ((np.arange(256)[:, None] >> np.arange(8)) & 1) - 1
    lowest = instance.energies(states).min()
    reached = instance.energies(np.asarray(found.best_spins)).min()
    assert reached == pytest.approx(lowest, rel=1e-12)


@pytest.mark.parametrize(("factor", "lost"), [(2.0**140, "saturated"), (1e305, "saturated"), (1e-45, "vanished")])
def test_numbers_beyond_a_register_saturate_or_vanish_and_are_counted(factor, lost):
    instance = scaled(factor)
    words = quantise(instance, fabric_for(instance))
    count = {"saturated": words.n_saturated, "vanished": words.n_vanished}
    numbers = np.concatenate([instance.edge_values, instance.biases])
    assert count.pop(lost) == np.count_nonzero(numbers)
    assert list(count.values()) == [0]


def test_registers_hold_signed_bytes():
    """A host reads the formats back from the bus, negative bits as two's complement."""
    for factor in (3e5, 1e-4, 1.0):
        spec = fabric_for(scaled(factor))
        words = identity(spec)[Register.FORMATS].to_bytes(4, "little")
        read = [byte - 256 if byte > 127 else byte for byte in words]
        assert read == [spec.weight.n_int, spec.weight.n_frac, spec.bias.n_int, spec.bias.n_frac]
        low = identity(spec)[Register.FIELD].to_bytes(4, "little")
        assert [byte - 256 if byte > 127 else byte for byte in low[:2]] == [spec.field.n_int, spec.field.n_frac]
        assert low[2] == spec.compare_bits


@pytest.mark.parametrize("factor", [3e5, 30.0, 1e-4])
def test_a_table_off_by_one_matters_at_any_size(factor):
    """One entry shifts probabilities by a sixteenth at least, and the gate sees it at a tenth of its size."""
    mutant = next(one for one in catalogue(scaled(factor), BETA / factor) if one.name == "table off by one")
    assert BETA / factor * mutant.honest.spec.field.step / 2 >= 1 / 16
    assert judge_mutant(mutant, 400, seed=1).verdict == "fail"


@pytest.mark.parametrize("factor", [2.0**18, 2.0**-13])
def test_every_mutant_can_be_built_at_any_size(factor):
    """The same mutants apply as to couplings near one; each has its arena."""
    near, far = (catalogue(scaled(one), BETA / one) for one in (1.0, factor))
    assert [one.name for one in near] == [one.name for one in far]
    assert [bool(one.not_applicable) for one in near] == [bool(one.not_applicable) for one in far]
