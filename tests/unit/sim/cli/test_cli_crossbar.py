"""The command `crossbar`: promised keys, every part changes the result, plots, refusals."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from spinchip.sim.cli.app import run

FILTERS = Path(__file__).resolve().parents[4] / "examples" / "nqs" / "filters.npy"


@pytest.fixture
def ask(capsys):
    """Return a function that runs the command with --json and returns its object."""

    def asked(*arguments):
        assert run(["crossbar", str(FILTERS), *arguments, "--json"]) == 0
        return json.loads(capsys.readouterr().out)

    return asked


@pytest.mark.promise("crossbar.cli")
def test_promised_keys_and_a_seed_that_reproduces(ask):
    first, again = (ask("--device", "pcm_ibm", "--at", "3600", "--seed", "3") for _ in range(2))
    assert first == again
    assert {"programming", "drift", "compensated", "read"} <= set(first["relative_error"])
    assert {"cycles", "seconds", "joules", "tiles"} <= set(first)
    assert first != ask("--device", "pcm_ibm", "--at", "3600", "--seed", "4")


def test_ideal_device_with_exact_converters_is_exact(ask):
    found = ask("--device", "ideal", "--dac-bits", "0", "--adc-bits", "0", "--at", "10")
    assert max(found["relative_error"].values()) < 1e-12


@pytest.mark.promise("crossbar.cli")
def test_each_part_adds_its_error(ask):
    plain = ask("--device", "pcm_ibm", "--dac-bits", "0", "--adc-bits", "0")["relative_error"]
    later = ask("--device", "pcm_ibm", "--dac-bits", "0", "--adc-bits", "0", "--at", "86400")["relative_error"]
    wired = ask("--device", "pcm_ibm", "--dac-bits", "0", "--adc-bits", "0", "--wire-ohm", "5")["relative_error"]
    coarse = ask("--device", "pcm_ibm", "--dac-bits", "4", "--adc-bits", "4")["relative_error"]
    assert later["drift"] > 2 * plain["drift"]
    assert later["compensated"] < 0.6 * later["drift"]
    assert wired["wires"] > 1e-3 > plain["wires"]
    assert coarse["converters"] > 0.05 > plain["converters"]


@pytest.mark.promise("crossbar.cli")
def test_tiles_multiply_the_bill(ask):
    one, many = ask("--device", "ideal"), ask("--device", "ideal", "--tile", "32")
    assert (one["tiles"], many["tiles"]) == (1, 8)
    assert many["cycles"] == one["cycles"], "tiles work side by side"
    # 8 tiles of 32 columns against one of 256: what is paid by the column and clock is the same.
    paid = [found["joules"] - found["cell_joules"] for found in (one, many)]
    assert paid[0] == pytest.approx(paid[1], rel=1e-9)


@pytest.mark.promise("crossbar.cli")
def test_plots_are_written(ask, tmp_path):
    found = ask("--device", "pcm_ibm", "--at", "60", "--out", str(tmp_path / "plots"))
    assert [Path(path).name for path in found["plots"]] == ["error.png", "conductance.png", "outputs.png"]
    assert all(Path(path).read_bytes().startswith(b"\x89PNG") for path in found["plots"])


@pytest.mark.promise("crossbar.bad-input")
@pytest.mark.parametrize(
    ("values", "text"),
    [
        (np.array([[1.0, np.nan]]), r"Weights must be finite, not nan at \(0, 1\)"),
        (np.array([[1.0, np.inf]]), r"Weights must be finite, not inf at \(0, 1\)"),
        (np.ones((2, 2), dtype=complex), "Weights must be real numbers, not of type complex128"),
        (np.ones((0, 3)), r"Weights must not be empty, but have shape \(0, 3\)"),
        (np.ones(3), r"Weights must have 2 dimensions, not shape \(3,\)"),
    ],
)
def test_bad_matrices_are_refused(values, text, tmp_path, capsys):
    path = tmp_path / "weights.npy"
    np.save(path, values)
    assert run(["crossbar", str(path), "--device", "ideal"]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert str(path) in error
    assert re.search(text, error)


@pytest.mark.promise("crossbar.bad-input")
@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--device", "pcm_ibm", "--at", "1e12"], "Time of pcm_ibm must be within 20 to 3.2e+07 s, not 1e+12 s"),
        (["--device", "pcm_ibm", "--at", "-1"], "Time must be 0 s or more after the reference read, not -1 s"),
        (["--device", "pcm"], "Device must be one of ideal, "),
        (["--device", "ideal", "--compensation", "some"], "Compensation must be one of none, global, tile, column"),
    ],
)
def test_values_beyond_the_card_are_refused(arguments, text, capsys):
    assert run(["crossbar", str(FILTERS), *arguments]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"spinchip: {text}")
    assert error.count("\n") == 1


@pytest.mark.promise("crossbar.bad-input")
def test_files_that_are_no_matrix_are_refused(tmp_path, capsys):
    text = tmp_path / "notes.npy"
    text.write_text("hello", encoding="utf-8")
    for path, rule in ((text, "must be a numpy array"), (tmp_path / "absent.npy", "must be readable")):
        assert run(["crossbar", str(path), "--device", "ideal"]) == 2
        assert rule in capsys.readouterr().err
