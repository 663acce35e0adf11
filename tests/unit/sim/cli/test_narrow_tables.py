"""Tables on a narrow output: long words are folded, never cut."""

import pytest
from rich.console import Console

from spinchip.sim.cli import console

PATH = "/opt/somewhere/far/below/python3.11/site-packages/a_package/with_a_long_name/tool"


@pytest.mark.promise("cli.doctor")
@pytest.mark.parametrize("width", [40, 80])
def test_a_path_is_shown_whole(monkeypatch, width):
    with (out := Console(width=width, soft_wrap=False)).capture() as said:
        monkeypatch.setattr(console, "OUT", out)
        console.rows_table("Found", ("tool", "version", "path"), [("yosys", "0.50", PATH)])
        console.facts("Folders", [("compiled", PATH)])
    shown = "".join(said.get().split())
    assert "…" not in shown
    head, _, folders = shown.partition("Folders")
    assert folders == "compiled" + PATH
    assert head == "Foundtoolversionpathyosys0.50" + PATH
