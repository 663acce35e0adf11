"""The pieces of a translated design hold its statements, all and in their order, and what they name."""

import re

import pytest

from spinchip.emulator.spec.errors import ToolError
from spinchip.emulator.spec.fabric.quantised import FabricOptions, fabric_for
from spinchip.emulator.spec.instance import IsingInstance
from spinchip.rtl.fabric.dense_computer import computer_for
from spinchip.sim.cosim import cxxrtl_parts
from spinchip.sim.cosim.cxxrtl import _translate


@pytest.fixture(scope="module")
def text():
    """Return the C++ of a ring of six."""
    ring = IsingInstance.from_edges(6, [(i, (i + 1) % 6) for i in range(6)], [1.0] * 6)
    return _translate(computer_for(fabric_for(ring, FabricOptions(n_pages=2, n_segments=2, fifo_depth=2))))[0]


def bodies(sources):
    """Return the bodies of the pieces in the order in which eval calls them."""
    whole = "".join(sources)
    found = dict(
        re.findall(r"^__attribute__\(\(noinline\)\) void \w+::(eval_\d+)\([^)]*\) \{\n(.*?)^\}\n", whole, re.M | re.S)
    )
    return [found[name] for name in re.findall(r"^\t(eval_\d+)\(", whole, re.M)]


def statements(body):
    """Return the lines that act, without declarations, each slice written as the pieces write it."""
    lines = cxxrtl_parts._SLICE.sub(cxxrtl_parts._cut, cxxrtl_parts._LOCAL.sub("", body)).splitlines()
    return [line for line in lines if not re.match(r"\t//|\tbool (posedge|negedge|converged)", line)]


@pytest.mark.parametrize("n_parts", [1, 3])
def test_every_statement_is_there_in_its_order(text, n_parts, monkeypatch):
    monkeypatch.setattr(cxxrtl_parts, "PIECE", 1_000)
    own, others = cxxrtl_parts.parts_of(text, n_parts)
    assert len(others) == n_parts - 1
    pieces = bodies([own, *others])
    assert len(pieces) > 5
    before = statements(cxxrtl_parts._EVAL.search(text)["body"].removesuffix(cxxrtl_parts._CLOSING))
    assert sum((statements(piece) for piece in pieces), []) == before


def test_a_name_is_declared_once_where_it_is_used(text, monkeypatch):
    monkeypatch.setattr(cxxrtl_parts, "PIECE", 1_000)
    own, _ = cxxrtl_parts.parts_of(text)
    pieces = bodies([own])
    members = set(re.findall(r"^\tvalue<\d+> (\w+)", own[: cxxrtl_parts._STRUCT_END.search(own).start()], re.M))
    for name in re.findall(r"^\tvalue<\d+> (\w+)", cxxrtl_parts._EVAL.search(text)["body"], re.M):
        users = [piece for piece in pieces if re.search(rf"\b{name}\b", piece)]
        declared = [piece for piece in pieces if re.search(rf"^\tvalue<\d+> {name}\b", piece, re.M)]
        assert declared == (users if len(users) == 1 else [])
        assert (name in members) == (len(users) > 1)


def test_other_text_is_refused():
    with pytest.raises(ToolError, match="one module with one eval"):
        cxxrtl_parts.parts_of("struct p_top {};\n")
