"""Matrices, inputs, and devices with one law only."""

from dataclasses import replace

import numpy as np
import pytest

from spinchip.emulator.devices.catalogue import device
from spinchip.emulator.devices.memristor.card import LAWS
from spinchip.emulator.devices.memristor.ideal import CARD as IDEAL
from spinchip.emulator.devices.memristor.programming_error import GaussianError
from spinchip.emulator.devices.memristor.state_functions import Polynomial


@pytest.fixture
def problem():
    """Weights 40 x 24, inputs 6 x 40 and their exact product."""
    rng = np.random.default_rng(5)
    weights, inputs = rng.standard_normal((40, 24)), rng.standard_normal((6, 40))
    return weights, inputs, inputs @ weights


@pytest.fixture
def only():
    """Return a function: the pcm_ibm card with no law but the named ones."""
    card = device("pcm_ibm")
    return lambda *laws: card.without(*(set(LAWS) - set(laws)))


@pytest.fixture
def gaussian():
    """Return a function: the ideal card with a programming error of so many siemens, whatever the target."""

    def make(sigma_S):
        law = GaussianError(sigma=Polynomial((sigma_S / 1e-6,)), scale_S=IDEAL.g_max_S)
        return replace(IDEAL, programming=law)

    return make
