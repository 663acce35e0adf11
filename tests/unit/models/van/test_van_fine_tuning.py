"""Hardware in the loop: a wrong slope and drift are learned away; what an independent state costs."""

import numpy as np
import pytest

from spinchip.models.van.directed_pbits import DirectedHardware
from spinchip.models.van.exact import enumerated, sk_couplings
from spinchip.models.van.fine_tuning import fine_tune, hardware_free_energy
from spinchip.models.van.fvsbn import Fvsbn
from spinchip.models.van.training import VanPlan, train_van
from spinchip.models.van.workload_hardware import cost_rows

COUPLINGS, BETA = sk_couplings(12, 1), 1.5
PLAN = VanPlan((BETA,), 200, 500, 0.01)


@pytest.fixture(scope="module")
def network():
    return train_van(COUPLINGS, VanPlan(tuple(np.arange(0.25, 1.51, 0.25).tolist()), 100, 500), 1)[BETA]


@pytest.mark.parametrize(
    "hardware",
    [
        DirectedHardware(slope=1.6),
        DirectedHardware(device_name="pcm_ibm", after_s=86400.0),
    ],
    ids=["slope", "a day of drift"],
)
def test_hardware_learns_its_own_faults(network, hardware):
    """Error of the hardware's free energy at least 40 % less, over four machines that training has not seen."""
    exact = enumerated(COUPLINGS, (BETA,))[0].free_energy
    tuned = fine_tune(network, hardware, COUPLINGS, BETA, PLAN, 1)
    before, after = (
        hardware_free_energy(one, hardware, COUPLINGS, BETA, 20_000, range(50, 54)) / exact for one in (network, tuned)
    )
    assert 1.0 - after < 0.6 * (1.0 - before)


def test_exact_hardware_keeps_what_it_has(network):
    exact = enumerated(COUPLINGS, (BETA,))[0].free_energy
    tuned = fine_tune(network, DirectedHardware(), COUPLINGS, BETA, PLAN, 1)
    errors = [
        1.0 - hardware_free_energy(one, DirectedHardware(), COUPLINGS, BETA, 50_000, (7,)) / exact
        for one in (network, tuned, Fvsbn(0.0 * network.weights))
    ]
    assert errors[1] < errors[0] + 1e-3
    assert errors[2] > 20.0 * errors[1]


@pytest.mark.promise("generative.speed")
def test_costs_are_counted_from_reads_and_memory():
    rows = {row["quantity"]: row["value"] for row in cost_rows(1, (0.5,))}
    assert rows["SK-20, clocks of an independent state on the dense fabric"] == 40.0
    joules = rows["SK-20, joules of an independent state by row reads of HERMES"]
    assert joules == pytest.approx(20 * 12.5e-9 / 256, rel=0.05)
    assert 1.0 <= rows["SK-20, beta 0.5: Gibbs sweeps an independent energy needs, 2 tau"] < 10.0
