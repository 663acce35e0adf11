"""Backends of junctions and crossbars by name, card and settings; the settings change what is drawn."""

import json

import numpy as np
import pytest

from spinchip.emulator.devices.card_file import save
from spinchip.emulator.devices.junction.card import SmtjCard
from spinchip.emulator.pbits.analog_machine import IDEAL_TILE
from spinchip.emulator.spec.errors import InputError
from spinchip.sim.cli.app import run
from spinchip.sim.samplers.by_name import backend

RING = "[ring n=6 J=1 h=0.3]"


def test_names_make_machines(tmp_path):
    plain = backend("crossbar")
    assert (plain.tile, plain.t_s, plain.device_seed) == (IDEAL_TILE, None, 0)
    worn = backend("crossbar:device=pcm_ibm,at=3600,adc=6,compensation=global,gain=1.5,machine=3")
    assert (worn.tile.device.name, worn.tile.adc.bits, worn.tile.dac.bits) == ("pcm_ibm", 6, 1)
    assert (worn.tile.read_noise, worn.tile.compensation) == ("lumped", "global")
    assert (worn.t_s, worn.voltage_gain, worn.device_seed) == (worn.tile.device.t0_s + 3600, 1.5, 3)
    assert backend("crossbar:machine=2").tile == IDEAL_TILE
    assert backend("smtj").clock_s == np.inf
    card = tmp_path / "a,b.json"
    save(SmtjCard(tau0_s=3e-9, barrier_kT=5.0, name="mine"), card)
    clocked = backend(f"smtj:{card},clock=1e-7,machine=4")
    assert (clocked.card.name, clocked.clock_s, clocked.device_seed) == ("mine", 1e-7, 4)
    slow = backend(f"smtj-autonomous:{card},delay=1e-9,rise=2e-9")
    assert (slow.card.name, slow.synapse.delay_s, slow.synapse.rise_s) == ("mine", 1e-9, 2e-9)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("crossbar:clock=1", "Setting of backend crossbar must be KEY=VALUE once each, with a key of device, at, adc"),
        ("smtj:clock=1,clock=2", "Setting of backend smtj must be KEY=VALUE once each"),
        ("smtj:clock=", "Setting of backend smtj must be KEY=VALUE once each"),
        ("smtj:clock=nan", "Setting 'clock' of a backend must be a number, not 'nan'"),
        ("smtj:clock=0", "Clock period must be above 0 s, not 0.0"),
        ("smtj:machine=-1", "Setting 'machine' of a backend must be a whole number of 0 or more, not '-1'"),
        ("crossbar:adc=1", "ADC bits must be 2..24 or None, not 1"),
        ("crossbar:at=-1", "Time must be 0 s or more after the reference read, not -1 s"),
        ("crossbar:device=none", "Device must be one of ideal, "),
        ("crossbar:compensation=some", "Compensation must be one of none, global, tile, column, not 'some'"),
        ("reference:device=ideal", "Backend must be one of reference"),
        ("golden:machine=1", "Backend must be one of reference"),
    ],
)
def test_settings_that_mean_nothing_are_refused(name, text):
    with pytest.raises(InputError) as refused:
        backend(name)
    assert str(refused.value).startswith(text)


def sampled(capsys, *arguments):
    assert run(["sample", RING, "--beta", "0.5", "--sweeps", "40", "--chains", "8", *arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.mark.promise("cli.machine")
def test_options_reach_the_machine_and_change_its_draws(capsys):
    ideal = sampled(capsys, "--on", "crossbar")
    assert any("--device, --at and --adc-bits choose others" in note for note in ideal["notes"])
    worn = sampled(capsys, "--on", "crossbar", "--device", "pcm_ibm", "--at", "86400", "--adc-bits", "4")
    assert worn["provenance"]["device"] == "pcm_ibm"
    assert worn["energy"] != ideal["energy"]
    assert not any("ideal devices" in note for note in worn["notes"])
    assert worn == sampled(capsys, "--on", "crossbar:device=pcm_ibm,at=86400,adc=4") | {
        key: worn[key] for key in ("flips_per_s", "ledger")
    }


@pytest.mark.promise("cli.machine")
def test_a_clock_that_makes_the_card_irrelevant_is_said(capsys):
    for_ever = sampled(capsys, "--on", "smtj")
    assert any("neither attempt time nor barrier of a card matters" in note for note in for_ever["notes"])
    hasty = sampled(capsys, "--on", "smtj", "--clock", "1e-9")
    assert not any("attempt time" in note for note in hasty["notes"])
    assert hasty["energy"] != for_ever["energy"]
    assert hasty["provenance"]["clock_s"] == 1e-9


def test_searches_run_on_the_machine_that_was_asked_for(capsys):
    arguments = ["anneal", RING, "--sweeps", "40", "--runs", "2", "--on", "crossbar", "--json"]
    assert run([*arguments, "--device", "pcm_ibm", "--adc-bits", "8"]) == 0
    assert json.loads(capsys.readouterr().out)["best_energy"] == pytest.approx(-7.8)
    assert run([*arguments, "--device", "pcm"]) == 2
