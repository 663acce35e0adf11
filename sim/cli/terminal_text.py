"""Text for terminals that cannot show every character: other signs instead of an error."""

from __future__ import annotations

import codecs
import sys

HANDLER = "spinchip-plain"
PLAIN = {
    "±": "+-",
    "×": "x",
    "·": "*",
    "→": "->",
    "…": "...",
    "–": "-",
    "−": "-",
    "≤": "<=",
    "≥": ">=",
    "µ": "u",
    "μ": "u",
}
PLAIN |= {"Ω": "ohm", "\u2126": "ohm", "²": "^2", "β": "beta", "τ": "tau", "σ": "sigma", "χ": "chi", "α": "alpha"}


def plain_signs(error):
    """Return plain letters for what an encoding lacks, as a handler of `codecs.register_error`.

    >>> "2 ± 1 µs".encode("ascii", HANDLER)
    b'2 +- 1 us'
    """
    missing = error.object[error.start : error.end]
    signs = [PLAIN.get(sign) or sign.encode("ascii", "backslashreplace").decode() for sign in missing]
    return "".join(signs), error.end


codecs.register_error(HANDLER, plain_signs)


def write_plainly():
    """Let stdout and stderr write what their encoding lacks in plain letters, file names of other encodings too."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a test's or a notebook's stream takes any text
            stream.reconfigure(errors=HANDLER)
