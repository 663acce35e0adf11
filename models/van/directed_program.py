"""An autoregressive network on the dense fabric: spins drawn in order, each reading those before it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ...emulator.spec.fabric.program import compile_program
from ...emulator.spec.fabric.quantised import FabricOptions, fabric_for
from ...emulator.spec.instance import IsingInstance
from ...emulator.spec.schedule import Recording, Schedule
from .fvsbn import Fvsbn


def directed_program(network, n_states, options=None):
    """Return the program whose sweeps are independent states of a network.

    A p-bit is +1 with probability sigma(2 I), the network's spin with sigma(a): couplings are half the weights. A sweep
    takes two clocks a spin, one to draw it and one for its bit to reach those that follow.

    Parameters
    ----------
    network : Fvsbn
        Network to draw from.
    n_states : int
        Sweeps, each of which is recorded.
    options : FabricOptions, optional
        Word formats and random source; the fabric is dense and its order that of the spins, whatever they say.

    Returns
    -------
    Program
    """
    n = network.n_spins
    pairs = [(i, j) for j in range(n) for i in range(j)]
    halves = [0.5 * network.weights[j, i] for i, j in pairs]
    instance = IsingInstance.from_edges(n, pairs, halves, np.zeros(n), name="autoregressive network")
    spec = fabric_for(instance, replace(options or FabricOptions(), dense=True, colors=tuple(range(n))))
    program = compile_program(instance, spec, Schedule.constant(1.0, n_states), Recording(every=1))
    read = spec.read_words(program.weights << (spec.accumulator_frac - spec.weight.n_frac), directed=True)
    offsets = np.array([-sum(word for _, word in pairs) for pairs in read], dtype=np.int64)
    return replace(program, offsets=offsets, directed=True)


def quantised_network(program):
    """Return the network that a program's words stand for; Fvsbn."""
    spec = program.spec
    weights = np.zeros((spec.n_pbits, spec.n_pbits))
    for (i, j), value in zip(spec.edges, spec.weight.values(program.weights), strict=True):
        weights[j, i] = 2.0 * value
    return Fvsbn(weights)
