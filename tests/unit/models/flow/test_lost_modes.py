"""Networks that have lost a part of the Boltzmann law: their free energies say so, or have no error bar."""

import numpy as np
import pytest

from spinchip.models.van.exact import enumerated, half_energies, sk_couplings
from spinchip.models.van.fvsbn import Fvsbn, enumerated_states
from spinchip.models.van.lost_modes import lost_modes
from spinchip.models.van.tempered import tempered_states
from spinchip.models.van.training import energies_of, free_energy

N, BETA, N_STATES = 12, 2.0, 20_000
GLASS = sk_couplings(N, 4)
STATES = enumerated_states(N)
LAW = np.exp(-BETA * energies_of(GLASS, STATES))
LAW /= LAW.sum()
EXACT = enumerated(GLASS, (BETA,))[0].free_energy


def crippled(seed, is_lost, spread=0.05):
    """Draw from the Boltzmann law without some states, and a little noise in its weights; states, ln q, ln q of any."""
    rng = np.random.default_rng(seed)
    q = np.where(is_lost, 1e-12, 1.0) * LAW * np.exp(spread * rng.standard_normal(len(LAW)))
    q /= q.sum()
    drawn = rng.choice(len(q), N_STATES, p=q)

    def log_q(spins):
        return np.log(q)[(spins > 0) @ (1 << np.arange(N))]

    return STATES[drawn], np.log(q[drawn]), log_q


def some_valley(share):
    """Return a mask of states whose spins 0, 1, ... agree with a pattern, with about that share of the law."""
    for n_fixed in range(1, N):
        for pattern in enumerated_states(n_fixed):
            mask = (STATES[:, :n_fixed] == pattern).all(axis=1)
            if 0.5 * share < LAW[mask].sum() < 2.0 * share:
                return mask
    raise AssertionError(share)


@pytest.mark.promise("van.lost-modes")
@pytest.mark.parametrize("share", [0.0, 0.01, 0.05, 0.5])
def test_errors_cover_what_was_lost(share):
    """Over 12 seeds the distance stays within four errors by the weights, and the naive error misses it by far."""
    is_lost = some_valley(share) if share else np.zeros(len(LAW), dtype=bool)
    naive = []
    for seed in range(12):
        spins, log_q, log_q_of = crippled(seed, is_lost)
        found = free_energy(GLASS, BETA, spins, log_q, log_q_of)
        assert abs(found.reweighted - EXACT) < 4.0 * found.error, seed
        naive.append(abs(found.reweighted - EXACT) / found.naive_error)
        assert bool(found.faults) == (share > 0.0)
    assert (np.median(naive) > 8.0) == (share > 0.0)


@pytest.mark.promise("van.lost-modes")
def test_valleys_tell_without_the_network():
    """Half of the law is lost, the mirror image: without ln q of other states valleys see it, or there is no error."""
    is_lost = STATES[:, 0] < 0
    spins, log_q, _ = crippled(3, is_lost)
    found = free_energy(GLASS, BETA, spins, log_q)
    assert found.effective > 0.99
    assert abs(found.reweighted - EXACT) < 4.0 * found.error
    assert abs(found.reweighted - EXACT) > 50.0 * found.naive_error
    assert "of the target's states lie where none was drawn" in found.faults[0]
    whole = crippled(3, np.zeros(len(LAW), dtype=bool))
    assert free_energy(GLASS, BETA, *whole[:2]).faults == ()


def test_where_valleys_are_too_many_there_is_no_error():
    """Free spins: every state is a valley of its own."""
    free, rng = np.zeros((40, 40)), np.random.default_rng(1)
    spins = rng.choice(np.array([-1, 1], dtype=np.int8), (2000, 40))
    logs = np.zeros(2000)
    assert lost_modes(free, 1.0, spins, logs) is None
    found = free_energy(free, 1.0, spins, np.full(2000, -40 * np.log(2.0)))
    assert found.error == np.inf
    uniform = Fvsbn(np.zeros((40, 40))).log_probabilities
    assert np.isfinite(free_energy(free, 1.0, spins, uniform(spins), uniform).error)


@pytest.mark.promise("van.lost-modes")
def test_tempered_states_follow_the_law():
    """Energies of the 20-spin glass at beta 3 against the sum over all states, and mirror images alike."""
    couplings = sk_couplings(20, 2)
    found = tempered_states(couplings, 3.0, 1)
    assert found.is_mixed
    energies = energies_of(couplings, found.spins)
    every = half_energies(couplings)
    law = np.exp(-3.0 * (every - every.min()))
    law /= law.sum()
    mean, spread = law @ every, np.sqrt(law @ every**2 - (law @ every) ** 2)
    assert abs(energies.mean() - mean) < 4.0 * spread / np.sqrt(found.n_independent)
    cold = law @ np.sort(every)[:1].repeat(len(every))
    assert abs(cold - mean) > 8.0 * spread / np.sqrt(found.n_independent), "a frozen sampler must be seen"
    assert abs((found.spins[:, 0] > 0).mean() - 0.5) < 4.0 * 0.5 / np.sqrt(found.n_independent)
