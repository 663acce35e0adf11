"""Everything about the tiles of a crossbar but the weights."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ..devices.memristor.card import Device
from ..devices.memristor.ideal import CARD as IDEAL
from ..spec.errors import InputError
from ..wires.wires import Wires
from .adc import Adc
from .dac import Dac
from .encoding import Encoding

NOISES = ("none", "lumped", "per_device")
COMPENSATIONS = ("none", "global", "tile", "column")
SCALINGS = ("matrix", "tile", "column")


@dataclass(frozen=True)
class TileSpec:
    """A kind of tile.

    Parameters
    ----------
    device : Device
        What sits at every crossing.
    n_rows, n_columns : int
        Largest array; a matrix is cut into as many as it takes.
    wires : Wires
        Line resistances of each array; both arrays of a pair have lines of their own.
    dac, adc : Dac, Adc
        Converters of inputs and outputs.
    encoding : Encoding
        Encoding of weights as conductances.
    read_voltage_V : float
        Voltage of the largest input level [V].
    temperature_K : float
        Temperature at the reference read, right after programming [K].
    read_noise : {"none", "lumped", "per_device"}
        No noise of reads; the distribution of the sum of all cells' noise, drawn once a column; or a draw for every
        cell.
    compensation : {"none", "global", "tile", "column"}
        Gain that undoes the mean drift, found by one calibration read: for all, for a tile, for a column of a tile.
    remap : bool
        Whether the healthy devices of a weight take over what its stuck ones leave undone.
    scaling : {"matrix", "tile", "column"}
        What the largest magnitude of is full scale: the matrix, a tile, a column of a tile.
    single_precision : bool
        Whether currents are computed in float32, for speed; sums of codes are float64 always.
    """

    device: Device = IDEAL
    n_rows: int = 256
    n_columns: int = 256
    wires: Wires = field(default_factory=Wires)
    dac: Dac = field(default_factory=Dac)
    adc: Adc = field(default_factory=Adc)
    encoding: Encoding = field(default_factory=Encoding)
    read_voltage_V: float = 0.2
    temperature_K: float = 300.0
    read_noise: str = "lumped"
    compensation: str = "none"
    remap: bool = False
    scaling: str = "matrix"
    single_precision: bool = False

    def __post_init__(self):
        if self.n_rows < 1 or self.n_columns < 1:
            raise InputError(f"Tiles must have 1 row and column or more, not {self.n_rows} x {self.n_columns}")
        if not 0 < self.read_voltage_V < np.inf:
            raise InputError(f"Read voltage must be above 0 V and finite, not {self.read_voltage_V!r} V")
        for what, value, allowed in (
            ("Read noise", self.read_noise, NOISES),
            ("Compensation", self.compensation, COMPENSATIONS),
            ("Scaling", self.scaling, SCALINGS),
        ):
            if value not in allowed:
                raise InputError(f"{what} must be one of {', '.join(allowed)}, not {value!r}")
        if self.remap and not self.encoding.is_pair:
            raise InputError(f"Remapping must have pairs of devices, not an encoding of kind {self.encoding.kind!r}")
        if self.adc.bits is not None and self.adc.range_kind == "step" and None in (self.encoding.bits, self.dac.bits):
            raise InputError("ADC range 'step' must have weights and inputs in bits, not analog ones")

    @property
    def dtype(self):
        """Type of levels and currents."""
        return np.float32 if self.single_precision else np.float64

    @property
    def level_V(self):
        """Voltage of level 1 with amplitudes; with pulses the read voltage over the largest level of a plane [V]."""
        return self.read_voltage_V / self.dac.plane_top

    def scale_of(self, weights, largest):
        """Return the weight of full scale of a block, whose matrix has the ``largest`` magnitude; see ``scaling``."""
        if self.encoding.bound is not None:
            if largest > self.encoding.bound:
                raise InputError(f"Weights must be within +-{self.encoding.bound:g}, their bound, not {largest:g}")
            return self.encoding.bound
        if self.scaling == "column":
            found = np.abs(weights).max(axis=0, keepdims=True)
            return np.where(found > 0, found, 1.0)
        return (largest if self.scaling == "matrix" else float(np.abs(weights).max())) or 1.0
