"""Free energies of naive mean field and of Bethe beside exact ones: bounds, trees, and printed digits."""

import numpy as np
import pytest

from spinchip.emulator.spec.errors import InputError
from spinchip.models.van.exact import enumerated, sk_couplings
from spinchip.models.van.mean_field import bethe_free_energy, mean_field_free_energy


@pytest.mark.parametrize(("beta", "naive", "bethe"), [(0.5, 6.5e-2, 1.4e-3), (1.0, 1.0e-1, 1.2e-2)])
def test_errors_on_a_glass_have_their_printed_digits(beta, naive, bethe):
    glass = sk_couplings(20, 1)
    exact = enumerated(glass, (beta,))[0].free_energy
    assert 1.0 - mean_field_free_energy(glass, beta) / exact == pytest.approx(naive, rel=0.04)
    found, residual = bethe_free_energy(glass, beta)
    assert residual < 1e-9
    assert 1.0 - found / exact == pytest.approx(bethe, rel=0.04)


def test_bethe_is_exact_on_a_tree_and_mean_field_is_above():
    rng, tree = np.random.default_rng(1), np.zeros((10, 10))
    for child in range(1, 10):
        parent = int(rng.integers(child))
        tree[child, parent] = tree[parent, child] = rng.normal()
    for beta in (0.4, 1.3):
        exact = enumerated(tree, (beta,))[0].free_energy
        assert bethe_free_energy(tree, beta)[0] == pytest.approx(exact, abs=1e-9)
        assert mean_field_free_energy(tree, beta) > exact + 1e-3


@pytest.mark.parametrize(("beta", "within"), [(2.0, 5e-4), (3.0, 1e-5)])
def test_ordered_messages_give_one_of_two_phases(beta, within):
    """A complete ferromagnet of 16: messages choose a sign, so F lies ln 2 / (beta N) above the exact one."""
    couplings = (np.ones((16, 16)) - np.eye(16)) / 16.0
    found, residual = bethe_free_energy(couplings, beta)
    assert residual < 1e-9
    exact = enumerated(couplings, (beta,))[0].free_energy
    assert found - exact == pytest.approx(np.log(2.0) / (16.0 * beta), abs=within)


def test_messages_without_rest_say_so():
    assert bethe_free_energy(sk_couplings(20, 1), 1.5)[1] > 1e-3


def test_bad_models_are_refused():
    with pytest.raises(InputError, match="above 0"):
        bethe_free_energy(sk_couplings(6, 1), 0.0)
    with pytest.raises(InputError, match="symmetric"):
        mean_field_free_energy(np.triu(np.ones((4, 4))), 1.0)
