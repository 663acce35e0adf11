"""Colourings: ground states are the proper ones, found by listing all; answers are checked on the graph."""

import itertools

import networkx as nx
import numpy as np
import pytest

from spinchip.emulator.oracle.enumeration import state_energies
from spinchip.emulator.oracle.states import all_spins
from spinchip.emulator.spec.errors import InputError
from spinchip.models.logic.graph_coloring import colorable_graph, coloring_instance, colors_of, is_proper


@pytest.mark.parametrize("penalty", [0.5, 1.0, 3.0])
def test_ground_states_are_the_proper_colourings(penalty):
    graph = colorable_graph(5, 3, 7, seed=1)
    energies = state_energies(coloring_instance(graph, 3, penalty))
    ground = np.flatnonzero(np.isclose(energies, energies.min()))
    found = {tuple(colors) for colors in colors_of(all_spins(15)[ground], 3)}
    proper = {colors for colors in itertools.product(range(3), repeat=5) if is_proper(graph, colors)}
    assert found == proper
    assert len(proper) == len(ground) > 0


def test_gap_is_four_costs():
    energies = np.unique(np.round(state_energies(coloring_instance(nx.path_graph(3), 2)), 9))
    assert energies[1] - energies[0] == pytest.approx(4.0)


def test_graph_that_cannot_be_coloured_has_no_proper_ground_state():
    instance = coloring_instance(nx.complete_graph(4), 3)
    energies, states = state_energies(instance), all_spins(12)
    assert not any(is_proper(nx.complete_graph(4), c) for c in colors_of(states[energies == energies.min()], 3))


def test_colours_are_read_one_hot():
    assert colors_of([[1, -1, -1, 1], [1, 1, -1, -1]], 2).tolist() == [[0, 1], [-1, -1]]
    assert not is_proper(nx.path_graph(2), np.array([1, 1]))
    assert not is_proper(nx.path_graph(2), np.array([1, -1]))
    assert is_proper(nx.path_graph(2), np.array([1, 0]))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: coloring_instance(nx.path_graph(3), 1), "Colours must be 2 or more, not 1"),
        (lambda: coloring_instance(nx.path_graph(3), 2, 0.0), r"Penalty must be above 0, not 0\.0"),
        (lambda: colorable_graph(4, 2, 5, 0), "Edges must be at most 4 between 2 classes, not 5"),
    ],
)
def test_what_cannot_be_is_refused(make, words):
    with pytest.raises(InputError, match=f"^{words}$"):
        make()
