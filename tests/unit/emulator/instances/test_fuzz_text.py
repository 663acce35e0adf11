"""Damaged text files: one line of complaint, or the energy that a second, tiny reader finds; never anything else.

SPINCHIP_FUZZ=20000 tries that many files in all, instead of 500.
"""

import itertools
import os
import re
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spinchip.emulator.instances.resolve import read_instance
from spinchip.emulator.spec.errors import InputError

VALID = {
    "rudy": "# a graph\n4 4\n1 2 1\n2 3 -2.5\n3 4 1e1\n1 4 3\n",
    "coo": "0 1 1\n1 2 -0.5\n3 2 2\n0 0 0.25\n2 2 -1\n",
    "text_JOrig": "1 0 4\n0 1 4\n2 1 -8\n1 2 -8\n",
    "cnf": "c a formula\np cnf 4 4\n1 -2 3 0\n-1 2 0\n4 0\n-3 -4 2 0\n",
    "dimod-coo": "# vartype=SPIN\n0 0 0.5\n0 1 -1.25\n1 2 2\n2 2 1\n",
    "dimod-coo binary": "# vartype=BINARY\n0 0 0.5\n0 1 -1.25\n1 2 2\n2 2 1\n",
    "qubo": "4 5\n1 1 5\n2 2 3\n3 4 1\n1 2 -6\n2 3 -1.5\n",
    "qbsolv": "c text\np qubo 0 4 2 2\n0 0 1\n3 3 2.5\n0 1 2\n1 3 -1\n",
    "qubist": "4 4\n0 0 0.5\n2 2 -1\n0 1 2\n1 3 -1\n",
    "table": "i,j,J\n0,1,1\n1,2,-0.5\n2,2,0.25\n",
    "edges": "0 1\n1 2\n3 2\n",
    "dimacs-graph": "c text\np edge 4 3\ne 1 2\ne 2 3\ne 4 1\n",
    "matrix": "0 1 -2 0\n1 0 0 0.5\n-2 0 0 3\n0 0.5 3 0\n",
    "matrixmarket": "%%MatrixMarket matrix coordinate real symmetric\n4 4 3\n2 1 1.5\n3 1 -2\n4 3 1\n",
    "wcnf": "c text\nh 1 -2 3 0\n2 -1 2 0\n3.5 -3 0\n",
}
NETWORKX = {
    "graphml": "<graphml><key id='d' for='edge' attr.name='J' attr.type='double'/><graph edgedefault='undirected'>"
    "<node id='a'/><node id='b'/><edge source='a' target='b'><data key='d'>1.5</data></edge></graph></graphml>",
    "gml": 'graph [ node [ id 0 label "a" h 1.5 ] node [ id 1 label "b" ] edge [ source 0 target 1 J 2.5 ] ]',
}
CHOICES = {"qubo": {"sense": "max"}, "edges": {"sign": "plus"}, "dimacs-graph": {"sign": "minus"}}
EXAMPLES = max(30, int(os.environ.get("SPINCHIP_FUZZ", "500")) // len(VALID))
VARTYPE = r"^[ \t\f]*#.*?vartype[:=][ \t]*([-_.a-zA-Z0-9]+)"
MOST_SPINS = 10  # all of their states are compared; of more, a hundred


class Refused(ValueError):
    """The tiny reader sees no model."""


def rows(content):
    """Yield the words of each line that is no comment."""
    if content[:3] == b"\xef\xbb\xbf":
        content = content[3:]
    encoding = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}.get(content[:2], "utf-8")
    for line in re.split("\r\n|\r|\n", content.decode(encoding, "replace")):
        text = line.partition("#")[0].strip()
        if not text or text.startswith("%") or text.split()[0] in ("c", "C"):
            continue
        mark = ";" if ";" in text else "," if "," in text else None
        words = [word.strip() for word in text.split(mark)]
        yield words[:-1] if len(words) > 1 and not words[-1] else words


def whole(word, low=None, high=None):
    if not re.fullmatch("[+-]?[0-9]+", word) or not word.isascii():
        raise Refused(word)
    number = int(word)
    if (low is not None and number < low) or (high is not None and number > high):
        raise Refused(word)
    return number


def real(word):
    if not re.fullmatch(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?", word) or not np.isfinite(float(word)):
        raise Refused(word)
    return float(word)


def entries(lines, low=0, high=None):
    """Return {(i, j): value}, each ordered pair once."""
    found = {}
    for words in lines:
        if len(words) != 3:
            raise Refused(words)
        key = whole(words[0], low, high), whole(words[1], low, high)
        if key in found:
            raise Refused(key)
        found[key] = real(words[2])
    return found


def once(found):
    """Refuse mirror images with another value; return each pair once."""
    for i, j in found:
        if found.get((j, i), found[i, j]) != found[i, j]:
            raise Refused((i, j))
    return {(min(pair), max(pair)): value for pair, value in found.items()}


def no_mirror(found):
    if any(i != j and (j, i) in found for i, j in found):
        raise Refused("mirror")
    return found


def quadratic(found, sign, first, s):
    """Return sign times the sum of value s_i s_j, and value s_i for i = j, at each state."""
    total = np.zeros(len(s))
    for (i, j), value in found.items():
        total += sign * value * s[:, i - first] * (1 if i == j else s[:, j - first])
    return total


def tiny(name, content):
    """Return the number of spins and a function from states to energies, as the format's source defines them."""
    lines = list(rows(content))
    if not lines:
        raise Refused("nothing")
    if name in ("rudy", "qubo", "qubist"):
        return tiny_rudy(name, lines)
    if name in OTHERS:
        return OTHERS[name](lines)
    if name == "table" and not is_real(lines[0][0]):
        if len(lines[0]) != 3 or lines[0][2].strip("'\"").lower() not in COUPLINGS:
            raise Refused("names")
        lines = lines[1:]
    return tiny_list(name, content, entries(lines))


def tiny_list(name, content, found):
    if name.startswith("dimod-coo"):
        return tiny_dimod(content, no_mirror(found))
    if min(min(pair) for pair in found) > 0:
        raise Refused("base")
    n = max(max(pair) for pair in found) + 1
    if name in ("coo", "table"):
        if name == "coo" and re.search(VARTYPE, content.decode("utf-8", "replace"), re.MULTILINE):
            raise Refused("vartype")
        return n, lambda s: quadratic(once(found), -1, 0, s)
    if any(i == j or (j, i) not in found for i, j in found):
        raise Refused("triangle")
    return n, lambda s: quadratic(once(found), -0.25, 0, s)


def tiny_rudy(name, lines):
    if len(lines[0]) not in (2, 3) or not all(word.isascii() and word.isdigit() for word in lines[0][:2]):
        raise Refused("header")
    n, m = whole(lines[0][0], 1), whole(lines[0][1])
    base = 0 if name == "qubist" else 1
    found = entries(lines[1:], base, n - 1 + base)
    if len(lines) - 1 != m or (name == "rudy" and any(i == j for i, j in found)):
        raise Refused("count or loop")
    if name == "rudy":
        return n, lambda s: quadratic(no_mirror(found), 1, 1, s)
    pairs = once(found)
    if name == "qubist":
        return n, lambda s: quadratic(pairs, 1, 0, s)
    both = {key: value * (1 if key[0] == key[1] else 2) for key, value in pairs.items()}
    return n, lambda s: quadratic(both, -1, 1, (1 + s) / 2)


def is_real(word):
    try:
        real(word)
    except Refused:
        return word in ("1e400", "-1e400")
    return True


def tiny_edges(lines):
    if any(len(words) != len(lines[0]) or len(words) not in (2, 3) for words in lines):
        raise Refused("columns")
    found = no_loop(once(entries([[*words, "1"][:3] for words in lines])))
    if min(min(pair) for pair in found) > 0:
        raise Refused("base")
    return max(max(pair) for pair in found) + 1, lambda s: quadratic(found, 1, 0, s)


def tiny_dimacs_graph(lines):
    head = lines[0]
    if len(head) != 4 or head[0] != "p" or head[1] not in ("edge", "edges", "col"):
        raise Refused("header")
    if not (head[2].isdigit() and head[3].isdigit()):
        raise Refused("header")
    n, m = whole(head[2], 1), whole(head[3])
    rest = lines[1:]
    if len(rest) != m or any(words[0] not in ("e", "a") or len(words) != len(rest[0]) for words in rest):
        raise Refused("count")
    if rest and len(rest[0]) not in (3, 4):
        raise Refused("columns")
    found = no_loop(once(entries([[*words[1:], "1"][:3] for words in rest], 1, n)))
    return n, lambda s: quadratic(found, -1, 1, s)


def no_loop(found):
    if any(i == j for i, j in found):
        raise Refused("loop")
    return found


def tiny_matrix(lines):
    matrix = np.array([[real(word) for word in words] for words in lines])
    if matrix.shape[0] != matrix.shape[1] or matrix.diagonal().any() or not np.array_equal(matrix, matrix.T):
        raise Refused("matrix")
    return len(matrix), lambda s: -0.5 * np.einsum("si,ij,sj->s", s, matrix, s)


def tiny_qbsolv(lines):
    if len(lines[0]) != 6 or lines[0][:2] != ["p", "qubo"] or not all(word.isdigit() for word in lines[0][3:]):
        raise Refused("header")
    n, n_nodes, n_couplers = whole(lines[0][3], 1), whole(lines[0][4]), whole(lines[0][5])
    found = no_mirror(entries(lines[1:], 0, n - 1))
    if (sum(i == j for i, j in found), sum(i != j for i, j in found)) != (n_nodes, n_couplers):
        raise Refused("count")
    return n, lambda s: quadratic(found, 1, 0, (1 + s) / 2)


OTHERS = {
    "qbsolv": tiny_qbsolv,
    "edges": tiny_edges,
    "dimacs-graph": tiny_dimacs_graph,
    "matrix": tiny_matrix,
}
COUPLINGS = ("j", "jij", "j_ij", "coupling", "couplings")


def tiny_matrix_market(content):
    head = content.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace").split("\n")[0].lower().split()
    if (
        head[:3] != ["%%matrixmarket", "matrix", "coordinate"]
        or len(head) != 5
        or head[4] not in ("symmetric", "general")
    ):
        raise Refused("header")
    sizes, *rest = rows(content)
    n, columns, m = (whole(word) for word in sizes)
    found = entries(rest, 1, n)
    if len(rest) != m or n != columns:
        raise Refused("count")
    if head[4] == "symmetric":
        return n, lambda s: quadratic(no_loop(no_mirror(found)), -1, 1, s)
    return n, lambda s: quadratic(no_loop(found), -0.5, 1, s)


def tiny_dimod(content, found):
    text = content.decode("utf-8", "replace")
    vartype = re.search(VARTYPE, text, re.MULTILINE)
    if vartype is None or vartype[1] not in ("SPIN", "BINARY"):
        raise Refused("vartype")
    labels = sorted({spin for pair in found for spin in pair})
    placed = {(labels.index(i), labels.index(j)): value for (i, j), value in found.items()}
    binary = vartype[1] == "BINARY"
    return len(labels), lambda s: quadratic(placed, 1, 0, (1 + s) / 2 if binary else s)


def states_of(n):
    if n <= MOST_SPINS:
        return np.array(list(itertools.product((-1, 1), repeat=n)))
    return np.random.default_rng(n).choice([-1, 1], (100, n))


def tiny_cnf(content):
    """Return the number of variables, and the clauses; the formula ends at a line that begins with %."""
    text = content.decode({b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}.get(content[:2], "utf-8-sig"), "replace")
    lines = [line.split() for line in re.split("\r\n|\r|\n", text)]
    lines = list(itertools.dropwhile(lambda words: not words or words[0].startswith("c"), lines))
    lines = [words for words in lines if words and words[0] != "c"]
    end = next((k for k, words in enumerate(lines) if words[0] == "%"), len(lines))
    if not lines or len(lines[0]) != 4 or lines[0][:2] != ["p", "cnf"] or not all(w.isdigit() for w in lines[0][2:]):
        raise Refused("header")
    n, m = whole(lines[0][2], 1), whole(lines[0][3])
    clauses, clause = [], []
    for word in itertools.chain.from_iterable(lines[1:end]):
        literal = whole(word)
        if abs(literal) > n:
            raise Refused(word)
        if literal:
            clause.append(literal)
            continue
        if not clause:
            raise Refused("empty")
        clauses.append(clause)
        clause = []
    if clause or len(clauses) != m:
        raise Refused("count")
    return n, clauses


def tiny_wcnf(content):
    """Return the number of variables, and clauses with their weights, the hard ones at 1 above all others."""
    text = content.decode({b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}.get(content[:2], "utf-8-sig"), "replace")
    lines = [line.split() for line in re.split("\r\n|\r|\n", text)]
    clauses = []
    for words in lines:
        if not words or words[0].startswith("c"):
            continue
        literals = [whole(word) for word in words[1:]]
        if len(literals) < 2 or literals[-1] != 0 or 0 in literals[:-1]:
            raise Refused("clause")
        clauses.append((None if words[0] == "h" else real(words[0]), literals[:-1]))
    if any(weight is not None and weight <= 0 for weight, _ in clauses):
        raise Refused("weight")
    hard = 1 + sum(weight or 0 for weight, _ in clauses)
    n = max(abs(literal) for _, clause in clauses for literal in clause)
    return n, [(hard if weight is None else weight, clause) for weight, clause in clauses]


def check_cnf(instance, n, clauses):
    """The lowest energy over the ancillas is the weight of the violated clauses, up to the offset."""
    assert instance.provenance["n_variables"] == n
    if instance.n_spins > 12:
        return
    s = states_of(n)
    rest = states_of(instance.n_spins - n) if instance.n_spins > n else np.zeros((1, 0), dtype=np.int64)
    full = np.concatenate([np.repeat(s, len(rest), axis=0), np.tile(rest, (len(s), 1))], axis=1)
    lowest = instance.energies(full).reshape(len(s), -1).min(axis=1) + instance.provenance["offset"]
    cost = [sum(w * all((state[abs(x) - 1] > 0) != (x > 0) for x in one) for w, one in clauses) for state in s]
    assert np.allclose(lowest, cost, rtol=0, atol=1e-9 * max(1, sum(w for w, _ in clauses)))


def read_or_refused(path, *arguments, **choices):
    """Return the instance, or None after a complaint of one line."""
    try:
        return read_instance(path, *arguments, **choices)
    except InputError as error:
        complaint = str(error)
    assert "\n" not in complaint
    return None


def check(name, path, content):
    """Read the file; return whether it was read, and with the right energies."""
    instance = read_or_refused(path, name.split()[0], **CHOICES.get(name, {}))
    if instance is None:
        return False
    if name in ("cnf", "wcnf"):
        n, clauses = tiny_wcnf(content) if name == "wcnf" else tiny_cnf(content)
        check_cnf(instance, n, clauses if name == "wcnf" else [(1, clause) for clause in clauses])
        return True
    n, energy = tiny_matrix_market(content) if name == "matrixmarket" else tiny(name, content)
    assert instance.n_spins == n
    s = states_of(n)
    expected = energy(s)
    scale = max(1.0, np.abs(instance.couplings.data).sum() + np.abs(instance.biases).sum() + abs(instance.offset))
    assert np.allclose(instance.energies(s), expected, rtol=0, atol=1e-12 * scale)
    return True


@pytest.mark.promise("instances.fuzz-text")
@pytest.mark.parametrize("name", VALID)
def test_damaged_text_is_refused_or_read_as_a_second_reader_does(name, damaged):
    n_read = 0

    @settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
    @given(content=damaged(VALID[name].encode()))
    def try_one(content):
        nonlocal n_read
        path.write_bytes(content)
        n_read += check(name, path, content)

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.txt"
        path.write_text(VALID[name])
        assert check(name, path, VALID[name].encode())
        try_one()
    assert n_read > 0 or EXAMPLES < 500, "every damaged file was refused: is the damage too much?"


@pytest.mark.parametrize("name", VALID)
def test_valid_file_is_refused_without_its_last_line(name, tmp_path):
    """The counts that a format states are held: a file that ends early is no file, where it says how long it is."""
    path = tmp_path / "x.txt"
    path.write_text("".join(VALID[name].splitlines(keepends=True)[:-1]))
    stated = name not in ("coo", "dimod-coo", "dimod-coo binary", "table", "edges", "wcnf")
    assert check(name, path, path.read_bytes()) == (not stated)


@pytest.mark.promise("instances.fuzz-text")
@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_nameless_damaged_text_never_ends_in_anything_else(data, damaged):
    """The guess of the format meets the same files, and more often another format than theirs."""
    every = {**VALID, **NETWORKX}
    content = data.draw(damaged(every[data.draw(st.sampled_from(sorted(every)))].encode()))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.txt"
        path.write_bytes(content)
        read_or_refused(path)


@pytest.mark.parametrize("name", NETWORKX)
def test_damaged_graph_file_never_ends_in_anything_else(name, damaged):
    @settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
    @given(content=damaged(NETWORKX[name].encode()))
    def try_one(content):
        path.write_bytes(content)
        read_or_refused(path, name)

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.txt"
        path.write_text(NETWORKX[name])
        assert read_or_refused(path, name).edge_values.tolist() in ([1.5], [2.5])
        try_one()
