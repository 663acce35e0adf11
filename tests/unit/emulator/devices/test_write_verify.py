"""The write-verify loop leaves the truncated error, and takes the pulses, that theory says."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm, truncnorm

from spinchip.emulator.devices.catalogue import device
from spinchip.emulator.devices.memristor.write_verify import WriteVerify
from spinchip.emulator.spec.errors import InputError

N = 40000  # 5 % of a spread are 14 of its errors, 5 % of a mean count 10
LOOP = WriteVerify(window_S=0.0, window_share=0.02, gain=1.0, pulse_S=2e-6, relax_S=0.0, read_S=0.0, max_pulses=500)
TARGET_S = 50e-6
WINDOW_S = 1e-6


def errors(loop, seed=3):
    """Return error [S] and constants of N cells; with gain 1 every pulse is a fresh normal error."""
    written_S, drawn = loop.write(np.full(N, TARGET_S), np.random.default_rng(seed))
    return written_S - TARGET_S, drawn


@pytest.mark.promise("crossbar.noise")
def test_residual_is_a_truncated_normal_law():
    error, drawn = errors(LOOP)
    law = truncnorm(-WINDOW_S / 2e-6, WINDOW_S / 2e-6, scale=2e-6)
    assert drawn["verified"].all()
    assert np.abs(error).max() <= WINDOW_S
    spread_of_sd = law.std() * np.sqrt((law.stats("k") + 2) / (4 * N))
    assert abs(np.std(error) - law.std()) < 5 * spread_of_sd
    assert abs(np.mean(error)) < 5 * law.std() / np.sqrt(N)
    open_loop, _ = errors(replace(LOOP, max_pulses=1))
    assert abs(np.std(open_loop) - law.std()) > 5 * spread_of_sd


def test_pulses_are_counted_geometric():
    _, drawn = errors(LOOP)
    p = 2 * norm.cdf(0.5) - 1
    error = np.sqrt((1 - p) / p**2 / N)
    assert abs(drawn["n_pulses"].mean() - 1 / p) < 5 * error
    wider = replace(LOOP, window_share=0.021)  # accepts 4.9 % more often
    assert abs(errors(wider)[1]["n_pulses"].mean() - 1 / p) > 5 * error


def test_relaxation_widens_what_a_pulse_leaves():
    """A pulse of 1.2 uS and a relaxation of 1.6 uS are together the 2 uS of the other tests."""
    _, drawn = errors(replace(LOOP, pulse_S=1.2e-6, relax_S=1.6e-6))
    p = 2 * norm.cdf(0.5) - 1
    assert abs(drawn["n_pulses"].mean() - 1 / p) < 5 * np.sqrt((1 - p) / p**2 / N)
    _, calmer = errors(replace(LOOP, pulse_S=1.2e-6))
    assert abs(calmer["n_pulses"].mean() - 1 / p) > 5 * np.sqrt((1 - p) / p**2 / N)


def test_read_noise_is_the_floor():
    """Cells accepted at the first pulse: error e with density phi(e) P(|e + noise| < window), by quadrature."""
    read_S = 1.5e-6
    error, drawn = errors(replace(LOOP, read_S=read_S))
    first = error[drawn["n_pulses"] == 1] / 1e-6

    def density(e):
        return norm.pdf(e, scale=2.0) * (norm.cdf((1 - e) / 1.5) - norm.cdf((-1 - e) / 1.5))

    accepted = quad(density, -20, 20)[0]
    second = quad(lambda e: e**2 * density(e), -20, 20)[0] / accepted
    fourth = quad(lambda e: e**4 * density(e), -20, 20)[0] / accepted
    error_of_square = np.sqrt((fourth - second**2) / first.size)
    assert abs(first.size / N - accepted) < 5 * np.sqrt(accepted * (1 - accepted) / N)
    assert abs(np.mean(first**2) - second) < 5 * error_of_square
    assert np.mean(first**2) > 1 / 3 + 5 * error_of_square  # beyond anything that lies within the window


def test_pulse_corrects_what_the_read_says():
    """Exact pulses: the first hits the target; where its read lies outside, the next one moves by the noise of it."""
    error, drawn = errors(replace(LOOP, pulse_S=0.0, read_S=1e-6))
    assert np.abs(error[drawn["n_pulses"] == 1]).max() < 1e-18
    assert np.abs(error[drawn["n_pulses"] == 2]).min() > WINDOW_S


def test_partial_pulses_close_in_on_the_target():
    """Half of what is missing each time, without noise: 50 uS, missing 25, 12.5, ... < 1 uS after six pulses."""
    exact = WriteVerify(window_S=1e-6, window_share=0.0, gain=0.5, pulse_S=0.0, relax_S=0.0, read_S=0.0)
    written_S, drawn = exact.write(np.array([[TARGET_S]]), np.random.default_rng(0))
    assert drawn["n_pulses"].tolist() == [[6]]
    assert written_S[0, 0] == pytest.approx(TARGET_S * (1 - 0.5**6), rel=1e-12)


def test_cell_that_is_never_verified_is_marked():
    hopeless = replace(LOOP, window_share=1e-15, max_pulses=3)
    _, drawn = errors(hopeless)
    assert not drawn["verified"].any()
    assert (drawn["n_pulses"] == 3).all()


def test_card_keeps_pulses_of_its_cells():
    card = replace(device("rram_cmo"), programming=LOOP)
    cells = card.program(np.full((4, 5), TARGET_S), np.random.default_rng(1))
    assert cells.drawn["n_pulses"].shape == (4, 5)
    assert {"n_pulses", "verified", "xi"} == set(cells.drawn)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"window_share": 0.0}, "window_S or window_share must be above 0, not 0 and 0"),
        ({"gain": 2.0}, "gain must be above 0 and below 2, where the loop converges, not 2.0"),
        ({"max_pulses": 0}, "max_pulses must be an integer of at least 1, not 0"),
        ({"read_S": -1.0}, "read_S must be at least 0, not -1.0"),
    ],
)
def test_impossible_loop_is_refused(change, message):
    with pytest.raises(InputError) as caught:
        replace(LOOP, **change)
    assert str(caught.value) == message
