"""Reports of folders: whole, alone, escaped, and refused where there is nothing to tell."""

import json

import numpy as np
import pytest

from spinchip.emulator.spec.errors import InputError
from spinchip.sim.cli.app import run
from spinchip.sim.report.run_report import report_run
from spinchip.sim.report.run_report_parts import MOST_ROWS

ROW = {"quantity": "a <b> & c", "value": 1.5, "se": None, "reference": "> 1", "source": "target", "ok": False}


@pytest.mark.promise("codesign.reports")
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


@pytest.mark.promise("codesign.reports")
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


def made_by(tmp_path, kind):
    """Run the command of a kind on something small; returns its folder and words that its report must hold."""
    folder = tmp_path / kind
    if kind == "crossbar":
        np.save(tmp_path / "weights.npy", np.random.default_rng(1).normal(size=(8, 6)))
        weights = str(tmp_path / "weights.npy")
        assert run(["crossbar", weights, "--device", "pcm_ibm", "--at", "60", "--out", str(folder)]) == 0
        return folder, ("8 x 6 weights on pcm_ibm, 60 s after", "compensated", "energy of a product [J]"), 3
    if kind == "calibrate":
        data = str(tmp_path / "data.csv")
        assert run(["calibrate", "drift", data, "--example"]) == 0
        assert run(["calibrate", "drift", data, "--trials", "20", "--out", str(folder)]) in (0, 1)
        return folder, ("Calibration: ", "68 % intervals", "chi2 p"), 2
    if kind == "rtl":
        assert run(["rtl", "[ring n=6 J=1 h=0.3]", "--out", str(folder)]) == 0
        return folder, ("Verilog for ring n=6 J=1 h=0.3", "6 p-bits in 2 colours, 6 wires", "format of weight"), 0
    arguments = ["anneal", "[ring n=6 J=1 h=0.3]", "--sweeps", "20", "--runs", "3", "--keep", str(folder)]
    assert run(arguments) == 0
    assert len((folder / "best.txt").read_text().split()) == 6
    return folder, ("sa ring n=6 J=1 h=0.3", "3 of 3 runs reached the lowest energy found, -7.8"), 1


@pytest.mark.promise("cli.reports")
@pytest.mark.parametrize("kind", ["crossbar", "calibrate", "rtl", "anneal"])
def test_folders_of_every_command_become_a_page(tmp_path, capsys, kind):
    folder, words, n_pictures = made_by(tmp_path, kind)
    capsys.readouterr()
    assert run(["report", str(folder), "--json"]) == 0
    assert set(json.loads(capsys.readouterr().out)) == {"report", "bytes"}
    text = (folder / "report.html").read_text(encoding="utf-8")
    assert text.count("data:image/png;base64,") == n_pictures
    assert all(word in text for word in words), [word for word in words if word not in text]
    files = [path for path in folder.glob("*.json") if isinstance(json.loads(path.read_text()), dict)]
    for path in files:  # our keys, not our values: one line, whatever is broken
        kept = path.read_text()
        for broken in ({}, [], None, "x", {"a": 1}):
            path.write_text(json.dumps(dict.fromkeys(json.loads(kept), broken)))
            status = run(["report", str(folder)])
            err = capsys.readouterr().err
            assert status in (0, 2)
            assert err.count("\n") == (status == 2)
        path.write_text(kept)


@pytest.mark.parametrize(
    "text", ["[" * 100_000, '{"name":' * 50_000, "\x00", "NaN", '{"rows": NaN, "name": 1}', "9" * 5000]
)
def test_json_of_no_kind_is_one_line(tmp_path, capsys, text):
    (tmp_path / "odd.json").write_text(text)
    assert run(["report", str(tmp_path)]) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert len(err) < 1300


def test_names_that_utf8_cannot_hold_are_written(tmp_path):
    row = ROW | {"quantity": "\udcff"}
    (tmp_path / "x.json").write_text(json.dumps({"name": "x", "rows": [row], "seconds": 1.0}))
    assert "\\udcff" in report_run(tmp_path).read_text(encoding="utf-8")
