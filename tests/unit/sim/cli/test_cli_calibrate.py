"""Command `calibrate`: files in, JSON, cards and pictures out; what the data reject gets no card."""

import json

import numpy as np
import pytest

from spinchip.emulator.devices import card_file
from spinchip.emulator.devices.junction.card import SmtjCard
from spinchip.sim.cli.app import run
from spinchip.sim.report.written_numbers import interval_texts
from spinchip.sim.samplers.by_name import backend


def answer(capsys, *arguments):
    status = run(["calibrate", *map(str, arguments), "--json"])
    return status, json.loads(capsys.readouterr().out)


@pytest.mark.promise("calibration.cards")
def test_counts_become_a_card_that_the_samplers_load(tmp_path, capsys):
    data, out = tmp_path / "counts.csv", tmp_path / "out"
    assert run(["calibrate", "sigmoid", str(data), "--example"]) == 0
    capsys.readouterr()
    status, result = answer(capsys, "sigmoid", data, "--out", out, "--seed", 3)
    assert status == 0
    assert {"parameters", "chi2_dof", "coverage", "seed"} <= set(result)
    assert result["seed"] == 3
    slope = result["parameters"]["slope_mean_per_V"]
    assert slope["low"] < slope["best"] < slope["high"]
    for name in ("calibration.json", "card.json", "fit.png", "corner.png"):
        assert (out / name).stat().st_size > 500
    card = card_file.load(out / "card.json", SmtjCard)
    assert 2.0 * card.barrier_kT * card.gain == pytest.approx(48.0, rel=0.1)  # planted: slope 48 with a spread of 10 %
    evidence = card_file.load_evidence(out / "card.json", SmtjCard)
    assert evidence["estimates"]["slope_mean_per_V"] == slope["estimate"]
    assert evidence["parameters"]["slope_mean_per_V"] == {key: slope[key] for key in ("low", "best", "high")}
    assert "slope (drive - offset)" in result["convention"]
    assert len(evidence["provenance"]["data_sha256"]) == 64
    assert backend(f"smtj:{out / 'card.json'}").card == card


def test_coverage_is_told_where_it_was_asked_for(tmp_path, capsys):
    data = tmp_path / "counts.csv"
    run(["calibrate", "sigmoid", str(data), "--example"])
    capsys.readouterr()
    _, result = answer(capsys, "sigmoid", data, "--coverage", 40, "--trials", 40)
    pooled = np.mean(list(result["coverage"].values()))
    assert abs(pooled - 0.68) < 4.0 * np.sqrt(0.68 * 0.32 / (40 * 40))  # 40 experiments of 40 independent parameters
    assert answer(capsys, "sigmoid", data)[1]["coverage"] is None


@pytest.mark.promise("calibration.cards")
def test_data_that_reject_the_model_give_status_1_and_no_card(tmp_path, capsys):
    data, out = tmp_path / "counts.csv", tmp_path / "out"
    drives = np.linspace(-200, 200, 9)
    up = np.rint(5000 * (0.05 + 0.9 / (1.0 + np.exp(-drives / 40.0))))
    np.savetxt(
        data,
        np.column_stack([drives, up, np.full(9, 5000)]),
        header="drive_mV,n_up,n_reads",
        delimiter=",",
        comments="",
    )
    status, result = answer(capsys, "sigmoid", data, "--out", out)
    assert (status, result["verdict"]) == (1, "fail")
    assert (out / "calibration.json").exists()
    assert not (out / "card.json").exists()


@pytest.mark.promise("calibration.bad-input")
@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        (["abacus", "x.csv"], "Kind must be one of telegraph"),
        (["telegraph", "absent.csv"], "must be a readable file"),
        (["telegraph"], "DATA is missing"),
        (["telegraph", "x.txt", "--example"], "ends in .csv"),
    ],
)
def test_bad_arguments_are_one_line(arguments, fault, capsys):
    assert run(["calibrate", *arguments]) == 2
    said = capsys.readouterr().err.strip()
    assert fault in said
    assert "\n" not in said


def test_list_names_kinds_and_columns(capsys):
    kinds = {one["kind"]: one for one in answer(capsys, "list")[1]["kinds"]}
    assert kinds["telegraph"]["columns"] == "time_s, signal_V"
    assert "[tau]" in kinds["sigmoid"]["columns"]


def test_card_of_another_kind_is_refused(tmp_path, capsys):
    path = tmp_path / "card.json"
    card_file.save(SmtjCard(tau0_s=1e-9, barrier_kT=10.0), path)
    assert run(["crossbar", "x.npy", "--device", str(path)]) == 2
    assert run(["sample", "[ring n=4]", "--beta", "1", "--on", f"golden:{path}"]) == 2
    capsys.readouterr()
    path.write_text(path.read_text().replace("junction card", "device card"))
    assert run(["sample", "[ring n=4]", "--beta", "1", "--on", f"smtj:{path}"]) == 2
    assert "format must be 'spinchip junction card 1'" in capsys.readouterr().err


def test_example_never_replaces_a_file(tmp_path, capsys):
    data = tmp_path / "mine.csv"
    data.write_text("measured\n")
    assert run(["calibrate", "sigmoid", str(data), "--example"]) == 2
    assert "Example must be a new file" in capsys.readouterr().err
    assert data.read_text() == "measured\n"


def test_ends_of_a_narrow_interval_are_told_apart():
    assert interval_texts(0.147952, 0.148048, 0.148, 0.147952, 0.148048) == ["0.148000", "0.147952", "0.148048"]
    assert interval_texts(1.0, 2.0, 1.5, None) == ["1.5", None]


def test_refused_data_leave_no_folder(tmp_path, capsys):
    (tmp_path / "trace.csv").write_text("time_s,signal_V\n0.0,text\n", encoding="utf-8")
    assert run(["calibrate", "telegraph", str(tmp_path / "trace.csv"), "--out", str(tmp_path / "out")]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert [entry.name for entry in tmp_path.iterdir()] == ["trace.csv"]
