"""Design spaces: files and their refusals, points of each search, fronts and knees, the store."""

import sqlite3

import numpy as np
import pytest

from spinchip.emulator.spec.errors import InputError
from spinchip.sim.codesign import search
from spinchip.sim.codesign.design import Design, Parameter, read_design
from spinchip.sim.codesign.pareto import knee, pareto_front
from spinchip.sim.codesign.store import Store, Stored

GOOD = """
[problem]
kind = "python"
function = "mine:cost"
[parameters]
a = [1, 2]
b = ["x", "y", "z"]
[objectives]
cost = "min"
"""


def written(folder, text):
    path = folder / "design.toml"
    path.write_text(text)
    return path


def test_a_file_is_read_whole(tmp_path):
    design = read_design(written(tmp_path, GOOD + '[search]\nmethod = "latin-hypercube"\npoints = 4\nseed = 9\n'))
    assert (design.name, design.method, design.n_points, design.seed) == ("design", "latin-hypercube", 4, 9)
    assert [axis.choices for axis in design.parameters] == [(1, 2), ("x", "y", "z")]
    assert design.objectives == {"cost": "min"}
    assert design.folder == str(tmp_path)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (('"min"', '"least"'), "objectives.cost must be one of min, max, not 'least'"),
        (("[1, 2]", "[1, 1]"), "parameters.a must not name a value twice"),
        (("[1, 2]", "7"), "parameters.a must be a list of values or a table"),
        (("[1, 2]", "{ low = 3, high = 1 }"), "numbers low < high, not 3 and 1"),
        (("[1, 2]", "{ low = 0.0, high = 1.0 }"), "must be a list or integers for a grid"),
        (("[1, 2]", '{ low = 0, high = 1, kind = "log" }'), "log above 0"),
        (("[parameters]", "[axes]"), "entries must be among"),
        (("[problem]", "[problem"), "must be TOML that can be read"),
        (("[objectives]", '[search]\nmethod = "luck"\n[objectives]'), "search.method must be one of grid"),
        (("[objectives]", '[search]\nmethod = "nsga2"\n[objectives]'), "search.points must be 1"),
        (("[objectives]", "[search]\nseed = -1\n[objectives]"), "search.seed must be a whole number"),
        (("[objectives]", "[search]\nluck = 1\n[objectives]"), "entries of \\[search\\] must be among"),
        (('cost = "min"', ""), "\\[objectives\\] must be a table with entries"),
    ],
)
def test_bad_files_are_refused_by_name(tmp_path, change, text):
    with pytest.raises(InputError, match=text) as caught:
        read_design(written(tmp_path, GOOD.replace(*change)))
    assert str(caught.value).startswith(str(tmp_path / "design.toml"))
    assert "\n" not in str(caught.value)


def test_absent_files_are_refused(tmp_path):
    with pytest.raises(InputError, match="must be a file that exists"):
        read_design(tmp_path / "none.toml")


def space(**changes):
    axes = (Parameter("a", (1, 2, 3)), Parameter("b", (), 2, 5, "integer"), Parameter("c", ("x", "y")))
    return Design("d", {"kind": "python"}, axes, {"cost": "min"}, **changes)


def test_a_grid_has_every_combination_once():
    points = search.grid(space())
    assert len(points) == 3 * 4 * 2
    assert len({tuple(point.values()) for point in points}) == 24
    large = Design("d", {}, tuple(Parameter(k, tuple(range(40))) for k in "abcd"), {})
    with pytest.raises(InputError, match="not 2560000"):
        search.grid(large)


def test_a_hypercube_fills_every_axis_evenly():
    axes = (
        Parameter("x", low=0.0, high=1.0),
        Parameter("y", low=1.0, high=1000.0, kind="log"),
        Parameter("z", (1, 2, 3, 4)),
    )
    design = Design("d", {}, axes, {}, "latin-hypercube", 40, 3)
    points = search.latin_hypercube(design)
    assert len(points) == 40
    assert sorted(int(40 * point["x"]) for point in points) == list(range(40))
    assert sorted(int(40 * np.log10(point["y"]) / 3) for point in points) == list(range(40))
    assert np.bincount([point["z"] for point in points]).tolist() == [0, 10, 10, 10, 10]
    assert points == search.latin_hypercube(design)


def test_keys_follow_content():
    design, other = space(), space(seed=2)
    point = {"a": 1, "b": 2, "c": "x"}
    assert design.key(point) == design.key(dict(reversed(point.items())))
    assert design.key(point) != design.key(point | {"a": 2})
    assert design.key(point) != other.key(point)
    assert design.key(point) != Design("d", {"kind": "sampler"}, design.parameters, {}).key(point)


@pytest.mark.promise("codesign.explorer")
def test_a_front_is_what_nothing_beats():
    """Against the definition, on random values with ties."""
    values = np.random.default_rng(1).integers(0, 12, (300, 3)).astype(float)
    better = (values[:, None] <= values).all(axis=2) & (values[:, None] < values).any(axis=2)
    np.testing.assert_array_equal(pareto_front(values), ~better.any(axis=0))
    assert pareto_front(np.array([[1.0, 2.0], [1.0, 2.0], [2.0, 2.0]])).tolist() == [True, True, False]  # twins stay


@pytest.mark.promise("codesign.knee")
def test_a_knee_is_where_the_front_bends():
    x = np.geomspace(1.0, 100.0, 21)
    y = np.where(x < 10.0, (10.0 / x) ** 2, (10.0 / x) ** 0.1)
    assert x[knee(x, y)] == pytest.approx(10.0)
    order = np.random.default_rng(1).permutation(21)
    assert order[knee(x[order], y[order])] == knee(x, y)


def test_a_store_keeps_the_first_and_survives_reopening(tmp_path):
    path = tmp_path / "s.sqlite"
    with Store(path) as store:
        store.put("k", Stored({"a": 1}, {"cost": 2.0}, None, 0.5))
        store.put("k", Stored({"a": 1}, {"cost": 9.0}, None, 0.5))
        store.put("bad", Stored({"a": 2}, None, "no", 0.1))
    with Store(path) as store:
        assert store.keys() == {"k", "bad"}
        assert store.get("k") == Stored({"a": 1}, {"cost": 2.0}, None, 0.5)
        assert store.get("none") is None
        assert store.forget_failed() == 1
        assert store.keys() == {"k"}
    (tmp_path / "text").write_text("not a database, but a text that is long enough to be looked at" * 9)
    with pytest.raises(InputError, match="must be a file of an exploration"):
        Store(tmp_path / "text")


def test_a_store_that_cannot_be_made_is_one_line(tmp_path):
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(InputError, match=r"s\.sqlite: store must be a file that can be written"):
        Store(tmp_path / "file" / "s.sqlite")


def test_a_disk_that_fills_up_is_one_line_and_keeps_what_is_there(tmp_path, monkeypatch):
    path = tmp_path / "s.sqlite"
    with Store(path) as store:
        store.put("first", Stored({"a": 1}, {"cost": 2.0}, None, 0.5))
    connect = sqlite3.connect

    def connect_to_full_disk(*arguments, **options):
        connection = connect(*arguments, **options)
        connection.execute("pragma max_page_count = 1")  # no page more than there are
        return connection

    monkeypatch.setattr(sqlite3, "connect", connect_to_full_disk)
    with Store(path) as store:
        with pytest.raises(InputError, match=r"s\.sqlite: store must be a file that can be written \(.*full\)$"):
            store.put("large", Stored({"a": 2}, {"text": "x" * 100_000}, None, 0.5))
        assert store.keys() == {"first"}
