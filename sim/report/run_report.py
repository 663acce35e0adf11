"""A report of a run's folder: one HTML file with its tables and pictures, light and dark, for a screen of any width."""

from __future__ import annotations

import base64
from pathlib import Path

import jinja2

from ...emulator.spec.errors import InputError
from ...emulator.spec.files.atomic_write import whole_file
from .run_report_parts import COMMANDS, part_of

TEMPLATE = "run_report.html.j2"
LARGEST_BYTES = 5_000_000


def report_run(folder, path=None):
    """Write the report of a folder that a command wrote with ``--out``; returns its path.

    Parameters
    ----------
    folder : Path
        Folder of the run.
    path : Path, optional
        HTML file; ``report.html`` in the folder if absent.

    Raises
    ------
    InputError
        If the folder holds no result of these, or the report would be larger than 5 MB.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise InputError(f"Run must be a folder, which {str(folder)!r} is not")
    parts = [part for path_ in sorted(folder.glob("*.json")) if path_.is_file() for part in [part_of(path_)] if part]
    if not parts:
        raise InputError(f"{folder}: run must hold the JSON of {COMMANDS}, which it does not")
    pictures = [
        {"name": one.stem.replace("_", " "), "data": base64.b64encode(one.read_bytes()).decode()}
        for one in sorted(folder.glob("*.png"))
        if one.is_file()
    ]
    loader = jinja2.PackageLoader(__package__, ".")
    environment = jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    text = environment.get_template(TEMPLATE).render(parts=parts, pictures=pictures)
    page = text.encode("utf-8", "backslashreplace")  # a name may hold what UTF-8 cannot
    if len(page) > LARGEST_BYTES:
        raise InputError(f"Report must be at most {LARGEST_BYTES} bytes, not {len(page)}")
    path = folder / "report.html" if path is None else Path(path)
    with whole_file(path, "wb") as handle:
        handle.write(page)
    return path
