"""Command `digits`: trains, goes on from a checkpoint, and says where files must lie."""

import json

import pytest

from spinchip.sim.cli.app import run


def test_wrong_arguments_are_one_line_and_status_2(tmp_path, capsys):
    for arguments, text in (
        (["--data", "mnist"], "Data must be one of optical, synthetic, svhn"),
        (["--network", "forest"], "network one of cnn, mlp"),
        (["--data", "svhn", "--folder", str(tmp_path)], "nothing is downloaded"),
    ):
        assert run(["digits", *arguments, "--out", str(tmp_path / "out")]) == 2
        found = capsys.readouterr()
        assert text in found.err
        assert found.err.count("\n") == 1
        assert not (tmp_path / "out").exists()
    (tmp_path / "file").write_text("")
    assert run(["digits", "--out", str(tmp_path / "file")]) == 2


@pytest.mark.slow
def test_a_network_is_trained_kept_and_gone_on_with(tmp_path, capsys):
    pytest.importorskip("jax")
    pytest.importorskip("optax")
    arguments = ["digits", "--network", "mlp", "--epochs", "12", "--out", str(tmp_path), "--json"]
    assert run(arguments) == 0
    first = json.loads(capsys.readouterr().out)
    assert first["accuracy"] > 0.9
    assert first["accuracy_on_crossbars"] > 0.85
    assert len(json.loads((tmp_path / "history.json").read_text())) == 12
    assert (tmp_path / "network.npz").is_file()
    assert run(arguments) == 0  # the checkpoint holds all epochs: nothing is trained again
    assert json.loads(capsys.readouterr().out) == first
    assert run([*arguments, "--seed", "1"]) == 2
    assert "checkpoint must be of this training" in capsys.readouterr().err
