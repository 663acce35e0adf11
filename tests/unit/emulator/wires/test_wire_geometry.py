"""Resistance of a wire segment against the formula by hand, and refusals."""

import pytest

from spinchip.emulator.spec.errors import InputError
from spinchip.emulator.wires.geometry import segment_ohm


def test_segment_of_copper_by_hand():
    """40 nm: 29.7 nohm m x 80 nm / (40 nm^2 x 1.9)."""
    assert segment_ohm(40e-9, 80e-9) == pytest.approx(29.7e-9 * 80e-9 / (40e-9**2 * 1.9), rel=1e-12)
    assert segment_ohm(40e-9, 80e-9, temperature_K=400) / segment_ohm(40e-9, 80e-9) == pytest.approx(1.451)
    thick = 1 - (2 * 1.9 + 1) * 2e-9 / (1.9 * 40e-9)
    assert segment_ohm(40e-9, 80e-9, barrier_m=2e-9) == pytest.approx(segment_ohm(40e-9, 80e-9) / thick)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ((10e-9, 80e-9), r"Wire width must be 15 to 175 nm \(the tabulated range\), not 10 nm"),
        ((40e-9, 0.0), "Segment length must be above 0 m, not 0.0 m"),
        ((40e-9, 80e-9, 250.0), "Temperature must be 300 K or more, where the slope was fitted, not 250.0 K"),
        ((40e-9, 80e-9, 300.0, 20e-9), "Barrier must leave some of the wire and be 0 or more, not 20 nm thick"),
    ],
)
def test_bad_geometry_is_refused(arguments, text):
    with pytest.raises(InputError, match=f"^{text}$"):
        segment_ohm(*arguments)
