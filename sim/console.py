"""What a person sees: tables on stdout, progress and notes on stderr."""

from __future__ import annotations

import sys
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from ..emulator.spec.strict_json import json_text

OUT = Console(soft_wrap=False)
ERR = Console(stderr=True)


@contextmanager
def progress(total=None):
    """Show a bar on stderr while the block runs; yields a function that names the next step.

    Without a terminal on stderr nothing is shown. With ``total`` the bar fills, else it only moves.
    """
    columns = [TextColumn("{task.description}"), BarColumn(bar_width=30)]
    columns += [MofNCompleteColumn()] if total else []
    bar = Progress(*columns, TimeElapsedColumn(), console=ERR, transient=True, disable=not sys.stderr.isatty())
    with bar:
        task = bar.add_task("starting", total=total)
        state = {"begun": False}

        def step(description):
            if state["begun"] and total:
                bar.advance(task)
            state["begun"] = True
            bar.update(task, description=description)

        yield step


def print_json(result):
    """Print one JSON object on stdout."""
    sys.stdout.write(json_text(result) + "\n")


def facts(title, rows):
    """Print a table of names and values."""
    OUT.print(title, style="bold", markup=False, highlight=False)
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    for name, value in rows:
        table.add_row(str(name), _plain(value))
    OUT.print(table)


def rows_table(title, columns, rows):
    """Print a table with a header."""
    OUT.print(title, style="bold", markup=False, highlight=False)
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for column in columns:
        table.add_column(column)
    for row in rows:
        table.add_row(*[_plain(value) for value in row])
    OUT.print(table)


def _plain(value):
    """Return a value as people write it: four significant digits, thousands apart."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.0f}" if 1e4 <= abs(value) < 1e7 else f"{value:.4g}"
    return str(value).replace("[", r"\[")
