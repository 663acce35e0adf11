"""Gowin devices: amaranth's plan in the words of the nextpnr that knows them today."""

from __future__ import annotations

PLACER = "nextpnr-himbaechel-gowin"  # amaranth 0.5 still calls its ancestor, nextpnr-gowin


def himbaechel_arguments(arguments, clock_Hz):
    """Return the arguments of nextpnr-himbaechel for those that amaranth plans for nextpnr-gowin.

    Family and constraints of pins have become options of the architecture, and without ``--freq`` no clock is held to
    anything.

    Parameters
    ----------
    arguments : list of str
        Arguments as in Amaranth's plan.
    clock_Hz : float
        Clock of the design [Hz].

    >>> himbaechel_arguments(["--device", "GW1N", "--family", "GW1N-9C", "--cst", "top.cst", "--json", "a"], 27e6)
    ['--device', 'GW1N', '--vopt', 'family=GW1N-9C', '--vopt', 'cst=top.cst', '--json', 'a', '--freq', '27.000000']
    """
    now, option = [], None
    for argument in arguments:
        if argument in ("--family", "--cst"):
            option = argument.removeprefix("--")
            now.append("--vopt")
        else:
            now.append(f"{option}={argument}" if option else argument)
            option = None
    return [*now, "--freq", f"{clock_Hz / 1e6:.6f}"]
