"""P-bits in strong fields: the chance to point against a field of 5 ... 40, in every sampler of networks."""

import numpy as np
import pytest
from scipy import stats
from scipy.special import expit, log_expit

from spinchip.emulator.spec.errors import InputError, SpinchipError
from spinchip.models.nqs.mapping import BoltzmannMachine
from spinchip.models.nqs.monitor import FrozenChainsWarning
from spinchip.models.nqs.rbm import published_rbm
from spinchip.models.nqs.sampling import Plan, draw_blocks, draw_gibbs
from spinchip.models.nqs.sampling_kernels import draw_pbits
from spinchip.models.van.directed_pbits import DirectedHardware, draw_directed
from spinchip.models.van.fvsbn import Fvsbn

FIELDS = (5.0, 6.5, 7.9, 8.8, 10.0, 12.0, 15.0, 20.0, 30.0, 40.0)
MASK32, MASK64 = (1 << 32) - 1, (1 << 64) - 1


def before_shift(value, places, width):
    """Return x of x ^ (x shifted by ``places``) = value; to the left if ``places`` is above 0."""
    found = value
    for _ in range(width):
        found = value ^ ((found << places if places > 0 else found >> -places) & ((1 << width) - 1))
    return found


def state_before_word(word):
    """Return the xorshift32 state whose next word is ``word``."""
    return before_shift(before_shift(before_shift(word, 5, 32), -17, 32), 13, 32)


def state_before_share(share):
    """Return the xorshift64* state whose next number is ``share``, a multiple of 2^-53, 0 or more."""
    mixed = ((int(share * 2.0**53) << 11) + 1) * pow(0x2545F4914F6CDD1D, -1, 1 << 64) & MASK64
    return before_shift(before_shift(before_shift(mixed, -27, 64), 25, 64), -12, 64)


def is_against(fields, share):
    """Return whether p-bits point against fields if the first word is coarse and the share within it is ``share``."""
    streams = np.full((len(fields), 1), state_before_word(1), dtype=np.uint32)
    fine = np.array([state_before_share(s) for s in np.broadcast_to(share, len(fields))], dtype=np.uint64)
    spins = np.empty((len(fields), 1))
    draw_pbits(np.array(fields)[:, None], spins, streams, fine)
    return spins[:, 0] != np.sign(fields)


@pytest.mark.promise("nqs.strong-fields")
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_small_chances_are_those_of_the_field(sign):
    """Just below the chance 1 / (1 + e^2I) the p-bit points against its field, just above it does not; no floor."""
    fields = sign * np.array([f for f in FIELDS if expit(-2.0 * f) > 2.0**-62])
    chances = expit(-2.0 * np.abs(fields)) * 2.0**12
    step = 2.0**-53 / chances  # the first number has 53 bits; the second ones lie below
    assert is_against(fields, chances * (1.0 - 1e-3 - 2.0 * step)).all()
    assert not is_against(fields, chances * (1.0 + 1e-3 + 2.0 * step)).any()
    floored = expit(-2.0 * np.minimum(np.abs(fields), 7.9)) * 2.0**12
    strong = np.abs(fields) > 8.0
    assert not is_against(fields[strong], 0.99 * floored[strong]).any(), "a floor at 7.9 would turn these"


@pytest.mark.promise("nqs.strong-fields")
def test_counts_in_strong_fields_reject_a_floor():
    """At 8.8 a floor at 7.9 draws 6 times too many: of n expected events the two lie 8 deviations of both apart."""
    field, wrong = 8.8, 7.9
    p, p_wrong = expit(-2.0 * field), expit(-2.0 * wrong)
    n = int(np.ceil((8.0 * np.sqrt(p_wrong) / (p_wrong - p)) ** 2))  # 6.4e8
    fields = np.full((64, 16384), field, dtype=np.float32)
    rng, spins, total = np.random.default_rng(3), np.empty_like(fields), 0
    streams, fine = (
        rng.integers(1, 1 << 32, fields.shape, dtype=np.uint32),
        rng.integers(1, 1 << 63, 64, dtype=np.uint64),
    )
    rounds = -(-n // fields.size)
    for _ in range(rounds):
        draw_pbits(fields, spins, streams, fine)
        total += int((spins < 0).sum())
    expected = rounds * fields.size * p
    assert stats.poisson.cdf(total, expected) > 1e-5 < stats.poisson.sf(total - 1, expected)
    assert stats.poisson.cdf(total, rounds * fields.size * p_wrong) < 1e-9


@pytest.mark.promise("nqs.strong-fields")
def test_streams_are_xorshift32():
    """The words of a p-bit are those of xorshift32, none of which is 0 or comes twice in 2^32 - 1."""
    words = np.array([[1, 0xDEADBEEF, 31337]], dtype=np.uint32)
    wanted = words[0].astype(object)
    spins, fine = np.empty((1, 3)), np.ones(1, dtype=np.uint64)
    for _ in range(1000):
        draw_pbits(np.zeros((1, 3)), spins, words, fine)
        wanted = wanted ^ ((wanted << 13) & MASK32)
        wanted = wanted ^ (wanted >> 17)
        wanted = wanted ^ ((wanted << 5) & MASK32)
        assert words[0].tolist() == wanted.tolist()
        assert state_before_word(int(wanted[0])) != 0


@pytest.mark.promise("nqs.strong-fields")
@pytest.mark.parametrize("w", [3.0, 3.6, 4.2])
def test_a_strong_pair_follows_its_law(w):
    """One pair with biases .3: the share of visible spins up, over chains that are long enough to be independent.

    The slower rate is that out of both up, 2 expit(-2 (w + b)); chains of 5 over the sum of rates, one state each.
    """
    b = 0.3
    law = np.exp([w + 2 * b, -w, -w, w - 2 * b])
    up = (law[0] + law[1]) / law.sum()
    rate = 2 * expit(-2 * (w + b)) + 2 * expit(-2 * (w - b))
    machine = BoltzmannMachine(np.array([[w]]), np.array([b]), np.array([b]))
    drawn = draw_blocks(machine, Plan(4000, 1, int(5.0 / rate)), 1).spins[:, 0, 0]
    bias = np.exp(-5.0)  # what is left of the start, at 1/2
    z = ((drawn > 0).mean() - up - (0.5 - up) * bias) / np.sqrt(up * (1 - up) / 4000)
    assert abs(z) < 4.0
    assert abs(((drawn > 0).mean() - 0.5) / np.sqrt(0.25 / 4000)) > 8.0


def test_sums_beyond_float32_are_as_exact():
    """Fields of 1e6 that cancel to 0.5 are kept: float32 would round them to multiples of 1/16."""
    weights = np.array([[1e6 + 0.3], [-1e6]])
    machine = BoltzmannMachine(weights, np.zeros(1), np.zeros(2))
    drawn = draw_blocks(
        machine, Plan(64, 4000, 5, on_frozen="ignore"), 1, initial=np.ones((64, 2), dtype=np.int8)
    ).spins
    assert (drawn[..., 0] == -drawn[..., 1]).all()  # e^-2e6 is never drawn
    loose = BoltzmannMachine(np.array([[1e6, 1e6 + 0.5], [0.0, 0.0]]), np.array([0.0, 0.0]), np.array([0.0, 0.2]))
    second = draw_blocks(loose, Plan(64, 4000, 5, on_frozen="ignore"), 1).spins[..., 1]
    z = (second.mean() - np.tanh(0.2)) / np.sqrt((1 - np.tanh(0.2) ** 2) / second.size)
    assert abs(z) < 4.0


@pytest.mark.parametrize("weight", [np.inf, np.nan, 1.5e308])
def test_fields_that_are_not_finite_are_refused(weight):
    machine = BoltzmannMachine(np.full((2, 2), weight), np.zeros(2))
    with pytest.raises(InputError, match="^Local fields must be finite, not sums of weights and biases beyond 1.8e308"):
        draw_blocks(machine, Plan(2, 2, 2), 1)


def test_directed_pbits_stay_silent_in_huge_fields():
    network = Fvsbn(np.array([[0.0, 0.0], [5e3, 0.0]]))
    drawn = draw_directed(network, DirectedHardware(), 100, 1)
    assert (drawn.spins[:, 0] == drawn.spins[:, 1]).all()
    np.testing.assert_allclose(drawn.realised, np.log(0.5) + log_expit(5e3))


def frozen_and_mobile():
    """Return pairs of machines, frozen and not, of 4, 16 and 36 visible spins; the coupling is all that differs."""
    for n in (4, 16, 36):
        yield n, *(BoltzmannMachine(np.full((n, n), w), np.zeros(n), np.zeros(n)) for w in (12.0 / n, 0.3 / n))


@pytest.mark.promise("nqs.frozen-chains")
@pytest.mark.parametrize(("n", "frozen", "mobile"), list(frozen_and_mobile()))
def test_the_sampler_says_that_its_chains_are_frozen(n, frozen, mobile):
    """All spins alike in fields of 12: neither sign is ever left. The draw says so, and its result keeps the flag."""
    with pytest.warns(FrozenChainsWarning, match="^Chains must move, not be frozen: only .* within chains"):
        drawn = draw_blocks(frozen, Plan(16, 100, 10), 1)
    assert drawn.is_frozen
    with pytest.raises(SpinchipError, match="^Chains must move, not be frozen"):
        draw_blocks(frozen, Plan(16, 100, 10, on_frozen="raise"), 1)
    assert draw_blocks(frozen, Plan(16, 100, 10, on_frozen="ignore"), 1).is_frozen
    healthy = draw_blocks(mobile, Plan(16, 100, 10), 1)  # a warning would be an error here
    assert healthy.faults == ()


@pytest.mark.promise("nqs.frozen-chains")
def test_published_networks_are_told_apart():
    """36 sites: alpha 4 freezes (tau of 315 ... 755), alpha 2 does not."""
    with pytest.warns(FrozenChainsWarning, match="of the recorded states are different"):
        assert draw_gibbs(published_rbm(36, 4), Plan(8, 200, 100, True), 1).is_frozen
    assert not draw_gibbs(published_rbm(36, 2), Plan(8, 200, 100, True), 1).is_frozen


def test_on_frozen_of_another_word_is_refused():
    with pytest.raises(InputError, match="^On frozen must be one of warn, raise, ignore, not 'shout'$"):
        Plan(on_frozen="shout")
