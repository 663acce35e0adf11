"""Colourings are proper, and use the fewest colours where that number is known."""

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spinchip.emulator.instances.generators.by_name import generate
from spinchip.emulator.oracle.law_distance import total_variation
from spinchip.emulator.oracle.stationary import stationary_law
from spinchip.emulator.spec.coloring import check_coloring, find_coloring, split_coloring
from spinchip.emulator.spec.errors import InputError
from spinchip.emulator.spec.fabric.program import compile_program
from spinchip.emulator.spec.fabric.quantised import FabricOptions, fabric_for
from spinchip.emulator.spec.fixed import Fixed
from spinchip.emulator.spec.instance import IsingInstance
from spinchip.emulator.spec.schedule import Schedule


def instance_of(graph):
    nx.set_edge_attributes(graph, 1.0, "J")
    return IsingInstance.from_networkx(graph)


def n_colors(instance):
    colors = find_coloring(instance)
    check_coloring(instance, colors)
    return int(colors.max()) + 1


@pytest.mark.promise("coloring.proper")
@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("ring", {"n": 8}, 2),
        ("ring", {"n": 9}, 3),
        ("ring", {"n": 100_000}, 2),  # deep: one colour a level must not cost one pass a level
        ("ea2d", {"L": 6}, 2),
        *(("ea2d", {"L": side}, 3) for side in (3, 5, 7, 15, 33)),
        ("ea2d", {"L": 5, "boundary": "open"}, 2),
        ("ea2d", {"L": 5, "boundary": "x-open"}, 3),
        ("ea3d", {"L": 8}, 2),
        *(("ea3d", {"L": side}, 3) for side in (3, 5, 7, 9, 15)),
        ("ea3d", {"L": 7, "boundary": "open"}, 2),
        ("ea3d", {"L": 7, "boundary": "xy-open"}, 3),
        ("sk", {"n": 1}, 1),
        ("sk", {"n": 40}, 40),
        ("regular", {"n": 1000, "d": 3, "seed": 1}, 3),  # Brooks: 3 colours do, and it is not bipartite
        ("and", {}, 3),
        ("adder", {"bits": 8}, 5),  # five p-bits of one full adder are all coupled
    ],
)
def test_fewest_colors_known(name, arguments, expected):
    assert n_colors(generate(name, **arguments)) == expected


def test_known_graphs():
    assert n_colors(instance_of(nx.petersen_graph())) == 3
    assert n_colors(instance_of(nx.wheel_graph(6))) == 4  # an odd rim and its hub
    assert n_colors(instance_of(nx.wheel_graph(7))) == 3
    assert n_colors(instance_of(nx.complete_multipartite_graph(3, 4, 5))) == 3
    assert n_colors(IsingInstance(np.zeros((4, 4)), np.zeros(4))) == 1


@pytest.mark.promise("coloring.proper")
@settings(max_examples=60, deadline=None)
@given(n=st.integers(1, 25), p=st.floats(0, 1), seed=st.integers(0, 1000))
def test_random_graphs_are_colored_properly_and_within_the_greedy_bound(n, p, seed):
    graph = nx.gnp_random_graph(n, p, seed=seed)
    instance = instance_of(graph)
    colors = find_coloring(instance)
    check_coloring(instance, colors)
    assert (colors.max() + 1 == 2) == (nx.is_bipartite(graph) and graph.number_of_edges() > 0)
    assert colors.max() <= instance.max_degree
    assert np.all(np.diff(np.bincount(colors)) <= 0), "larger classes come first"


def test_color_count_is_on_par_with_networkx():
    """Ties are broken differently, so single graphs may differ; the mean over 40 graphs may not be worse."""
    graphs = [nx.gnp_random_graph(60, 0.2, seed=seed) for seed in range(40)]
    ours = [n_colors(instance_of(graph)) for graph in graphs]

    def counts(strategy):
        return [max(nx.greedy_color(graph, strategy=strategy).values()) + 1 for graph in graphs]

    dsatur, careless = counts("saturation_largest_first"), counts(lambda graph, _: list(graph))
    assert np.mean(ours) <= np.mean(dsatur) + 0.1
    assert np.mean(careless) > np.mean(dsatur) + 0.1, "test too weak: a careless order must lose"


@pytest.mark.promise("coloring.proper")
@pytest.mark.parametrize(
    ("colors", "complaint"),
    [
        ([0, 1, 1, 0], r"Coupled spins must differ in colour, not 1 and 2, both of colour 1"),
        ([0, 1, 0], r"Colours must be one per spin \(4\), not 3"),
        ([0, 2, 0, 2], r"Colours must be 0..k-1 with none empty, not \[0, 2\]"),
        ([1, 2, 1, 2], r"Colours must be 0..k-1 with none empty, not \[1, 2\]"),
    ],
)
def test_bad_coloring_is_refused(colors, complaint):
    path = IsingInstance.from_edges(4, [(0, 1), (1, 2), (2, 3)], [1, -1, 1])
    with pytest.raises(InputError, match=f"^{complaint}$"):
        check_coloring(path, colors)


@pytest.mark.parametrize("wanted", [2, 3, 5, 8, 27])
def test_split_coloring_is_proper_and_even(wanted):
    glass = generate("ea3d", L=3, seed=1, boundary="open")
    colors = split_coloring(find_coloring(glass), wanted)
    check_coloring(glass, colors)
    sizes = np.bincount(colors)
    assert len(sizes) == wanted
    assert sizes.max() <= -(-14 // (wanted // 2)), "parts of a class differ by one at most"


def test_split_out_of_range_is_refused():
    colors = np.array([0, 1, 0, 1])
    for wanted in (1, 5):
        with pytest.raises(InputError, match=rf"^Colours must be 2 \(what the graph needs here\) to 4, not {wanted}$"):
            split_coloring(colors, wanted)


def test_more_colors_sample_the_same_law_with_less_hardware():
    """Each update keeps its conditional law: only the rounding of thresholds, 2^-17, tells orders apart."""
    ring = generate("ring", n=6, J=1.0, h=0.3)
    laws, specs = [], []
    for wanted in (2, 3, 6):
        spec = fabric_for(ring, FabricOptions(n_colors=wanted, field=Fixed(2, 4)))
        laws.append(stationary_law(compile_program(ring, spec, Schedule.constant(0.5, 1))))
        specs.append(spec)
    assert [spec.n_slots for spec in specs] == [3, 3, 1]
    bound = 6 * 2.0**-17  # p-bits times the largest error of a probability; total variation, were each drawn once
    assert total_variation(laws[0], laws[1]) < bound
    assert total_variation(laws[0], laws[2]) < bound
    warmer = stationary_law(compile_program(ring, specs[0], Schedule.constant(0.4999, 1)))
    assert total_variation(laws[0], warmer) > bound, "test too weak: a beta 2e-4 off must show"
