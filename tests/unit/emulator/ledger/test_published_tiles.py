"""Published times and energies from the cycle-exact trace, within 10 %, and models of the machines that miss them."""

from dataclasses import replace

import pytest

from spinchip.emulator.golden.tile.trace import trace_tile
from spinchip.emulator.ledger import hermes, isaac, published
from spinchip.emulator.ledger.price import ARRAY_JOULES
from spinchip.emulator.ledger.tu_delft import tu_delft
from spinchip.emulator.spec.errors import InputError

WITHIN = 0.10


def misses(value, figure):
    return abs(value / figure - 1) > WITHIN


@pytest.mark.promise("crossbar.published-cycles")
@pytest.mark.parametrize("row", published.comparisons(), ids=lambda row: row.quantity)
def test_trace_meets_the_published_figure(row):
    assert not misses(row.traced, row.published)


@pytest.mark.promise("crossbar.published-cycles")
def test_published_figures_are_those_in_print():
    assert hermes.published_time_s(1) == pytest.approx(133e-9, rel=0.005)
    assert hermes.published_time_s(4) == pytest.approx(521e-9, rel=0.005)
    assert hermes.published_energy_J(1) == pytest.approx(13.4e-9, rel=0.005)
    assert hermes.published_energy_J(4) == pytest.approx(52.9e-9, rel=0.005)
    assert len(published.table().splitlines()) == 1 + len(published.comparisons())


def test_energies_of_hermes_with_the_price_of_the_core_are_predictions():
    """Nothing of the chip goes into the price: another throughput and efficiency of the chip leave it as it is."""
    rows = {row.quantity: row for row in published.comparisons()}
    assert rows["HERMES, 4 phases, energy, price from the core"].standing == "prediction"
    assert rows["HERMES, 1 phase, energy, price from the chip"].standing == "fit"
    assert rows["HERMES, 1 phase, energy, price from the chip"].deviation == pytest.approx(0, abs=1e-9)
    core, chip = (hermes.column_clock_price(name) for name in ("core", "chip"))
    assert core.low_J < core.best_J < core.high_J < chip.low_J


@pytest.mark.promise("crossbar.published-cycles")
def test_other_models_of_hermes_miss():
    timing = hermes.hermes_timing(1)
    whole_byte = replace(timing, settle_cycles=255)  # magnitude of 8 bits instead of 7
    shared = replace(timing, n_adcs=64, convert_cycles=8)
    for wrong in (whole_byte, shared):
        assert misses(trace_tile(wrong).latency_s, hermes.published_time_s(1))
    price = hermes.column_clock_price()
    phases = hermes.hermes_timing(4)
    overlapped = replace(phases, settle_cycles=64)  # phases of half a pulse
    energy = trace_tile(overlapped).events()["column_cycles"] * price.best_J
    assert misses(energy, hermes.published_energy_J(4))


def test_converter_is_fast_enough_to_count_a_full_pulse():
    """A step of 300 ps makes 423 counts in 127 ns, more than the 256 of 8 bits: the pulse sets the time."""
    pulse_s = hermes.slots() / hermes.CLOCK_HZ
    assert pulse_s / hermes.STEP_S > 2**hermes.INPUT_BITS


def test_bill_of_hermes_sums_and_names_its_sources():
    tile = hermes.hermes(4)
    found = tile.bill(tile.trace(), hermes.array_joules())
    low, best, high = found.total_J
    assert low < best < high
    assert best == pytest.approx(sum(row.energies_J[1] for row in found.rows))
    assert found.energy_J("array_joules") == hermes.array_joules() < 0.05 * best
    assert "JSSC 2022" in found.text()


@pytest.mark.promise("crossbar.published-cycles")
@pytest.mark.parametrize("read_s", [5e-9, 50e-9, 100e-9])
def test_cycle_of_isaac_is_set_by_its_converter(read_s):
    trace = isaac.isaac(read_s).trace(4)
    assert trace.interval_s / 16 == pytest.approx(100e-9)
    assert trace.utilisation()["adc_columns"] == 1


@pytest.mark.promise("crossbar.published-cycles")
def test_other_models_of_isaac_miss():
    timing = isaac.isaac_timing()
    waiting = replace(timing, pipelined=False)
    two_converters = replace(isaac.isaac_timing(50e-9), n_adcs=2)
    for wrong in (waiting, two_converters):
        assert misses(trace_tile(wrong, 4).interval_s / 16, isaac.CYCLE_S)


def test_conversion_of_isaac_costs_1_56_pJ():
    assert isaac.isaac_prices()["conversions"].best_J == pytest.approx(1.56e-12, rel=0.005)
    trace = isaac.isaac().trace()
    assert trace.events()["conversions"] == 16 * 128


def test_tu_delft_has_a_price_for_everything():
    tile = tu_delft()
    trace = tile.trace(4)
    found = tile.bill(trace, array_joules=1e-9)
    assert found.energy_J("conversions") == pytest.approx(4 * 8 * 256 * 2e-12)
    assert found.energy_J("array_joules") == pytest.approx(1e-9 * ARRAY_JOULES.best_J)
    assert trace.interval_s == pytest.approx(8 * 32 * 2e-9)  # 32 conversions of 2 ns outlast the read of 14 ns


def test_bad_machines_are_refused():
    with pytest.raises(InputError, match="^Phases of HERMES must be 1 or 4, not 2$"):
        hermes.hermes_timing(2)
    with pytest.raises(InputError, match="^Price must be fitted to one of core, chip, not 'wish'$"):
        hermes.column_clock_price("wish")
    with pytest.raises(InputError, match="^Read must take 3..128 conversions of 7.81e-10 s, not 2e-07 s$"):
        isaac.isaac_timing(200e-9)
