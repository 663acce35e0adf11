"""The fewest colours with which a fabric fits a device."""

from __future__ import annotations

from dataclasses import replace

from ...emulator.spec.errors import InputError
from ...emulator.spec.fabric.quantised import fabric_for

MOST_COLORS = 16
# What more colours can save: 64 p-bits of degree 6 take 10384 LUT of an iCE40 with 2 colours and 4827 with 8.
MOST_EXCESS = 3.0
CELL_NAMES = {
    "TRELLIS_COMB": "LUT4",
    "ICESTORM_LC": "logic cells",
    "DP16KD": "block RAMs",
    "ICESTORM_RAM": "block RAMs",
}


class DoesNotFitError(InputError):
    """A design is larger than its device.

    Parameters
    ----------
    text : str
        By how much, and what would fit.
    excess : float
        Cells needed over cells there, above 1.
    """

    def __init__(self, text, excess):
        super().__init__(text)
        self.excess = excess

    @classmethod
    def of(cls, spec, board, row):
        """Return the error that says by how much a fabric is too large, and how many of its p-bits would fit.

        Parameters
        ----------
        spec : FabricSpec
            Parameters of the fabric.
        board : str
            Name of the board.
        row : tuple of (str, int, int)
            Kind of cell, cells needed, cells that the device has.
        """
        cell, needed, there = row
        degree = max(len(pairs) for pairs in spec.neighbors)
        need = f"{spec.n_pbits} p-bits of degree {degree} need {needed} {CELL_NAMES.get(cell, cell)}"
        excess = f"{needed / there - 1:.0%} more than the {there} of {board}"
        # What all p-bits share, link and sequencer, is counted to them, so that fewer than this fit and never more.
        most = int(spec.n_pbits * there / needed)
        return cls(f"Instance must fit the device: {need}, {excess}; at most {most} such p-bits fit", needed / there)


def build_folded(model, options, build, say):
    """Build a fabric with as many colours as it takes to fit.

    P-bits of different colours share tables, comparators and random generators, so that more colours take less of a
    device and more clocks a sweep. Colours that the user chose are kept.

    Parameters
    ----------
    model : IsingInstance
        What the hardware shall sample.
    options : FabricOptions
        Choices; ``n_colors`` or ``colors`` fixes the colours.
    build : callable
        Takes a FabricSpec and returns a result, or raises `DoesNotFitError`.
    say : callable
        Told in one line what did not fit before the next try.

    Returns
    -------
    The result of ``build``.

    Raises
    ------
    DoesNotFitError
        The first one, if no number of colours helps.
    """
    spec = fabric_for(model, options)
    first = None
    while True:
        try:
            return build(spec)
        except DoesNotFitError as error:
            first = first or error
            more = min(2 * spec.n_colors, spec.n_pbits)
            fixed = options.n_colors is not None or options.colors is not None
            if fixed or more > MOST_COLORS or more == spec.n_colors or error.excess > MOST_EXCESS:
                raise first from None
            there = f"{spec.n_pbits} p-bits in {spec.n_colors} colours need {error.excess:.2f} of the device"
            say(f"{there}; trying {more} colours")
            spec = fabric_for(model, replace(options, n_colors=more))
