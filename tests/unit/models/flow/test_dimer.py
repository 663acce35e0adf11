"""The dimer among discs: its energy, its names, and umbrella sampling beside independent draws."""

from dataclasses import replace

import numpy as np
import pytest

from spinchip.emulator.spec.errors import InputError
from spinchip.models.flow import umbrella
from spinchip.models.flow.dimer import BOX, MIDDLE, PIN, SolvatedDimer
from spinchip.models.flow.estimates import bennett_log_z
from spinchip.models.flow.umbrella_estimates import (
    closed_less_open,
    difference,
    integrated_profile,
    states_of,
    weighted_profile,
)
from spinchip.models.flow.whitened import Whitened

SMALL = SolvatedDimer(n_solvent=1)


@pytest.fixture(scope="module")
def run():
    return umbrella.run_umbrella(SMALL, 40_000, 1)


def by_independent_draws(system, n=1_000_000, seed=3):
    """Return closed less open and its error by weights of points drawn without any walk, for a dimer and one disc."""
    rng = np.random.default_rng(seed)
    width = 1.0 / np.sqrt(2 * PIN)
    middle, first, second = (width * rng.standard_normal(n) for _ in range(3))
    gap, disc = rng.uniform(0.2, 2.8, n), rng.uniform(-BOX - 0.4, BOX + 0.4, (n, 2))
    x = np.stack([(middle - gap) / 2, first, (middle + gap) / 2, second, *disc.T], axis=1)
    weight = np.exp(-system.energy(x) + PIN * (middle**2 + first**2 + second**2))
    closed = system.coordinate(x) < MIDDLE
    parts = [np.log(w[~c].sum() / w[c].sum()) for w, c in ((weight[k::20], closed[k::20]) for k in range(20))]
    return np.mean(parts), np.std(parts, ddof=1) / np.sqrt(20)


def test_published_energy_of_two_points():
    """By hand: the bond at 2.5 has d0 = 2; the disc stands 1.1 from both ends of a bond of 0 away from the pins."""
    apart = np.array([[-1.25, 0.0, 1.25, 0.0, 0.0, 2.9]])
    far = 2 * (1.21 / (1.25**2 + 2.9**2)) ** 6
    assert SMALL.energy(apart)[0] == pytest.approx(4.0 - 100.0 + 160.0 + far)
    out = apart + np.array([[0.0, 0.5, 0.0, 0.0, 0.0, 0.3]])
    near = sum((1.21 / (1.25**2 + gap**2)) ** 6 for gap in (2.7, 3.2))
    bond = SMALL.bond(np.hypot(2.5, 0.5))
    assert SMALL.energy(out)[0] == pytest.approx(bond + 20.0 * 0.25 + near + 200.0 * 0.2**2)


def test_moves_change_the_energy_as_the_whole_does():
    system, rng = SolvatedDimer(), np.random.default_rng(1)
    assert system.n_dims == 76
    places = system.start(1.7) + 0.1 * rng.standard_normal(76)
    for i in (0, 1, 2, 20, 37):
        moved = places.copy()
        moved[2 * i : 2 * i + 2] += (0.31, -0.17)
        whole = np.diff(system.energy(np.stack([places, moved])))[0]
        here = umbrella._local(places, i, *places[2 * i : 2 * i + 2], system.slope)
        there = umbrella._local(places, i, *moved[2 * i : 2 * i + 2], system.slope)
        assert there - here == pytest.approx(whole, rel=1e-9)


@pytest.mark.promise("flow.systems")
def test_umbrella_agrees_with_independent_draws(run):
    wanted, error = by_independent_draws(SMALL)
    for estimator in (weighted_profile, integrated_profile):
        found, own = difference(run, estimator)
        assert abs(found - wanted) < 4.0 * np.hypot(own, error)
        assert own < 0.2
    wrong, own = difference(replace(run, centres=run.centres + 0.01))  # windows that are not where they are said to be
    assert abs(wrong - wanted) > 8.0 * np.hypot(own, error)


def test_states_have_the_weights_of_no_bias(run):
    """Mean lengths of the bond in both states, against the profile's; without weights they are off."""
    closed, opened = states_of(run, 4000, 1)
    assert SMALL.is_far(closed).all()
    assert not SMALL.is_far(opened).any()
    places, energy = weighted_profile(run)
    share = np.exp(-energy) * (places < MIDDLE)
    wanted = places @ share / share.sum()
    spread = np.sqrt((places - wanted) ** 2 @ share / share.sum())
    assert abs(SMALL.coordinate(closed).mean() - wanted) < 6.0 * spread / np.sqrt(4000)
    plain = run.lengths[run.lengths < MIDDLE]
    assert abs(plain.mean() - wanted) > 20.0 * spread / np.sqrt(4000)


def test_names_are_the_nearest_and_change_no_energy():
    system, rng = SolvatedDimer(n_solvent=6), np.random.default_rng(2)
    anchor = rng.uniform(-3, 3, system.n_dims)
    x = rng.uniform(-3, 3, (50, system.n_dims))
    named = system.relabelled(x, anchor)
    np.testing.assert_allclose(system.energy(named), system.energy(x), rtol=1e-12)
    assert (named[:, 0] <= named[:, 2]).all()
    assert system.is_named_right(named, anchor).all()
    shuffled = named.reshape(50, -1, 2)[:, [0, 1, 3, 2, 4, 5, 6, 7]].reshape(50, -1)
    assert not system.is_named_right(shuffled, anchor).any()
    np.testing.assert_allclose(system.relabelled(shuffled, anchor), named)


def test_whitened_energy_keeps_the_integral():
    rng = np.random.default_rng(4)
    x = rng.standard_normal((500, SMALL.n_dims)) * 0.2 + SMALL.start(2.0)
    seen = Whitened.of(SMALL, x)
    u = seen.to_u(x)
    np.testing.assert_allclose(u.std(axis=0), 1.0)
    np.testing.assert_allclose(seen.to_x(u), x)
    np.testing.assert_allclose(seen.energy(u), SMALL.energy(x) - np.log(x.std(axis=0)).sum())
    assert (seen.is_far(u) == SMALL.is_far(x)).all()


@pytest.mark.promise("flow.systems")
def test_bennett_reaches_where_few_points_count():
    """Noise twice too wide in 16 dimensions: a few of 5000 points count, and data mend it."""
    rng, n_dims = np.random.default_rng(5), 16
    drawn, data = 2.0 * rng.standard_normal((5000, n_dims)), rng.standard_normal((5000, n_dims))

    def logs(x):
        return -0.5 * (x**2).sum(axis=1) * (1.0 - 1.0 / 4.0) + n_dims * (np.log(2.0) + 0.5 * np.log(2 * np.pi))

    wanted = 0.5 * n_dims * np.log(2 * np.pi)
    found = bennett_log_z(logs(drawn), logs(data))
    plain = np.log(np.exp(logs(drawn) - logs(drawn).max()).mean()) + logs(drawn).max()
    assert abs(found - wanted) < 0.2
    assert abs(found - wanted) < 0.5 * abs(plain - wanted)
    with pytest.raises(InputError, match="support"):
        bennett_log_z(np.full(10, -np.inf), np.zeros(10))


def test_bad_dimers_are_refused():
    with pytest.raises(InputError, match="not 0"):
        SolvatedDimer(n_solvent=0)


def test_profile_of_a_known_curve():
    places = np.array([1.0, 2.0])
    assert closed_less_open((places, np.array([1.5, 0.0]))) == pytest.approx(1.5)


def test_windows_exchange_by_metropolis():
    """States that lie in each other's windows always change places; those in their own almost never do."""
    rng = np.random.default_rng(6)
    states = np.stack([SMALL.start(length) for length in umbrella.LENGTHS])
    lengths = SMALL.coordinate(states)
    assert umbrella._exchange(states.copy(), lengths, 0, rng) < 0.6  # exp(-500 * 0.065^2) = 0.12 for each of 12 pairs
    crossed = states.reshape(-1, 2, *states.shape[1:])[:, ::-1].reshape(states.shape)
    assert umbrella._exchange(crossed, SMALL.coordinate(crossed), 0, rng) == 1.0
    np.testing.assert_array_equal(crossed, states)
