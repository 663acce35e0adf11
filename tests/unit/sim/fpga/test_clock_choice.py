"""Clock of a bitstream: what the option means, and the search for the fastest."""

import pytest

from spinchip.emulator.spec.errors import InputError
from spinchip.sim.fpga.clock_choice import AIM_HZ, MOST_BUILDS, build_fastest, parsed_clock


@pytest.mark.parametrize("text", ["fast", "0", "-3", "nan", "inf", "1e9", ""])
def test_clock_that_is_no_frequency_is_refused(text):
    with pytest.raises(InputError, match=f"^Clock must be a frequency in MHz or max, not '{text}'$"):
        parsed_clock(text)


def placer(reach_MHz, lowest_MHz=0.0):
    """Return a model of place and route that reaches ``reach_MHz(held to)``, and the clocks that it was held to."""
    held = []

    def build(clock_Hz):
        held.append(clock_Hz)
        if clock_Hz is not None and clock_Hz < lowest_MHz * 1e6:
            raise InputError("below the PLL")
        clock_MHz = 12.0 if clock_Hz is None else clock_Hz / 1e6
        fmax = reach_MHz(clock_MHz)
        return {"fmax_mhz": fmax, "clock_mhz": clock_MHz, "timing_met": fmax >= clock_MHz}

    return build, held


def test_second_build_is_held_to_what_the_first_reached():
    build, held = placer(lambda clock: 40.0)
    notes = []
    assert build_fastest(build, "ice40", notes.append) == {"fmax_mhz": 40.0, "clock_mhz": 40.0, "timing_met": True}
    assert held == [AIM_HZ["ice40"], 40e6]
    assert notes == ["60 MHz is missed; trying 40 MHz, which was reached"]


def test_placing_that_is_always_a_little_late_ends_at_the_boards_clock():
    build, held = placer(lambda clock: 0.97 * clock if clock > 12 else 30.0)
    result = build_fastest(build, "ice40", lambda line: None)
    assert result["clock_mhz"] == 12.0
    assert result["timing_met"]
    assert len(held) == MOST_BUILDS + 1


def test_clock_below_the_pll_falls_back_to_the_boards():
    build, held = placer(lambda clock: 14.0, lowest_MHz=16.0)
    assert build_fastest(build, "ice40", lambda line: None)["clock_mhz"] == 12.0
    assert held == [AIM_HZ["ice40"], 14e6, None]


def test_refusal_of_the_first_build_is_kept():
    build, _ = placer(lambda clock: 14.0, lowest_MHz=1000.0)
    with pytest.raises(InputError, match="below the PLL"):
        build_fastest(build, "ice40", lambda line: None)
