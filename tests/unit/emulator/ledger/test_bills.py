"""Prices, bills and the heat of the cells: sums, and what is refused."""

import math
import re

import numpy as np
import pytest

from spinchip.emulator.golden.tile.trace import trace_tile
from spinchip.emulator.ledger.array_energy import array_energy_J
from spinchip.emulator.ledger.bill import bill
from spinchip.emulator.ledger.converters import effective_bits, walden_price
from spinchip.emulator.ledger.price import ARRAY_JOULES, Kind, Price
from spinchip.emulator.spec.errors import InputError
from spinchip.emulator.spec.tile.timing import TileTiming

PRICES = {
    "conversions": Price(1e-12, 2e-12, 4e-12, "measured", "a chip"),
    "samples": Price(0.0, 1e-15, 1e-14, Kind.ASSUMED, "a guess"),
    "array_joules": ARRAY_JOULES,
}


@pytest.mark.promise("crossbar.ledger")
def test_rows_sum_to_the_total():
    found = bill({"conversions": 1000, "samples": 300, "array_joules": 5e-10}, PRICES)
    assert [row.event for row in found.rows] == ["conversions", "samples", "array_joules"]
    assert found.total_J == pytest.approx((1.5e-9, 2.5003e-9, 4.503e-9), rel=1e-12)
    for k in range(3):
        assert math.fsum(row.energies_J[k] for row in found.rows) == found.total_J[k]
    assert found.energy_J("conversions") == pytest.approx(2e-9)
    shares = [float(share) for share in re.findall(r"([\d.]+)%", found.text())]
    assert sum(shares) == pytest.approx(100, abs=0.2)


@pytest.mark.promise("crossbar.ledger")
@pytest.mark.parametrize(
    ("events", "prices", "text"),
    [
        ({"leaks": 1}, PRICES, "Event leaks must have a price, not None"),
        ({"leaks": 1}, {"leaks": 1e-12}, "Event leaks must have a price, not 1e-12"),
        ({"samples": -1}, PRICES, "Count of samples must be a finite number of at least 0, not -1"),
        ({"samples": math.nan}, PRICES, "Count of samples must be a finite number of at least 0, not nan"),
    ],
)
def test_bad_bills_are_refused(events, prices, text):
    with pytest.raises(InputError, match=f"^{re.escape(text)}$"):
        bill(events, prices)


@pytest.mark.promise("crossbar.ledger")
@pytest.mark.parametrize("source", ["", "  ", None])
def test_price_without_a_source_is_refused(source):
    with pytest.raises(InputError, match=f"^{re.escape(f'Source of a price must be a text, not {source!r}')}$"):
        Price(1.0, 1.0, 1.0, Kind.CITED, source)


def test_unknown_kind_is_refused():
    text = "Kind of a price must be one of measured, cited, derived, assumed, not 'known'"
    with pytest.raises(InputError, match=f"^{text}$"):
        Price(1.0, 1.0, 1.0, "known", "me")


@pytest.mark.parametrize("figures", [(2.0, 1.0, 3.0), (0.0, 2.0, 1.0), (-1.0, 0.0, 1.0), (0.0, 0.0, math.inf)])
def test_bad_range_is_refused(figures):
    text = f"Price must be finite with 0 <= low <= best <= high, not {figures} J"
    with pytest.raises(InputError, match=f"^{re.escape(text)}$"):
        Price(*figures, Kind.CITED, "me")


def test_events_of_a_trace_need_all_their_prices():
    events = trace_tile(TileTiming(4, 3, n_planes=2)).events()
    prices = {event: PRICES["samples"] for event in events}
    assert len(bill(events, prices).rows) == len(events)
    del prices["adc_cycles"]
    with pytest.raises(InputError, match="^Event adc_cycles must have a price, not None$"):
        bill(events, prices)


@pytest.mark.promise("crossbar.ledger")
def test_array_energy_is_joules_law():
    """Against a sum cell by cell, and the notes' scale: 256 x 256 cells, 0.2 V, 10 uS, 100 ns are 2.6 nJ."""
    rng = np.random.default_rng(2)
    voltages, conductances, times = rng.normal(0, 0.2, 5), rng.uniform(0, 1e-5, (5, 4)), rng.uniform(0, 1e-7, 5)
    slow = sum(voltages[i] ** 2 * conductances[i, j] * times[i] for i in range(5) for j in range(4))
    assert array_energy_J(voltages, conductances, times) == pytest.approx(slow, rel=1e-12)
    assert array_energy_J(0.2, np.full((256, 256), 1e-5), 1e-7) == pytest.approx(2.6e-9, rel=0.01)
    assert array_energy_J(voltages, conductances, 2 * times) == pytest.approx(2 * slow, rel=1e-12)
    assert array_energy_J(2 * voltages, conductances, times) == pytest.approx(4 * slow, rel=1e-12)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ((0.2, np.ones(3), 1.0), "Conductances must be a matrix, not of shape (3,)"),
        ((0.2, -np.ones((2, 2)), 1.0), f"Conductances must be finite and at least 0, not {np.float64(-1.0)!r}"),
        ((np.nan, np.ones((2, 2)), 1.0), f"Voltages must be finite, not {np.float64('nan')!r}"),
        ((0.2, np.ones((2, 2)), -1.0), f"Times must be finite and at least 0, not {np.float64(-1.0)!r}"),
        ((0.2, np.ones((2, 2)), np.ones(3)), "Values of 2 rows must be a number or one a row, not of shape (3,)"),
    ],
)
def test_bad_array_energies_are_refused(arguments, text):
    with pytest.raises(InputError, match=f"^{re.escape(text)}$"):
        array_energy_J(*arguments)


def test_walden_price_doubles_with_every_effective_bit():
    eight, nine = walden_price(8), walden_price(9)
    assert nine.best_J == pytest.approx(2 * eight.best_J)
    assert 1.6e-12 <= eight.best_J <= 2e-12
    assert walden_price(effective_bits(49.92)).best_J == pytest.approx(eight.best_J)
    assert eight.kind is Kind.DERIVED


@pytest.mark.parametrize("bits", [0, math.inf])
def test_bad_effective_bits_are_refused(bits):
    with pytest.raises(InputError, match=f"^Effective bits must be a finite number above 0, not {bits!r}$"):
        walden_price(bits)
