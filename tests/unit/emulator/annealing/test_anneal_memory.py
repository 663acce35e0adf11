"""Memory of a search: told within a third of what it grows by, refused before it is taken; sweeps take none."""

import re
import subprocess
import sys

import numpy as np
import pytest

from spinchip.emulator.annealing.anneal import anneal
from spinchip.emulator.annealing.memory import bytes_needed
from spinchip.emulator.annealing.methods import make_settings, stretched
from spinchip.emulator.annealing.progress import AnnealOptions, Progress
from spinchip.emulator.instances.generators.by_name import generate
from spinchip.emulator.spec.errors import InputError

PROBE = """
import re, resource, sys
from pathlib import Path
from spinchip.emulator.annealing.anneal import anneal
from spinchip.emulator.annealing.memory import bytes_needed
from spinchip.emulator.annealing.methods import make_settings
from spinchip.emulator.annealing.progress import AnnealOptions
from spinchip.emulator.instances.generators.by_name import generate

def peak():  # of this program; on Linux getrusage begins with the peak of the process that started it
    status = Path("/proc/self/status")
    if status.exists():
        return 1024 * int(re.search(r"VmHWM:\\s+(\\d+) kB", status.read_text()).group(1))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)

method, side, runs, engine, settings = {case!r}
options = AnnealOptions(engine=engine)
anneal(generate("ea2d", L=6, seed=1), method, 2, min(runs, 300), 0, options, **settings)  # kernels are loaded
large = generate("ea2d", L=side, seed=1)
before = peak()
anneal(large, method, 2, runs, 0, options, **settings)
print((peak() - before) / bytes_needed(large, method, 2, runs, make_settings(method, settings), engine))
"""
CASES = [
    ("sa", 150, 400, "plain", {"betas": (0.5, 1.0)}),
    ("sa", 200, 512, "packed", {"betas": (0.5, 1.0)}),
    ("apt", 150, 300, "auto", {"betas": (0.3, 0.5, 0.7, 0.9, 1.2, 1.5)}),
]


def probe(case):
    """Return by how much a search's peak of memory grows, over what is told, in a process of its own."""
    done = subprocess.run([sys.executable, "-c", PROBE.format(case=case)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return float(done.stdout)


@pytest.mark.promise("anneal.memory")
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]} {case[3]}")
@pytest.mark.slow
def test_memory_is_what_was_told(case):
    probe((case[0], 8, case[2], case[3], case[4]))  # kernels are compiled: the compiler's peak would hide the search's
    assert 0.67 < probe(case) < 1.5


@pytest.mark.promise("anneal.memory")
@pytest.mark.parametrize("method", ["sa", "sqa", "apt", "pa"])
def test_search_beyond_the_memory_is_refused_with_the_number(method):
    glass = generate("ea3d", L=4, seed=1)
    settings = {} if method == "sqa" else {"betas": (0.5, 1.0)}
    needed = bytes_needed(glass, method, 10, 10**11, make_settings(method, settings))
    start = re.escape(f"100000000000 runs of {method} on 64 spins must fit into ")
    end = re.escape(f", not take {needed / 1e9:.3g} GB: ask for fewer runs or replicas")
    with pytest.raises(InputError, match=f"^{start}.*{end}$"):
        anneal(glass, method, 10, 10**11, 0, **settings)


@pytest.mark.promise("anneal.memory")
def test_sweeps_without_end_are_refused():
    with pytest.raises(InputError, match=r"^Sweeps must be at most 4294967295, .* not 99999999999999999999$"):
        anneal(generate("ea3d", L=4, seed=1), "sa", 99999999999999999999, betas=[1.0])


@pytest.mark.promise("anneal.memory")
def test_betas_of_many_sweeps_are_held_piece_by_piece():
    sweeps = 2**32 - 1
    assert stretched("Betas", (0.1, 0.2, 0.3), sweeps, (sweeps - 2, sweeps)).tolist() == [0.3, 0.3]
    glass = generate("ea3d", L=4, seed=1)
    ring = make_settings("sqa", {"n_replicas": 4})
    np.testing.assert_allclose(ring.couplings(1000, (400, 403)), ring.couplings(1000)[400:403], rtol=0)
    blocks = [type("Block", (), {"n_runs": 1, "best": (np.zeros(1),)})]
    progress = Progress(blocks, "", sweeps, AnnealOptions(checkpoint="none", checkpoint_every=10**9))
    stops = [0, *progress._stops()]
    assert stops[-1] == sweeps
    assert np.all(np.diff(stops) > 0)
    assert max(np.diff(stops)) <= 2**16
    assert {*progress.at.tolist(), *range(10**9, sweeps, 10**9)} <= set(stops)
    assert anneal(glass, "pa", 7, 2, 1, betas=(0.1, 0.5, 1.0)).energy <= 0


@pytest.mark.promise("anneal.memory")
@pytest.mark.parametrize("method", ["sa", "sqa", "pa", "apt"])
def test_pieces_change_nothing(monkeypatch, method):
    from spinchip.emulator.annealing import progress

    glass, settings = generate("ea3d", L=4, seed=1), {"betas": (0.2, 0.4, 0.6, 1.0)} if method != "sqa" else {}
    whole = anneal(glass, method, 40, 3, 1, AnnealOptions(record_at=()), **settings)
    monkeypatch.setattr(progress, "AT_ONCE", 7)
    pieces = anneal(glass, method, 40, 3, 1, AnnealOptions(record_at=()), **settings)
    assert np.array_equal(whole.run_spins, pieces.run_spins)
    assert np.array_equal(whole.current, pieces.current)
