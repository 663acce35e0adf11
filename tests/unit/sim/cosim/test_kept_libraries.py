"""Compiled designs are kept under a name that changes with every source they were made from."""

import pytest

from spinchip.sim.cosim import cxxrtl


@pytest.mark.promise("cosim.kept-libraries")
@pytest.mark.parametrize("name", ["rtl/a.py", "rtl/fabric/b.py", "emulator/spec/c.py", "emulator/spec/tile/d.py"])
def test_change_of_any_source_is_another_library(name, tmp_path, monkeypatch):
    monkeypatch.setattr(cxxrtl, "_ROOT", tmp_path)
    source = tmp_path / name
    source.parent.mkdir(parents=True)
    source.write_text("one", encoding="utf-8")
    first = cxxrtl._fingerprint("shell", ())
    assert cxxrtl._fingerprint("shell", ()) == first
    source.write_text("two", encoding="utf-8")
    assert cxxrtl._fingerprint("shell", ()) != first
    (tmp_path / "emulator" / "golden.py").parent.mkdir(exist_ok=True)
    (tmp_path / "emulator" / "golden.py").write_text("no source of the RTL", encoding="utf-8")
    source.write_text("one", encoding="utf-8")
    assert cxxrtl._fingerprint("shell", ()) == first


def test_sources_of_this_tree_are_found():
    found = {path.parent.name for room in ("rtl", "emulator/spec") for path in (cxxrtl._ROOT / room).rglob("*.py")}
    assert {"fabric", "replicas", "tile", "link"} <= found
