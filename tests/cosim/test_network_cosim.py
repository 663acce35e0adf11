"""A network's Boltzmann machine on the p-computer: RTL in lockstep with golden, and the law of its states."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from spinchip.emulator.golden.fabric.sampler import run_chains
from spinchip.emulator.spec.fabric.loading import weight_matrix
from spinchip.emulator.spec.fabric.program import compile_program
from spinchip.emulator.spec.fabric.quantised import FabricOptions, fabric_for, quantise
from spinchip.emulator.spec.fabric.register_map import Register
from spinchip.emulator.spec.fabric.sign_magnitude import plane_weights
from spinchip.emulator.spec.fixed import Fixed
from spinchip.emulator.spec.schedule import Recording, Schedule
from spinchip.models.nqs.lattice import Lattice
from spinchip.models.nqs.mapping import ising_of
from spinchip.models.nqs.rbm import near_origin, published_rbm, random_rbm
from spinchip.sim.board.compiled_board import CompiledBoard, CompiledTransport
from spinchip.sim.board.driver import BoardDriver
from spinchip.sim.cosim.lockstep import run_lockstep
from spinchip.sim.cosim.stimulus import program_stimulus
from spinchip.sim.proof.verification import Size, verify
from spinchip.sim.samplers.by_name import backend

RBM = random_rbm(Lattice((8,)), 1, seed=3, scale=0.4)
SHORT = FabricOptions(weight=Fixed(2, 5), bias=Fixed(2, 5))


DENSE = replace(SHORT, dense=True)


@pytest.mark.promise("nqs.dense-rtl")
@pytest.mark.icarus
@pytest.mark.parametrize(
    ("options", "clocks", "size"), [(SHORT, 2, Size(400, 50)), (DENSE, 16 + 2, Size(100, 50))], ids=["sparse", "dense"]
)
def test_rtl_of_eight_sites_equals_golden_and_has_the_law_of_its_chain(tmp_path, options, clocks, size):
    """Two layers: two clocks a sweep, or one a p-bit and one wait a layer; the dense law is tested on golden too."""
    instance = ising_of(RBM)
    spec = fabric_for(instance, options)
    assert spec.clocks_per_sweep == clocks
    program = compile_program(instance, spec, Schedule.constant(1.0, 100), Recording(every=20))
    result = run_lockstep(spec, program_stimulus(program), tmp_path)
    assert (result.mismatches, result.first) == (0, {})
    assert verify(backend("icarus", options), instance, 1.0, size, seed=1).verdict == "pass"


@pytest.mark.promise("nqs.published-weights")
@pytest.mark.icarus
@pytest.mark.slow
def test_rtl_of_the_published_network_equals_golden(tmp_path):
    instance = ising_of(published_rbm(16, 2))
    spec = fabric_for(instance, SHORT)
    assert (spec.n_pbits, spec.n_colors) == (48, 2)
    program = compile_program(instance, spec, Schedule.constant(1.0, 60), Recording(every=20))
    result = run_lockstep(spec, program_stimulus(program), tmp_path)
    assert (result.mismatches, result.first) == (0, {})
    assert np.isfinite(instance.max_field)


@pytest.mark.promise("nqs.sparse")
@pytest.mark.icarus
def test_rtl_of_a_sparse_network_equals_golden(tmp_path):
    """6 x 6 sites with couplings within two steps, in the published format of 10 bits: 72 p-bits of 13 neighbours."""
    lattice = Lattice((6, 6))
    instance = ising_of(random_rbm(lattice, 1, seed=3, scale=0.4, support=near_origin(lattice, 2)))
    spec = fabric_for(instance, FabricOptions(weight=Fixed(6, 3), bias=Fixed(6, 3)))
    assert (spec.n_pbits, spec.n_colors, spec.clocks_per_sweep) == (72, 2, 2)
    assert set(np.bincount(np.asarray(spec.edges).ravel())) == {13}
    program = compile_program(instance, spec, Schedule.constant(1.0, 60), Recording(every=20))
    result = run_lockstep(spec, program_stimulus(program), tmp_path)
    assert (result.mismatches, result.first) == (0, {})


@pytest.mark.promise("nqs.dense-rtl")
def test_states_of_the_dense_fabric_have_the_square_of_the_network():
    """Visible spins of golden against psi squared of the quantised network; weights doubled are rejected."""
    instance = ising_of(RBM)
    spec = fabric_for(instance, DENSE)
    samples = backend("golden", DENSE).sample(
        instance, Schedule.constant(1.0, 20 * 1500), 4, 3, Recording(after=0, every=20)
    )
    every = 2 * ((np.arange(256)[:, None] >> np.arange(8)) & 1) - 1
    counts = np.bincount((np.asarray(samples.spins).reshape(-1, 16)[:, :8] > 0) @ (1 << np.arange(8)), minlength=256)
    p_values = [_p_value(counts, quantise(instance, spec).as_instance(), every, factor) for factor in (1.0, 2.0)]
    assert p_values[0] > 1e-4
    assert p_values[1] < 1e-6


def _couplings(instance):
    matrix = np.zeros((instance.n_spins, instance.n_spins))
    matrix[tuple(np.asarray(instance.edges).T)] = instance.edge_values
    return matrix


def _p_value(counts, instance, every, factor):
    fields = factor * (every @ _couplings(instance)[:8, 8:] + instance.biases[8:])
    logs = np.log(2.0 * np.cosh(fields)).sum(axis=1) + factor * every @ instance.biases[:8]
    expected = counts.sum() * np.exp(logs) / np.exp(logs).sum()
    kept = expected >= 5.0
    observed, wanted = (np.append(part[kept], part[~kept].sum()) for part in (counts, expected))
    return stats.chisquare(observed[wanted > 0], wanted[wanted > 0]).pvalue


@pytest.mark.promise("nqs.dense-rtl")
@pytest.mark.compiler
@pytest.mark.slow
def test_simulated_board_with_a_dense_design_samples_a_network(tmp_path):
    """RTL from pin to pin, 48 p-bits: states are golden's, and couplings come back word for word."""
    instance = ising_of(published_rbm(16, 2))
    spec = fabric_for(instance, DENSE)
    program = compile_program(instance, spec, Schedule.constant(1.0, 60), Recording(every=10))
    with BoardDriver(CompiledTransport(CompiledBoard(spec, folder=tmp_path)), spec, timeout_s=60) as driver:
        driver.load(program)
        plane = driver.plane(Register.WEIGHTS, spec.n_pbits**2)
        driver.start(program, seed=5)
        states = driver.collect()
    np.testing.assert_array_equal(states, run_chains(program, 5, 1).spins[0])
    assert list(plane) == plane_weights(weight_matrix(program).ravel(), spec.weight.width)
