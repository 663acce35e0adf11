"""Docstrings say what each parameter is: no fragment such as "Of the chains." that needs a second look elsewhere."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
NO_PRODUCT = ("tests", "docs", "examples", "build", "dist", "out")
# "Of the drives." lacks its noun, "See `bootstrap`." and "As in `f`." send the reader away, "How." says nothing
FRAGMENT = re.compile(r"Of\b|See\b|As (?:in|for|of)\b|(?:How|What|Which|Where|Why)\.$")
SECTIONS = re.compile(r"^(Parameters|Attributes|Members)\n-+\n(.*?)(?=^\w[^\n]*\n-+\n|\Z)", re.M | re.S)
ENTRY = re.compile(r"^(\S[^\n]*)\n((?:    [^\n]*\n?)+)", re.M)


def fragments(source):
    """Return the parameters of a module whose description begins as a fragment; list of str."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            for _, body in SECTIONS.findall(ast.get_docstring(node) or ""):
                found += [f"{node.name}: {name}" for name, text in ENTRY.findall(body) if FRAGMENT.match(text.strip())]
    return found


def modules():
    """Return the Python files of the product."""
    parts = {path: path.relative_to(ROOT).parts[0] for path in ROOT.rglob("*.py")}
    return sorted(path for path, first in parts.items() if first not in NO_PRODUCT and not first.startswith("."))


@pytest.mark.promise("docs.parameters")
def test_every_parameter_says_what_it_is():
    assert len(modules()) > 500
    bad = [f"{path} {entry}" for path in modules() for entry in fragments(path.read_text(encoding="utf-8"))]
    assert not bad, "\n".join(bad)


@pytest.mark.parametrize("text", ["Of the chains.", "See `bootstrap`.", "As for `f`.", "How."])
def test_a_fragment_is_found(text):
    source = f'def f(seed):\n    """Do.\n\n    Parameters\n    ----------\n    seed : int\n        {text}\n    """\n'
    assert fragments(source) == ["f: seed : int"]
    assert not fragments(source.replace(text, "Seed of the chains; see `bootstrap`."))
