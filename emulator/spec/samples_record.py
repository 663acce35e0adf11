"""What a run was, and its samples as groups of ArviZ: ``posterior``, ``sample_stats`` and ``constant_data``."""

from __future__ import annotations

import hashlib
import json
from importlib import metadata

import numpy as np

from .files.atomic_write import whole_path
from .files.strict_json import plain

GROUPS = ("posterior", "sample_stats", "constant_data")


def run_provenance(backend, instance, schedule, seed, n_chains, recording=None):
    """Return what identifies a run of any backend; a dictionary.

    Parameters
    ----------
    backend : str
        Name of the sampler.
    instance : IsingInstance
        Model that was sampled.
    schedule : Schedule
        Inverse temperatures and sweeps.
    seed, n_chains : int
        Seed and number of chains of the run.
    recording : Recording, optional
        Which sweeps were kept.

    Returns
    -------
    dict
        Names, numbers, and the segments of the schedule; ``instance_sha256`` is `instance_hash`.
    """
    found = {
        "backend": backend,
        "instance": instance.name,
        "instance_sha256": instance_hash(instance),
        "instance_provenance": instance.provenance,
        "offset": instance.offset,
        "schedule": schedule.segments,
        "seed": seed,
        "n_chains": n_chains,
        "spinchip": program_version(),
    }
    return found if recording is None else found | {"recording": {"after": recording.after, "every": recording.every}}


def design_provenance(spec):
    """Return what identifies the hardware of a run: design identity and word formats; dict of str."""
    formats = {name: str(getattr(spec, name)) for name in ("weight", "bias", "field")}
    return {"design_id": f"{spec.design_id:016x}", "formats": formats}


def instance_hash(instance):
    """Return the SHA-256 of couplings by row, biases and offset, whatever file they came from; str."""
    digest, rows = hashlib.sha256(str(instance.n_spins).encode()), instance.couplings
    for array, kind in ((rows.indptr, "<i8"), (rows.indices, "<i8"), (rows.data, "<f8"), (instance.biases, "<f8")):
        digest.update(np.ascontiguousarray(array, dtype=kind).tobytes())
    digest.update(np.float64(instance.offset).tobytes())
    return digest.hexdigest()


def program_version():
    """Return the version of spinchip, "unknown" where it is not installed."""
    try:
        return metadata.version("spinchip")
    except metadata.PackageNotFoundError:
        return "unknown"


def attributes(samples):
    """Return provenance and ledger as attributes of a NetCDF file: numbers and text as they are, the rest as JSON.

    ``provenance`` holds all of it once more as one JSON text: ``json.loads(dataset.attrs["provenance"])``.
    """
    record = plain({**samples.provenance, **samples.ledger.as_dict()})
    flat = {key: value if isinstance(value, str | int | float) else json.dumps(value) for key, value in record.items()}
    flat = {key: str(value) if _is_wide(value) else value for key, value in flat.items()}
    return flat | {"provenance": json.dumps(record), "inference_library": "spinchip"}


def _is_wide(value):
    """Return whether a value has no number type in NetCDF: truths, and integers beyond 64 bits."""
    return isinstance(value, bool) or (isinstance(value, int) and not -(2**63) <= value < 2**63)


def groups(samples):
    """Return the groups of `samples` as `xarray.Dataset`, by name.

    ``posterior`` has what varies from draw to draw: spins, energy and magnetisation. ``sample_stats`` repeats the
    energy, where ArviZ looks for it. ``constant_data`` has means over all draws.
    """
    whole = samples.to_xarray()
    moving = [name for name in ("spins", "energy", "magnetization") if name in whole]
    parts = whole[moving], whole[["energy"]], whole[["spin_mean", "edge_mean"]]
    return dict(zip(GROUPS, (part.assign_attrs(whole.attrs) for part in parts), strict=True))


def save_groups(samples, path):
    """Write the groups to a NetCDF file that `arviz.from_netcdf` opens, whole or not at all.

    Parameters
    ----------
    samples : Samples
        Recorded samples.
    path : path
        File to write.
    """
    with whole_path(path) as temporary:
        for number, (name, dataset) in enumerate(groups(samples).items()):
            dataset.to_netcdf(temporary, mode="a" if number else "w", group=name, engine="h5netcdf")
