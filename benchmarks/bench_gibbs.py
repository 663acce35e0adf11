"""The reference backends under pytest-benchmark: ``pytest benchmarks/bench_gibbs.py``; beside peers, see `gibbs`."""

import pytest

from spinchip.benchmarks.gibbs import BETA, SIDE, own_contenders
from spinchip.emulator.instances.generators.by_name import generate


@pytest.mark.parametrize("number", range(4), ids=["bit-sliced", "float32", "float64", "float32, one chain"])
def test_sweeps(benchmark, number):
    """Twenty sweeps of the 3D +-J glass, set-up included."""
    contender = own_contenders(generate("ea3d", L=SIDE, seed=1, boundary="periodic"), BETA)[number]
    contender.run(1, 1)
    benchmark.extra_info["updates"] = 20 * contender.updates_per_sweep
    benchmark(contender.run, 20, 1)
