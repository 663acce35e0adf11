"""The command line: arguments in, tables or one JSON object out, and an exit status that scripts can trust.

0 done and good, 1 the verdict is "fail", 2 bad input or argument, 3 a tool is missing or failed. Commands live in the
``cli_*`` modules, and only that of the command asked for is imported; this one parses, prints and maps errors.
"""

from __future__ import annotations

import importlib
import sys

import typer

from ..emulator.spec.errors import InputError, ToolError

BAD_INPUT, TOOL = 2, 3
# Typer carries its own copy of click since 0.26, and depends on the real one before: this finds either's base.
USAGE_ERROR = next(base for base in typer.BadParameter.__mro__ if base.__name__ == "ClickException")
# Module -> its commands with the first sentence of their help, in the order in which --help shows them.
COMMANDS = {
    "cli_prove": {
        "demo": "Prove the whole chain on a published spin glass.",
        "mutants": "Break the sampler on purpose; each must be caught.",
    },
    "cli_inspect": {
        "info": "Read, colour and quantise an instance.",
        "rtl": "Write Verilog and register map of a p-computer.",
    },
    "cli_build": {"build": "Make the bitstream of a p-computer for a board."},
    "cli_sample": {
        "sample": "Draw states at one beta, and tell how good they are.",
        "verify": "Hold a backend's samples against the exact law.",
    },
    "cli_anneal": {"anneal": "Search for the lowest energy."},
    "cli_board": {"board": "Boards, real or simulated."},
    "cli_crossbar": {"crossbar": "Program a matrix into crossbar tiles, let it drift, multiply."},
    "cli_calibrate": {"calibrate": "Fit a device to measured data."},
    "cli_workload": {"workload": "Run a paper's system and hold its figures to the references."},
    "cli_project": {"project": "Project time and energy to an accuracy."},
    "cli_explore": {"explore": "Explore a design space for its Pareto front."},
    "cli_digits": {"digits": "Train and test a network on digits."},
    "cli_report": {"report": "Write one HTML file about a run."},
    "cli_scope": {"scope": "Watch p-bits flip in a browser."},
    "cli_bench": {"bench": "Measure speeds beside peers, in one run, as ratios."},
}


def app_for(arguments):
    """Return the program as far as these arguments need it: one command imported, the others known by their help.

    Parameters
    ----------
    arguments : list of str
        As in ``sys.argv[1:]``.

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


def main(arguments=None):
    """Run the command line and exit; the status is the process's."""
    sys.exit(run(arguments))


def run(arguments=None):
    """Run the command line and return the exit status.

    Parameters
    ----------
    arguments : list of str, optional
        As in ``sys.argv[1:]``, which is the default.
    """
    arguments = (sys.argv[1:] if arguments is None else arguments) or ["--help"]
    try:
        status = app_for(arguments)(args=arguments, prog_name="spinchip", standalone_mode=False)
    except USAGE_ERROR as error:
        return _complain(error.format_message(), BAD_INPUT)
    except (typer.Abort, KeyboardInterrupt):
        return _complain("Interrupted", BAD_INPUT)
    except InputError as error:
        return _complain(str(error), BAD_INPUT)
    except ToolError as error:
        return _complain(str(error), TOOL)
    except BrokenPipeError:
        return 0
    return status if isinstance(status, int) else 0


def _complain(message, status):
    """Print one line on stderr."""
    line = " ".join(str(message).split())
    sys.stderr.write(f"spinchip: {line}\n")
    return status
