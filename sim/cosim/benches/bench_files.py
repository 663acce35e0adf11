"""What a bench and the program that started it tell each other, through files in the run's folder."""

from __future__ import annotations

import json
import os
import pickle
from pathlib import Path

import numpy as np

from ....emulator.spec.files.atomic_write import whole_file


def read_job():
    """Return the job of this run; dict."""
    return pickle.loads((_folder() / "job.pickle").read_bytes())


def write_report(report, **arrays):
    """Leave the bench's findings: JSON values, and arrays in an .npz file beside them."""
    if arrays:
        np.savez(_folder() / "arrays.npz", **arrays)
    with whole_file(_folder() / "report.json", "w") as handle:
        json.dump(report, handle)


def _folder():
    return Path(os.environ["SPINCHIP_JOB"])
