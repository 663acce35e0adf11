"""Tables, lists of edges, DIMACS graphs, GraphML and GML: what an edge means is told by the file or by the user."""

import networkx as nx
import numpy as np
import pytest

from spinchip.emulator.instances.resolve import resolve
from spinchip.emulator.spec.errors import InputError


def written(tmp_path, name, content):
    path = tmp_path / name
    path.write_text(content)
    return path


def refusal(path, *arguments, **choices):
    with pytest.raises(InputError) as caught:
        resolve(path, *arguments, **choices)
    return str(caught.value).removeprefix(f"File {str(path)!r}")


ROWS = "0,1,1.5\n1,2,-2\n2,2,0.25\n"


@pytest.mark.promise("instances.graph-text")
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.csv", ROWS),
        ("x.csv", "i,j,J\n" + ROWS),
        ("x.csv", '"i";"j";"Jij"\r\n' + ROWS.replace(",", ";")),
        ("x.tsv", "row\tcol\tcoupling\n" + ROWS.replace(",", "\t")),
        ("x.txt", "# made by hand\ni j J_ij\n" + ROWS.replace(",", " ")),
        ("x.dat", ROWS.replace("\n", ",\n")),
        ("x", ROWS.replace(",", " , ")),
    ],
)
def test_table_is_read_with_and_without_names(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content.encode())
    instance = resolve(path)
    assert instance.edge_values.tolist() == [1.5, -2]
    assert instance.biases.tolist() == [0, 0, 0.25]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le-bom", "utf-32"])
def test_encodings_with_a_mark_are_read(tmp_path, encoding):
    text = "\ufeff" + ROWS if encoding == "utf-16-le-bom" else ROWS
    path = tmp_path / "x.csv"
    path.write_bytes(text.encode(encoding.removesuffix("-bom")))
    assert resolve(path).edge_values.tolist() == [1.5, -2]
    path.write_bytes(ROWS.encode("utf-16-le"))
    assert refusal(path).startswith(": Text must be UTF-8, or UTF-16 with a byte order mark, not hold bytes 0")


@pytest.mark.parametrize("name", ["weight", "w", "bias", "q", "value"])
def test_column_that_is_no_coupling_must_be_told(tmp_path, name):
    path = written(tmp_path, "x.csv", f"u,v,{name}\n{ROWS}")
    told = f", line 1: Column {name!r} must be given by an option, not guessed: --sign minus (E = -sum, a coupling J), "
    assert refusal(path).startswith(told)
    assert resolve(path, sign="plus").edge_values.tolist() == [-1.5, 2]
    assert resolve(path, sign="minus").edge_values.tolist() == [1.5, -2]
    assert resolve(path, sense="min").edge_values.tolist() == [-0.375, 0.5]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("i,j,J,h\n0,1,1,0\n", ", line 1: Table must have three columns i, j, J, not 4: 'i j J h' (a matrix? "),
        ("u,v\n0,1\n", ", line 1: Table must have three columns i, j, J, not 2: 'u v' (edges? delete the names, "),
        ("i,j,J\n0,1,0,5\n", ", line 2: Line must have three columns, not 4: '0 1 0 5'"),
        ("i;j;J\n0;1;0,5\n", ", line 2: Value must be a finite number, not '0,5'"),
        ("i,j,J\n1,2,1\n", ", line 2: Base must be given by --base where no spin 0 stands"),
        ("i,j,J\n0,1,1e400\n", ", line 2: Value must be a finite number, not '1e400'"),
        ("i,j,J\n0,1,0x10\n", ", line 2: Value must be a finite number, not '0x10'"),
        ("0,1,1O\n1,2,-2\n", ", line 1: Value must be a finite number, not '1O'"),
        ("i,j,J\na,b,1\n", ", line 2: Spin index must be an integer, not 'a'"),
    ],
)
def test_bad_table_is_refused(tmp_path, content, complaint):
    path = written(tmp_path, "x.csv", content)
    assert refusal(path).startswith(complaint)
    assert refusal(path, "table", sign="minus").startswith(complaint)


EDGES = "# unweighted\n0 1\n1 2\n2 0\n2 3\n"


@pytest.mark.promise("instances.graph-text")
@pytest.mark.parametrize("name", ["x.txt", "x.edges", "x.el"])
def test_edge_without_a_weight_must_be_told(tmp_path, name):
    path = written(tmp_path, name, EDGES)
    assert "Sign of the edges must be given, not guessed: --sign minus reads J = w" in refusal(path)
    assert resolve(path, sign="minus").edge_values.tolist() == [1] * 4
    cut = resolve(path, sign="plus")
    assert cut.edge_values.tolist() == [-1] * 4
    assert cut.provenance["total_weight"] == 4
    best = max(sum((s >> i & 1) != (s >> j & 1) for i, j in ((0, 1), (1, 2), (2, 0), (2, 3))) for s in range(16))
    spins = np.array([[1 if s >> i & 1 else -1 for i in range(4)] for s in range(16)])
    assert (4 - cut.energies(spins).min()) / 2 == best == 3


def test_weights_stand_on_all_edges_or_none(tmp_path):
    assert resolve(written(tmp_path, "x.edges", "0 1 2\n1 2 3\n"), sign="minus").edge_values.tolist() == [2, 3]
    assert ", line 2: Line must hold two spins, and a weight on all lines or none, not '1 2'" in refusal(
        written(tmp_path, "x.edges", "0 1 2\n1 2\n"), sign="minus"
    )
    assert "(networkx data? nx.write_weighted_edgelist)" in refusal(
        written(tmp_path, "x.edgelist", "0 1 {}\n1 2 {'weight': 1}\n"), sign="minus"
    )


def test_file_of_edges_that_lost_its_weights_is_no_list(tmp_path):
    path = written(tmp_path, "x.txt", "4 3\n1 2\n3 4\n2 3\n")
    for choices in ({}, {"sign": "plus", "base": 1}):
        told = refusal(path, **choices)
        assert told.startswith(", line 1: First line must be an edge, not perhaps the header n m of a G-set file")
        assert "truncated?" in told


COL = "c a graph\np edge 4 3\ne 1 2\ne 2 3\ne 4 1\n"


@pytest.mark.promise("instances.graph-text")
@pytest.mark.parametrize("name", ["x.col", "x.txt", "x.dimacs-graph"])
def test_dimacs_graph(tmp_path, name):
    path = written(tmp_path, name, COL)
    assert "Sign of the edges must be given" in refusal(path)
    assert resolve(path, sign="plus").edges.tolist() == [[0, 1], [0, 3], [1, 2]]
    assert resolve(path, sign="plus").edge_values.tolist() == [-1, -1, -1]


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("4 3", "4 4", "Number of edges must be the 4 that the header promises, not 3 (truncated?)"),
        ("4 3", "4 2", "Number of edges must be the 2 that the header promises, not 3"),
        ("4 3", "3 3", ", line 5: Spin index must be in 1..3, not 4"),
        ("4 3", "900000000 3", ", line 2: Numbers of spins and edges must be in 1..50000000"),
        ("4 3", "40000000 3", ", line 2: Number of spins must be at most 100000 + 4 for each byte"),
        ("e 4 1", "f 4 1", ", line 5: Line must be 'e i j', not 'f 4 1'"),
        ("e 4 1", "e 4 4", ", line 5: Edge must join two spins, not spin 4 to itself"),
        ("p edge 4 3", "p edge 4", ", line 2: Header must be 'p edge n m', not 'p edge 4'"),
    ],
)
def test_bad_dimacs_graph_is_refused(tmp_path, old, new, complaint):
    assert complaint in refusal(written(tmp_path, "x.col", COL.replace(old, new)), sign="plus")


@pytest.fixture
def graph():
    made = nx.Graph()
    made.add_node("b", h=0.5)
    made.add_edge("a", "b", J=-2.0)
    made.add_edge("b", "c", J=1.0)
    return made


@pytest.mark.promise("instances.graph-text")
@pytest.mark.parametrize("suffix", ["graphml", "gml"])
def test_graph_files_keep_names_couplings_and_biases(tmp_path, graph, suffix):
    path = tmp_path / f"x.{suffix}"
    getattr(nx, f"write_{suffix}")(graph, path)
    for named in (path, written(tmp_path, "x.txt", path.read_text())):
        instance = resolve(named)
        assert instance.labels == ("b", "a", "c")
        assert instance.biases.tolist() == [0.5, 0, 0]
        assert instance.edge_values.tolist() == [-2, 1]
    assert resolve(path, sign="plus").edge_values.tolist() == [2, -1]


@pytest.mark.parametrize("suffix", ["graphml", "gml"])
@pytest.mark.parametrize("attributes", [{"weight": 3.0}, {}])
def test_graph_file_without_couplings_must_be_told(tmp_path, suffix, attributes):
    path = tmp_path / f"x.{suffix}"
    getattr(nx, f"write_{suffix}")(nx.Graph([(0, 1, attributes), (1, 2, attributes)]), path)
    assert "Edges must carry J, or their sign be given, not carry " in refusal(path)
    instance = resolve(path, sign="plus")
    assert instance.edge_values.tolist() == [-attributes.get("weight", 1.0)] * 2
    assert instance.labels is None


def test_edges_with_another_number_are_no_unweighted_ones(tmp_path):
    path = tmp_path / "x.graphml"
    nx.write_graphml(nx.Graph([(0, 1, {"cost": 3.0})]), path)
    for choices in ({}, {"sign": "plus"}):
        assert refusal(path, **choices) == ": Edges must carry J or weight, or nothing, not cost"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.graphml", "<graphml>" * 100_000),
        ("x.graphml", "<graphml>"),
        ("x.gml", "graph [" * 100_000),
        ("x.gml", "graph [ node [ id 0 ] edge [ source 0 target 7 ] ]"),
        ("x.gml", "graph [ directed 1 node [ id 0 label 0 ] node [ id 1 label 1 ] edge [ source 0 target 1 J 1 ] ]"),
        ("x.gml", "graph [ ]"),
    ],
)
def test_damaged_graph_file_is_refused_in_one_line(tmp_path, name, content):
    told = refusal(written(tmp_path, name, content))
    assert told.startswith(": Graph must ")
    assert len(told) < 300
    assert "\n" not in told
