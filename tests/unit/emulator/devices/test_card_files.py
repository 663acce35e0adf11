"""Cards as JSON: they come back equal, and every fault is one line with file, key, value and rule."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from spinchip.emulator.devices import card_file, catalogue
from spinchip.emulator.devices.catalogue import device
from spinchip.emulator.devices.memristor.card import LAWS
from spinchip.emulator.devices.memristor.conduction import Sinh
from spinchip.emulator.devices.memristor.faults import StuckCells
from spinchip.emulator.devices.memristor.levels import UniformLevels
from spinchip.emulator.devices.memristor.write_verify import WriteVerify
from spinchip.emulator.spec.errors import InputError

EXAMPLE = Path(__file__).with_name("my_rram.json")


@pytest.mark.promise("crossbar.cards")
@pytest.mark.parametrize("name", catalogue.names())
def test_published_card_comes_back_equal(name, tmp_path):
    path = tmp_path / "card.json"
    card_file.save(device(name), path)
    assert device(str(path)) == device(name)


def test_card_with_every_other_law_comes_back_equal(tmp_path):
    loop = WriteVerify(window_S=0.0, window_share=0.02, gain=0.7, pulse_S=1e-6, relax_S=2e-7, read_S=1e-7)
    card = replace(
        device("rram_cmo"), programming=loop, conduction=Sinh(0.3), faults=StuckCells(), levels=UniformLevels(16)
    )
    card_file.save(card, tmp_path / "card.json")
    assert card_file.load(tmp_path / "card.json") == card
    assert replace(card, faults=None) != card


def test_example_file_is_a_working_card():
    card = device(str(EXAMPLE))
    assert card.name == "my_rram"
    assert [law for law in LAWS if getattr(card, law) is not None] == [law for law in LAWS if law != "temperature"]
    cells = card.program(np.full((4, 4), 30e-6), np.random.default_rng(1))
    assert (card.read_sigma_S(cells, 3600.0)[~cells.stuck] > 0).all()
    assert json.loads(card_file.to_text(card)) == json.loads(EXAMPLE.read_text(encoding="utf-8"))


def with_change(change):
    content = json.loads(EXAMPLE.read_text(encoding="utf-8"))
    change(content)
    return json.dumps(content)


def put(key, value):
    """Return the example's text with one value, at a dotted key, replaced."""

    def change(content):
        *path, last = key.split(".")
        for part in path:
            content = content[part]
        content[last] = value

    return with_change(change)


FUNCTION_NAMES = "CappedPower, ClippedLog, Piecewise, Polynomial"
LAW_NAMES = "HeavyTailRelaxation, LogTimeShift, PowerLawDrift, QuadratureGrowth"


@pytest.mark.promise("crossbar.cards")
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "line 1 must be JSON, not 'Expecting property name enclosed in double quotes'"),
        ("[]", "format must be 'spinchip device card 1', not []"),
        ("{}", "format must be 'spinchip device card 1', not None"),
        ("[" * 100000, "device card must be an object a few levels deep, not a deeper one"),
        ('{"name": "a", "name": "b"}', "name must be given once, not twice"),
        (with_change(lambda c: c.pop("t0_s")), "t0_s must be given, not left out"),
        (put("name", ""), "name must be a text that is not empty, not ''"),
        (put("g_max_S", "40"), "g_max_S must be a number, not '40'"),
        (put("g_max_S", True), "g_max_S must be a number, not True"),
        (put("g_max_S", float("nan")), "g_max_S must be a finite number, not nan"),
        (put("g_max_S", float("inf")), "g_max_S must be a finite number, not inf"),
        (put("g_max_S", 1e-6), "g_min_S must be within 0 to g_max_S = 1e-06, not 4e-06"),
        (put("temperatures_K", [300]), "temperatures_K must be a list of 2, not of 1"),
        (put("temperatures_K", 300), "temperatures_K must be a list, not 300"),
        (put("temperatures_K", [300, "x"]), "temperatures_K[1] must be a number, not 'x'"),
        (put("t0_s", 1e-7), "t0_s must be at least t_read_s = 1e-06, not 1e-07"),
        (put("programming.scale_S", -1), "programming.scale_S must be above 0, not -1.0"),
        (put("drift.spread.coefficients", []), "drift.spread.coefficients must hold at least one number, not ()"),
        (put("drift.spread.law", "Sinh"), f"drift.spread.law must be one of {FUNCTION_NAMES}, not 'Sinh'"),
        (put("drift", 3), "drift must be an object with a law, not 3"),
        (put("drift.law", "Magic"), f"drift.law must be one of {LAW_NAMES}, not 'Magic'"),
        (put("drift.extra", 1), "drift.extra must be one of mean, spread, scale_S, not 'extra'"),
        (put("levels.n_levels", 4.0), "levels.n_levels must be an integer, not 4.0"),
        (put("levels.n_levels", 1), "levels.n_levels must be an integer of at least 2, not 1"),
        (put("faults.low", 2), "faults.low must be within 0 to 1, not 2.0"),
        (put("conduction", None), "conduction must be an object with a law, not None"),
    ],
)  # fmt: skip
def test_broken_card_is_refused(text, message, tmp_path):
    path = tmp_path / "broken.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        device(str(path))
    assert str(caught.value) == f"{path}: {message}"


def test_integer_beyond_a_float_is_refused(tmp_path):
    path = tmp_path / "huge.json"
    path.write_text(put("g_max_S", 0).replace('"g_max_S": 0', '"g_max_S": 1' + "0" * 400), encoding="utf-8")
    with pytest.raises(InputError, match=r"huge\.json: g_max_S must be a finite number, not 10+$"):
        device(str(path))


def test_missing_and_binary_files_are_refused(tmp_path):
    with pytest.raises(InputError) as caught:
        device(str(tmp_path / "none.json"))
    assert (
        str(caught.value)
        == f"{tmp_path}/none.json: device card must be a readable file, not 'No such file or directory'"
    )
    (tmp_path / "binary.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError) as caught:
        device(str(tmp_path / "binary.json"))
    assert str(caught.value) == f"{tmp_path}/binary.json: device card must be UTF-8 text, not binary"
