"""Reports of folders: whole, alone, escaped, and refused where there is nothing to tell."""

import json

import pytest

from spinchip.emulator.spec.errors import InputError
from spinchip.sim.cli import run
from spinchip.sim.run_report import report_run
from spinchip.sim.run_report_parts import MOST_ROWS

ROW = {"quantity": "a <b> & c", "value": 1.5, "se": None, "reference": "> 1", "source": "target", "ok": False}


def test_a_workload_becomes_one_page_that_needs_nothing(tmp_path, capsys):
    assert run(["workload", "digits", "--out", str(tmp_path)]) == 0
    capsys.readouterr()
    assert run(["report", str(tmp_path), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert told["bytes"] == len(text.encode()) < 5_000_000
    assert "http://" not in text
    assert "https://" not in text
    assert text.count("data:image/png;base64,") == 1
    assert "prefers-color-scheme: dark" in text
    assert "width=device-width" in text
    assert "6-bit weights and 2 % noise" in text


def test_text_is_escaped_and_long_tables_are_cut(tmp_path):
    rows = [ROW] * (MOST_ROWS + 7)
    (tmp_path / "x.json").write_text(json.dumps({"name": "<script>", "rows": rows, "seconds": 1.0}))
    text = report_run(tmp_path).read_text(encoding="utf-8")
    assert "<script>" not in text
    assert "a &lt;b&gt; &amp; c" in text
    assert "7 more rows stand in the JSON" in text
    assert f"0 of {MOST_ROWS + 7} figures agree" in text


def test_folders_without_results_are_refused(tmp_path):
    with pytest.raises(InputError, match="must be a folder"):
        report_run(tmp_path / "none")
    (tmp_path / "other.json").write_text("[1]")
    with pytest.raises(InputError, match="must hold the JSON of workload, project, explore"):
        report_run(tmp_path)
    (tmp_path / "torn.json").write_text("{")
    with pytest.raises(InputError, match=r"torn\.json: result must be JSON"):
        report_run(tmp_path)
