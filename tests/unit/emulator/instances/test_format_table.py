"""Every format that is read has a line for `info` and a row on the page of formats."""

import re
from pathlib import Path

from spinchip.emulator.instances.foreign import BY_SUFFIX
from spinchip.emulator.instances.format_table import MEANINGS
from spinchip.emulator.instances.guess import SUFFIXES
from spinchip.emulator.instances.reading import CHOICES
from spinchip.emulator.instances.resolve import READERS
from spinchip.sim.cli.app import run

PAGE = (Path(__file__).parents[4] / "docs" / "formats.md").read_text()


def test_every_reader_has_a_meaning_and_a_row():
    rows = "\n".join(line.split("|")[1] for line in PAGE.splitlines() if line.startswith("| `"))
    assert set(MEANINGS) == set(READERS)
    assert not [name for name in READERS if f"`{name}`" not in rows]
    assert not [name for name in CHOICES if f"`--{name}" not in rows]


def test_names_of_the_page_are_known():
    """An ending on the page decides, or is that of a list whose content does."""
    told = set(re.findall(r"`(\.[a-z0-9]+)`", PAGE.split("## What is refused")[0]))
    assert told - set(SUFFIXES) == {".csv", ".tsv", ".txt"}
    assert not set(SUFFIXES) & set(BY_SUFFIX)


def test_info_says_what_a_file_was_read_as(tmp_path, capsys):
    (tmp_path / "x.coo").write_text("1 2 1\n")
    assert run(["info", str(tmp_path / "x.coo"), "--base", "1"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "read as coo: lines i j J and i i h, spins from 0 by default; base 1" in out
