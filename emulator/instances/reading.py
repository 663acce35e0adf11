"""What only the user knows about a file: format, base, sign, sense, and the part of it that is meant."""

from __future__ import annotations

from dataclasses import dataclass, fields

from ..spec.errors import InputError

CHOICES = {
    "base": (0, 1),
    "sign": ("minus", "plus"),
    "sense": ("min", "max"),
    "triangle": ("upper", "lower"),
}


@dataclass(frozen=True)
class Reading:
    """How a file is to be read where its name and content leave that open; None leaves it to the format.

    Parameters
    ----------
    file_format : str, optional
        One of the formats of `resolve`.
    base : {0, 1}, optional
        Number of the first spin.
    sign : {"minus", "plus"}, optional
        Sign in front of the numbers: E = - sum J s s - sum h s, or E = + sum J s s + sum h s (dimod, Max-Cut).
    sense : {"min", "max"}, optional
        The numbers are a QUBO, x'Qx over x in {0, 1}, to be minimised or maximised.
    triangle : {"upper", "lower"}, optional
        A matrix is given by one triangle: each of its entries is the J of its pair.
    variable : str, optional
        Which arrays of a file are meant: ``W``, ``W[3]`` of a stack, ``W,b`` with the biases; see `choose`.

    Raises
    ------
    InputError
        If a choice is none of those named.
    """

    file_format: str | None = None
    base: int | None = None
    sign: str | None = None
    sense: str | None = None
    triangle: str | None = None
    variable: str | None = None

    def __post_init__(self):
        for name, allowed in CHOICES.items():
            value = getattr(self, name)
            if value is not None and (isinstance(value, bool) or value not in allowed):
                raise InputError(f"Option {name} must be {' or '.join(map(str, allowed))}, not {value!r}")

    def given(self):
        """Return the choices made beside the format, name to value."""
        values = {field.name: getattr(self, field.name) for field in fields(self)[1:]}
        return {name: value for name, value in values.items() if value is not None}

    def options_for(self, file_format, known):
        """Return the choices made, for a reader that takes those in ``known``; refuse any other."""
        for name, value in self.given().items():
            if name not in known:
                rule = f"be left out for the format {file_format}, which fixes it"
                raise InputError(f"Option --{name} must {rule}, not be {value!r}")
        return self.given()
