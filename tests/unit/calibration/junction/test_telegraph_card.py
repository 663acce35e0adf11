"""The card of a single trace: its stays are those measured, what it does not know is said wherever it is used."""

import numpy as np
import pytest

from spinchip.calibration.junction.telegraph_card import UNKNOWN, card_of_trace
from spinchip.calibration.junction.telegraph_kernels import drawn_path
from spinchip.calibration.junction.telegraph_likelihood import Trace, levels_of, steps_of
from spinchip.calibration.kind import Request
from spinchip.calibration.kinds import calibrate_file
from spinchip.emulator.devices import card_file
from spinchip.emulator.devices.junction.card import SmtjCard
from spinchip.emulator.spec.errors import InputError
from spinchip.sim.cli.app import run
from spinchip.sim.samplers.by_name import backend

PLANTED = np.array([0.0, 2.5, 0.0, 0.1, np.log(1 / 0.03), np.log(1 / 0.02)])


@pytest.mark.promise("calibration.card-of-a-trace")
@pytest.mark.parametrize(("up_s", "down_s"), [(2e-3, 2e-3), (5e-6, 1e-6), (1e-9, 40e-9), (3.0, 2000.0)])
def test_stays_without_drive_are_those_of_the_trace(up_s, down_s):
    card = card_of_trace({"dwell_high_s": up_s, "dwell_low_s": down_s}, "V", "one", "fit")
    assert card.dwell_s(card.reduced_drive(0.0)) == pytest.approx((up_s, down_s), rel=1e-9)
    assert card.unknown == UNKNOWN


@pytest.mark.promise("calibration.card-of-a-trace")
def test_card_is_written_loaded_and_says_what_it_does_not_know(tmp_path, capsys):
    y = Trace(np.zeros(6000), 1e-3).redrawn(PLANTED, np.random.default_rng(1)).values
    data, out = tmp_path / "trace.csv", tmp_path / "out"
    text = "".join(f"{1e-3 * k:.3f},{value:.6f}\n" for k, value in enumerate(y))
    data.write_text("time_s,signal_V\n" + text)
    assert run(["calibrate", "telegraph", str(data), "--out", str(out), "--trials", "20"]) == 0
    for name in ("card.json", "trace.png", "fit.png", "corner.png"):
        assert (out / name).stat().st_size > 500
    card = card_file.load(out / "card.json", SmtjCard)
    low_s, high_s = 0.03, 0.02
    assert card.dwell_s(card.reduced_drive(0.0)) == pytest.approx((high_s, low_s), rel=0.3)
    assert backend(f"smtj:{out / 'card.json'}").card == card
    capsys.readouterr()
    assert run(["sample", "[ring n=4]", "--beta", "1", "--sweeps", "200", "--on", f"smtj:{out / 'card.json'}"]) == 0
    assert "does not know the barrier" in " ".join(capsys.readouterr().out.split())
    samples = backend("smtj")
    assert not samples.card.unknown


@pytest.mark.promise("calibration.card-of-a-trace")
@pytest.mark.slow
def test_rejected_trace_gets_a_cause_and_no_card(tmp_path, capsys):
    y = Trace(np.zeros(6000), 1e-3).redrawn(PLANTED, np.random.default_rng(1)).values
    y += np.linspace(0.0, 4.0, y.size)
    data, out = tmp_path / "trace.csv", tmp_path / "out"
    data.write_text("time_s,signal_V\n" + "".join(f"{1e-3 * k:.3f},{v:.6f}\n" for k, v in enumerate(y)))
    status = run(["calibrate", "telegraph", str(data), "--out", str(out), "--trials", "20"])
    said = " ".join("".join(capsys.readouterr()).split())
    assert status in (1, 2)
    assert "both levels drift together" in said
    assert "--baseline fit" in said
    assert not (out / "card.json").exists()
    assert run(["calibrate", "telegraph", str(data), "--out", str(out), "--trials", "20", "--baseline", "fit"]) == 0
    assert (out / "card.json").exists()


def test_filter_goes_with_a_trace_only(tmp_path):
    with pytest.raises(InputError, match="Filter and baseline must go with kind 'telegraph', not with 'drift'"):
        calibrate_file("drift", tmp_path / "x.csv", Request(filter_time="fit"))


@pytest.mark.promise("calibration.card-of-a-trace")
def test_drawn_paths_have_the_law_of_paths_given_the_trace():
    """Share of 4000 paths in which a sample is up, against the smoothed probability: within 5 standard errors."""
    trace = Trace(np.zeros(40), 1e-3).redrawn(PLANTED, np.random.default_rng(3))
    expected = trace.posterior(PLANTED)
    states, rng, total, changes = np.empty(40, dtype=np.int8), np.random.default_rng(4), np.zeros(40), 0.0
    for _ in range(4000):
        drawn_path(trace.values, levels_of(PLANTED), steps_of(PLANTED, 1e-3), rng.random(40), states)
        total += states
        changes += np.count_nonzero(np.diff(states))
    error = np.sqrt(np.maximum(expected * (1.0 - expected), 1e-4) / 4000)
    assert np.abs(total / 4000 - expected).max() < 5.0 * error.max()
    _, sums, _ = trace.expect(PLANTED)
    wanted = sums[:, 7:9].sum()
    assert changes / 4000 == pytest.approx(wanted, abs=5.0 * np.sqrt(wanted * 3.0 / 4000))
