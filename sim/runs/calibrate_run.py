"""A calibration from a file to a folder: JSON of the fit, the card, pictures; all or nothing of each."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path

from ...calibration.examples.junctions import write_example
from ...calibration.kinds import KINDS, calibrate_file, kind_of
from ...emulator.devices import card_file
from ...emulator.spec.files.atomic_write import check_folder, made_folder
from ..report.calibrate_plots import save_plots


def listed():
    """Return name, purpose and columns of every kind; list of dict."""
    return [
        {"kind": name, "about": kind.about, "columns": ", ".join(_example(column) for column in kind.columns)}
        for name, kind in KINDS.items()
    ]


def wrote_example(kind, data, seed):
    """Write example data; returns what a person is told, dict."""
    kind_of(kind)
    made_folder(data.parent)
    write_example(kind, data, seed)
    return {"title": f"synthetic example of {kind}", "data": str(data), "seed": seed}


def calibrated(kind, data, request, folder=None, reading=None):
    """Calibrate a file.

    Parameters
    ----------
    kind : str
        Kind of data, one of `KINDS`.
    data : path
        Path of the measured data.
    request : Request
        Seed, trials, coverage, name of the card.
    folder : path, optional
        Gets ``calibration.json``, ``fit.png``, ``corner.png``, and ``card.json`` where there is a card and the data do
        not reject the model.
    reading : Reading, optional
        Which columns are which, what is masked.

    Returns
    -------
    Outcome
    """
    kind_of(kind)
    if folder is not None:
        check_folder(folder)
    outcome = calibrate_file(kind, data, request, reading)
    if folder is None:
        return outcome
    return replace(outcome, files=tuple(_written(made_folder(folder), outcome, Path(data).name)))


def figures(kind, data, outcome):
    """Return a calibration as the command prints it, dict; see `calibrated`."""
    found = outcome.calibration
    result = {
        "title": f"{kind}, {data.name}",
        "parameters": {
            name: {"estimate": found.estimates[name], **asdict(one)} for name, one in found.parameters.items()
        },
        **outcome.notes,
        "chi2_dof": found.chi2_dof if found.dof else None,
        "chi2_p": found.chi2_p if found.dof else None,
        "verdict": "fail" if outcome.is_rejected else "pass",
        "coverage": None if found.coverage is None else found.coverage.fractions,
        "seed": found.seed,
    }
    return result | ({"files": list(outcome.files)} if outcome.files else {})


def _written(folder, outcome, title):
    found = outcome.calibration
    found.save(folder / "calibration.json")
    files = [str(folder / "calibration.json")]
    if outcome.card is not None and not outcome.is_rejected:
        card_file.save(outcome.card, folder / "card.json", found.as_dict())
        files.append(str(folder / "card.json"))
    return files + save_plots(folder, outcome, title)


def _example(column):
    return f"[{column.example}]" if column.is_optional else column.example
