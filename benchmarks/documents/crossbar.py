"""Crossbars as a document: ``python -m spinchip.benchmarks.documents.crossbar docs/results/crossbar.md``."""

from __future__ import annotations

import sys

import numpy as np

from ...emulator.crossbar.adc import Adc
from ...emulator.crossbar.dac import Dac
from ...emulator.crossbar.error_report import error_report
from ...emulator.crossbar.tile_spec import TileSpec
from ...emulator.devices.catalogue import device
from ...emulator.ledger.published import table as published_table
from ...emulator.spec.files.atomic_write import whole_file
from .. import crossbar, wires
from .gibbs import machine, plain_line

DRIFTING = ("pcm_ibm", "pcm_hermes_1", "pcm_hermes_2")
HEAD = """# Crossbars: speeds beside peers, errors, and published tiles

Made by `python -m spinchip.benchmarks.documents.crossbar {path}`, in one run, with what `spinchip bench crossbar` and
`spinchip bench wires` measure: processor time, one thread. Ratios are times over the peer's.

- Machine: {machine}.

| what | value | unit | peer | ratio |
|---|---|---|---|---|
"""
ERRORS = """
## Phase-change memory after a second, an hour, a day and a year

256 x 256 standard normal weights, a pair of devices each, 8-bit converters, global compensation; relative error of a
product, by cause (`emulator/crossbar/error_report`). Times count from the reference read.
"""


def document(path, quick):
    """Return the document as Markdown."""
    lines = [plain_line(row) for row in (*crossbar.rows(quick), *wires.rows(quick))]
    text = HEAD.format(path=path, machine=machine()) + "".join(lines) + ERRORS
    weights = np.random.default_rng(0).standard_normal((256, 256))
    for name in DRIFTING:
        spec = TileSpec(device(name), dac=Dac(8), adc=Adc(8), compensation="global")
        text += f"\n`{name}`\n\n```\n{error_report(weights, spec).text()}\n```\n"
    return text + "\n## Published tiles beside the trace\n\n```\n" + published_table() + "\n```\n"


if __name__ == "__main__":
    made = document(sys.argv[1], quick="--quick" in sys.argv)
    with whole_file(sys.argv[1]) as handle:
        handle.write(made)
