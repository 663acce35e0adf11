"""`SpinchipSampler` keeps dimod's protocol, its signs and its energies, on kernels and on backends."""

import unittest

import dimod
import dimod.testing
import numpy as np
import pytest

from spinchip.emulator.spec.errors import InputError
from spinchip.sim.dimod_sampler import SpinchipSampler, beta_line

RNG = np.random.default_rng(1)


def random_bqm(vartype, n=10, seed=1):
    return dimod.generators.gnp_random_bqm(n, 0.5, vartype, random_state=seed)


@pytest.mark.parametrize("on", ["reference", "golden"])
def test_protocol(on):
    sampler = SpinchipSampler(on)
    dimod.testing.assert_sampler_api(sampler)
    for vartype in ("SPIN", "BINARY"):
        bqm = dimod.BinaryQuadraticModel({0: 1.0, 1: -1.0}, {(0, 1): 1.0}, 0.5, vartype)
        found = sampler.sample(bqm, num_reads=5, num_sweeps=50, seed=1)
        dimod.testing.assert_response_energies(found, bqm)
        dimod.testing.assert_sampleset_energies(found, bqm)


@dimod.testing.load_sampler_bqm_tests(SpinchipSampler)
class TestDimodModels(unittest.TestCase):
    """Every small model of dimod's own collection, in both vartypes."""


@pytest.mark.parametrize("vartype", ["SPIN", "BINARY"])
@pytest.mark.parametrize("method", ["sa", "sqa", "apt", "pa"])
def test_ground_state_is_that_of_exact_enumeration(vartype, method):
    """A sign turned around would give the highest energy instead of the lowest."""
    bqm = random_bqm(vartype)
    exact = dimod.ExactSolver().sample(bqm).first.energy
    found = SpinchipSampler().sample(bqm, num_reads=8, num_sweeps=300, method=method, seed=2)
    assert found.first.energy == pytest.approx(exact)
    assert len(found) == 8
    turned = dimod.ExactSolver().sample(-1 * bqm).first.energy
    assert found.first.energy < -turned  # the highest energy of the model


def test_labels_and_ising_entries_are_dimods():
    found = SpinchipSampler().sample_ising({"a": -1.0}, {("a", "b"): 1.0, ("b", "c"): 1.0}, num_reads=3, seed=3)
    assert found.first.sample == {"a": 1, "b": -1, "c": 1}
    found = SpinchipSampler().sample_qubo({("x", "x"): -1.0, ("x", "y"): 2.0, ("y", "y"): -1.0}, num_reads=3, seed=3)
    assert found.first.energy == -1.0


def test_equal_seeds_agree_and_others_do_not():
    bqm = random_bqm("SPIN", 30)
    one, same, other = (SpinchipSampler().sample(bqm, num_reads=4, num_sweeps=2, seed=s) for s in (1, 1, 2))
    assert np.array_equal(one.record.sample, same.record.sample)
    assert not np.array_equal(one.record.sample, other.record.sample)


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        ({"annealing_time": 20}, "Argument must be one of num_reads"),
        ({"method": "magic"}, "Method must be one of apt, pa, sa, sqa on reference"),
        ({"num_reads": 0}, "Reads must be a whole number"),
        ({"num_sweeps": 1.5}, "Sweeps must be a whole number"),
        ({"beta_range": (2.0, 1.0)}, "Range of beta must be two rising numbers"),
    ],
)
def test_bad_arguments_are_refused(arguments, fault):
    with pytest.raises(InputError, match=fault):
        SpinchipSampler().sample(random_bqm("SPIN"), **arguments)


def test_backend_takes_schedules_only():
    with pytest.raises(InputError, match="Method must be one of sa on golden"):
        SpinchipSampler("golden").sample(random_bqm("SPIN"), method="apt")


def test_empty_and_flat_models_are_answered():
    empty = dimod.BinaryQuadraticModel("SPIN")
    assert SpinchipSampler().sample(empty, num_reads=2).first.energy == 0.0
    flat = dimod.BinaryQuadraticModel({"a": 0.0}, {}, 1.5, "BINARY")
    assert SpinchipSampler().sample(flat, num_reads=2, seed=1).first.energy == 1.5


def test_betas_follow_the_scale_of_the_model():
    from spinchip.emulator.instances.dimod_bqm import from_dimod

    bqm = random_bqm("SPIN")
    line, scaled = (beta_line(from_dimod(one)) for one in (bqm, 10.0 * bqm))
    np.testing.assert_allclose(line, 10.0 * scaled)
