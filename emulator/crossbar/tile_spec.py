"""Everything about the tiles of a crossbar but the weights."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..devices.card import Device
from ..devices.ideal import CARD as IDEAL
from ..spec.errors import InputError
from ..wires.wires import Wires
from .converters import Adc, Dac
from .encoding import Encoding

COMPENSATIONS = ("none", "global", "column")


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
        Line resistances of each array.
    dac, adc : Dac, Adc
        Converters.
    encoding : Encoding
        How weights are kept.
    read_voltage_V : float
        Voltage of the largest input level [V].
    read_noise : bool
        Whether reads are noisy as the device's card says.
    compensation : {"none", "global", "column"}
        Gain that undoes the mean drift, measured by a calibration read; one for all or one a column and tile.
    remap : bool
        Whether the partner of a stuck device takes over what it can of the pair's difference.
    single_precision : bool
        Whether currents are computed in float32, for speed.
    """

    device: Device = IDEAL
    n_rows: int = 256
    n_columns: int = 256
    wires: Wires = field(default_factory=Wires)
    dac: Dac = field(default_factory=Dac)
    adc: Adc = field(default_factory=Adc)
    encoding: Encoding = field(default_factory=Encoding)
    read_voltage_V: float = 0.2
    read_noise: bool = True
    compensation: str = "none"
    remap: bool = False
    single_precision: bool = False

    def __post_init__(self):
        if self.n_rows < 1 or self.n_columns < 1:
            raise InputError(f"Tiles must have 1 row and column or more, not {self.n_rows} x {self.n_columns}")
        if not 0 < self.read_voltage_V < float("inf"):
            raise InputError(f"Read voltage must be above 0 V, not {self.read_voltage_V!r} V")
        if self.compensation not in COMPENSATIONS:
            raise InputError(f"Compensation must be one of {', '.join(COMPENSATIONS)}, not {self.compensation!r}")
        if self.remap and self.encoding.kind == "offset":
            raise InputError("Remapping must have pairs of devices, not a single one against an offset column")
        if not self.device.is_linear and self.dac.kind == "pwm" and not self.wires.are_ideal:
            rule = "Pulse widths with resistive wires must have a linear device: currents change within the pulse"
            raise InputError(f"{rule}; choose a DAC of kind amplitude or bit_serial, not pwm")
        if self.adc.range_kind == "step" and (self.encoding.bits is None or self.dac.bits is None):
            raise InputError("ADC range 'step' must have weights and inputs in bits, not analog ones")
