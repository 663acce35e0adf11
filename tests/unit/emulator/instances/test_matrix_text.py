"""A matrix as text: J by both triangles or by one, or the matrix of a QUBO; never halved in silence."""

import itertools

import numpy as np
import pytest
from scipy import io, sparse

from spinchip.emulator.instances.resolve import resolve
from spinchip.emulator.spec.errors import InputError

J = np.array([[0, 1.5, 0, -2], [1.5, 0, 1, 0], [0, 1, 0, 0.1], [-2, 0, 0.1, 0]])
Q = np.array([[1.0, -2, 0], [0, 3, 0.5], [4, 0, -1]])


def refusal(path, *arguments, **choices):
    with pytest.raises(InputError) as caught:
        resolve(path, *arguments, **choices)
    return str(caught.value).removeprefix(f"File {str(path)!r}")


def written(tmp_path, name, matrix, **how):
    path = tmp_path / name
    np.savetxt(path, matrix, **how)
    return path


def energies(instance):
    return instance.energies(np.array(list(itertools.product((-1, 1), repeat=instance.n_spins))))


def half_form(matrix):
    s = np.array(list(itertools.product((-1, 1), repeat=len(matrix))))
    return -0.5 * np.einsum("si,ij,sj->s", s, matrix, s)


@pytest.mark.promise("instances.matrix-text")
@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("J.txt", {}),
        ("J.csv", {"delimiter": ","}),
        ("J.csv", {"delimiter": ";", "fmt": "%.17g"}),
        ("J.tsv", {"delimiter": "\t"}),
        ("J.dat", {"delimiter": ", ", "header": "couplings"}),
        ("J", {"header": "text", "comments": "% "}),
        ("J.txt", {"delimiter": ",", "newline": ",\r\n"}),
    ],
)
def test_symmetric_matrix_is_read(tmp_path, name, how):
    instance = resolve(written(tmp_path, name, J, **how))
    assert np.array_equal(instance.couplings.toarray(), J)
    assert np.allclose(energies(instance), half_form(J), rtol=0, atol=1e-14)
    assert instance.provenance["format"] == "matrix"


@pytest.mark.promise("instances.matrix-text")
@pytest.mark.parametrize("triangle", ["upper", "lower"])
def test_one_triangle_must_be_told(tmp_path, triangle):
    part = np.triu(J) if triangle == "upper" else np.tril(J)
    path = written(tmp_path, "J.csv", part, delimiter=",")
    readings = f"triangle {triangle}: each entry is the J of its pair; or give J / 2 in both triangles"
    assert refusal(path) == f": Matrix J must be symmetric, not {triangle} triangular ({readings})"
    assert np.array_equal(resolve(path, triangle=triangle).couplings.toarray(), J)
    other = "lower" if triangle == "upper" else "upper"
    assert "Matrix J must be symmetric" in refusal(path, triangle=other)


@pytest.mark.promise("instances.matrix-text")
def test_matrix_of_a_qubo_counts_every_entry(tmp_path):
    path = written(tmp_path, "Q.csv", Q, delimiter=",", fmt="%g")
    x = np.array(list(itertools.product((0, 1), repeat=3)))
    objective = np.einsum("si,ij,sj->s", x, Q, x)
    assert np.array_equal(energies(resolve(path, "matrix", sense="min")), objective)
    assert np.array_equal(energies(resolve(path, "matrix", sense="max")), -objective)
    assert refusal(path, "matrix").endswith("not 1 at spin 0 (a QUBO? --sense min or max)")
    assert "must be left out where --sense says QUBO" in refusal(path, "matrix", sense="min", sign="plus")


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("0 1 2 3\n1 0 2 3\n2 2 0 1\n", ": Matrix must be square, not 3 x 4 (a line or a column of names? write it"),
        ("0 1 2 3\n1 0 2 3\n2 2 0\n", ", line 3: Row must have 4 numbers as the first, not 3 (truncated?)"),
        ("0 1 2 3\n1 0 2 x\n2 2 0 1\n", ", line 2: Entry must be a finite number, not 'x'"),
        (
            "0 1 2 nan\n1 0 2 3\n2 2 0 1\n3 3 1 0\n",
            ", line 1: Line must have three columns, not 4: '0 1 2 nan'",
        ),
        ("0 1 2 1e400\n1 0 2 3\n2 2 0 1\n1e400 3 1 0\n", ": Entry J[0, 3] must be finite, not inf"),
        ("0 1 2 3\n1 0 2 3\n2 2 0 1\n3 3 2 0\n", ": Matrix J must be symmetric, not 1.0 at (2, 3) and 2.0 at (3, 2)"),
        (",a,b,c\na,0,1,2\nb,1,0,3\nc,2,3,0\n", "not 4: ' a b c' (a matrix? write it without names)"),
        ("2\n0 1 2\n1 0 1\n", ", line 1: Format must be one that is read here, not Biq Mac's matrix below its size"),
        ("2\n3 1\n1 2 5\n", ", line 1: Format must be one that is read here, not OR-Library's, of several problems"),
    ],
)
def test_bad_matrix_is_refused(tmp_path, content, complaint):
    path = tmp_path / "J.txt"
    path.write_text(content)
    assert complaint in refusal(path)


def test_matrix_of_biq_mac_is_no_matlab_file(tmp_path):
    path = tmp_path / "gka1a.mat"
    path.write_text("3\n1 2 3\n2 0 1\n3 1 0\n")
    assert ", line 1: Format must be one that is read here, not Biq Mac's matrix below its size n" in refusal(path)


def test_three_rows_that_can_only_be_a_matrix_are_one(tmp_path):
    path = tmp_path / "J.txt"
    path.write_text("0 0.5 1\n0.5 0 -1\n1 -1 0\n")
    assert resolve(path).edge_values.tolist() == [0.5, 1, -1]


@pytest.mark.promise("instances.matrix-text")
@pytest.mark.parametrize("kind", [sparse.coo_array, np.asarray])
@pytest.mark.parametrize("symmetry", ["general", "symmetric"])
def test_matrix_market(tmp_path, kind, symmetry):
    io.mmwrite(tmp_path / "J.mtx", kind(J), symmetry=symmetry, precision=17)
    (tmp_path / "J.txt").write_bytes((tmp_path / "J.mtx").read_bytes())
    for name in ("J.mtx", "J.txt"):
        assert np.array_equal(resolve(tmp_path / name).couplings.toarray(), J)
    assert np.array_equal(resolve(tmp_path / "J.txt", sign="plus").couplings.toarray(), -J)
    assert resolve(tmp_path / "J.txt", sense="min").provenance["vartype"] == "BINARY"


HEAD = "%%MatrixMarket matrix coordinate "
ARRAY = "%%MatrixMarket matrix array "


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (
            HEAD + "real symmetric\n3 3 2\n2 1 1\n",
            "Number of entries must be the 2 that the header promises, not 1 (trunc",
        ),
        (
            HEAD + "real symmetric\n3 3 1\n2 1 1\n3 1 1\n",
            "Number of entries must be the 1 that the header promises, not 2",
        ),
        (HEAD + "real symmetric\n3 3 2\n2 1 1\n1 2 1\n", ", line 4: Entry (1, 2) must be given once, not repeated"),
        (HEAD + "real general\n3 3 2\n2 1 1\n2 1 1\n", ", line 4: Entry (2, 1) must be given once, not repeated"),
        (HEAD + "real general\n3 3 1\n2 1 1\n", "Matrix J must be symmetric, not lower triangular (triangle lower"),
        (HEAD + "complex general\n3 3 1\n2 1 1 0\n", "must be real and general or symmetric, not complex and general"),
        (HEAD + "real skew-symmetric\n3 3 1\n2 1 1\n", "must be real and general or symmetric, not real and skew"),
        (HEAD + "real general\n3 2 1\n2 1 1\n", ", line 2: Matrix must be square with 1..50000000 rows, not 3 x 2"),
        (HEAD + "real general\n40000000 40000000 1\n2 1 1\n", "Number of spins must be at most 100000 + 4 for each"),
        (HEAD + "real general\n3 3 9000000000\n2 1 1\n", "must be the 9000000000 that the header promises, not 1"),
        (HEAD + "pattern symmetric\n3 3 1\n2 1\n", "Sign of the edges must be given where no numbers stand"),
        (ARRAY + "real general\n90000 90000\n1\n", "Number of entries must be 8100000000, not 1 (truncated?)"),
        (ARRAY + "real symmetric\n2 2\n0\n1\n0\n1\n", "Number of entries must be 3, not 4"),
        (ARRAY + "real symmetric\n2 2\n0\n1 2\n0\n", ", line 4: Line must hold one number, not '1 2'"),
        (ARRAY + "pattern general\n2 2\n0\n", ", line 1: First line must be '%%MatrixMarket matrix coordinate real"),
        (HEAD + "real symmetric\n3 3 1\n2 1 nan\n", ", line 3: Value must be finite, not nan"),
        (HEAD + "real symmetric\n3 3 1\n2 1 1/5\n", ", line 3: Value must be a finite number, not '1/5'"),
        (HEAD + "real symmetric\n3 3 1\n4 1 1\n", ", line 3: Spin index must be in 1..3, not 4"),
        (HEAD, ", line 1: First line must be '%%MatrixMarket matrix coordinate real symmetric' or alike, not "),
        (HEAD + "real general\n", "Sizes must be 3 numbers, not ''"),
    ],
)
def test_bad_matrix_market_is_refused(tmp_path, content, complaint):
    path = tmp_path / "x.mtx"
    path.write_text(content)
    told = refusal(path)
    assert complaint in told
    assert "\n" not in told


def test_pattern_is_a_graph_with_a_sign(tmp_path):
    path = tmp_path / "x.mtx"
    path.write_text(HEAD + "pattern symmetric\n3 3 2\n2 1\n3 2\n")
    assert resolve(path, sign="plus").edge_values.tolist() == [-1, -1]
