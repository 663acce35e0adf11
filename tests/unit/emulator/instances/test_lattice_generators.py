"""Lattices have the right edges, degrees and couplings."""

import itertools

import numpy as np
import pytest

from spinchip.emulator.instances.generators.by_name import generate
from spinchip.emulator.instances.generators.lattices import lattice_edges


def naive_edges(shape, open_axes):
    """Return the pairs by definition: sites one step apart along one axis."""
    found = set()
    for site in itertools.product(*map(range, shape)):
        for axis, side in enumerate(shape):
            other = list(site)
            other[axis] += 1
            if other[axis] == side:
                if "xyz"[axis] in open_axes:
                    continue
                other[axis] = 0
            indices = [sum(c * int(np.prod(shape[:k])) for k, c in enumerate(place)) for place in (site, other)]
            found.add(tuple(sorted(indices)))
    return found


@pytest.mark.promise("instances.lattices")
@pytest.mark.parametrize(
    ("shape", "boundary", "open_axes"),
    [
        ((5,), "periodic", ""),
        ((4, 4), "periodic", ""),
        ((4, 4), "open", "xy"),
        ((3, 5), "x-open", "x"),
        ((3, 4, 5), "periodic", ""),
        ((3, 4, 5), "open", "xyz"),
        ((3, 4, 5), "xy-open", "xy"),
        ((2, 3, 4), "x-open", "x"),
        ((4, 3, 2), "z-open", "z"),
    ],
)
def test_edges_equal_the_definition(shape, boundary, open_axes):
    edges = lattice_edges(shape, boundary)
    pairs = {tuple(sorted(pair)) for pair in edges.tolist()}
    assert len(pairs) == len(edges)
    assert pairs == naive_edges(shape, open_axes)


@pytest.mark.promise("instances.lattices")
def test_couplings_and_biases_follow_the_arguments():
    ferromagnet = generate("ferromagnet2d", L=4, J=0.5, h=-0.25)
    assert set(ferromagnet.edge_values) == {0.5}
    assert set(ferromagnet.biases) == {-0.25}
    assert ferromagnet.energies(np.ones(16)) == -0.5 * 32 + 0.25 * 16
    assert set(generate("ea2d", L=8).edge_values) == {-1.0, 1.0}
    ring = generate("ring", n=6, J=1, h=0.3)
    assert ring.edges.tolist() == [[0, 1], [0, 5], [1, 2], [2, 3], [3, 4], [4, 5]]


def z_of_mean(values, mean, deviation):
    return (np.mean(values) - mean) / (deviation / np.sqrt(len(values)))


@pytest.mark.promise("instances.lattices")
def test_signs_are_even_and_gaussians_standard():
    """A bias of 0.02 in the sign, or 2 % in the variance, must be seen: 8 sigma need 8^2 * 2 / 0.02^2 draws."""
    n_draws = int(8**2 * 2 / 0.02**2)
    side = int(np.ceil((n_draws / 3) ** (1 / 3)))
    signs = generate("ea3d", L=side, seed=5).edge_values
    normals = generate("ea3d", L=side, J="gauss", seed=5).edge_values
    assert len(signs) >= n_draws
    assert abs(z_of_mean(signs, 0, 1)) < 4
    assert abs(z_of_mean(signs, 0.02, 1)) > 4, "test too weak"
    assert abs(z_of_mean(normals, 0, 1)) < 4
    assert abs(z_of_mean(normals**2, 1, np.sqrt(2))) < 4
    assert abs(z_of_mean((1.01 * normals) ** 2, 1, np.sqrt(2))) > 4, "test too weak"
