"""Samples: one line for a reader, groups that ArviZ opens, and a run that can be read back from its file."""

import json
import warnings

import numpy as np
import pytest

from spinchip.emulator.golden.fabric.sampler import GoldenSampler
from spinchip.emulator.reference.sampler import ReferenceSampler
from spinchip.emulator.spec.errors import InputError
from spinchip.emulator.spec.instance import IsingInstance
from spinchip.emulator.spec.samples_record import instance_hash
from spinchip.emulator.spec.schedule import Recording, Schedule

SCHEDULE = Schedule(((0.2, 30), (0.5, 70)))


def triangle(**more):
    """Return three spins, one bias, an offset and labels."""
    edges, biases = [(0, 1), (1, 2), (0, 2)], [0.5, 0.0, 0.0]
    return IsingInstance.from_edges(3, edges, [1.0, -1.0, 0.5], biases, "triangle", {"generator": "by hand"}, **more)


def opened(path):
    """Return ArviZ and what it reads of a file."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import arviz

        return arviz, arviz.from_netcdf(path)


@pytest.mark.promise("samples.groups")
@pytest.mark.parametrize("sampler", [ReferenceSampler(), GoldenSampler()], ids=["reference", "golden"])
@pytest.mark.parametrize("keeps", [True, False])
def test_groups_open_and_give_the_run_back(tmp_path, sampler, keeps):
    instance = triangle(offset=2.0, labels=("a", "b", 3))
    samples = sampler.sample(instance, SCHEDULE, 4, 7, Recording(after=20, every=2, spins=keeps))
    samples.save(tmp_path / "states.nc")
    arviz, data = opened(tmp_path / "states.nc")
    assert [p.name for p in tmp_path.iterdir()] == ["states.nc"]
    assert data.groups() == ["posterior", "sample_stats", "constant_data"]
    assert np.array_equal(data.posterior["energy"], samples.energies)
    assert np.array_equal(data.sample_stats["energy"], samples.energies)
    assert ("spins" in data.posterior) == keeps
    assert data.constant_data["spin"].values.tolist() == ["a", "b", "3"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for one in (data, samples.to_arviz()):
            table = arviz.summary(one)
            assert {"energy", "magnetization"} <= set(table.index)
            assert table.loc["energy", "mean"] == pytest.approx(samples.energies.mean(), abs=1e-3)
    run = json.loads(data.posterior.attrs["provenance"])
    assert Schedule(tuple(map(tuple, run["schedule"]))) == SCHEDULE
    assert (run["seed"], run["n_chains"], run["offset"]) == (7, 4, 2.0)
    assert run["instance_sha256"] == instance_hash(instance)
    assert run["instance_provenance"] == {"generator": "by hand"}
    assert run["recording"] == {"after": 20, "every": 2}
    assert run["backend"] == sampler.name
    assert run["spinchip"]
    assert data.posterior.attrs["seed"] == 7
    if sampler.name == "golden":
        assert set(run["formats"]) == {"weight", "bias", "field"}
        assert run["design_id"] == samples.provenance["design_id"]


def test_hashes_know_what_shapes_the_law():
    hashes = {
        instance_hash(one) for one in (triangle(), triangle(offset=1.0), IsingInstance(np.zeros((3, 3)), np.ones(3)))
    }
    assert len(hashes) == 3
    assert instance_hash(triangle(labels=("a", "b", "c"))) == instance_hash(triangle())


@pytest.mark.promise("samples.groups")
@pytest.mark.parametrize("n", [3, 400])
def test_representation_is_one_short_line(n):
    instance = IsingInstance(np.zeros((n, n)), np.full(n, 0.1))
    samples = ReferenceSampler().sample(instance, SCHEDULE, 8, 1)
    text = repr(samples)
    assert text.startswith(f"Samples(8 chains x 100 states of {n} spins, energy ")
    assert text.endswith(", backend reference, seed 1)")
    assert len(text) < 160
    assert "\n" not in text
    assert "states not kept" in repr(ReferenceSampler().sample(instance, SCHEDULE, 2, 1, Recording(spins=False)))


def test_huge_seeds_are_kept(tmp_path):
    samples = ReferenceSampler().sample(triangle(), SCHEDULE, 2, 10**30)
    samples.save(tmp_path / "s.nc")
    assert json.loads(opened(tmp_path / "s.nc")[1].posterior.attrs["provenance"])["seed"] == 10**30


def test_file_in_no_folder_is_refused(tmp_path):
    samples = ReferenceSampler().sample(triangle(), SCHEDULE, 2, 1)
    with pytest.raises(InputError, match="none"):
        samples.save(tmp_path / "none" / "s.nc")
