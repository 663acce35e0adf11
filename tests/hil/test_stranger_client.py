"""The client that knows nothing but the protocol page, on a simulated board."""

import ast
import importlib.util
import re
from pathlib import Path

import pytest

from spinchip.emulator.spec.fabric.register_map import Register

ROOT = Path(__file__).parents[2]
FILE = ROOT / "examples" / "board_client.py"


@pytest.fixture
def client():
    """Return the client as a fresh module."""
    spec = importlib.util.spec_from_file_location("board_client", FILE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.promise("board.client")
def test_client_imports_nothing_of_this_package():
    tree = ast.parse(FILE.read_text(encoding="utf-8"))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module != "itertools"]
    assert names == {"binascii", "math", "random", "serial", "struct", "sys"}


@pytest.mark.promise("board.client")
def test_client_has_60_lines_of_code():
    tree = ast.parse(FILE.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.FunctionDef):
            node.body = node.body[1:] if ast.get_docstring(node) else node.body
    assert len([line for line in ast.unparse(tree).splitlines() if line.strip()]) <= 60


@pytest.mark.promise("board.client")
@pytest.mark.compiler
def test_client_finds_the_mean_spin(client, simulated_port, capsys):
    assert client.main(simulated_port) == 0
    assert re.fullmatch(r"mean spin 0\.\d{4}, exactly 0\.\d{4}\n", capsys.readouterr().out)


@pytest.mark.promise("board.client")
@pytest.mark.compiler
def test_client_rejects_a_board_without_biases(client, simulated_port, monkeypatch):
    """Negative control: without the words of OFFSETS, zero after power-up, the law is another one."""
    fill = client.fill

    def fill_all_but_offsets(line, address, words):
        if address != Register.OFFSETS:
            fill(line, address, words)

    monkeypatch.setattr(client, "fill", fill_all_but_offsets)
    assert client.main(simulated_port) == 1


@pytest.mark.promise("board.client")
def test_page_tells_true_addresses():
    page = (
        (ROOT / "docs" / "board-protocol.md").read_text(encoding="utf-8").split("## The registers that a run needs")[1]
    )
    rows = re.findall(r"^\| (0x\w\w)(?: \.\.\. (0x\w\w)|, 0x\w\w)? \| ([A-Z_, ]+) \|", page, re.MULTILINE)
    assert len(rows) >= 12
    for first, _last, names in rows:
        for k, name in enumerate(names.split(", ")):
            assert Register[name] == int(first, 16) + k
