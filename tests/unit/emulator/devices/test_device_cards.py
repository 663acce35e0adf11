"""Cards: every law counts, ranges are refused with their numbers, a seed reproduces, nothing is changed in place."""

from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest
from scipy.constants import elementary_charge, k

from spinchip.emulator.devices import catalogue
from spinchip.emulator.devices.catalogue import device
from spinchip.emulator.devices.memristor.card import LAWS, DeviceCard
from spinchip.emulator.devices.memristor.conduction import Ohmic, Sinh
from spinchip.emulator.devices.memristor.faults import StuckCells
from spinchip.emulator.devices.memristor.levels import UniformLevels
from spinchip.emulator.spec.errors import InputError

FULL = replace(
    device("pcm_ibm"), conduction=Sinh(), faults=StuckCells(0.05, 0.05), levels=UniformLevels(5)
)  # a card with all seven laws
TARGET_S = np.linspace(0, 25e-6, 600).reshape(20, 30)


def answers(card, t_s=3600.0, temperature_K=330.0, seed=4):
    """Return everything that a tile asks of a card."""
    cells = card.program(TARGET_S, np.random.default_rng(seed))
    g_S = card.conductance_S(cells, t_s, temperature_K)
    noise_S = card.read_sigma_S(cells, t_s, temperature_K)
    return [cells.programmed_S, g_S, noise_S, card.current_A(g_S, 0.2), card.slope_S(g_S, 0.2)]


def differ(one, other):
    return [not np.array_equal(a, b) for a, b in zip(one, other, strict=True)]


@pytest.mark.promise("crossbar.noise")
@pytest.mark.parametrize(
    ("law", "changed"),
    [
        ("programming", [True, True, True, True, True]),
        ("drift", [False, True, True, True, True]),
        ("read_noise", [False, False, True, False, False]),
        ("conduction", [False, False, False, True, True]),
        ("temperature", [False, True, True, True, True]),
        ("faults", [True, True, True, True, True]),
        ("levels", [True, True, True, True, True]),
    ],
)
def test_each_law_changes_the_results_it_is_about(law, changed):
    assert differ(answers(FULL), answers(FULL.without(law))) == changed
    assert differ(answers(FULL), answers(FULL)) == [False] * 5


@pytest.mark.parametrize("name", catalogue.names())
def test_each_law_of_a_published_card_changes_results(name):
    card = device(name)
    target_S = np.linspace(card.g_min_S, card.g_max_S, 200)
    hot_K = card.temperatures_K[1]

    def asked(one):
        cells = one.program(target_S, np.random.default_rng(1))
        g_S = one.conductance_S(cells, one.t_max_s, hot_K)
        return [g_S, one.read_sigma_S(cells, one.t_max_s, hot_K), one.current_A(g_S, 0.2)]

    own = [law for law in LAWS if getattr(card, law) not in (None, Ohmic())]
    assert own or name == "ideal"
    for law in own:
        assert any(differ(asked(card), asked(card.without(law)))), law


def test_card_without_any_law_is_ideal():
    bare = FULL.without(*LAWS)
    cells = bare.program(TARGET_S, np.random.default_rng(0))
    assert np.array_equal(bare.conductance_S(cells, 1e6, 390.0), TARGET_S)
    assert np.array_equal(bare.read_sigma_S(cells, 1e6), np.zeros_like(TARGET_S))
    assert np.array_equal(bare.current_A(TARGET_S, -0.2), TARGET_S * -0.2)
    assert bare.is_linear
    assert not FULL.is_linear


def test_other_draws_stay_when_a_law_is_taken_away():
    whole = FULL.program(TARGET_S, np.random.default_rng(4))
    exact = FULL.without("programming", "faults").program(TARGET_S, np.random.default_rng(4))
    assert np.array_equal(whole.drawn["nu"], exact.drawn["nu"])
    moved = FULL.without("drift").program(TARGET_S, np.random.default_rng(4))
    assert np.array_equal(whole.programmed_S, moved.programmed_S)


@pytest.mark.parametrize("name", catalogue.names())
def test_seed_reproduces_and_another_differs(name):
    card = replace(device(name), faults=StuckCells(0.1, 0.1))
    target_S = np.full((8, 9), (card.g_min_S + card.g_max_S) / 2)
    first, same, other = (card.program(target_S, np.random.default_rng(seed)) for seed in (7, 7, 8))
    assert np.array_equal(first.programmed_S, same.programmed_S)
    assert all(np.array_equal(first.drawn[key], same.drawn[key]) for key in first.drawn)
    assert not np.array_equal(first.programmed_S, other.programmed_S)
    rng = np.random.default_rng(7)
    assert np.array_equal(card.program(target_S, rng).programmed_S, first.programmed_S)
    assert not np.array_equal(card.program(target_S, rng).programmed_S, first.programmed_S)


@pytest.mark.parametrize("name", catalogue.names())
def test_arguments_and_cells_stay_as_they_are(name):
    card = device(name)
    target_S = np.full((5, 6), (card.g_min_S + card.g_max_S) / 2)
    target_S.flags.writeable = False
    cells = card.program(target_S, np.random.default_rng(2))
    for array in (cells.target_S, cells.programmed_S, cells.stuck, *cells.drawn.values()):
        array.flags.writeable = False
    g_S = card.conductance_S(cells, card.t_max_s, card.temperatures_K[1])
    assert card.read_sigma_S(cells, card.t0_s).shape == (5, 6)
    assert g_S.dtype == np.float64
    assert not np.shares_memory(g_S, cells.programmed_S)
    assert (g_S >= 0).all()


def test_cards_and_cells_are_frozen():
    with pytest.raises(FrozenInstanceError):
        device("ideal").t0_s = 2.0
    cells = device("ideal").program(TARGET_S, np.random.default_rng(0))
    with pytest.raises(FrozenInstanceError):
        cells.stuck = None


@pytest.mark.promise("crossbar.noise")
def test_stuck_cells_have_their_share_and_do_not_move():
    n = int((8 / 0.2) ** 2 * 0.95 / 0.05)  # a share of 0.05 that is 20 % off lies 8 errors away
    target_S = np.full(n, 12.5e-6)
    cells = FULL.program(target_S, np.random.default_rng(9))
    low, high = cells.stuck & (cells.programmed_S == 0), cells.stuck & (cells.programmed_S == 25e-6)
    assert np.array_equal(low | high, cells.stuck)
    error = np.sqrt(n * 0.05 * 0.95)
    for count in (low.sum(), high.sum()):
        assert abs(count - 0.05 * n) < 4 * error
    more = replace(FULL, faults=StuckCells(0.06, 0.05)).program(target_S, np.random.default_rng(9))
    assert abs((more.stuck & (more.programmed_S == 0)).sum() - 0.05 * n) > 4 * error
    low, high = StuckCells(0.3, 0.3).draw((1000,), np.random.default_rng(0))
    assert not (low & high).any()
    later_S = FULL.without("temperature").conductance_S(cells, 1e6)
    assert np.array_equal(later_S[cells.stuck], cells.programmed_S[cells.stuck])
    assert not (later_S[~cells.stuck] == cells.programmed_S[~cells.stuck]).any()


@pytest.mark.promise("crossbar.noise")
def test_levels_are_uniform_and_nearest():
    card = replace(device("ideal"), g_min_S=5e-6, levels=UniformLevels(5))
    asked_S = np.array([5.0, 7.4, 7.6, 12.5, 25.0]) * 1e-6
    found_S = card.program(asked_S, np.random.default_rng(0)).programmed_S
    assert found_S == pytest.approx(np.array([5.0, 5.0, 10.0, 10.0, 25.0]) * 1e-6, rel=1e-12)


@pytest.mark.promise("crossbar.noise")
def test_temperature_activates_by_state():
    """At 350 K a cell of 0.25 eV (1 - g) conducts exp(E / k (1/300 - 1/350)) times as much as at 300 K."""
    card = device("pcm_ibm").without("programming", "drift")
    cells = card.program(np.array([2.5e-6, 12.5e-6, 25e-6]), np.random.default_rng(0))
    energy_J = 0.25 * elementary_charge * np.array([0.9, 0.5, 0.0])
    expected = cells.programmed_S * np.exp(energy_J / k * (1 / 300 - 1 / 350))
    assert card.conductance_S(cells, 20.0, 350.0) == pytest.approx(expected, rel=1e-8)  # 10 digits of k in eV/K
    assert np.array_equal(card.conductance_S(cells, 20.0, 300.0), cells.programmed_S)


PCM, MILO = device("pcm_ibm"), device("rram_milo")
NAMES = (
    "ideal, pcm_hermes_1, pcm_hermes_2, pcm_ibm, rram_cmo, rram_cmo_fine, rram_milo, "
    "rram_relaxation_b, rram_relaxation_c, rram_wan"
)
CELLS = PCM.program(np.full(3, 1e-5), np.random.default_rng(0))


@pytest.mark.promise("crossbar.cards")
@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: PCM.program(np.array([1e-5, 3e-5]), np.random.default_rng(0)),
            "Target conductance of pcm_ibm must be within 0 to 2.5e-05 S, not 3e-05 S",
        ),
        (
            lambda: MILO.program(np.array([[4.9e-5]]), np.random.default_rng(0)),
            "Target conductance of rram_milo must be within 5e-05 to 0.000225 S, not 4.9e-05 S",
        ),
        (
            lambda: PCM.program(np.array([np.nan]), np.random.default_rng(0)),
            "Target conductance of pcm_ibm must be within 0 to 2.5e-05 S, not nan S",
        ),
        (
            lambda: PCM.conductance_S(CELLS, 19.9),
            "Time of pcm_ibm must be within 20 to 3.2e+07 s, not 19.9 s",
        ),
        (
            lambda: PCM.read_sigma_S(CELLS, 4e7),
            "Time of pcm_ibm must be within 20 to 3.2e+07 s, not 4e+07 s",
        ),
        (
            lambda: PCM.conductance_S(CELLS, np.nan),
            "Time of pcm_ibm must be within 20 to 3.2e+07 s, not nan s",
        ),
        (
            lambda: PCM.conductance_S(CELLS, 20.0, 450.0),
            "Temperature of pcm_ibm must be within 180 to 400 K, not 450 K",
        ),
        (
            lambda: MILO.current_A(1e-4, np.array([0.1, -0.6])),
            "Voltage of rram_milo must be within -0.5 to 0.5 V, not -0.6 V",
        ),
        (lambda: MILO.slope_S(1e-4, 0.7), "Voltage of rram_milo must be within -0.5 to 0.5 V, not 0.7 V"),
        (lambda: MILO.check_voltage([0.1, -0.51]), "Voltage of rram_milo must be within -0.5 to 0.5 V, not -0.51 V"),
        (
            lambda: PCM.without("heat"),
            "Law must be one of programming, drift, read_noise, conduction, temperature, faults, levels, not 'heat'",
        ),
        (
            lambda: device("pcm"),
            f"Device must be one of {NAMES}, or a file that ends in .json, not 'pcm'",
        ),
        (lambda: replace(PCM, g_min_S=3e-5), "g_min_S must be within 0 to g_max_S = 2.5e-05, not 3e-05"),
        (lambda: replace(PCM, t0_s=0.0), "t0_s must be above 0 and at most t_max_s = 32000000.0, not 0.0"),
        (
            lambda: replace(PCM, temperatures_K=(400.0, 300.0)),
            "temperatures_K must be two rising numbers above 0, not (400.0, 300.0)",
        ),
        (
            lambda: replace(device("rram_wan"), t_max_s=1e9),
            "t_max_s must be at most 172800.0 s, where the drift law ends, not 1000000000.0",
        ),
        (
            lambda: replace(device("rram_relaxation_c"), t0_s=1e-3),
            "t0_s must be at least 0.01 s, where the drift law begins, not 0.001",
        ),
        (
            lambda: replace(device("rram_cmo"), t0_s=0.5),
            "t0_s must be at least 1.0 s, where the drift law begins, not 0.5",
        ),
        (lambda: replace(PCM, t0_s=1e-7), "t0_s must be at least t_read_s = 2.5e-07, not 1e-07"),
        (lambda: StuckCells(0.7, 0.5), "low + high must be at most 1, not 1.2"),
        (lambda: UniformLevels(1), "n_levels must be an integer of at least 2, not 1"),
    ],
)
def test_what_lies_outside_the_range_is_refused(call, message):
    with pytest.raises(InputError) as caught:
        call()
    assert str(caught.value) == message


@pytest.mark.promise("crossbar.cards")
@pytest.mark.parametrize("name", catalogue.names())
def test_ends_of_every_range_are_allowed(name):
    """A window end that was computed with a rounding error is that end."""
    card = device(name)
    ends_S = np.array([card.g_min_S, card.g_max_S]) * [1 - 4e-16, 1 + 4e-16]
    cells = card.program(ends_S, np.random.default_rng(0))
    assert np.array_equal(cells.target_S, [card.g_min_S, card.g_max_S])
    for t_s in (card.t0_s, card.t_max_s):
        for temperature_K in (*card.temperatures_K, 300.0):
            assert np.isfinite(card.conductance_S(cells, t_s, temperature_K)).all()
    if card.v_max_V < np.inf:
        assert np.isfinite(card.current_A(cells.target_S, -card.v_max_V)).all()


def test_cell_may_see_a_tenth_more_than_its_drivers_may_give():
    MILO.check_voltage(0.5)
    assert np.isfinite(MILO.current_A(1e-4, 0.54))
    assert np.isfinite(MILO.slope_S(1e-4, -0.54))


@pytest.mark.promise("crossbar.cards")
def test_every_card_names_its_source():
    for name in catalogue.names():
        card = device(name)
        assert isinstance(card, DeviceCard)
        assert card.name == name
        assert len(card.citation) > 20


@pytest.mark.parametrize("card", [MILO, replace(PCM, conduction=Sinh(0.1)), PCM], ids=["cubic", "sinh", "ohmic"])
def test_slope_is_the_derivative_of_the_current(card):
    """A central difference of step h errs by h^2 times the third derivative over 6: below 1e-7 here."""
    g_S = np.array([[30e-6], [50e-6], [100e-6], [225e-6], [240e-6]])  # two of them beyond the cubic's fit
    v_V, h_V = np.linspace(-0.29, 0.29, 7), 1e-5
    current = card.conduction.current_A
    numeric = (current(g_S, v_V + h_V) - current(g_S, v_V - h_V)) / (2 * h_V)
    assert card.slope_S(g_S, v_V) == pytest.approx(numeric, rel=1e-6)
    assert (card.slope_S(g_S, v_V) > 0).all()
    assert card.current_A(g_S, 0.0) == pytest.approx(np.zeros((5, 1)))
    assert card.slope_S(g_S, 0.0) == pytest.approx(g_S, rel=1e-12)


def test_cubic_current_by_hand():
    """Milo at 100 uS, log10 G = -4, and 0.5 V: n2 = -8.2e-6 S/V, n3 = -6e-7 S/V^2, as printed and summed by hand."""
    n2 = 1.388e-4 * -64 + 1.541e-3 * 16 + 5.711e-3 * -4 + 7.063e-3
    n3 = 8.871e-5 * 16 + 6.7919e-4 * -4 + 1.2968e-3
    for v_V in (0.5, -0.5):
        expected = 1e-4 * v_V + n2 * v_V**2 + n3 * v_V**3
        assert MILO.current_A(1e-4, v_V) == pytest.approx(expected, rel=1e-9)
    assert MILO.current_A(1e-4, -0.5) != pytest.approx(-MILO.current_A(1e-4, 0.5), rel=0.01)


@pytest.mark.promise("crossbar.noise")
def test_sinh_current_by_hand():
    assert Sinh(0.25).current_A(1e-5, 0.25) == pytest.approx(1e-5 * 0.25 * 1.1752011936438014, rel=1e-12)
