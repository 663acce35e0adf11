"""A network's Boltzmann machine on the p-computer: RTL in lockstep with golden, and the law of its states."""

import numpy as np
import pytest

from spinchip.emulator.spec.fixed import Fixed
from spinchip.emulator.spec.program import compile_program
from spinchip.emulator.spec.quantised import FabricOptions, fabric_for
from spinchip.emulator.spec.schedule import Recording, Schedule
from spinchip.models.nqs.lattice import Lattice
from spinchip.models.nqs.mapping import ising_of
from spinchip.models.nqs.rbm import published_rbm, random_rbm
from spinchip.sim.backends import backend
from spinchip.sim.lockstep import run_lockstep
from spinchip.sim.stimulus import program_stimulus
from spinchip.sim.verification import Size, verify

RBM = random_rbm(Lattice((8,)), 1, seed=3, scale=0.4)
SHORT = FabricOptions(weight=Fixed(2, 5), bias=Fixed(2, 5))


@pytest.mark.icarus
def test_rtl_of_eight_sites_equals_golden_and_has_the_law_of_its_chain(tmp_path):
    instance = ising_of(RBM)
    spec = fabric_for(instance, SHORT)
    assert spec.n_colors == 2
    program = compile_program(instance, spec, Schedule.constant(1.0, 200), Recording(every=20))
    result = run_lockstep(spec, program_stimulus(program), tmp_path)
    assert (result.mismatches, result.first) == (0, {})
    assert verify(backend("icarus", SHORT), instance, 1.0, Size(400, 50), seed=1).verdict == "pass"


@pytest.mark.icarus
def test_rtl_of_the_published_network_equals_golden(tmp_path):
    instance = ising_of(published_rbm(16, 2))
    spec = fabric_for(instance, SHORT)
    assert (spec.n_pbits, spec.n_colors) == (48, 2)
    program = compile_program(instance, spec, Schedule.constant(1.0, 60), Recording(every=20))
    result = run_lockstep(spec, program_stimulus(program), tmp_path)
    assert (result.mismatches, result.first) == (0, {})
    assert np.isfinite(instance.max_field)
