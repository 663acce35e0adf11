"""What a person sees: tables on stdout, progress and notes on stderr."""

from __future__ import annotations

import os
import sys
import threading
import time
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from ...emulator.spec.files.strict_json import json_text

OUT = Console(soft_wrap=False)
ERR = Console(stderr=True)
EVERY = "SPINCHIP_PROGRESS_S"  # environment: seconds between two lines of progress without a terminal; 0: none
USUAL_S, YEAR_S = 10.0, 3e7


@contextmanager
def progress(total=None):
    """Show on stderr how far the block is; yields a function that names the next step.

    On a terminal a bar: with ``total`` it fills, else it only moves. Elsewhere a plain line every ten seconds, or as
    the environment has it: what, how far, seconds since the start; a block that ends sooner writes nothing.
    """
    if sys.stderr.isatty():
        with _bar(total) as step:
            yield step
        return
    with _lines(total) as step:
        yield step


@contextmanager
def _bar(total):
    columns = [TextColumn("{task.description}"), BarColumn(bar_width=30)]
    columns += [MofNCompleteColumn()] if total else []
    with Progress(*columns, TimeElapsedColumn(), console=ERR, transient=True) as bar:
        task = bar.add_task("starting", total=total)
        state = {"begun": False}

        def step(description):
            if state["begun"] and total:
                bar.advance(task)
            state["begun"] = True
            bar.update(task, description=description)

        yield step


def every_s():
    """Return the seconds between two lines of progress [s]; a year if there shall be none."""
    try:
        wanted = float(os.environ.get(EVERY, USUAL_S))
    except ValueError:
        return USUAL_S
    return min(wanted, YEAR_S) if wanted > 0 else YEAR_S


@contextmanager
def _lines(total):
    state, over, started = {"what": "starting", "number": 0}, threading.Event(), time.monotonic()

    def step(description):
        state.update(what=description, number=state["number"] + 1)

    def speak():
        while not over.wait(every_s()):
            far = f", step {state['number']} of {total}" if total else ""
            sys.stderr.write(f"spinchip: {state['what']}{far}, {time.monotonic() - started:.0f} s\n")
            sys.stderr.flush()

    speaker = threading.Thread(target=speak, daemon=True)
    speaker.start()
    try:
        yield step
    finally:
        over.set()
        speaker.join()  # no line may come after the last word of the command


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
        table.add_column(column, overflow="fold")  # a path that is cut tells nobody where
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
