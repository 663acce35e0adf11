"""The command line: arguments in, tables or one JSON object out, and an exit status that scripts can trust.

0 done and good, 1 the verdict is "fail", 2 bad input or argument, 3 a tool is missing or failed. Commands live in the
other modules of this room, and only that of the command asked for is imported; this one parses, prints and maps errors.
"""

from __future__ import annotations

import importlib
import os
import sys
import warnings
from importlib import metadata
from typing import Annotated

import typer

from ...emulator.spec.errors import InputError, ToolError
from .endings import ended_by_signals
from .terminal_text import write_plainly

BAD_INPUT, TOOL, TYPERS_INTERRUPT = 2, 3, 130
LONGEST_LINE = 1200  # letters of an error
# What may come from deep inside although arguments and files were checked, and what it means to a user.
RULES = {
    MemoryError: "Run must fit into this machine's memory: fewer spins, chains, sweeps or samples",
    RecursionError: "Input must be nested less deeply than this program can follow",
    ArithmeticError: "Numbers must stay within the range of double precision all along",
}
FAMILIES = (InputError, OSError, *RULES)
# Typer carries its own copy of click since 0.26, and depends on the real one before: this finds either's base.
USAGE_ERROR = next(base for base in typer.BadParameter.__mro__ if base.__name__ == "ClickException")
# Module -> its commands with the first sentence of their help, in the order in which --help shows them.
COMMANDS = {
    "prove": {
        "demo": "Prove the whole chain on a published spin glass, or on your own instance.",
        "mutants": "Break the sampler on purpose; each must be caught.",
    },
    "inspect": {
        "info": "Read, colour and quantise an instance.",
        "rtl": "Write Verilog and register map of a p-computer.",
    },
    "build": {"build": "Make the bitstream of a p-computer for a board."},
    "sample": {
        "sample": "Draw states at one beta, and tell how good they are.",
        "verify": "Hold a backend's samples against the exact distribution.",
    },
    "anneal": {"anneal": "Search for the lowest energy."},
    "board": {"board": "Boards, real or simulated."},
    "crossbar": {"crossbar": "Program a matrix into crossbar tiles, let it drift, multiply."},
    "calibrate": {"calibrate": "Fit a device to measured data."},
    "workload": {"workload": "Run a paper's system and hold its figures to the references."},
    "project": {"project": "Project time and energy to an accuracy."},
    "explore": {"explore": "Explore a design space for its Pareto front."},
    "digits": {"digits": "Train and test a network on digits."},
    "report": {"report": "Write one HTML file about a run."},
    "scope": {"scope": "Watch p-bits flip in a browser."},
    "examples": {"examples": "List the examples, or copy some to the current folder."},
    "doctor": {"doctor": "Try the tools and extras of this machine."},
    "bench": {"bench": "Measure speeds beside peers, in one run, as ratios."},
}


def app_for(arguments):
    """Return the program as far as these arguments need it: one command imported, the others known by their help.

    Parameters
    ----------
    arguments : list of str
        Command-line words, as in ``sys.argv[1:]``.

    Returns
    -------
    typer.Typer
    """
    app = typer.Typer(
        name="spinchip",
        help="From the couplings of a spin model to p-bit hardware that provably samples it.",
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )
    app.callback()(_program)
    wanted = next((word for word in arguments if not word.startswith("-")), None)
    for module, commands in COMMANDS.items():
        if wanted in commands:
            importlib.import_module(f".{module}", __package__).register(app)
        else:
            for name, text in commands.items():
                app.command(name, help=text)(_not_asked_for)
    return app


def _not_asked_for():
    """Stand for a command that was not imported; never called."""


def _version(asked):
    """Print the version and end."""
    if asked:
        sys.stdout.write(f"spinchip {installed_version()}\n")
        raise typer.Exit


def _program(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", is_eager=True, callback=_version)
    ] = False,
):
    """From the couplings of a spin model to p-bit hardware that provably samples it."""


def installed_version():
    """Return the version of the installed package; ``unknown`` in a checkout that was not installed."""
    try:
        return metadata.version("spinchip")
    except metadata.PackageNotFoundError:
        return "unknown"


def main(arguments=None):
    """Run the command line and exit; the status is the process's."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by who started us
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))
        getattr(sys, name).reconfigure(errors="backslashreplace")  # a name of a file may hold what a terminal cannot
    if not sys.warnoptions:  # for programmers: tests turn them into errors, users read one line of ours
        warnings.simplefilter("ignore")
    with ended_by_signals():
        status = run(arguments)
    sys.exit(status)


def run(arguments=None):
    """Run the command line and return the exit status.

    Parameters
    ----------
    arguments : list of str, optional
        Command-line words, as in ``sys.argv[1:]``, which is the default.
    """
    arguments = (sys.argv[1:] if arguments is None else arguments) or ["--help"]
    write_plainly()
    try:
        status = app_for(arguments)(args=arguments, prog_name="spinchip", standalone_mode=False)
        sys.stdout.flush()
    except USAGE_ERROR as error:
        return _complain(error.format_message(), BAD_INPUT)
    except (typer.Abort, KeyboardInterrupt):
        return _complain("Interrupted", BAD_INPUT)
    except ToolError as error:
        return _complain(error, TOOL)
    except (BrokenPipeError, SystemExit):  # typer turns the former into the latter
        _let_go_of_stdout()
        return 0
    except FAMILIES as error:
        _let_go_of_stdout()
        return _complain(_sentence(error), BAD_INPUT)
    if status == TYPERS_INTERRUPT:
        return _complain("Interrupted", BAD_INPUT)
    return status if isinstance(status, int) else 0


def _sentence(error):
    """Return an error of one of `FAMILIES` as a sentence."""
    if isinstance(error, InputError):
        return error
    if isinstance(error, OSError):
        reason = error.strerror or error
        if error.filename is None:
            return f"Output must be written whole, which the system refuses ({reason})"
        return f"{error.filename}: file must be one that can be read and written here ({reason})"
    rule = next(rule for family, rule in RULES.items() if isinstance(error, family))
    return f"{rule} ({type(error).__name__}: {error})"


def _let_go_of_stdout():
    """Point stdout at nothing if what is left in it cannot be written, or Python would complain at its end."""
    try:
        sys.__stdout__.flush()
    except (OSError, ValueError, AttributeError):  # full, closed, or never there
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, 1)
        os.close(nothing)


def _complain(message, status):
    """Print one line on stderr; a very long one is cut in its middle."""
    line = " ".join(str(message).split())
    if len(line) > LONGEST_LINE:
        line = f"{line[: LONGEST_LINE // 2]} ... {line[-LONGEST_LINE // 2 :]}"
    sys.stderr.write(f"spinchip: {line}\n")
    return status
