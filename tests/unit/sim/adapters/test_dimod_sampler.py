"""`SpinchipSampler` keeps dimod's protocol, its signs and its energies, on kernels and on backends."""

import unittest

import dimod
import dimod.testing
import numpy as np
import pytest

import spinchip
from spinchip.emulator.spec.errors import InputError
from spinchip.sim.adapters.dimod_sampler import SpinchipSampler, beta_line

RNG = np.random.default_rng(1)


def random_bqm(vartype, n=10, seed=1):
    return dimod.generators.gnp_random_bqm(n, 0.5, vartype, random_state=seed)


@pytest.mark.promise("problems.dimod")
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


@pytest.mark.promise("problems.dimod")
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


@pytest.mark.promise("problems.dimod")
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


@pytest.mark.promise("problems.bad-input")
@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        ({"method": "magic"}, "Method must be one of apt, pa, sa, sqa on reference"),
        ({"num_reads": 0}, "Reads must be a whole number"),
        ({"num_sweeps": 1.5}, "Sweeps must be a whole number"),
        ({"num_reads": True}, "Reads must be a whole number"),
        ({"beta_range": (2.0, 1.0)}, "Range of beta must be two rising numbers above 0, not \\(2.0, 1.0\\)"),
        ({"beta_range": [0.1, 1, 2]}, "Range of beta must be two rising numbers above 0, not \\[0.1, 1, 2\\]"),
        ({"beta_range": 3.0, "method": "apt"}, "Range of beta must be two rising numbers above 0, not 3.0"),
        ({"beta_range": "ab", "method": "pa"}, "Range of beta must be two rising numbers above 0, not 'ab'"),
        ({"beta_range": (0.1, np.inf)}, "Range of beta must be two rising numbers"),
        ({"seed": -1}, "Seed must be a whole number of at least 0, not -1"),
        ({"seed": 1.5}, "Seed must be a whole number of at least 0, not 1.5"),
    ],
)
def test_bad_arguments_are_refused(arguments, fault):
    with pytest.raises(InputError, match=fault):
        SpinchipSampler().sample(random_bqm("SPIN"), **arguments)


@pytest.mark.promise("problems.dimod")
def test_unknown_arguments_are_ignored_with_dimods_warning():
    bqm = random_bqm("SPIN")
    with pytest.warns(dimod.exceptions.SamplerUnknownArgWarning, match="annealing_time"):
        found = SpinchipSampler().sample(bqm, num_reads=2, num_sweeps=10, seed=1, annealing_time=20)
    plain = SpinchipSampler().sample(bqm, num_reads=2, num_sweeps=10, seed=1)
    assert np.array_equal(found.record.sample, plain.record.sample)


ONE_SWEEP = [("golden", "sa"), *(("reference", method) for method in ("sa", "sqa", "apt", "pa"))]


@pytest.mark.promise("problems.dimod")
@pytest.mark.parametrize(("on", "method"), ONE_SWEEP)
@pytest.mark.parametrize("beta_range", [None, (0.1, 2.0)])
def test_one_sweep_is_enough(on, method, beta_range):
    bqm = random_bqm("SPIN")
    found = SpinchipSampler(on).sample(bqm, num_reads=3, num_sweeps=1, method=method, beta_range=beta_range, seed=1)
    dimod.testing.assert_sampleset_energies(found, bqm)
    assert len(found) == 3


@pytest.mark.promise("problems.dimod")
def test_single_sweep_is_at_the_last_beta():
    np.testing.assert_allclose(beta_line((0.5, 8.0), 5), 0.5 * 2.0 ** np.arange(5))
    assert beta_line((0.5, 8.0), 1).tolist() == [8.0]


@pytest.mark.promise("problems.dimod")
@pytest.mark.parametrize("on", ["reference", "golden"])
def test_numpy_seeds_are_their_numbers(on):
    bqm = random_bqm("SPIN", 30)
    one, same, large = (
        SpinchipSampler(on).sample(bqm, num_reads=4, num_sweeps=1, seed=seed, beta_range=(0.01, 0.02)).record.sample
        for seed in (3, np.int64(3), 3 + 2**64)
    )
    assert np.array_equal(one, same)
    assert not np.array_equal(one, large)


@pytest.mark.parametrize(("on", "methods"), [("golden", "apt, sa, sqa"), ("bitsliced", "sa, sqa")])
def test_backend_takes_what_it_has(on, methods):
    with pytest.raises(InputError, match=f"Method must be one of {methods} on {on}, not 'pa'"):
        SpinchipSampler(on).sample(random_bqm("SPIN"), method="pa")


@pytest.mark.promise("problems.dimod")
@pytest.mark.parametrize("beta_range", [None, (0.1, 3.0)])
@pytest.mark.parametrize("method", ["sa", "sqa", "apt"])
def test_golden_finds_the_ground_state(method, beta_range):
    bqm = dimod.BinaryQuadraticModel({0: 1.0}, {(0, 1): 1.0, (1, 2): -1.0, (0, 2): 1.0}, 0.0, "SPIN")
    found = SpinchipSampler("golden").sample(bqm, 4, 60, method, beta_range, seed=1)
    assert found.first.energy == dimod.ExactSolver().sample(bqm).first.energy


@pytest.mark.promise("problems.dimod")
def test_answer_is_that_of_anneal():
    bqm = random_bqm("SPIN", 30)
    found = SpinchipSampler().sample(bqm, num_reads=4, num_sweeps=5, seed=2)
    search = spinchip.anneal(spinchip.IsingInstance.from_dimod(bqm), sweeps=5, runs=4, seed=2)
    assert found.first.energy == pytest.approx(search.energy)


def test_empty_and_flat_models_are_answered():
    empty = dimod.BinaryQuadraticModel("SPIN")
    assert SpinchipSampler().sample(empty, num_reads=2).first.energy == 0.0
    flat = dimod.BinaryQuadraticModel({"a": 0.0}, {}, 1.5, "BINARY")
    assert SpinchipSampler().sample(flat, num_reads=2, seed=1).first.energy == 1.5


def test_betas_follow_the_scale_of_the_model():
    bqm = random_bqm("SPIN")
    one, scaled = (SpinchipSampler().sample(k * bqm, num_reads=6, num_sweeps=3, seed=1) for k in (1.0, 16.0))
    assert np.array_equal(one.record.sample, scaled.record.sample)
