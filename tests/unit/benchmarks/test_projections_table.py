"""The committed projections: every command is there, every machine named, and no figure without a kind."""

from pathlib import Path

from spinchip.benchmarks.documents.projections import COMMANDS, table
from spinchip.sim.codesign.projections.estimate import KINDS

RESULT = Path(__file__).parents[3] / "docs" / "results" / "projections.md"


def test_committed_file_has_every_command_and_kind():
    text = RESULT.read_text(encoding="utf-8")
    assert all(f"`spinchip project {arguments}`" in text for arguments in COMMANDS)
    rows = [line.split(" | ") for line in text.splitlines() if line.startswith("| ") and "---" not in line]
    rows = [row for row in rows if not row[0].endswith("machine")]
    assert len(rows) >= 3 * len(COMMANDS)
    for row in rows:
        assert set(row[-1].strip(" |").split(", ")) <= set(KINDS)


def test_a_part_is_what_its_command_prints():
    text = table({"logic --hold s=1": ("logic", {"instance": "[adder bits=1]", "hold": {"s": 1}})})
    assert "## adder bits=1, s = 1 held" in text
    assert text.count("| FPGA p-computer |") == 1
    assert "- FPGA p-computer: steps:" in text
