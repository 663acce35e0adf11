"""Ways to a board: a serial port (or the pseudo-terminal of a simulated one), and a model in this process.

A transport has ``name``, ``write(data)``, ``read(timeout_s)`` (what came, nothing at the timeout), ``reopen()`` and
``close()``. It raises `ToolError` when the line is gone.
"""

from __future__ import annotations

import errno

import serial

from ...emulator.golden.fabric.dense_machine import machine_for
from ...emulator.golden.link.engine import LinkEngine, MachineBus
from ...emulator.spec.errors import InputError, ToolError

WRITE_TIMEOUT_S = 2.0


class SerialTransport:
    """A serial port or a pseudo-terminal, 8N1, held exclusively.

    Parameters
    ----------
    port : str
        Device such as ``/dev/ttyUSB0`` or ``COM3``, or any URL that pyserial knows.
    baud : int
        Bits per second; a pseudo-terminal ignores it.

    Raises
    ------
    InputError
        If there is no such port.
    ToolError
        If it is busy, forbidden, or cannot be opened.
    """

    def __init__(self, port, baud=1_000_000):
        self.name = port
        self._baud = baud
        self._serial = None
        self.reopen()

    def write(self, data):
        """Send bytes."""
        try:
            self._serial.write(data)
        except (serial.SerialException, OSError) as error:
            raise ToolError(f"Port {self.name} is gone: {_reason(error)}; plug the board in again") from error

    def read(self, timeout_s):
        """Return the bytes that came, at least one, or none at the timeout."""
        try:
            self._serial.timeout = timeout_s
            data = self._serial.read(1)
            return data + self._serial.read(self._serial.in_waiting) if data else data
        except (serial.SerialException, OSError, TypeError) as error:  # TypeError: pyserial's answer to a closed port
            raise ToolError(f"Port {self.name} is gone: {_reason(error)}; plug the board in again") from error

    def reopen(self):
        """Close the port if need be, and open it; what waited is thrown away."""
        self.close()
        try:
            self._serial = serial.serial_for_url(
                self.name, self._baud, exclusive=True, write_timeout=WRITE_TIMEOUT_S, timeout=0
            )
            self._serial.reset_input_buffer()
        except (serial.SerialException, OSError, ValueError) as error:
            raise _open_error(self.name, error) from error

    def close(self):
        """Close the port; no error if it is closed or gone."""
        if self._serial is not None:
            port, self._serial = self._serial, None
            try:
                port.close()
            except OSError:
                return


class EngineTransport:
    """A model of the link in this process; it answers at once or never.

    Parameters
    ----------
    engine : LinkEngine
        The model.
    name : str
        Name of the board in error messages.
    """

    def __init__(self, engine, name="in-process board"):
        self.engine = engine
        self.name = name
        self._received = b""

    def write(self, data):
        """Send bytes."""
        self._received += self.engine.feed(data)

    def read(self, timeout_s):
        """Return what the model answered."""
        data, self._received = self._received, b""
        return data

    def reopen(self):
        """Throw away what waited."""
        self._received = b""

    def close(self):
        """Do nothing: there is no port."""


def golden_board(spec):
    """Return a transport to a golden machine of a design."""
    return EngineTransport(LinkEngine(MachineBus(machine_for(spec)), -(-spec.n_pbits // 32)))


def _reason(error):
    return str(error).splitlines()[0] if str(error) else type(error).__name__


def _open_error(name, error):
    """Return the one-line error for a port that could not be opened."""
    number = getattr(error, "errno", None)
    if number in (errno.EAGAIN, errno.EBUSY) or "exclusively lock" in str(error):
        return ToolError(f"Port {name} is busy: another program holds it; close that one first")
    if number == errno.EACCES:
        return ToolError(
            f"Port {name} may not be opened; join the group that owns it, often: sudo adduser $USER dialout"
        )
    if number in (errno.ENOENT, errno.ENODEV, errno.ENXIO) or isinstance(error, ValueError):
        return InputError(f"Port must be there, not {name!r}; list ports with: python -m serial.tools.list_ports")
    return ToolError(f"Port {name} could not be opened: {_reason(error)}")
