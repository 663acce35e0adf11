"""What one step of each machine takes: constants with their kinds, and the row of a projection."""

from __future__ import annotations

from dataclasses import dataclass

from ....emulator.ledger.hermes import SIZE, array_joules, hermes
from ....emulator.ledger.processor import CORE_W
from ....emulator.spec.errors import InputError
from .estimate import Estimate, exact

SLIDES = "source slides"
CORE = Estimate(*CORE_W, "assumed", f"{CORE_W[0]:g} ... {CORE_W[2]:g} W a core")
# Power of a board: 9.2 W was published beside 185 flips/ns of an accelerator card; small boards draw 1 W.
BOARD = Estimate(1.0, 5.0, 20.0, "assumed", "1 ... 20 W a board; 9.2 W was published of an accelerator card")
# A graphics processor by its data sheet: 15.7 TFLOP/s in single precision and 300 W; how much of it a sampler reaches
# is assumed, many chains at once.
GPU_W = exact(300.0, "cited", "V100 data sheet, 300 W")
GPU_FLOP_S = Estimate(
    1 / (15.7e12 * 0.5), 1 / (15.7e12 * 0.2), 1 / (15.7e12 * 0.02), "assumed", "V100, 15.7 TFLOP/s, 2 ... 50 % of it"
)
# An update of a sparse model on a graphics processor: 1.2 ... 9.35 flips/ns were published of one.
GPU_FLIP_S = Estimate(1e-9 / 9.35, 1e-9 / 3.5, 1e-9 / 1.2, "cited", "1.2 ... 9.35 flips/ns published of a GPU sampler")
FMAX_HZ = exact(71.4e6, "simulated", "place and route of 512 p-bits, docs/results/fpga.md")
PBIT_S = Estimate(1e-9, 5e-9, 10e-9, "cited", "1 ns in the slides, 5 ... 10 ns measured of in-plane junctions")
PBIT_J = Estimate(1e-15, 1e-14, 1e-12, "assumed", "1 fJ ... 1 pJ a flip, little beside a product")
PRODUCT_S = Estimate(4e-9, 133e-9, 133e-9, "cited", "4 ... 100 ns in the slides, 133 ns published of HERMES")


@dataclass(frozen=True)
class Machine:
    """A machine that runs a workload.

    Parameters
    ----------
    name : str
        Name of the machine.
    steps : Estimate
        Steps to the accuracy, 2 tau var / eps^2, from its own dynamics.
    step_s : Estimate
        Time of one step [s].
    watts : Estimate, optional
        Power while it runs [W].
    step_J : Estimate, optional
        Or the energy of one step [J]; one of both.
    tau : float
        Memory in its steps, 1/2 + sum of correlations.
    note : str
        What must be known beside the sources.
    """

    name: str
    steps: Estimate
    step_s: Estimate
    tau: float
    watts: Estimate | None = None
    step_J: Estimate | None = None
    note: str = ""

    def __post_init__(self):
        if (self.watts is None) == (self.step_J is None):
            raise InputError(f"{self.name}: machine must have power or energy of a step, one of both")

    @property
    def seconds(self):
        """Time to the accuracy [s]."""
        return self.steps * self.step_s

    @property
    def joules(self):
        """Energy to the accuracy [J]."""
        return self.steps * self._energy_of_step

    @property
    def joules_of_sample(self):
        """Energy of one independent sample, 2 tau steps [J]."""
        return self._energy_of_step.scaled(2.0 * self.tau)

    @property
    def _energy_of_step(self):
        return self.step_s * self.watts if self.step_J is None else self.step_J

    def row(self):
        """Return the promised keys, and ranges, kinds and sources beside them; dict."""
        seconds, joules = self.seconds, self.joules
        note = f"; {self.note}" if self.note else ""
        energy = (self.step_J or self.watts).source
        return {
            "machine": self.name,
            "seconds": seconds.best,
            "seconds_range": [seconds.low, seconds.high],
            "joules": joules.best,
            "joules_range": [joules.low, joules.high],
            "joules_of_independent_sample": self.joules_of_sample.best,
            "steps": self.steps.best,
            "tau_steps": self.tau,
            "kinds": {"steps": self.steps.kind, "seconds": seconds.kind, "joules": joules.kind},
            "assumptions": f"steps: {self.steps.source}; time: {self.step_s.source}; energy: {energy}{note}",
        }


def product_energy(n_tiles):
    """Return the energy of one product on whole tiles of HERMES, every column of them paid [J]; Estimate."""
    tile = hermes(1)
    low, best, high = (n_tiles * joules for joules in tile.bill(tile.trace(), array_joules()).total_J)
    source = f"{n_tiles} whole tile{'s' * (n_tiles > 1)} of {SIZE} x {SIZE} at the traced price of HERMES"
    return Estimate(low, best, high, "simulated", source)


def tiles_of(n_rows, n_columns):
    """Return the tiles that hold a matrix.

    >>> tiles_of(484, 968)
    8
    """
    return -(-n_rows // SIZE) * -(-n_columns // SIZE)


def sweep_time(clocks, fmax_hz=None, what=""):
    """Return the time of a sweep of the p-computer [s]; Estimate.

    Parameters
    ----------
    clocks : int
        Clocks of a sweep, counted by the golden model.
    fmax_hz : float, optional
        Clock that a build found; that of the committed build by default [Hz].
    what : str
        Name of the fabric, for the source of the figure.
    """
    clock = FMAX_HZ if fmax_hz is None else exact(fmax_hz, "simulated", "place and route, as given")
    return exact(clocks / clock.best, "simulated", f"{clocks} clocks a sweep{what}; {clock.source}")
