"""A run that was interrupted, even by kill -9, ends as the unbroken one does."""

import os
import re
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from spinchip.emulator.annealing.anneal import anneal
from spinchip.emulator.annealing.progress import AnnealOptions, Progress
from spinchip.emulator.spec.errors import InputError

LADDER = (0.3, 0.6, 1.0, 1.6)
CASES = [
    ("sa", "plain", {"betas": np.linspace(0.1, 3, 30)}),
    ("sa", "packed", {"betas": np.linspace(0.1, 3, 30)}),
    ("sqa", "plain", {"n_replicas": 4}),
    ("sqa", "packed", {"n_replicas": 4}),
    ("apt", "plain", {"betas": LADDER}),
    ("apt", "packed", {"betas": LADDER}),
    ("pa", "plain", {"betas": np.linspace(0.1, 3, 30), "population": 12}),
]
NAMES = [f"{method}-{engine}" for method, engine, _ in CASES]


def same(one, other):
    """Tell whether two results are equal in everything but the time."""
    arrays = ("spins", "run_energies", "run_spins", "at", "current", "best")
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in arrays) and one.facts == other.facts


@pytest.mark.promise("anneal.resume")
@pytest.mark.parametrize(("method", "engine", "settings"), CASES, ids=NAMES)
def test_resumed_run_equals_the_unbroken_one(planted, tmp_path, monkeypatch, method, engine, settings):
    path = tmp_path / "run.npz"
    whole = anneal(planted, method, 30, n_runs=5, seed=7, options=AnnealOptions(engine=engine), **settings)
    options = AnnealOptions(engine=engine, checkpoint=path, checkpoint_every=7)
    run, stops = Progress.run, []

    def broken(progress):
        """Stop after the third checkpoint, some sweeps into the next interval."""
        stops.extend(stop for stop in progress._stops() if stop <= 23)
        monkeypatch.setattr(progress, "_stops", lambda: stops)
        run(progress)
        raise KeyboardInterrupt

    monkeypatch.setattr(Progress, "run", broken)
    with pytest.raises(KeyboardInterrupt):
        anneal(planted, method, 30, n_runs=5, seed=7, options=options, **settings)
    monkeypatch.setattr(Progress, "run", run)
    assert stops[-1] == 21
    resumed = anneal(planted, method, 30, n_runs=5, seed=7, options=options, **settings)
    assert resumed.updates * 30 == whole.updates * 9
    assert same(resumed, whole)
    assert same(anneal(planted, method, 30, n_runs=5, seed=7, options=options, **settings), whole)  # nothing left to do
    other = anneal(planted, method, 30, n_runs=5, seed=8, options=AnnealOptions(engine=engine), **settings)
    assert not same(other, whole)


CHILD = """
import sys, time
from spinchip.emulator.annealing import progress
from spinchip.emulator.annealing.anneal import anneal
from spinchip.emulator.annealing.progress import AnnealOptions
from spinchip.emulator.instances.generators.by_name import generate
planted = generate("planted", L=4, density=0.25, seed=13)
save = progress.save_checkpoint
progress.save_checkpoint = lambda *arguments: (save(*arguments), time.sleep(0.003))  # so that it lives to be killed
options = AnnealOptions(engine="plain", checkpoint=sys.argv[1], checkpoint_every=10)
print("begun", flush=True)
anneal(planted, "apt", 6000, n_runs=2, seed=7, options=options, betas=(0.3, 0.6, 1.0, 1.6))
print("done", flush=True)
"""


def sweeps_in(path):
    """Return how far a checkpoint is, 0 if there is none."""
    if not path.exists():
        return 0
    with np.load(path) as held:
        return int(held["done"][0])


@pytest.mark.promise("anneal.resume")
@pytest.mark.slow
def test_run_killed_many_times_equals_the_unbroken_one(planted, tmp_path):
    """Kill -9 at moments of no plan; each child goes on from the file that the last one left."""
    path = tmp_path / "run.npz"
    settings = {"n_runs": 2, "seed": 7, "betas": LADDER}
    whole = anneal(planted, "apt", 6000, options=AnnealOptions(engine="plain"), **settings)
    done = [0]
    for wait_s in (0.1, 0.137):
        child = subprocess.Popen([sys.executable, "-c", CHILD, path], stdout=subprocess.PIPE, text=True)
        assert child.stdout.readline() == "begun\n"
        while sweeps_in(path) == done[-1]:
            time.sleep(0.01)
        time.sleep(wait_s)
        os.kill(child.pid, signal.SIGKILL)
        rest = child.communicate()[0]
        assert child.returncode == -signal.SIGKILL
        assert rest == ""
        done.append(sweeps_in(path))
    assert 0 < done[1] < done[2] < 6000
    assert np.all(np.array(done) % 10 == 0)
    resumed = anneal(
        planted,
        "apt",
        6000,
        options=AnnealOptions(engine="plain", checkpoint=path, checkpoint_every=10**6),
        **settings,
    )
    assert resumed.updates < whole.updates
    assert same(resumed, whole)


@pytest.mark.promise("anneal.resume")
@pytest.mark.parametrize(
    "change", [{"seed": 1}, {"n_runs": 3}, {"sweeps": 9}, {"betas": (1.0, 2.0)}, {"n_replicas": 4}]
)
def test_checkpoint_of_another_run_is_refused(planted, tmp_path, change):
    path = tmp_path / "run.npz"
    options = AnnealOptions(checkpoint=path)
    arguments = {"sweeps": 8, "n_runs": 2, "seed": 0, "betas": LADDER, "n_replicas": 2}
    anneal(planted, "apt", options=options, **arguments)
    rule = "of the same instance, method, settings, sweeps, runs, seed, engine, records and threads"
    text = f"Checkpoint must be {rule}, not of another run ('{path}')"
    with pytest.raises(InputError, match=f"^{re.escape(text)}$"):
        anneal(planted, "apt", options=options, **(arguments | change))


@pytest.mark.promise("anneal.resume")
def test_damaged_checkpoint_is_refused(planted, tmp_path):
    path = tmp_path / "run.npz"
    anneal(planted, "sa", 8, options=AnnealOptions(checkpoint=path), betas=[1])
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(InputError, match="^Checkpoint must be a file that this program wrote, not '.*run.npz' "):
        anneal(planted, "sa", 8, options=AnnealOptions(checkpoint=path), betas=[1])


@pytest.mark.promise("anneal.resume")
def test_run_does_not_depend_on_others_or_threads(planted):
    for method, engine, settings in CASES:
        few = anneal(planted, method, 30, n_runs=2, seed=7, options=AnnealOptions(engine=engine), **settings)
        options = AnnealOptions(engine=engine, n_threads=2)
        many = anneal(planted, method, 30, n_runs=5, seed=7, options=options, **settings)
        assert np.array_equal(few.current, many.current[:2])
        assert np.array_equal(few.run_spins, many.run_spins[:2])
