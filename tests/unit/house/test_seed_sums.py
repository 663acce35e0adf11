"""No seed is made of another by arithmetic: run 0 of seed 1 would be run 1 of seed 0."""

import ast
from pathlib import Path

import pytest

from spinchip.emulator.spec.seeds import child_seed

ROOT = Path(__file__).resolve().parents[3]
ROOMS = ("emulator", "rtl", "models", "calibration", "sim", "benchmarks")
# nextpnr takes no seed of 0; words that load seeds are a list. The tables of the others take a quarter of an hour each
# and were drawn with sums; their next run takes named streams.
EXEMPT = {
    "sim/fpga/bitstream.py",
    "emulator/spec/fabric/loading.py",
    *(f"models/flow/{name}.py" for name in ("workload_dimer", "workload_training")),
    *(f"models/van/{name}.py" for name in ("fine_tuning", "reinforce", "workload_networks", "workload_sweeps")),
    *(f"models/nqs/{name}.py" for name in ("crossbar_inference", "loop_training", "workload", "workload_hardware")),
    *(f"models/nqs/{name}.py" for name in ("workload_memory", "workload_reweighting")),
}


def sums(text):
    """Return the lines on which something called a seed is added to, multiplied, shifted or mixed."""
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.BinOp) and not isinstance(node.op, ast.Mod):
            found += [node.lineno for side in (node.left, node.right) if _is_seed(side)]
        if isinstance(node, ast.AugAssign) and _is_seed(node.target):
            found.append(node.lineno)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "range":
            found += [node.lineno for part in node.args[:1] if len(node.args) > 1 and _is_seed(part)]
    return sorted(set(found))


def _is_seed(node):
    name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    return name.split("_")[-1] in ("seed", "seeds")


def test_no_seed_is_a_sum():
    found = {}
    for path in (path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))):
        name = path.relative_to(ROOT).as_posix()
        if name not in EXEMPT:
            found |= {name: lines} if (lines := sums(path.read_text(encoding="utf-8"))) else {}
    assert found == {}


@pytest.mark.parametrize(
    "text",
    ["f(seed + k)", "f(1000 * self.seed)", "device_seed ^ 5", "seed += 1", "for s in range(seed, seed + 8): pass"],
)
def test_sums_are_found(text):
    assert sums(text) == [1]


@pytest.mark.parametrize(
    "text", ["f(seed)", "child_seed(seed, 'run', k)", "[seed, k]", "range(n_seeds)", "seeds[k]", "'%d' % seed"]
)
def test_other_uses_are_not(text):
    assert sums(text) == []


def test_children_of_neighbouring_seeds_are_apart():
    assert len({child_seed(seed, "run", k) for seed in range(50) for k in range(50)}) == 2500
