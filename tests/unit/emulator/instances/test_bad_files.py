"""Bad files give one line that names file, line, value and rule."""

import numpy as np
import pytest
from scipy import io, sparse

from spinchip.emulator.instances.binary.array_process import ArrayProcess
from spinchip.emulator.instances.binary.mat import read_mat
from spinchip.emulator.instances.resolve import READERS, read_instance, resolve, write_instance
from spinchip.emulator.spec.errors import InputError
from spinchip.emulator.spec.matrix import QUBO_HINT

# format, content, line (None: the file as a whole), complaint
BAD = [
    ("rudy", "3 2\n1 2 1\n2 3\n", 3, "Line must have three columns, not 2: '2 3' (truncated?)"),
    ("rudy", "3 2\n1 2 1\n2 1 -1\n", 3, "Pair (2, 1) must keep its value 1.0, not change it to -1.0"),
    ("rudy", "3 2\n1 2 1\n1 2 1\n", 3, "Pair (1, 2) must be given once, not repeated"),
    ("rudy", "3 2\n1 2 1\n3 3 1\n", 3, "Edge must join two spins, not spin 3 to itself (a QUBO? --format qubo)"),
    ("rudy", "3 2\n1 2 nan\n2 3 1\n", 2, "Value must be finite, not nan"),
    ("rudy", "3 2\n1 2 1\n2 3 -inf\n", 3, "Value must be finite, not -inf"),
    ("rudy", "3 2\n1 2 1\n2 4 1\n", 3, "Spin index must be in 1..3, not 4"),
    ("rudy", "3 2\n0 2 1\n2 3 1\n", 2, "Spin index must be in 1..3, not 0"),
    ("rudy", "3 3\n1 2 1\n2 3 1\n", 3, "Number of edges must be the 3 that the header promises, not 2 (truncated?)"),
    (
        "rudy",
        "# text\n3 1\n1 2 1\n\n2 3 1\n1 3 1\n",
        5,
        "Number of edges must be the 1 that the header promises, not 3 (the first too many is this line)",
    ),
    ("rudy", "3 2\n", 1, "Number of edges must be the 2 that the header promises, not 0 (truncated?)"),
    ("rudy", "4 2\n1 2\n3 4\n", 2, "Line must have three columns, not 2: '1 2' (truncated?)"),
    ("rudy", "3 2\n1 2 1\n2 x 1\n", 3, "Spin index must be an integer, not 'x'"),
    ("rudy", "3 2\n1 2 1\n2.0 3 1\n", 3, "Spin index must be an integer, not '2.0'"),
    ("rudy", "3 2\n\n# a comment\n1 2 1\n2 3 one\n", 5, "Value must be a finite number, not 'one'"),
    ("rudy", "3\n1 2 1\n", 1, "Header must be 'n m', the numbers of spins and edges, not '3'"),
    ("rudy", "\n 99999999999 1\n1 2 1\n", 2, "Number of spins must be in 1..50000000, not '99999999999'"),
    ("rudy", "\n \n", None, "Instance must begin with a header line, not be blank"),
    ("coo", "0 1 1\n1 2\n", 2, "Line must have three columns, not 2: '1 2' (truncated?)"),
    ("coo", "0 1 1\n1 2 1 1\n", 2, "Line must have three columns, not 4: '1 2 1 1'"),
    ("coo", "0 1 1\n1 0 2\n", 2, "Pair (1, 0) must keep its value 1.0, not change it to 2.0"),
    ("coo", "0 1 1\n1 0 1\n0 1 1\n", 3, "Pair (0, 1) must be given once, not repeated"),
    ("coo", "0 1 1\n-1 2 1\n", 2, "Spin index must be in 0..49999999, not -1"),
    ("coo", "0 1 1\n1 70000000 1\n", 2, "Spin index must be in 0..49999999, not 70000000"),
    ("coo", "0 1 1\n1 99999999999999999999 1\n", 2, "Spin index must be an integer, not '99999999999999999999'"),
    ("coo", "0 1 1\n1 2 NaN\n", 2, "Value must be finite, not nan"),
    ("coo", "0 1 1\n1 1 2\n1 1 2\n", 3, "Bias of spin 1 must be given once, not repeated"),
    ("coo", "# nothing\n", None, "Instance must hold at least one line of numbers, not none"),
    ("text_JOrig", "0 1 4\n1 0 4\n1 2 4\n", 3, "Entry (1, 2) must have its mirror image (2, 1), not stand alone"),
    ("text_JOrig", "0 1 4\n1 0 -4\n", 2, "Pair (1, 0) must keep its value 4.0, not change it to -4.0"),
    ("text_JOrig", "0 1 4\n1 0 4\n1 1 4\n", 3, "Edge must join two spins, not spin 1 to itself"),
    ("text_JOrig", "0 1 4\n1 0 inf\n", 2, "Value must be finite, not inf"),
    ("cnf", "p cnf 3 2\n1 2 0\n1 -4 0\n", 3, "Variable must be in 1..3, not 4"),
    ("cnf", "p cnf 3 2\n1 2 0\n", None, "Number of clauses must be the 2 that the header promises, not 1 (truncated?)"),
    ("cnf", "p cnf 3 1\n1 -9223372036854775808 0\n", 2, "Literal must be an integer, not '-9223372036854775808'"),
    ("cnf", "p cnf 3 1\n1 - 3 0\n", 2, "Literal must be an integer, not '-'"),
    ("cnf", "p cnf 3 1\n1 2 -", 2, "Literal must be an integer, not '-'"),
    ("cnf", "p cnf 3 1\n1 2-3 0\n", 2, "Literal must be an integer, not '2-3'"),
    ("cnf", "p cnf 3 1\n1 2 3 0\n1 0\n", None, "Number of clauses must be the 1 that the header promises, not 2"),
    ("cnf", "p cnf 3 1\nc1 2 3 0\n", 2, "Literal must be an integer, not 'c1'"),
    (
        "wcnf",
        "p wcnf 3 2 9\n9 1 2 0\n",
        None,
        "Number of clauses must be the 2 that the header promises, not 1 (truncated?)",
    ),
    ("wcnf", "p wcnf 3 1 9\n9 1 4 0\n", None, "Variable must be in 1..3, not 4"),
    ("wcnf", "h 1 2 0\n3 1\n", 2, "Clause must end with its only 0, not be '1' (truncated?)"),
    ("wcnf", "h 1 2 0\n0 1 0\n", 2, "Weight must be above 0, not '0'"),
    ("wcnf", "h 1 2 0\n3 0\n", 2, "Clause must have a literal, not be empty (nothing satisfies it)"),
    ("wcnf", "p cnf 3 1\n1 0\n", 1, "Header must be 'p wcnf n m top', not 'p cnf 3 1'"),
    ("cnf", "p cnf 3 2\n1 2 0\n0\n", 3, "Clause must have a literal, not be empty (nothing satisfies it)"),
    ("cnf", "p cnf 3 1\n1 2\n", 2, "Last clause must end with 0, not with the file (truncated?)"),
    ("cnf", "p cnf 3 1\n1 b 0\n", 2, "Literal must be an integer, not 'b'"),
    ("cnf", "c text\np dnf 3 1\n1 0\n", 2, "Header must be 'p cnf n m', not 'p dnf 3 1'"),
    ("cnf", "c text only\n", None, "Header must be 'p cnf n m', not absent"),
    ("cnf", "p cnf 0 0\n", 1, "Number of variables must be in 1..50000000, not 0"),
]


@pytest.mark.promise("instances.bad-files")
@pytest.mark.parametrize(("file_format", "content", "line", "complaint"), BAD)
def test_bad_text_is_refused_in_one_line(tmp_path, file_format, content, line, complaint):
    path = tmp_path / "bad.txt"
    path.write_text(content)
    with pytest.raises(InputError) as caught:
        read_instance(path, file_format)
    place = "" if line is None else f", line {line}"
    assert str(caught.value) == f"File {str(path)!r}{place}: {complaint}"


@pytest.mark.promise("instances.bad-files")
@pytest.mark.parametrize("file_format", READERS)
def test_empty_file_folder_and_absence_are_refused(tmp_path, file_format):
    path = tmp_path / "x"
    for make, complaint in (
        (lambda: None, "Instance must be a file that can be read, not one that gives 'No such file or directory'"),
        (path.touch, "Instance must be a file with content, not an empty one"),
        (lambda: (path.unlink(), path.mkdir()), "Instance must be a file, not a folder"),
    ):
        make()
        with pytest.raises(InputError) as caught:
            read_instance(path, file_format)
        assert str(caught.value) == f"File {str(path)!r}: {complaint}"


def test_device_and_odd_names_are_refused():
    with pytest.raises(InputError, match="^File '/dev/null': Instance must be a regular file, not a pipe or device$"):
        resolve("/dev/null")
    for name in ("", "a\0b", "new\nline"):
        with pytest.raises(InputError) as caught:
            resolve(name)
        assert "\n" not in str(caught.value)


@pytest.mark.promise("instances.bad-files")
@pytest.mark.parametrize("file_format", [*READERS, None])
def test_rubbish_is_refused_in_one_line(tmp_path, file_format):
    rng = np.random.default_rng(5)
    for size in (1, 7, 100, 3000):
        path = tmp_path / "rubbish"
        path.write_bytes(rng.integers(0, 256, size, dtype=np.uint8).tobytes())
        with pytest.raises(InputError) as caught:
            read_instance(path, file_format)
        assert "\n" not in str(caught.value)
        assert len(str(caught.value)) < 300
        assert str(caught.value).startswith(f"File {str(path)!r}")


@pytest.fixture(scope="module")
def child():
    """One child for many files; each command starts its own."""
    with ArrayProcess() as reader:
        yield reader


def refusal(path, child):
    """Return the text of the InputError, or None if the file is read."""
    try:
        if path.suffix == ".mat":
            read_mat(path, reader=child).instance("x", {})
        else:
            read_instance(path)
    except InputError as error:
        return str(error)
    return None


@pytest.mark.parametrize("name", ["x.rudy", "x.coo", "text_JOrig_x.txt", "x.mat", "x.npz", "x.bqm", "x.json", "x.cnf"])
def test_damaged_file_is_read_or_refused(tmp_path, child, name):
    """Bytes cut off, changed or left out give an instance or an InputError; a changed digit may still be sound."""
    path = tmp_path / name
    if name == "x.cnf":
        path.write_text("p cnf 4 3\n1 -2 3 0\n2 -4 0\n-1 0\n")
    else:
        write_instance(resolve("[ea2d L=3 J=gauss seed=1]"), path)
    sound = path.read_bytes()
    read_instance(path)
    rng = np.random.default_rng(8)
    n_refused = 0
    for trial in range(120):
        damaged = bytearray(sound)
        place = int(rng.integers(1, len(sound)))
        if trial % 3 == 0:
            del damaged[place:]
        elif trial % 3 == 1:
            damaged[place] = int(rng.integers(256))
        else:
            del damaged[place : place + int(rng.integers(1, 20))]
        path.write_bytes(damaged)
        n_refused += refusal(path, child) is not None
    assert n_refused >= 20, f"{n_refused=} of 120: is the damage seen at all?"


@pytest.mark.parametrize(
    ("contents", "complaint"),
    [
        (
            {"W": np.eye(2)},
            "Matrix must be called JOrig or J, not be absent (found W (2 x 2 double); take one with --variable NAME)",
        ),
        ({"J": np.ones((2, 3))}, "Matrix J must be square and not empty, not of shape (2, 3)"),
        ({"J": np.eye(2)}, f"Diagonal of J must be empty, not 1.0 at 1 {QUBO_HINT}"),
        ({"J": np.array([[0, 1], [2, 0]])}, "Matrix J must be symmetric, not 1.0 at (1, 2) and 2.0 at (2, 1)"),
        ({"JOrig": np.array([[0, np.nan], [1, 0]])}, "Entry JOrig(1, 2) must be finite, not nan"),
        ({"J": np.array([[0, 1j], [1j, 0]])}, "Matrix J must be numeric and real, not ndarray of complex128"),
        ({"J": "text"}, "Matrix J must be numeric and real, not ndarray of <U4"),
        ({"J": np.zeros((2, 2)), "h": np.zeros(3)}, "Vector h must hold 2 real numbers, not 3 of type float64"),
        ({"J": np.zeros((2, 2)), "h": np.array([0, np.inf])}, "Entry h(2) must be finite, not inf"),
    ],
)
def test_bad_matrix_is_refused(tmp_path, contents, complaint):
    path = tmp_path / "bad.mat"
    io.savemat(path, contents)
    with pytest.raises(InputError) as caught:
        read_instance(path)
    assert str(caught.value) == f"File {str(path)!r}: {complaint}"


@pytest.mark.promise("instances.mat-jorig")
def test_matlab_7_3_without_its_content_is_refused(tmp_path):
    path = tmp_path / "new.mat"
    path.write_bytes(b"MATLAB 7.3 MAT-file".ljust(124) + b"\x00\x02IM" + b"\x00" * 512)
    with pytest.raises(InputError, match=r"Instance must be a MATLAB or HDF5 file, not one that gives 'NotImpl.*'$"):
        read_instance(path)


@pytest.mark.promise("instances.mat-jorig")
def test_sparse_and_dense_matrices_are_read_alike(tmp_path):
    dense = np.array([[0.0, 1.5, 0], [1.5, 0, -2], [0, -2, 0]])
    io.savemat(tmp_path / "dense.mat", {"J": dense})
    io.savemat(tmp_path / "sparse.mat", {"JOrig": sparse.csc_array(dense), "h": np.array([1, 0, 2])})
    one, two = read_instance(tmp_path / "dense.mat"), read_instance(tmp_path / "sparse.mat")
    assert np.array_equal(one.couplings.toarray(), dense)
    assert np.array_equal(two.couplings.toarray(), dense)
    assert two.biases.tolist() == [1, 0, 2]


@pytest.mark.promise("instances.bad-files")
@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"edges": None}, "Archive must hold the arrays edges, values, biases, origin, not lack edges"),
        ({"edges": np.array([[0, 1]])}, "Array edges must be of shape (2, 2), not (1, 2)"),
        ({"edges": np.array([[0, 1], [1, 3]])}, "Spin index must lie in 0..2, not 3"),
        ({"edges": np.array([[0, 1], [1, 0]])}, "Edges must be distinct; the list holds a pair twice"),
        ({"values": np.array([1.0, np.nan])}, "Entry 1 of values must be finite, not nan"),
        ({"biases": np.zeros(0)}, "Number of spins must be in 1..50000000, not 0"),
        ({"biases": np.array(["a"])}, "Array biases must have 1 dimensions, not shape (1,) of <U1"),
        ({"origin": np.array("{")}, "Array origin must be JSON, not"),
    ],
)
def test_bad_archive_is_refused(tmp_path, changes, complaint):
    path = tmp_path / "bad.npz"
    arrays = {
        "edges": np.array([[0, 1], [1, 2]]),
        "values": np.ones(2),
        "biases": np.zeros(3),
        "origin": np.array("{}"),
    }
    arrays = {key: value for key, value in {**arrays, **changes}.items() if value is not None}
    np.savez(path, **arrays)
    with pytest.raises(InputError) as caught:
        read_instance(path)
    assert str(caught.value).startswith(f"File {str(path)!r}: {complaint}")


@pytest.mark.promise("instances.long-file")
def test_last_line_of_a_long_file_is_diagnosed(tmp_path):
    """The fast parser meets the fault in a late block; the line number must still be right."""
    n = 200_000
    path = tmp_path / "long.coo"
    lines = [f"{i} {i + 1} 1\n" for i in range(n)]
    path.write_text("".join(lines))
    instance = read_instance(path)
    assert (instance.n_spins, instance.n_couplings) == (n + 1, n)
    for text, complaint in (
        ("7 8 1\n", "Pair (7, 8) must be given once, not repeated"),
        ("7 9 1e\n", "Value must be a finite number, not '1e'"),
    ):
        path.write_text("".join([*lines, "\n", text]))
        with pytest.raises(InputError) as caught:
            read_instance(path)
        assert str(caught.value) == f"File {str(path)!r}, line {n + 2}: {complaint}"


@pytest.mark.promise("instances.bad-files")
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("i;j;J\n0;1;0,5\n", "line 2: Value must be a finite number, not '0,5'; write a decimal point"),
        ("0;1;-1,5e-3\n", "line 1: Value must be a finite number, not '-1,5e-3'; write a decimal point"),
        ('i,j,J\n0,1,"0.5"\n', "line 2: Value must be a finite number, not '\"0.5\"'; write numbers without quotes"),
        ('i,j,J\n"0",1,0.5\n', "line 2: Spin index must be an integer, not '\"0\"'; write numbers without quotes"),
        ('i,j,J\n0,1,"x"\n', "line 2: Value must be a finite number, not '\"x\"'"),
        ("0;1;1,000,5\n", "line 1: Value must be a finite number, not '1,000,5'"),
    ],
)
def test_numbers_as_spreadsheets_write_them_are_refused_with_the_cure(tmp_path, text, said):
    path = tmp_path / "sheet.csv"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        read_instance(path)
    assert str(caught.value) == f"File {str(path)!r}, {said}"
