"""Statistics of numbers of any size, and of observables that never change: finite, or said; never a numpy warning."""

import numpy as np
import pytest

from spinchip.emulator.spec.instance import IsingInstance
from spinchip.emulator.spec.samples import Ledger, Samples
from spinchip.emulator.stats.autocorrelation import AutocorrError, effective_size, integrated_time, split_r_hat
from spinchip.emulator.stats.effective_beta import beta_from_states
from spinchip.emulator.stats.scale import deviation_of, mean_of
from spinchip.sim.runs.sampling import summarise

SCALES = [1e-310, 1e-300, 1e-160, 1.0, 1e160, 1e300, 4e307]


def walk(seed=1, shape=(4, 400)):
    """Return chains with a memory of about 3."""
    rng, x = np.random.default_rng(seed), np.zeros(shape)
    for t in range(1, shape[1]):
        x[:, t] = 0.5 * x[:, t - 1] + rng.uniform(-1.0, 1.0, shape[0])
    return x / np.abs(x).max()


@pytest.mark.promise("stats.extreme-numbers")
@pytest.mark.parametrize("scale", SCALES)
def test_statistics_do_not_depend_on_the_scale(scale):
    """A denormal number has few digits: 1e-310 leaves thirteen bits less, and 1e-4 of a figure."""
    x, scaled = walk(), walk() * scale
    close = 1e-3 if scale < 1e-307 else 1e-9
    assert integrated_time(scaled) == pytest.approx(integrated_time(x), rel=close)
    assert effective_size(scaled) == pytest.approx(effective_size(x), rel=max(close, 1e-2))
    assert split_r_hat(scaled) == pytest.approx(split_r_hat(x), abs=1e-3)
    assert mean_of(scaled) / scale == pytest.approx(x.mean(), rel=close)
    assert deviation_of(scaled) / scale == pytest.approx(x.std(ddof=1), rel=close)


@pytest.mark.parametrize("value", [0.0, 1.0, 0.1, -1e308, 5e-324])
def test_constant_series_have_no_memory(value):
    with pytest.raises(AutocorrError, match="^Series must change, not keep one value for 50 draws"):
        integrated_time(np.full((3, 50), value))
    assert mean_of(np.full(7, value)) == pytest.approx(value, rel=1e-15, abs=0.0)
    assert deviation_of(np.full(7, value)) == 0.0


@pytest.mark.promise("stats.extreme-numbers")
@pytest.mark.parametrize("scale", [1e-300, 1e-100, 1.0, 1e100, 1e300])
def test_effective_beta_scales_inversely(scale):
    """Independent spins in a field of .5 at beta 1: beta of the same states is 1 over the scale."""
    rng = np.random.default_rng(2)
    spins = np.where(rng.random((2000, 1, 4)) < 1.0 / (1.0 + np.exp(-1.0)), 1, -1).astype(np.int8)
    found = beta_from_states(IsingInstance(np.zeros((4, 4)), np.full(4, 0.5 * scale)), spins)
    assert found.low * scale < 1.0 < found.high * scale
    assert found.best * scale == pytest.approx(beta_from_states(_biased(0.5), spins).best, rel=1e-9)


def _biased(h):
    return IsingInstance(np.zeros((4, 4)), np.full(4, h))


def test_effective_beta_beyond_float64_is_none():
    spins = np.where(np.random.default_rng(3).random((500, 1, 4)) < 0.6, 1, -1).astype(np.int8)
    assert beta_from_states(_biased(1e-320), spins) is None


def drawn(instance, spins):
    """Return samples of states as they stand."""
    spins = np.asarray(spins, dtype=np.int8)
    return Samples.from_spins(instance, spins, spins[:, -1], Ledger({"updates": 1}, 1.0), {})


@pytest.mark.promise("stats.extreme-numbers")
@pytest.mark.parametrize("h", [0.0, 1.0, 1e300, 1e-320])
@pytest.mark.parametrize("kind", ["frozen", "apart", "moving"])
def test_summaries_are_finite_or_null_with_a_note(h, kind):
    """Chains that never move, chains that each keep a value, and chains that move: no NaN, no infinity, no warning."""
    spins = np.ones((4, 100, 4), dtype=np.int8)
    if kind == "apart":
        spins[:2] = -1
    elif kind == "moving":
        spins = np.random.default_rng(4).choice(np.array([-1, 1], dtype=np.int8), spins.shape)
    found = summarise(_biased(h), drawn(_biased(h), spins))
    figures = {**{k: found[k] for k in ("tau_int", "ess", "r_hat", "magnetization")}, **found["energy"]}
    figures |= found["beta_eff"] or {}
    assert all(value is None or np.isfinite(value) for value in figures.values()), figures
    undefined = [name for name, value in {**figures, "beta_eff": found["beta_eff"]}.items() if value is None]
    assert bool(undefined) <= bool(found["notes"])
    assert (kind == "moving" and h >= 1.0) == (not found["notes"])


def test_one_state_has_no_interval_of_beta():
    """Its only score has no variance: the interval had no width."""
    found = summarise(_biased(1.0), drawn(_biased(1.0), [[[1, -1, 1, 1]]]))
    assert found["beta_eff"] is None
    assert any(note.startswith("beta_eff: one state") for note in found["notes"])
