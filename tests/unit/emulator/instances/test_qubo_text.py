"""QUBO files of each layout: the energy is the objective that the format's source states, whatever the state."""

import itertools

import dimod
import numpy as np
import pytest
from dimod.serialization import coo

from spinchip.emulator.instances.resolve import resolve
from spinchip.emulator.spec.errors import InputError


def states(n):
    return np.array(list(itertools.product((0, 1), repeat=n)))


def energies(instance):
    return instance.energies(2 * states(instance.n_spins) - 1)


def written(tmp_path, name, content):
    path = tmp_path / name
    path.write_text(content)
    return path


# The matrix of MQLib's example, and its file: the maximum 6 is at x = (1, 0, 1).
Q = np.array([[5, -6, 0], [-6, 3, -1], [0, -1, 1]])
LIST = "# a comment\n3 5\n1 1 5\n2 2 3\n3 3 1\n1 2 -6\n2 3 -1\n"


@pytest.mark.promise("instances.qubo-text")
@pytest.mark.parametrize(
    ("name", "choices", "sign"),
    [
        ("mqlib.txt", {"file_format": "qubo", "sense": "max"}, -1),
        ("bqp50-1.txt", {"sense": "max"}, -1),
        ("gka1a", {"sense": "min"}, 1),
        ("be100.1.sparse", {}, 1),
        ("be100.1.sparse", {"sense": "max"}, -1),
        ("my_QUBO.txt", {"sense": "min"}, 1),
    ],
)
def test_layout_of_rudy_with_a_symmetric_matrix(tmp_path, name, choices, sign):
    instance = resolve(written(tmp_path, name, LIST), **choices)
    x = states(3)
    assert np.array_equal(energies(instance), sign * np.einsum("si,ij,sj->s", x, Q, x))
    assert instance.provenance["vartype"] == "BINARY"


@pytest.mark.parametrize("choices", [{"triangle": "upper"}, {}])
def test_pair_counts_once_in_a_triangle_and_twice_else(tmp_path, choices):
    instance = resolve(written(tmp_path, "x.txt", "2 1\n1 2 3\n"), "qubo", sense="min", **choices)
    assert energies(instance).tolist() == [0, 0, 0, 3 if choices else 6]


@pytest.mark.promise("instances.qubo-text")
def test_qubo_in_the_layout_of_rudy_is_no_max_cut(tmp_path):
    """Named as QUBO, or with a diagonal: refused until sense or format is told."""
    for name in ("bqp100-1.txt", "gka3b.txt", "qubo.txt", "be120.3.1"):
        with pytest.raises(InputError, match="Sense of a QUBO must be given, not guessed: --sense min .*, --sense max"):
            resolve(written(tmp_path, name, "2 1\n1 2 3\n"))
    with pytest.raises(InputError, match=r"spin 1 to itself \(a QUBO\? --format qubo\)$"):
        resolve(written(tmp_path, "x.txt", LIST))


def test_entry_outside_the_triangle_and_counts_are_refused(tmp_path):
    path = written(tmp_path, "x.sparse", "3 2\n1 2 3\n3 2 1\n")
    with pytest.raises(InputError, match="line 3: Entry must lie in the upper triangle, not outside it$"):
        resolve(path, triangle="upper")
    path.write_text("3 3\n1 2 3\n3 2 1\n")
    with pytest.raises(InputError, match=r"entries must be the 3 that the header promises, not 2 \(truncated\?\)$"):
        resolve(path)
    with pytest.raises(InputError, match="not a .bq file: give --format qubo --sense min if each pair counts twice"):
        resolve(written(tmp_path, "x.bq", LIST))


QBSOLV = "c a comment\np qubo 0 4 3 2\n0 0 1.5\n1 1 -2\n3 3 0.25\n0 1 2\n1 3 -1\n"


@pytest.mark.promise("instances.qubo-text")
def test_qbsolv_equals_dimod(tmp_path):
    model = dimod.BQM({0: 1.5, 1: -2, 2: 0, 3: 0.25}, {(0, 1): 2, (1, 3): -1}, 0.0, "BINARY")
    instance = resolve(written(tmp_path, "x.qubo", QBSOLV))
    assert np.allclose(energies(instance), model.energies((states(4), range(4))), rtol=0, atol=1e-14)
    scaled = resolve(written(tmp_path, "y.qubo", "c scale : 2\nc offset : 10\n" + QBSOLV))
    assert np.allclose(energies(scaled), 2 * (energies(instance) + 10), rtol=0, atol=1e-13)
    assert resolve(written(tmp_path, "z.txt", QBSOLV)).provenance["format"] == "qbsolv"


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("4 3 2", "4 3 3", r": Number of couplers must be the 3 of the header, not 2 (truncated?)"),
        ("4 3 2", "4 2 2", r": Number of nodes must be the 2 of the header, not 3"),
        ("4 3 2", "3 3 2", r", line 5: Spin index must be in 0..2, not 3"),
        ("p qubo 0 4 3 2", "4 5", r", line 2: Header must be 'p qubo target n nodes couplers', not '4 5'"),
        ("4 3 2", "50000000 3 2", r", line 2: Number of spins must be at most 100000 + 4 for each byte"),
        ("1 3 -1", "1 0 2", r", line 7: Pair (1, 0) must be given once, not repeated"),
    ],
)
def test_bad_qbsolv_is_refused(tmp_path, old, new, complaint):
    path = written(tmp_path, "x.qubo", QBSOLV.replace(old, new))
    with pytest.raises(InputError) as caught:
        resolve(path)
    assert str(caught.value).startswith(f"File {str(path)!r}{complaint}")


@pytest.mark.promise("instances.qubo-text")
def test_qubist_has_the_sign_of_dimod(tmp_path):
    model = dimod.BQM({0: 0.5, 1: 0, 2: -1}, {(0, 1): 2, (1, 2): -1}, 0.0, "SPIN")
    instance = resolve(written(tmp_path, "x.qh", "3 4\n0 0 0.5\n2 2 -1\n0 1 2\n1 2 -1\n"))
    assert np.array_equal(energies(instance), model.energies((2 * states(3) - 1, range(3))))


@pytest.mark.promise("instances.qubo-text")
@pytest.mark.parametrize("vartype", ["SPIN", "BINARY"])
@pytest.mark.parametrize("name", ["x.coo", "x.txt", "x.dat", "x"])
def test_text_of_dimod_is_read_with_its_convention(tmp_path, name, vartype):
    """Sign, QUBO and labels: variable 0 and 3 are not there, and are not added."""
    model = dimod.BQM({1: 1.5, 2: -2, 4: 0.25}, {(1, 2): 2, (2, 4): -1.25}, 0.0, vartype)
    path = written(tmp_path, name, coo.dumps(model, vartype_header=True))
    instance = resolve(path)
    values = states(3) if vartype == "BINARY" else 2 * states(3) - 1
    assert np.allclose(energies(instance), model.energies((values, [1, 2, 4])), rtol=0, atol=1e-14)
    assert instance.labels == (1, 2, 4)
    assert instance.provenance["format"] == "dimod-coo"
    with pytest.raises(InputError, match="Format must be dimod-coo where the header says vartype"):
        resolve(path, "coo")


def test_text_of_dimod_keeps_what_dimod_itself_passes_over(tmp_path):
    """Its own reader skips numbers with exponents, silently; a word that is no number is refused here."""
    path = written(tmp_path, "x.coo", "# vartype: SPIN\n0 1 1e-3\n")
    assert resolve(path).edge_values.tolist() == [-1e-3]
    path.write_text("# vartype=SPIN\n0 1 x\n")
    with pytest.raises(InputError, match="line 2: Value must be a finite number, not 'x'$"):
        resolve(path)
    path.write_text("# vartype=INTEGER\n0 1 1\n")
    with pytest.raises(InputError, match="Header must be '# vartype=SPIN' or '# vartype=BINARY', not be 'INTEGER'$"):
        resolve(path)


def test_coo_with_a_sense_is_a_qubo(tmp_path):
    path = written(tmp_path, "x.coo", "0 0 1\n0 1 2\n1 0 2\n1 2 -3\n")
    assert energies(resolve(path, sense="min")).tolist() == [0, 0, 0, -3, 1, 1, 5, 2]
    assert np.array_equal(energies(resolve(path, sense="max")), -energies(resolve(path, sense="min")))
    with pytest.raises(InputError, match="^Option --sign must be left out where --sense says QUBO, not be 'plus'$"):
        resolve(path, sense="min", sign="plus")


def test_sums_of_a_qubo_that_overflow_are_refused(tmp_path):
    path = written(tmp_path, "x.coo", "0 0 1.7e308\n1 1 1.7e308\n2 2 1.7e308\n0 1 1.7e308\n0 2 1.7e308\n")
    with pytest.raises(InputError, match="Numbers of a QUBO must have finite sums, not overflow$"):
        resolve(path, sense="min")


@pytest.mark.parametrize("suffix", [".lp", ".cqm", ".hfs", ".mzn", ".pkl", ".xlsx", ".gz"])
def test_known_format_that_is_not_read_is_named(tmp_path, suffix):
    with pytest.raises(InputError, match=r"Format must be one that is read here, not an? .*\(|compressed"):
        resolve(written(tmp_path, f"x{suffix}", "some text\n"))
