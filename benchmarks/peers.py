"""Other samplers that install here, each in its fastest documented mode, on one instance at one inverse temperature.

A peer that is not installed is listed as absent. None needs more of spinchip than the instance.
"""

from __future__ import annotations

import importlib
import os
from importlib import metadata

import numpy as np

from ..emulator.spec.coloring import find_coloring
from .interleave import Contender

N_ENERGIES = 16  # chains whose last energy is looked at
THRML_CHAINS = 16  # of 4, 8, 16, 24, 32, 64 and 128 the fastest per core on 32^3 spins


def _dwave(instance, beta, criterion):
    """Return dwave-samplers' simulated annealing with one constant beta."""
    sampler = importlib.import_module("dwave.samplers").SimulatedAnnealingSampler()
    dimod = importlib.import_module("dimod")
    ends = instance.edges
    bqm = dimod.BinaryQuadraticModel.from_numpy_vectors(
        -instance.biases, (ends[:, 0], ends[:, 1], -instance.edge_values), 0.0, dimod.SPIN
    )

    def run(n_sweeps, seed):
        schedule = {"beta_schedule_type": "custom", "beta_schedule": [beta], "num_sweeps_per_beta": n_sweeps}
        found = sampler.sample(bqm, num_reads=1, seed=seed, proposal_acceptance_criteria=criterion, **schedule)
        return np.asarray(found.record.energy)

    return run


def dwave_gibbs(instance, beta):
    """Return dwave-samplers with heat-bath acceptance."""
    mode = "SimulatedAnnealingSampler, one beta, Gibbs, one read"
    return Contender("dwave-samplers Gibbs", mode, instance.n_spins, _dwave(instance, beta, "Gibbs"))


def dwave_metropolis(instance, beta):
    """Return dwave-samplers with its default acceptance."""
    mode = "SimulatedAnnealingSampler, one beta, Metropolis, one read"
    return Contender("dwave-samplers Metropolis", mode, instance.n_spins, _dwave(instance, beta, "Metropolis"))


def openjij(instance, beta):
    """Return OpenJij's single-spin-flip sampler on its sparse graph; its heat bath (for polynomials) is 3x slower."""
    package = importlib.import_module("openjij")
    sampler = package.SASampler()
    linear = {spin: -float(bias) for spin, bias in enumerate(instance.biases)}
    quadratic = {(int(i), int(j)): -float(v) for (i, j), v in zip(instance.edges, instance.edge_values, strict=True)}
    model = package.model.model.BinaryQuadraticModel(linear, quadratic, 0.0, "SPIN", sparse=True)

    def run(n_sweeps, seed):
        return np.asarray(sampler.sample(model, schedule=[(beta, n_sweeps)], num_reads=1, seed=seed).energies)

    return Contender("openjij", "SASampler, single spin flip (Metropolis), sparse, one read", instance.n_spins, run)


def ferrotherm(instance, beta):
    """Return ferrotherm's chromatic block Gibbs on one thread."""
    package = importlib.import_module("ferrotherm")
    edges = [(int(i), int(j), float(v)) for (i, j), v in zip(instance.edges, instance.edge_values, strict=True)]

    def run(n_sweeps, seed):
        model = package.Model(instance.n_spins)
        model.couple_many(edges)
        for spin in np.flatnonzero(instance.biases):
            model.bias(int(spin), float(instance.biases[spin]))
        sim = model.build(beta=beta, seed=seed)
        sim.sweep(n_sweeps, threads=1)
        return np.array([sim.energy])

    return Contender("ferrotherm", "Sim.sweep, one thread", instance.n_spins, run)


def thrml(instance, beta):
    """Return thrml's block Gibbs, compiled by XLA for one core, chains mapped by vmap."""
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")
    jax, package = importlib.import_module("jax"), importlib.import_module("thrml")
    models = importlib.import_module("thrml.models")
    nodes = [package.SpinNode() for _ in range(instance.n_spins)]
    colors = find_coloring(instance)
    blocks = [package.Block([nodes[i] for i in np.flatnonzero(colors == c)]) for c in range(colors.max() + 1)]
    pairs = [(nodes[i], nodes[j]) for i, j in instance.edges]
    numbers = [jax.numpy.asarray(part, dtype="float32") for part in (instance.biases, instance.edge_values, beta)]
    ebm = models.IsingEBM(nodes, pairs, *numbers)
    program, compiled = models.IsingSamplingProgram(ebm, blocks, []), {}

    def chain(schedule):
        watched = [package.Block(nodes)]
        return jax.jit(jax.vmap(lambda key, first: package.sample_states(key, program, schedule, first, [], watched)))

    def run(n_sweeps, seed):
        if n_sweeps not in compiled:
            compiled[n_sweeps] = chain(package.SamplingSchedule(n_warmup=n_sweeps, n_samples=1, steps_per_sample=1))
        keys = jax.random.split(jax.random.key(seed), THRML_CHAINS + 1)
        first = models.hinton_init(keys[0], ebm, blocks, (THRML_CHAINS,))
        up = np.asarray(compiled[n_sweeps](keys[1:], first)[0])[:N_ENERGIES, 0]
        return instance.energies(2 * up.astype(np.int8) - 1)

    mode = f"IsingSamplingProgram, jit + vmap over {THRML_CHAINS} chains"
    return Contender("thrml", mode, instance.n_spins * THRML_CHAINS, run)


# Package on the index, and what makes its contenders.
PEERS = {
    "dwave-samplers": (dwave_gibbs, dwave_metropolis),
    "openjij": (openjij,),
    "ferrotherm": (ferrotherm,),
    "thrml": (thrml,),
}


def version_of(package):
    """Return the installed version of a package, or None."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def find_peers(instance, beta):
    """Return the contenders of all installed peers, and the names of those that are absent.

    Returns
    -------
    contenders : list of Contender
    absent : list of str
    """
    present = [package for package in PEERS if version_of(package)]
    contenders = [make(instance, beta) for package in present for make in PEERS[package]]
    return contenders, [package for package in PEERS if package not in present]
