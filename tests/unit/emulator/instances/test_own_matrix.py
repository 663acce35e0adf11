"""A matrix as people have it: from numpy, scipy, MATLAB and HDF5, under any name; no guess changes it."""

import subprocess
import sys
import threading

import h5py
import numpy as np
import pytest
from scipy import io, sparse

from spinchip.emulator.instances.binary import array_process
from spinchip.emulator.instances.binary.array_process import ArrayProcess
from spinchip.emulator.instances.binary.mat import read_mat
from spinchip.emulator.instances.resolve import read_instance
from spinchip.emulator.spec.errors import InputError
from spinchip.emulator.spec.instance import IsingInstance
from spinchip.emulator.spec.matrix import QUBO_HINT

J = np.array([[0.0, 2.5, 0.0], [2.5, 0.0, -1.0], [0.0, -1.0, 0.0]])
SKEW = "Matrix J must be symmetric, not"
READINGS = "(triangle upper: each entry is the J of its pair; or give J / 2 in both triangles)"
H = np.array([0.5, 0.0, -0.25])


def is_ours(instance, couplings=J, biases=None):
    return np.array_equal(instance.couplings.toarray(), couplings) and np.array_equal(
        instance.biases, np.zeros(3) if biases is None else biases
    )


def refused(call, *arguments, **options):
    """Return the one line of the refusal, without the file's name."""
    with pytest.raises(InputError) as caught:
        call(*arguments, **options)
    text = str(caught.value)
    assert "\n" not in text
    assert text.count("File '") <= 1
    return text.partition("': ")[2] or text


def write_hdf5(path, stack=None):
    """Write a file as MATLAB's save -v7.3 lays it out: columns first, sparse matrices as groups, a user block."""
    with h5py.File(path, "w", userblock_size=512) as file:
        for name, array in (("W", J), ("h", H[:, None]), *([] if stack is None else [("Jout", stack)])):
            file.create_dataset(name, data=array.T).attrs["MATLAB_class"] = np.bytes_("double")
        group, columns = file.create_group("S"), sparse.csc_array(J)
        group["ir"], group["jc"] = columns.indices.astype("u8"), columns.indptr.astype("u8")
        group["data"] = columns.data
        group.attrs["MATLAB_sparse"], group.attrs["MATLAB_class"] = np.uint64(3), np.bytes_("double")
    with open(path, "r+b") as file:
        file.write(b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(124) + b"\x00\x02IM")


@pytest.mark.promise("instances.own-matrix")
@pytest.mark.parametrize("dtype", ["<f8", ">f8", "<f4", "f2", "longdouble"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_npy_of_any_real_type_and_order_is_read(tmp_path, dtype, order):
    np.save(tmp_path / "J.npy", np.asarray(J, dtype=dtype, order=order))
    assert is_ours(read_instance(tmp_path / "J.npy"))


@pytest.mark.parametrize("dtype", ["i1", ">i4", "u8", "?"])
def test_npy_of_whole_numbers_is_read(tmp_path, dtype):
    whole = np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]], dtype=dtype)
    np.save(tmp_path / "J.npy", whole)
    assert is_ours(read_instance(tmp_path / "J.npy"), whole.astype(float))


@pytest.mark.promise("instances.own-matrix")
@pytest.mark.parametrize(
    ("array", "complaint"),
    [
        (np.array([[0, None], [None, 0]]), "Array must hold real numbers, not Python objects (a pickle)"),
        (J * 1j, "Array must hold real numbers, not complex numbers"),
        (np.zeros((2, 2), dtype=[("a", "f8")]), "Array must hold real numbers, not a structure"),
        (np.zeros((2, 2), dtype="M8[s]"), "Array must hold real numbers, not dates"),
        (np.zeros((0, 0)), "Matrix J must be square and not empty, not of shape (0, 0)"),
        (np.zeros((3, 0)), "Matrix J must be square and not empty, not of shape (3, 0)"),
        (np.arange(3.0), "Matrix J must be square and not empty, not of shape (3,)"),
        (np.array(1.0), "Matrix J must be square and not empty, not of shape ()"),
        (np.zeros((1, 1, 2, 2)), "Matrix J must be square and not empty, not of shape (1, 1, 2, 2)"),
        (np.eye(2), f"Diagonal of J must be empty, not 1.0 at 0 {QUBO_HINT}"),
        (J * np.nan, "Entry J[0, 0] must be finite, not nan"),
        (J + np.eye(3, k=1), "Matrix J must be symmetric, not 3.5 at (0, 1) and 2.5 at (1, 0)"),
        (J + 1e-15 * np.eye(3, k=1), f"{SKEW} 2.500000000000001 at (0, 1) and 2.5 at (1, 0) (take (J + J.T) / 2)"),
    ],
)  # fmt: skip
def test_npy_that_is_no_instance_is_refused(tmp_path, array, complaint):
    np.save(tmp_path / "J.npy", array, allow_pickle=True)
    assert refused(read_instance, tmp_path / "J.npy") == complaint


def test_no_couplings_are_an_instance(tmp_path):
    np.save(tmp_path / "J.npy", np.zeros((3, 3)))
    assert is_ours(read_instance(tmp_path / "J.npy"), np.zeros((3, 3)))


@pytest.mark.promise("instances.untrusted-files")
def test_npy_that_is_another_file_or_promises_too_much_is_refused(tmp_path):
    path = tmp_path / "J.npy"
    np.savez(tmp_path / "J.npz", J=J)
    path.write_bytes((tmp_path / "J.npz").read_bytes())
    assert refused(read_instance, path).startswith("File must be a single array, not an npz archive")
    path.write_bytes(b"0 1 1\n")
    assert refused(read_instance, path) == "File must begin as numpy's .npy files do, not otherwise"
    np.save(path, J)
    content = path.read_bytes()
    path.write_bytes(content.replace(b"(3, 3)", b"(9" + b"9" * 3 + b",9" + b"9" * 9 + b")")[:128] + content[128:])
    assert "Array must take at most the 72 bytes that the file can hold" in refused(read_instance, path)
    for header in (b"(" * 60, b"-3, 3)", b"3.5, 3)"):
        path.write_bytes(content.replace(b"(3, 3), }".ljust(60), header.ljust(60), 1))
        refused(read_instance, path)


@pytest.mark.promise("instances.own-matrix")
def test_triangle_is_read_as_told_and_never_halved(tmp_path):
    for name, matrix in (("upper", np.triu(J)), ("lower", np.tril(J))):
        path = tmp_path / f"{name}.npy"
        np.save(path, matrix)
        rule = f"Matrix J must be symmetric, not {name} triangular (triangle {name}: each entry is the J of its pair; "
        assert refused(read_instance, path) == rule + "or give J / 2 in both triangles)"
        assert is_ours(read_instance(path, triangle=name))
        other = "lower" if name == "upper" else "upper"
        assert f"not {name} triangular" in refused(read_instance, path, triangle=other)
    np.save(tmp_path / "J.npy", J)
    assert is_ours(read_instance(tmp_path / "J.npy", triangle="upper"))


@pytest.mark.promise("instances.own-matrix")
def test_npz_with_matrix_biases_offset_and_labels_is_read(tmp_path):
    path = tmp_path / "a.npz"
    np.savez(path, J=J, h=H, offset=2.5, labels=["a", "b", "c"])
    instance = read_instance(path)
    assert is_ours(instance, J, H)
    assert (instance.offset, instance.labels) == (2.5, ("a", "b", "c"))
    np.savez_compressed(path, W=J, b=H[:, None])
    assert refused(read_instance, path) == (
        "Matrix must be called JOrig or J, not be absent (found W (3 x 3 float64), b (3 x 1 float64); "
        "take one with --variable NAME)"
    )
    assert "Biases must be called h, or named: --variable W,b" in refused(read_instance, path, variable="W")
    assert is_ours(read_instance(path, variable="W,b"), J, H)
    assert is_ours(read_instance(path, variable="W,"))
    assert refused(read_instance, path, variable="V").startswith("Variable must be one of the file, not 'V' (found W ")
    assert refused(read_instance, path, variable="W[").startswith("Variable must be NAME, NAME[NUMBER] or NAME,BIASES")


@pytest.mark.promise("instances.own-matrix")
@pytest.mark.parametrize("form", ["csr", "csc", "coo"])
def test_sparse_matrix_of_scipy_is_read(tmp_path, form):
    path = tmp_path / "s.npz"
    sparse.save_npz(path, getattr(sparse, f"{form}_array")(J))
    assert is_ours(read_instance(path))
    arrays = dict(np.load(path))
    for key, wrong in (
        {"coo": {"row": [0, 9, 1, 2]}}.get(form, {"indptr": [0, 9, 3, 4], "indices": [7, 0, 2, 1]})
    ).items():
        np.savez(path, **{**arrays, key: np.array(wrong)})
        refused(read_instance, path)


def test_sparse_matrix_in_another_layout_is_refused(tmp_path):
    sparse.save_npz(tmp_path / "s.npz", sparse.dia_array(J))
    rule = "Sparse matrix must be of csr, csc, coo (save matrix.tocsr()), not 'dia'"
    assert refused(read_instance, tmp_path / "s.npz") == rule


@pytest.mark.promise("instances.own-matrix")
def test_stack_is_refused_until_one_is_named(tmp_path):
    stack = np.array([J, 2 * J])
    np.save(tmp_path / "K.npy", stack)
    assert refused(read_instance, tmp_path / "K.npy") == (
        "Matrix J must be named, one of the 2 of this stack of shape (2, 3, 3): --variable 'J[0]' ... 'J[1]', "
        "not left open"
    )
    assert is_ours(read_instance(tmp_path / "K.npy", variable="J[1]"), 2 * J)
    assert refused(read_instance, tmp_path / "K.npy", variable="J[2]").endswith("must be in 0..1, not 2")
    np.save(tmp_path / "K.npy", np.moveaxis(stack, 0, 2))
    assert is_ours(read_instance(tmp_path / "K.npy", variable="J[1]"), 2 * J)
    cube = np.stack([J, 2 * J, 3 * J], axis=2)  # MATLAB stacks along the last axis, also where the shape tells nothing
    io.savemat(tmp_path / "K.mat", {"Jout": cube, "h": H})
    write_hdf5(tmp_path / "K73.mat", cube)
    with ArrayProcess() as child:
        for name in ("K.mat", "K73.mat"):
            edges = read_mat(tmp_path / name, "Jout[2]", reader=child)
            assert is_ours(edges.instance("x", {}), 3 * J, H)
            assert "one of the 3 of this stack" in refused(read_mat, tmp_path / name, "Jout", reader=child)


@pytest.mark.promise("instances.own-matrix")
def test_matlab_7_3_is_read(tmp_path):
    path = tmp_path / "v73.mat"
    write_hdf5(path)
    with ArrayProcess() as child:
        found = "(found S (3 x 3 sparse), W (3 x 3 double), h (3 x 1 double); take one with --variable NAME)"
        assert refused(read_mat, path, reader=child).endswith(found)
        for name in ("W", "S"):
            assert is_ours(read_mat(path, name, reader=child).instance("x", {}), J, H)
    with h5py.File(tmp_path / "plain.h5", "w") as file:
        file["J"] = np.triu(J)
    assert is_ours(read_instance(tmp_path / "plain.h5", triangle="upper"))


def test_octave_text_is_refused_by_name(tmp_path):
    path = tmp_path / "o.mat"
    path.write_text("# Created by Octave 8.4.0\n# name: J\n# type: matrix\n# rows: 1\n# columns: 1\n 0\n")
    assert refused(read_instance, path) == "File must be MATLAB's, not Octave's own (write it with save -v7)"


# A MATLAB file of 256 bytes, damaged: scipy's reader ends in UnboundLocalError.
@pytest.mark.promise("instances.untrusted-files")
def test_damage_that_breaks_the_library_is_one_line(tmp_path):
    path = tmp_path / "m.mat"
    io.savemat(path, {"J": J})
    content = bytearray(path.read_bytes())
    content[144] = 77  # the class of the array is none
    path.write_bytes(content)
    assert refused(read_instance, path).startswith("Instance must be a MATLAB or HDF5 file, not one that gives ")


@pytest.mark.promise("instances.untrusted-files")
def test_reader_that_dies_hangs_or_swells_is_one_line(tmp_path, monkeypatch):
    """The child is killed by a signal, by its time limit and by its memory limit; this process goes on."""
    path = tmp_path / "m.mat"
    io.savemat(path, {"J": J})
    script = tmp_path / "child.py"
    whole = array_process._SCRIPT.read_text()
    monkeypatch.setattr(array_process, "_SCRIPT", script)
    start = "def _list_mat(path):\n"
    assert start in whole
    for line, complaint in (
        ("os.kill(os.getpid(), 11)", "not one on which its reader ends with status -11"),
        ("1 / 0", "not one that gives 'ZeroDivisionError: division by zero'"),
        ("raise SystemExit(7)", "not one on which its reader ends with status 7"),
        ("bytearray(10**10)", "needs more than "),
        ("print('{', flush=True)", None),
    ):
        script.write_text(whole.replace(start, f"{start}    {line}\n"))
        if complaint is None:
            assert is_ours(read_instance(path))  # what a library prints is no answer
        else:
            assert complaint in refused(read_instance, path)
    script.write_text(whole.replace(start, f"{start}    while True: pass\n"))
    monkeypatch.setattr(array_process, "SECONDS", 0.2)
    assert "takes more than 0 s of processor time" in refused(read_instance, path)


@pytest.mark.promise("instances.untrusted-files")
def test_child_works_from_threads_and_from_another_folder(tmp_path):
    io.savemat(tmp_path / "m.mat", {"J": J, "h": H})
    found = []
    threads = [threading.Thread(target=lambda: found.append(read_instance(tmp_path / "m.mat"))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 3
    assert all(is_ours(one, J, H) for one in found)
    # Modules of the folder that a user stands in are no part of the child.
    (tmp_path / "numpy.py").write_text("raise SystemExit('a file of the user was run')\n")
    (tmp_path / "json.py").write_text("raise SystemExit('a file of the user was run')\n")
    code = "import spinchip.emulator.instances.binary.mat as m; print(m.read_mat('m.mat').n_spins)"
    done = subprocess.run([sys.executable, "-I", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout == "3\n", done.stderr


@pytest.mark.promise("instances.own-matrix")
def test_arrays_make_an_instance():
    one = IsingInstance.from_arrays(J, H, offset=2, labels=["a", "b", "c"], name="mine")
    assert is_ours(one, J, H)
    assert (one.offset, one.labels, one.name) == (2.0, ("a", "b", "c"), "mine")
    assert one.energies([1, 1, -1]) == -(2.5 + 1.0) - (0.5 + 0.25) + 2
    for other in (J.tolist(), J.astype(np.float32), sparse.coo_array(J), sparse.csc_matrix(J), np.asfortranarray(J)):
        assert is_ours(IsingInstance.from_arrays(other, H.tolist()), J, H)
    assert is_ours(IsingInstance.from_arrays(np.triu(J), triangle="upper"))
    assert is_ours(IsingInstance.from_arrays([[0, 1, 0], [1, 0, 0], [0, 0, 0]], [0, 0, 1]).submodel([0, 1, 2])) is False


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (([[0, 1], [0]],), "Matrix J must have rows of one length, not of several"),
        (([["a"]],), "Matrix J must be numeric and real, not of type <U1"),
        ((np.triu(J),), f"{SKEW} upper triangular {READINGS}"),
        ((np.array([[0, 1e308], [-1e308, 0]]),), f"{SKEW} 1e+308 at (0, 1) and -1e+308 at (1, 0)"),
        ((np.array([[0, 1], [1, 0]]) * np.longdouble("1e400"),), "Entry J[0, 1] must be finite, not inf"),
        ((J, [1, 2]), "Vector h must hold 3 real numbers, not 2 of type int64"),
        ((J, J), "Vector h must hold 3 real numbers, not 3x3 of type float64"),
        ((J, [1, 2, np.inf]), "Entry h[2] must be finite, not inf"),
        ((J, None, np.inf), "Offset must be a finite number, not inf"),
        ((J, None, 0, ["a", "b"]), "Labels must be 3, one a spin, not 2"),
        ((J, None, 0, None, "x", "both"), "Triangle must be upper or lower, not 'both'"),
    ],
)  # fmt: skip
def test_arrays_that_are_none_are_refused(arguments, complaint):
    assert refused(IsingInstance.from_arrays, *arguments) == complaint
