"""Checkpoints: the whole state of a search in one file, replaced whole."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np

from ..instances.binary.array_file import Archive
from ..spec.errors import InputError
from ..spec.files.atomic_write import whole_file

FORMAT = "spinchip annealing checkpoint 1"


def run_identity(instance, **facts):
    """Return a hash of the instance and of everything that shapes a run."""
    digest = hashlib.sha256(FORMAT.encode())
    matrix = instance.couplings
    for array in (matrix.indptr, matrix.indices, matrix.data, instance.biases):
        digest.update(np.ascontiguousarray(array).tobytes())
    digest.update(repr(sorted(facts.items())).encode())
    return digest.hexdigest()


def save_checkpoint(path, identity, arrays):
    """Write a checkpoint.

    The file is replaced by a rename, so a process that is killed at any moment leaves the old one or the new one.

    Parameters
    ----------
    path : str or Path
        File to write.
    identity : str
        Identity of the run, see `run_identity`.
    arrays : dict of str to ndarray
        All arrays that change during the run.
    """
    with whole_file(path, "wb") as handle:
        np.savez(handle, identity=np.array(identity), **arrays)


def load_checkpoint(path, identity):
    """Return the arrays of a checkpoint, or None if there is no file.

    Raises
    ------
    InputError
        If the file is damaged or belongs to another run.
    """
    if not Path(path).exists():
        return None
    try:
        with Archive(path) as held:
            arrays = {name: held.read(name) for name in held.listing}
    except (OSError, InputError) as error:
        raise InputError(f"Checkpoint must be a file that this program wrote, not {str(path)!r} ({error})") from None
    if str(arrays.pop("identity", "")) != identity:
        rule = "of the same instance, method, settings, sweeps, runs, seed, engine, records and threads"
        raise InputError(f"Checkpoint must be {rule}, not of another run ({str(path)!r})")
    return arrays
