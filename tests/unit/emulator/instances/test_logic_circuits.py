"""Ground states of the circuits are their truth tables."""

import itertools

import numpy as np
import pytest

from spinchip.emulator.instances.generators.by_name import generate
from spinchip.emulator.instances.generators.netlist import AND, FULL_ADDER, ZERO, Gate, Netlist
from spinchip.emulator.spec.spins import bits_from_spins


def all_states(n):
    bits = (np.arange(1 << n)[:, None] >> np.arange(n)) & 1
    return (2 * bits - 1).astype(np.int8)


def ground_states(instance):
    """Return the lowest energy, its states as bits, and the gap above it."""
    states = all_states(instance.n_spins)
    energies = instance.energies(states)
    levels = np.unique(energies)
    return levels[0], bits_from_spins(states[energies == levels[0]]), levels[1] - levels[0]


def numbers(instance, bits, wire):
    """Return the number on a named wire bundle in each row of ``bits``."""
    spins = instance.provenance["wires"][wire]
    return (bits[:, spins].astype(np.int64) << np.arange(len(spins))).sum(axis=1)


def lowest_energy(instance, clamps):
    """Return the lowest energy with some spins clamped, by eliminating spins one by one (exact, any size)."""
    shape = {spin: (2,) for spin in range(instance.n_spins)}
    sigma = np.array([-1.0, 1.0])
    factors = [((spin,), -instance.biases[spin] * sigma) for spin in shape]
    factors += [
        ((i, j), -J * np.outer(sigma, sigma))
        for (i, j), J in zip(instance.edges.tolist(), instance.edge_values, strict=True)
    ]
    factors += [((spin,), np.where(sigma == value, 0.0, np.inf)) for spin, value in clamps.items()]
    remaining = set(range(instance.n_spins))
    while remaining:
        reach = {spin: {v for names, _ in factors if spin in names for v in names} for spin in remaining}
        spin = min(remaining, key=lambda s: len(reach[s]))
        names = (spin, *sorted(reach[spin] - {spin}))
        total = np.zeros((2,) * len(names))
        for own, table in [f for f in factors if spin in f[0]]:
            order = np.argsort([names.index(v) for v in own])
            axes = [2 if v in own else 1 for v in names]
            total = total + table.transpose(order).reshape(axes)
        factors = [f for f in factors if spin not in f[0]] + [(names[1:], total.min(axis=0))]
        remaining.remove(spin)
    return float(sum(table for _, table in factors))


@pytest.mark.promise("instances.logic")
def test_and_gate_is_the_published_one():
    gate = generate("and")
    assert gate.couplings.toarray().tolist() == [[0, -1, 2], [-1, 0, 2], [2, 2, 0]]
    assert gate.biases.tolist() == [1, 1, -2]
    energy, bits, gap = ground_states(gate)
    assert (energy, gap) == (AND.ground_energy, 4)
    assert sorted(map(tuple, bits.tolist())) == [(a, b, a & b) for a, b in itertools.product((0, 1), repeat=2)]


@pytest.mark.promise("instances.logic")
@pytest.mark.parametrize("arguments", [{"bits": 1}, {"bits": 2}, {"bits": 2, "copy": 0.5}, {"bits": 3}, {"bits": 4}])
def test_adder_adds(arguments):
    adder = generate("adder", **arguments)
    n_bits = arguments["bits"]
    energy, bits, gap = ground_states(adder)
    a, b, cin, s, cout = (numbers(adder, bits, wire) for wire in ("a", "b", "cin", "s", "cout"))
    assert np.array_equal(a + b + cin, s + (cout << n_bits))
    inputs = set(zip(a.tolist(), b.tolist(), cin.tolist(), strict=True))
    assert len(inputs) == len(bits) == 2 ** (2 * n_bits + 1)
    assert energy == adder.provenance["ground_energy"]
    assert gap == (1.0 if "copy" in arguments else 2.0)


@pytest.mark.promise("instances.logic")
@pytest.mark.parametrize("arguments", [{"bits": 1}, {"bits": 2}, {"bits": 2, "copy": 1.0}])
def test_multiplier_multiplies(arguments):
    multiplier = generate("multiplier", **arguments)
    n_bits = arguments["bits"]
    energy, bits, gap = ground_states(multiplier)
    a, b, p = (numbers(multiplier, bits, wire) for wire in "abp")
    assert np.array_equal(a * b, p)
    assert len(set(zip(a.tolist(), b.tolist(), strict=True))) == len(bits) == 4**n_bits
    assert energy == multiplier.provenance["ground_energy"]
    assert gap >= 2


def clamps_of(instance, **values):
    return {
        spin: 2 * (value >> k & 1) - 1
        for wire, value in values.items()
        for k, spin in enumerate(instance.provenance["wires"][wire])
    }


@pytest.mark.parametrize(("n_bits", "pairs"), [(3, [(7, 7), (5, 6), (0, 7), (3, 1)]), (4, [(15, 15), (13, 11)])])
def test_larger_multiplier_multiplies(n_bits, pairs):
    multiplier = generate("multiplier", bits=n_bits)
    ground = multiplier.provenance["ground_energy"]
    assert lowest_energy(multiplier, {}) == ground
    for a, b in pairs:
        assert lowest_energy(multiplier, clamps_of(multiplier, a=a, b=b, p=a * b)) == ground
        for k in range(2 * n_bits):
            assert lowest_energy(multiplier, clamps_of(multiplier, a=a, b=b, p=a * b ^ 1 << k)) >= ground + 2


def test_multiplier_factors():
    multiplier = generate("multiplier", bits=3)
    ground = multiplier.provenance["ground_energy"]
    for a in range(8):
        reached = lowest_energy(multiplier, clamps_of(multiplier, a=a, p=35)) == ground
        assert reached == (a in (5, 7))


def test_elimination_equals_enumeration():
    glass = generate("ea2d", L=3, J="gauss", h=0.4, seed=1)
    energies, states = glass.energies(all_states(9)), all_states(9)
    assert lowest_energy(glass, {}) == pytest.approx(energies.min(), abs=1e-12)
    held = (states[:, 2] == 1) & (states[:, 7] == -1)
    assert lowest_energy(glass, {2: 1, 7: -1}) == pytest.approx(energies[held].min(), abs=1e-12)


def test_copies_bound_the_degree():
    assert generate("multiplier", bits=6).max_degree > 8
    assert generate("multiplier", bits=6, copy=2.0).max_degree <= 6


def half_adder(gate):
    circuit = Netlist()
    a, b, s, c = circuit.wires(4)
    circuit.add(gate, a, b, ZERO, s, c)
    model = circuit.edge_list(0.0, {"a": [a], "b": [b], "s": [s], "c": [c]})
    return model.instance("half adder", {})


def test_port_tied_to_zero_makes_a_half_adder():
    adder = half_adder(FULL_ADDER)
    energy, bits, _ = ground_states(adder)
    rows = sorted((a, b, s, c) for a, b, s, c in bits.tolist())
    assert rows == [(0, 0, 0, 0), (0, 1, 1, 0), (1, 0, 1, 0), (1, 1, 0, 1)]
    assert energy == adder.provenance["ground_energy"]


def test_enumeration_sees_a_wrong_gate():
    for k, (i, j, J) in enumerate(FULL_ADDER.couplings):
        couplings = (*FULL_ADDER.couplings[:k], (i, j, -J), *FULL_ADDER.couplings[k + 1 :])
        wrong = half_adder(Gate(couplings, FULL_ADDER.biases, FULL_ADDER.ground_energy))
        rows = {tuple(row) for row in ground_states(wrong)[1].tolist()}
        assert rows != {(0, 0, 0, 0), (0, 1, 1, 0), (1, 0, 1, 0), (1, 1, 0, 1)}
