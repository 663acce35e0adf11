"""Names of signals: the same whatever Python emits the design.

Amaranth takes a signal's name from the bytecode behind the call, and each release of Python compiles
`a, b = Signal(), Signal()` otherwise. Such signals lose their names, and lockstep finds no register under them.
"""

import ast
import os
import pickle
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import amaranth
import pytest

from spinchip.emulator.instances.resolve import resolve
from spinchip.emulator.spec.fabric.parameters import FabricSpec
from spinchip.emulator.spec.fabric.random_source import RandomKind, RandomSpec
from spinchip.emulator.spec.fixed import Fixed
from spinchip.emulator.spec.replicas.tempering import tempering_program
from spinchip.emulator.spec.replicas.trotter import trotter_program
from spinchip.emulator.spec.tile.controller import TileControllerSpec
from spinchip.emulator.spec.tile.timing import TileTiming

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("rtl", "sim", "benchmarks", "tests")
# What looks for a name in Amaranth. `lib.memory.Memory` does too, but what is emitted has the name of the submodule.
NAMED = {"Signal", "like", "ClockDomain", "MemoryData", "IOPort", "read_port", "write_port"}
OTHERS = [version for version in ("3.11", "3.12", "3.13") if version != platform.python_version().rpartition(".")[0]]
TRIANGLE = ((0, 1), (0, 2), (1, 2))
FORMATS = (Fixed(1, 2), Fixed(1, 3), Fixed(2, 1))
RING = resolve("[ring n=6 J=1 h=0]")
DESIGNS = {
    "xorshift": lambda: FabricSpec(3, TRIANGLE, (0, 1, 2), *FORMATS, 8, moment_bits=5, n_pages=2),
    "xoshiro": lambda: FabricSpec(3, TRIANGLE, (0, 1, 2), *FORMATS, 8, random=RandomSpec(RandomKind.XOSHIRO128PLUS)),
    "lfsr": lambda: FabricSpec(3, TRIANGLE, (0, 1, 2), *FORMATS, 8, random=RandomSpec(RandomKind.LFSR32, leap=5)),
    "dense": lambda: FabricSpec(3, TRIANGLE, (0, 1, 2), *FORMATS, 8, dense=True),
    "tempering": lambda: tempering_program(RING, (0.2, 0.5, 0.9), 4).spec,
    "trotter": lambda: trotter_program(RING, 4, 0.5, (0.5,), (6,)).spec,
    "tile": lambda: TileControllerSpec(TileTiming(6, 7, 2, 4, 3, 2, 3, 2, 2, 2), adc_bits=7),
}
# Another Python has no numpy of its own. Ready-made designs do not need it: an import is enough.
EMIT = """\
import importlib.machinery, pickle, sys, types
class Absent:
    def find_spec(self, name, path=None, target=None):
        return importlib.machinery.ModuleSpec(name, self) if name.split(".")[0] in ("numpy", "scipy") else None
    def create_module(self, spec):
        module = types.ModuleType(spec.name)
        module.__path__, module.__getattr__ = [], lambda name: module
        return module
    def exec_module(self, module):
        pass
package, library = sys.argv[1:]
sys.meta_path.insert(0, Absent())
sys.path.append(library)
spinchip = types.ModuleType("spinchip")
spinchip.__path__ = [package]
sys.modules["spinchip"] = spinchip
from spinchip.rtl.board.top import Board
from spinchip.rtl.verilog.conversion import to_rtlil
from spinchip.rtl.replicas.tempering import TemperingComputer
from spinchip.rtl.tile.controller import TileController
from spinchip.rtl.replicas.trotter import TrotterComputer
makers = {"FabricSpec": lambda spec: Board(spec, 4), "TemperingSpec": TemperingComputer, "TrotterSpec": TrotterComputer}
makers |= {"TileControllerSpec": TileController}
texts = {}
for name, spec in pickle.load(sys.stdin.buffer).items():
    texts[name] = to_rtlil(makers[type(spec).__name__](spec), "top")
sys.stdout.buffer.write(pickle.dumps(texts))
"""


def unreliable(text):
    """Return the lines of calls whose name Amaranth would have to guess in a way that depends on Python's release."""
    tree = ast.parse(text)
    plain = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        and len(node.targets) == 1
        and isinstance(node.targets[0], ast.Name | ast.Attribute)
    }
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and called(node) in NAMED and id(node) not in plain and not is_named(node)
    ]


def called(call):
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", None)


def is_named(call):
    """Tell whether a call says its name."""
    return any(word.arg == "name" for word in call.keywords) or (called(call) == "ClockDomain" and bool(call.args))


def python_of(version):
    """Return an interpreter of a version, such as 3.12, that is found here; None if there is none."""
    candidates = [sys.executable, shutil.which(f"python{version}")]
    candidates += sorted(str(path) for path in Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))
    if shutil.which("uv"):
        said = subprocess.run(["uv", "python", "find", version], capture_output=True, text=True, check=False)
        candidates.append(said.stdout.strip())
    return next((path for path in candidates if path and says_version(path) == version), None)


def says_version(path):
    """Return the version that an interpreter says; a pyenv shim without one says nothing."""
    script = "import sys; print('%d.%d' % sys.version_info[:2])"
    return subprocess.run([path, "-c", script], capture_output=True, text=True, check=False).stdout.strip()


def emitted(python, designs):
    """Return the RTLIL of designs as an interpreter emits it; dict."""
    library = str(Path(amaranth.__file__).parents[1])
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    command = [python, "-W", "error", "-c", EMIT, str(ROOT), library]
    done = subprocess.run(command, input=pickle.dumps(designs), capture_output=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    return pickle.loads(done.stdout)


@pytest.mark.promise("rtl.names")
def test_no_name_is_guessed_from_bytecode():
    found = {}
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            lines = unreliable(path.read_text(encoding="utf-8"))
            if lines:
                found[str(path.relative_to(ROOT))] = lines
    assert found == {}, "Signals must be named by name=... or by a statement of their own, as `a = Signal()`"


@pytest.mark.promise("rtl.names")
@pytest.mark.parametrize(
    "text",
    [
        "a, b = Signal(), Signal()",
        "a = b = Signal()",
        "m.x = x = Signal.like(y)",
        "a = [Signal() for _ in range(3)]",
        "a = {k: Signal() for k in range(3)}",
        "a = [Signal()]",
        "if (a := Signal()) is None: pass",
        "a = Signal() & b",
        "a = Signal() if b else None",
        "f(Signal())",
        "a: Signal = Signal(), 1",
        "a[0] = Signal()",
        "m.domains.sync, b = ClockDomain(), 0",
        "writer, reader = memory.write_port(), memory.read_port()",
        "return memory, memory.read_port()",
        "lambda: Signal()",
    ],
)
def test_guessed_name_is_found(text):
    assert unreliable(text), text


@pytest.mark.parametrize(
    "text",
    [
        "a = Signal()",
        "self.a = Signal(8)",
        "a = Signal.like(\n  y\n)",
        "a, b = Signal(name='a'), Signal(8, name='b')",
        "m.domains += ClockDomain('sync')",
        "writer = memory.write_port()",
        "a = [Signal(name=f'a_{k}') for k in range(3)]",
    ],
)
def test_certain_name_is_let_pass(text):
    assert unreliable(text) == [], text


@pytest.fixture(scope="module")
def designs():
    return {name: make() for name, make in DESIGNS.items()}


@pytest.fixture(scope="module")
def here(designs):
    """Return what this interpreter emits."""
    return emitted(sys.executable, designs)


@pytest.mark.promise("rtl.names")
@pytest.mark.parametrize("version", OTHERS)
@pytest.mark.slow
def test_every_python_emits_the_same_text(version, designs, here):
    """All of it: names of ports, registers and memories, in the same order."""
    python = python_of(version)
    if python is None:
        pytest.skip(f"Python {version} must be installed for this test; get it with: uv python install {version}")
    there = emitted(python, designs)
    differing = {name: first_difference(here[name], there[name]) for name in designs if here[name] != there[name]}
    assert differing == {}
    assert "\\page_valid" in here["xorshift"]


def first_difference(one, other):
    return next((a, b) for a, b in zip(one.splitlines(), other.splitlines(), strict=False) if a != b)
