"""Prices of analog-to-digital converters from figures of merit."""

from __future__ import annotations

import math

from ..spec.errors import InputError
from .price import Kind, Price

# Energy per conversion step of successive-approximation converters, low, best, high [J].
# Source: low, a 12 bit 250 MS/s converter in 28 nm, 5.43 fJ, and high, a 10 bit 6.66 MS/s converter in 130 nm, 34 fJ,
# both in the papers' titles; best, 1.6 ... 2 pJ for 8 effective bits, the range that crossbar designs use.
WALDEN_FOM_J = (5.43e-15, 1.8e-12 / 2**8, 34e-15)


def effective_bits(sndr_dB):
    """Return the effective number of bits of a signal-to-noise-and-distortion ratio; (SNDR - 1.76) / 6.02."""
    return (sndr_dB - 1.76) / 6.02


def walden_price(enob, fom_J=WALDEN_FOM_J):
    """Return the price of one conversion from Walden's figure of merit, E = FoM 2^ENOB.

    Parameters
    ----------
    enob : float
        Effective number of bits.
    fom_J : tuple of (float, float, float)
        Energy per conversion step, low, best, high [J].

    Returns
    -------
    Price

    Raises
    ------
    InputError
        If the effective bits are not a finite number above 0.

    References
    ----------
    Walden, IEEE J. Sel. Areas Commun. 17, 539 (1999).
    """
    if not math.isfinite(enob) or enob <= 0:
        raise InputError(f"Effective bits must be a finite number above 0, not {enob!r}")
    low, best, high = (fom * 2**enob for fom in fom_J)
    text = (
        f"Walden's figure of merit, {fom_J[1]:.3g} J per step (range {fom_J[0]:.3g} ... {fom_J[2]:.3g}), {enob:g} bits"
    )
    return Price(low, best, high, Kind.DERIVED, text)
