"""Every format gives back what was written, number for number."""

import itertools
import tempfile
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spinchip.emulator.instances.dimod_bqm import to_dimod
from spinchip.emulator.instances.networkx_graph import to_networkx
from spinchip.emulator.instances.resolve import read_instance, write_instance
from spinchip.emulator.spec.errors import InputError
from spinchip.emulator.spec.instance import IsingInstance

NUMBERS = st.one_of(
    st.integers(-9, 9).map(float),
    st.floats(-1e6, 1e6, allow_subnormal=False),
    st.sampled_from([0.1, 1 / 3, 1e-30, -1e30, 2.0**53 + 2]),
)


@st.composite
def instances(draw, biased=True, ends_coupled=False):
    """Draw an instance of 1 to 7 spins; with ``ends_coupled`` the first and the last spin have a neighbour."""
    n = draw(st.integers(2 if ends_coupled else 1, 7))
    pairs = list(itertools.combinations(range(n), 2))
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else []
    if ends_coupled and (0, n - 1) not in chosen:
        chosen.append((0, n - 1))
    values = [draw(NUMBERS.filter(bool)) for _ in chosen]
    biases = [draw(NUMBERS) if biased else 0.0 for _ in range(n)]
    return IsingInstance.from_edges(n, chosen, values, biases)


def same(first, second):
    return (
        first.n_spins == second.n_spins
        and np.array_equal(first.edges, second.edges)
        and np.array_equal(first.edge_values, second.edge_values)
        and np.array_equal(first.biases, second.biases)
    )


def through_file(instance, name, file_format=None):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        write_instance(instance, path, file_format)
        return read_instance(path, file_format)


def test_same_sees_each_difference():
    one = IsingInstance.from_edges(3, [(0, 1)], [1.0])
    assert same(one, IsingInstance.from_edges(3, [(1, 0)], [1.0]))
    assert not same(one, IsingInstance.from_edges(4, [(0, 1)], [1.0]))
    assert not same(one, IsingInstance.from_edges(3, [(0, 2)], [1.0]))
    assert not same(one, IsingInstance.from_edges(3, [(0, 1)], [-1.0]))
    assert not same(one, IsingInstance.from_edges(3, [(0, 1)], [1.0], [0, 0, 1e-9]))


@pytest.mark.promise("instances.coo", "instances.npz")
@pytest.mark.parametrize("name", ["x.coo", "x.npz", "x.mat", "x.bqm", "x.json"])
@settings(max_examples=30, deadline=None)
@given(instance=instances())
def test_format_with_biases_is_exact(name, instance):
    assert same(through_file(instance, name), instance)


@pytest.mark.promise("instances.rudy")
@settings(max_examples=30, deadline=None)
@given(instance=instances(biased=False))
def test_rudy_is_exact_and_keeps_the_weight(instance):
    back = through_file(instance, "x.rudy")
    assert same(back, instance)
    assert back.provenance["total_weight"] == pytest.approx(-instance.edge_values.sum(), rel=1e-12, abs=1e-12)


@pytest.mark.promise("instances.text-jorig")
@settings(max_examples=30, deadline=None)
@given(instance=instances(biased=False, ends_coupled=True))
def test_text_jorig_is_exact(instance):
    assert same(through_file(instance, "text_JOrig_0000.txt"), instance)


@pytest.mark.promise("instances.networkx")
@settings(max_examples=30, deadline=None)
@given(instance=instances())
def test_memory_formats_are_exact(instance):
    assert same(IsingInstance.from_dimod(to_dimod(instance)), instance)
    assert same(IsingInstance.from_networkx(to_networkx(instance)), instance)


@pytest.mark.promise("instances.text-jorig")
def test_text_jorig_holds_four_times_j_in_both_triangles(tmp_path):
    path = tmp_path / "glass.txt"
    write_instance(IsingInstance.from_edges(3, [(0, 1), (1, 2)], [1.0, -0.5]), path, "text_JOrig")
    assert path.read_text() == "1 0 4\n0 1 4\n2 1 -2\n1 2 -2\n"


@pytest.mark.promise("instances.rudy")
def test_rudy_holds_weights_of_max_cut(tmp_path):
    path = tmp_path / "g.rudy"
    write_instance(IsingInstance.from_edges(3, [(0, 1), (1, 2)], [1.0, -0.5]), path)
    assert path.read_text() == "3 2\n1 2 -1\n2 3 0.5\n"


def test_coo_names_lonely_spins_at_both_ends(tmp_path):
    path = tmp_path / "g.coo"
    lonely = IsingInstance.from_edges(4, [(1, 2)], [2.0])
    write_instance(lonely, path)
    assert path.read_text() == "1 2 2\n0 0 0\n3 3 0\n"
    assert same(read_instance(path), lonely)


@pytest.mark.promise("instances.coo")
def test_coo_names_a_lonely_last_spin(tmp_path):
    path = tmp_path / "g.coo"
    write_instance(IsingInstance.from_edges(4, [(0, 1)], [2.0], [0, 0.25, 0, 0]), path)
    assert path.read_text() == "0 1 2\n1 1 0.25\n3 3 0\n"


@pytest.mark.promise("instances.npz")
def test_npz_keeps_name_and_provenance(tmp_path):
    instance = IsingInstance.from_edges(2, [(0, 1)], [1.0], name="pair", provenance={"generator": "by hand"})
    write_instance(instance, tmp_path / "p.npz")
    back = read_instance(tmp_path / "p.npz")
    assert back.provenance["origin"] == {"name": "pair", "generator": "by hand"}


def test_biases_are_refused_where_the_format_has_none(tmp_path):
    instance = IsingInstance.from_edges(3, [(0, 1), (1, 2)], [1.0, 1.0], [0, 0.5, 0])
    for name in ("x.rudy", "text_JOrig_x.txt"):
        with pytest.raises(InputError, match=r"^Biases must be zero in a .* file, .*, not set at spin 1$"):
            write_instance(instance, tmp_path / name)
        assert list(tmp_path.iterdir()) == []


def test_lonely_end_is_refused_by_text_jorig(tmp_path):
    for pair, which in (((0, 1), "Last"), ((1, 2), "First")):
        rule = f"^{which} spin must have a coupling in a text_JOrig file, .*, not stand alone$"
        with pytest.raises(InputError, match=rule):
            write_instance(IsingInstance.from_edges(3, [pair], [1.0]), tmp_path / "text_JOrig_x.txt")


@pytest.mark.promise("instances.networkx")
def test_networkx_labels_are_kept_and_bad_graphs_refused():
    graph = nx.Graph()
    graph.add_node("b", h=0.5)
    graph.add_edge("a", "b", J=-2)
    instance = IsingInstance.from_networkx(graph)
    assert instance.provenance["variables"] == ["b", "a"]
    assert instance.biases.tolist() == [0.5, 0.0]
    assert instance.edge_values.tolist() == [-2.0]
    with pytest.raises(InputError, match=r"^Edge \('b', 'a'\) must carry its coupling as 'weight', not lack it$"):
        IsingInstance.from_networkx(graph, coupling="weight")
    graph.add_edge("a", "a", J=1)
    with pytest.raises(InputError, match="^Edge must join two spins, not spin 1 to itself$"):
        IsingInstance.from_networkx(graph)
    with pytest.raises(InputError, match="^Coupling of .* must be a finite number, not nan$"):
        IsingInstance.from_networkx(nx.Graph([(0, 1, {"J": float("nan")})]))
    with pytest.raises(InputError, match="^Graph must be undirected with single edges, not a DiGraph$"):
        IsingInstance.from_networkx(nx.DiGraph([(0, 1)]))
