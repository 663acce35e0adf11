"""The command line: arguments in, tables or one JSON object out, and an exit status that scripts can trust.

0 done and good, 1 the verdict is "fail", 2 bad input or argument, 3 a tool is missing or failed. Commands live in the
``cli_*`` modules; this one parses, prints and maps errors.
"""

from __future__ import annotations

import sys

import typer

from ..emulator.spec.errors import InputError, ToolError
from . import (
    cli_anneal,
    cli_bench,
    cli_board,
    cli_build,
    cli_calibrate,
    cli_crossbar,
    cli_digits,
    cli_explore,
    cli_inspect,
    cli_project,
    cli_prove,
    cli_report,
    cli_sample,
    cli_scope,
    cli_workload,
)

BAD_INPUT, TOOL = 2, 3
# Typer carries its own copy of click since 0.26, and depends on the real one before: this finds either's base.
USAGE_ERROR = next(base for base in typer.BadParameter.__mro__ if base.__name__ == "ClickException")

app = typer.Typer(
    name="spinchip",
    help="From the couplings of a spin model to p-bit hardware that provably samples it.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
for module in (
    cli_prove,
    cli_inspect,
    cli_build,
    cli_sample,
    cli_anneal,
    cli_board,
    cli_crossbar,
    cli_calibrate,
    cli_workload,
    cli_project,
    cli_explore,
    cli_digits,
    cli_report,
    cli_scope,
    cli_bench,
):
    module.register(app)


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
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        status = app(args=arguments or ["--help"], prog_name="spinchip", standalone_mode=False)
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
