"""Resistances of the lines of a crossbar."""

from __future__ import annotations

from dataclasses import dataclass

from ..spec.errors import InputError


@dataclass(frozen=True)
class Wires:
    """Line resistances of an array whose rows are driven at the left and whose columns are read at the bottom.

    Parameters
    ----------
    row_ohm, column_ohm : float
        One segment of a row, of a column [ohm]: between neighbouring cells, and one more between the driver and a
        row's first cell, between a column's last cell and the sense end.
    driver_ohm, sense_ohm : float
        What stands in series with the first segment of a row, with the last of a column [ohm].
    """

    row_ohm: float = 0.0
    column_ohm: float = 0.0
    driver_ohm: float = 0.0
    sense_ohm: float = 0.0

    def __post_init__(self):
        for name in ("row_ohm", "column_ohm", "driver_ohm", "sense_ohm"):
            value = getattr(self, name)
            if not 0 <= value < float("inf"):
                raise InputError(f"{name} must be 0 or more and finite, not {value!r}")

    @property
    def are_ideal(self):
        """Whether no line has a resistance."""
        return not (self.row_ohm or self.column_ohm or self.driver_ohm or self.sense_ohm)
