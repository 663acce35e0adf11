"""JSON of others: limits on depth and size, one line for each fault, and no other way in."""

import ast
import json
import sqlite3
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

import spinchip
from spinchip.emulator.devices.card_file import load
from spinchip.emulator.instances.resolve import read_instance
from spinchip.emulator.spec.errors import InputError
from spinchip.emulator.spec.files import json_reading
from spinchip.emulator.spec.files.json_reading import MOST_LEVELS, JsonError, parse_json, read_json
from spinchip.sim.codesign.store import Store
from spinchip.sim.fpga.build_folder import known_result
from spinchip.sim.report.run_report import report_run
from spinchip.sim.runs.bench_history import runs

ROOT = Path(spinchip.__file__).parent
DEEP = "[" * 50_000  # the stack of Python's parser holds about a thousand
DIGITS = "Exceeds the limit (4300 digits) for integer string conversion"
OBJECTS = '{"a":' * 50_000 + "1" + "}" * 50_000


@pytest.mark.promise("instances.json")
@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (DEEP, "JSON must be at most 100 levels deep, not 50000"),
        (OBJECTS, "JSON must be at most 100 levels deep, not 50000"),
        ("[" * 101 + "]" * 101, "JSON must be at most 100 levels deep, not 101"),
        ('{"a": 1,\n"b" 2}', "Line 2 must be JSON, not \"Expecting ':' delimiter\""),
        ("", "Line 1 must be JSON, not 'Expecting value'"),
        (b"\xff\x00\xff", "JSON must be text in UTF-8, not binary"),
        ("1" * 5000, f"Content must be JSON that can be read, not {DIGITS!r}"),
    ],
)
def test_what_is_no_json_is_one_line(content, complaint):
    with pytest.raises(JsonError) as caught:
        parse_json(content)
    assert str(caught.value) == complaint


def test_sound_json_is_read_in_any_encoding_and_up_to_the_limit():
    deepest = "[" * MOST_LEVELS + "]" * MOST_LEVELS
    assert parse_json(deepest) == json.loads(deepest)
    many = {"brackets in texts do not count": "[[{" * 1000 + '"\\', "flat": [[k] for k in range(1000)]}
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-32"):
        assert parse_json(json.dumps(many).encode(encoding)) == many
    with pytest.raises(JsonError):  # negative control: a bracket behind that text counts
        parse_json(json.dumps(many)[:-1] + ', "deep": ' + DEEP)


def test_size_is_limited(monkeypatch):
    monkeypatch.setattr(json_reading, "MOST_BYTES", 10)
    with pytest.raises(JsonError, match="^JSON must be at most 10 bytes, not 11$"):
        parse_json(b"[1,2,3,4,5]")


def test_depth_is_refused_whatever_the_stack():
    """A thread with a small stack and a raised limit on recursion would die in the parser itself."""
    found = []

    def attempt():
        try:
            parse_json(DEEP)
        except JsonError as error:
            found.append(str(error))

    limit, size = sys.getrecursionlimit(), threading.stack_size(256 * 1024)
    sys.setrecursionlimit(10**6)
    try:
        thread = threading.Thread(target=attempt)
        thread.start()
        thread.join()
    finally:
        sys.setrecursionlimit(limit)
        threading.stack_size(size)
    assert found == ["JSON must be at most 100 levels deep, not 50000"]


@pytest.mark.promise("instances.json")
@pytest.mark.parametrize("content", [DEEP, OBJECTS, "{", "[]", "null", '{"linear_biases": 3}', "\udcff"])
def test_every_reader_of_json_refuses_in_one_line(tmp_path, content):
    data = content.encode("utf-8", "surrogateescape")
    path = tmp_path / "x.json"
    path.write_bytes(data)
    torn = {**{key: np.zeros((0, 2), dtype=int) for key in ("edges",)}, "values": np.zeros(0), "biases": np.zeros(1)}
    archives = {"origin": {**torn, "origin": content}, "labels": {**torn, "origin": "{}", "labels": content}}
    for name, arrays in archives.items():
        np.savez(tmp_path / f"{name}.npz", **{key: np.array(value) for key, value in arrays.items()})
    calls = [
        lambda: read_instance(path),
        lambda: read_instance(tmp_path / "labels.npz"),
        lambda: load(path),
        lambda: runs(tmp_path),
    ]
    if content not in ("[]", "null", '{"linear_biases": 3}'):
        calls += [lambda: read_json(path), lambda: report_run(tmp_path), lambda: read_instance(tmp_path / "origin.npz")]
    for number, call in enumerate(calls):
        with pytest.raises(InputError) as caught:
            call()
        assert "\n" not in str(caught.value), number
        assert len(str(caught.value)) < 400, number
    (tmp_path / "result.json").write_bytes(data)
    assert known_result(tmp_path, "key") is None


@pytest.mark.parametrize(
    "content", ['{"name": 1, "rows": 2}', '{"name": 1, "rows": [{}]}', '{"pareto": 1, "points": 2}']
)
def test_result_of_another_shape_is_one_line(tmp_path, content):
    (tmp_path / "x.json").write_text(content)
    with pytest.raises(InputError, match=r"result must be as .* writes it, which it is not") as caught:
        report_run(tmp_path)
    assert "\n" not in str(caught.value)


def test_store_with_deep_points_is_one_line(tmp_path):
    with Store(tmp_path / "points.sqlite") as store:
        pass
    connection = sqlite3.connect(tmp_path / "points.sqlite")
    connection.execute("insert into points values ('k', ?, null, null, 1.0)", (DEEP,))
    connection.commit()
    connection.close()
    with Store(tmp_path / "points.sqlite") as store, pytest.raises(InputError, match="levels deep"):
        store.get("k")


# Files that this program's own tools and children wrote a moment before, in folders of its own.
TRUSTED = {
    "emulator/spec/files/json_reading.py",
    "emulator/instances/binary/array_child.py",
    "emulator/instances/binary/array_process.py",
    "sim/fpga/synthesis_size.py",
    "sim/fpga/bitstream.py",
    "sim/fpga/place_report.py",
    "sim/cosim/icarus.py",
    "benchmarks/wires.py",
    "benchmarks/crossbar.py",
}


@pytest.mark.promise("instances.json")
def test_json_has_one_way_in():
    found = set()
    for room in ("emulator", "models", "rtl", "calibration", "sim", "benchmarks"):
        for path in (ROOT / room).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Attribute) and node.attr in ("load", "loads", "JSONDecoder"):
                    if isinstance(node.value, ast.Name) and node.value.id == "json":
                        found.add(path.relative_to(ROOT).as_posix())
    assert found == TRUSTED, "read it by emulator.spec.files.json_reading"
