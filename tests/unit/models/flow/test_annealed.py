"""Annealed weights (extra ``models``): ln Z of a known potential from both sides, where plain weights fail."""

import numpy as np
import pytest

from spinchip.emulator.spec.errors import InputError
from spinchip.models.flow.estimates import bennett_log_z
from spinchip.models.flow.flow_spec import FlowSpec, log_prior

pytest.importorskip("jax")
coupling = pytest.importorskip("spinchip.models.flow.coupling")
annealed = pytest.importorskip("spinchip.models.flow.annealed")

N_DIMS, WIDTH, SHIFT = 12, 0.3, 0.6
LOG_Z = N_DIMS * (np.log(WIDTH) + 0.5 * np.log(2 * np.pi))
SPEC = FlowSpec("realnvp", 2, 8, N_DIMS)


class Narrow:
    """A Gaussian well of width 0.3 beside the origin in 12 dimensions."""

    def energy(self, x, xp=np):
        """Return U."""
        return 0.5 * xp.sum((x - SHIFT) ** 2, axis=1) / WIDTH**2


def positive(x):
    return (x > 0).all(axis=1)


def everywhere(x):
    return np.ones(len(x), dtype=bool)


@pytest.mark.slow
def test_both_sides_meet_at_the_exact_value_and_plain_weights_do_not():
    """Seven hundred points of a flow that is all but the identity; the target is as wide as a third of the noise."""
    rng, n = np.random.default_rng(1), 700
    params = coupling.init(SPEC, 1)
    flow, start = (SPEC, params), np.asarray(coupling.to_x(SPEC, params, rng.standard_normal((n, N_DIMS)))[0])
    data = SHIFT + WIDTH * rng.standard_normal((n, N_DIMS))
    laws = np.linspace(0.0, 1.0, 200) ** 2
    forward, ends = annealed.annealed_logs(flow, Narrow(), start, everywhere, laws, 2)
    backward, _ = annealed.annealed_logs(flow, Narrow(), data, everywhere, laws[::-1], 3)
    assert bennett_log_z(forward, -backward) == pytest.approx(LOG_Z, abs=0.05)  # seeds spread by 0.005
    assert np.abs(ends.mean(axis=0) - SHIFT).max() < 0.15
    plain = -Narrow().energy(start) - log_prior(start)
    share = np.exp(plain - plain.max())
    assert share.sum() ** 2 / (share**2).sum() < 0.02 * n  # too few of the flow's own points count


def test_moves_out_of_the_target_are_refused():
    rng = np.random.default_rng(4)
    start = np.abs(rng.standard_normal((50, N_DIMS)))
    flow = (SPEC, coupling.init(SPEC, 1))
    _, ends = annealed.annealed_logs(flow, Narrow(), start, positive, np.linspace(0.0, 1.0, 20), 1)
    assert (ends > 0).all()
    with pytest.raises(InputError, match="between 0 and 1"):
        annealed.annealed_logs(flow, Narrow(), start, positive, np.linspace(0.0, 0.9, 20), 1)
