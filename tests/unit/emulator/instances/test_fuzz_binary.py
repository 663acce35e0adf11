"""Damaged files of arrays and models: one line of complaint, or the energy that a second reader finds.

The second reader is scipy, h5py, numpy or dimod, in a worker of its own that may die. SPINCHIP_FUZZ=20000 tries that
many files in all, instead of 500.
"""

import io as memory
import itertools
import json
import os
import pickle
import subprocess
import sys
import tempfile
from pathlib import Path

import dimod
import h5py
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from scipy import io, sparse

from spinchip.emulator.instances.binary.array_process import ArrayProcess
from spinchip.emulator.instances.binary.mat import read_mat
from spinchip.emulator.instances.resolve import read_instance, write_instance
from spinchip.emulator.spec.errors import InputError
from spinchip.emulator.spec.instance import IsingInstance

J = np.array([[0.0, 2.5, 0.0, -1.0], [2.5, 0.0, -0.75, 0.0], [0.0, -0.75, 0.0, 3.0], [-1.0, 0.0, 3.0, 0.0]])
H = np.array([0.5, 0.0, -0.25, 1.0])
MOST_SPINS = 10  # all of their states are compared
SLOW = {"mat 5", "mat 5 packed", "mat 4", "mat 7.3"}  # a second worker answers: a fifth of the examples


def in_memory(write):
    buffer = memory.BytesIO()
    write(buffer)
    return buffer.getvalue()


def hdf5(buffer):
    with h5py.File(buffer, "w") as file:
        for name, array in (("J", J), ("h", H[:, None])):
            file.create_dataset(name, data=array.T).attrs["MATLAB_class"] = np.bytes_("double")


def own(suffix):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"x.{suffix}"
        write_instance(IsingInstance.from_arrays(J, H, 1.5, ["a", "b", 3, 4]), path)
        return path.read_bytes()


def model(vartype):
    linear = {"a": 1.0, "b": -0.5, 3: 0.25}
    return dimod.BinaryQuadraticModel(linear, {("a", "b"): 2.0, ("b", 3): -1.5}, 0.75, vartype)


def binary_bqm():
    with model("BINARY").to_file() as file:
        return file.read()


def bqpjson():
    terms = {"linear_terms": [{"id": 2, "coeff": 1.5}], "quadratic_terms": [{"id_tail": 2, "id_head": 4, "coeff": -1}]}
    return {"variable_ids": [2, 4, 6], "variable_domain": "boolean", "scale": 2.0, "offset": 0.5, **terms}


VALID = {
    "mat 5": in_memory(lambda buffer: io.savemat(buffer, {"J": J, "h": H})),
    "mat 5 packed": in_memory(
        lambda buffer: io.savemat(buffer, {"JOrig": sparse.csc_array(J), "h": H}, do_compression=True)
    ),
    "mat 4": in_memory(lambda buffer: io.savemat(buffer, {"J": J, "h": H}, format="4")),
    "mat 7.3": in_memory(hdf5),
    "npy": in_memory(lambda buffer: np.save(buffer, J)),
    "npz": in_memory(lambda buffer: np.savez(buffer, J=J, h=H)),
    "npz own": own("npz"),
    "npz sparse": in_memory(lambda buffer: sparse.save_npz(buffer, sparse.csr_array(J), compressed=False)),
    "bqm": own("bqm"),
    "bqm binary": binary_bqm(),
    "json": json.dumps(model("BINARY").to_serializable()).encode(),
    "json bqp": json.dumps(bqpjson()).encode(),
}
EXAMPLES = int(os.environ.get("SPINCHIP_FUZZ", "500")) // len(VALID)

# Reads with the libraries alone; the answer is a matrix, biases, offset and labels, or nothing. It may die.
SECOND_READER = """
import pickle, sys
import warnings
warnings.simplefilter("ignore")
import numpy as np, h5py
from scipy import io, sparse
out = sys.stdout.buffer
for line in sys.stdin:
    path = line.strip()
    try:
        if b"\\x89HDF" == open(path, "rb").read(4):
            with h5py.File(path) as file:
                found = {name: np.asarray(file[name][()]).T for name in ("J", "h") if name in file}
        else:
            found = io.loadmat(path)
        matrix = found["JOrig"] if "JOrig" in found else found["J"]
        matrix = np.asarray(matrix.todense() if sparse.issparse(matrix) else matrix, dtype=np.float64)
        biases = np.asarray(found["h"], dtype=np.float64).ravel() if "h" in found else np.zeros(len(matrix))
        answer = (matrix, biases)
    except Exception as error:
        answer = None
    pickle.dump(answer, out)
    out.flush()
"""


class SecondReader:
    """The libraries in a worker that is started anew when it died."""

    def __init__(self):
        self.worker, self.n_deaths = None, 0

    def read(self, path):
        if self.worker is None:
            command = [sys.executable, "-c", SECOND_READER]
            self.worker = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        try:
            self.worker.stdin.write(f"{path}\n".encode())
            self.worker.stdin.flush()
            return pickle.load(self.worker.stdout)
        except (EOFError, BrokenPipeError):
            self.close()
            self.n_deaths += 1
            return None

    def close(self):
        if self.worker is not None:
            self.worker.kill()
            self.worker.communicate()
            self.worker = None


@pytest.fixture(scope="module")
def second():
    reader = SecondReader()
    yield reader
    reader.close()


@pytest.fixture(scope="module")
def child():
    with ArrayProcess() as reader:
        yield reader


def states_of(n):
    return np.array(list(itertools.product([-1, 1], repeat=n)))


def instance_of(name, path, child):
    """Return what our reader makes of a file, or None after a complaint of one line."""
    try:
        if name in SLOW:
            return read_mat(path, reader=child).instance("x", {})
        return read_instance(path, name.split()[0].replace("json", "bqm"))
    except InputError as error:
        complaint = str(error)
    assert "\n" not in complaint
    assert len(complaint) < 900
    return None


def theirs(name, path, second):
    """Return a function from spins, in the order of our labels, to the energy that the library finds."""
    if name in SLOW:
        matrix, biases = second.read(path)
        return lambda s, _: -0.5 * np.einsum("ki,ij,kj->k", s, matrix, s) - s @ biases
    if name == "npy":
        matrix = np.load(path).astype(np.float64)
        return lambda s, _: -0.5 * np.einsum("ki,ij,kj->k", s, matrix, s)
    if name.startswith("npz"):
        return from_npz(name, path)
    if name == "json bqp":
        return lambda s, labels: from_bqpjson(json.loads(path.read_bytes()), s, labels)
    if name == "json":
        document = json.loads(path.read_bytes())
        for key in ("linear_biases", "quadratic_biases"):  # dimod takes no whole numbers beyond 64 bits
            document[key] = list(map(float, document[key]))
        bqm = dimod.BinaryQuadraticModel.from_serializable(document | {"offset": float(document["offset"])})
    else:
        with open(path, "rb") as handle:
            bqm = dimod.BinaryQuadraticModel.from_file(handle)
    names = {v if type(v) in (int, str) else str(v): v for v in bqm.variables}
    values = (lambda s: s) if bqm.vartype is dimod.SPIN else (lambda s: (1 + s) // 2)
    return lambda s, labels: bqm.energies((values(s), [names[label] for label in labels]))


def from_npz(name, path):
    with np.load(path) as archive:
        held = {key: archive[key] for key in archive.files if archive[key].dtype.kind in "biuf"}
        if name == "npz sparse":
            matrix, biases, offset = sparse.load_npz(path).toarray(), 0.0, 0.0
        elif "edges" in held:
            n = len(held["biases"])
            matrix, biases, offset = np.zeros((n, n)), held["biases"], held.get("offset", 0.0)
            for (i, j), value in zip(held["edges"], held["values"], strict=True):
                matrix[i, j] = matrix[j, i] = value
        else:
            matrix, biases, offset = held["J"], held.get("h", np.zeros(1)).ravel(), 0.0
    return lambda s, _: -0.5 * np.einsum("ki,ij,kj->k", s, matrix, s) - (s * biases).sum(axis=1) + offset


def from_bqpjson(document, s, labels):
    x = s if document["variable_domain"] == "spin" else (1 + s) // 2
    at = {label: k for k, label in enumerate(labels)}
    total = np.full(len(s), float(document["offset"]))
    for term in document["linear_terms"]:
        total += float(term["coeff"]) * x[:, at[term["id"]]]
    for term in document["quadratic_terms"]:
        total += float(term["coeff"]) * x[:, at[term["id_tail"]]] * x[:, at[term["id_head"]]]
    return float(document["scale"]) * total


def check(name, path, child, second):
    """Read the file both ways; return whether it was read, and with the right energies."""
    instance = instance_of(name, path, child)
    if instance is None:
        return False
    if instance.n_spins <= MOST_SPINS:
        s = states_of(instance.n_spins)
        expected = theirs(name, path, second)(s, instance.labels)
        scale = np.abs(instance.couplings.data).sum() + np.abs(instance.biases).sum() + abs(instance.offset)
        with np.errstate(over="ignore"):
            assert np.allclose(instance.energies(s), expected, rtol=1e-12, atol=1e-12 * scale)
    return True


@pytest.mark.promise("instances.untrusted-files")
@pytest.mark.parametrize("name", VALID)
def test_damaged_file_is_refused_or_read_as_the_library_does(name, damaged, child, second):
    n_read = 0

    @settings(max_examples=max(15, EXAMPLES), suppress_health_check=list(HealthCheck), deadline=None)
    @given(content=damaged(VALID[name]))
    def try_one(content):
        nonlocal n_read
        path.write_bytes(content or b"\0")
        n_read += check(name, path, child, second)

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x"
        path.write_bytes(VALID[name])
        assert check(name, path, child, second), "the file is sound"
        try_one()
    assert n_read > 0 or second.n_deaths > 0, "every damaged file was refused: is the damage too much?"
