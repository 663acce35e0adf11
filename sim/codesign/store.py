"""What an exploration has found, in one SQLite file: a killed sweep loses nothing, and no point is there twice."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from dataclasses import dataclass

from ...emulator.spec.errors import InputError
from ...emulator.spec.files.json_reading import parse_json
from ...emulator.spec.files.strict_json import json_text

SCHEMA = """
create table if not exists points (
  key text primary key, point text not null, result text, error text, seconds real not null
)
"""


@dataclass(frozen=True)
class Stored:
    """One finished point.

    Parameters
    ----------
    point : dict
        Values of the parameters.
    result : dict or None
        What the evaluator returned; None if it refused the point.
    error : str or None
        Message of the failure.
    seconds : float
        Wall-clock time of the evaluation [s].
    """

    point: dict
    result: dict | None
    error: str | None
    seconds: float


class Store:
    """Points by their content hash; every ``put`` is on the disk when it returns.

    Parameters
    ----------
    path : path
        The file; made if absent.

    Raises
    ------
    InputError
        If the file is none of these, or cannot be written: a full disk, a folder without permission.
    """

    def __init__(self, path):
        self.path = path
        with self._refusals():
            self._connection = sqlite3.connect(path, isolation_level=None)
        try:
            with self._refusals():
                self._connection.execute("pragma journal_mode = wal")
                self._connection.execute("pragma synchronous = normal")  # safe against a killed process
                self._connection.execute(SCHEMA)
        except InputError:
            self._connection.close()
            raise

    @contextmanager
    def _refusals(self):
        """Turn what SQLite says of a file into one line."""
        try:
            yield
        except sqlite3.OperationalError as error:
            raise InputError(f"{self.path}: store must be a file that can be written ({error})") from None
        except sqlite3.DatabaseError as error:
            raise InputError(f"{self.path}: store must be a file of an exploration, which it is not: {error}") from None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._connection.close()

    def put(self, key, stored):
        """Keep a finished point; a point that is there stays as it was."""
        result = None if stored.result is None else json_text(stored.result)
        row = key, json_text(stored.point), result, stored.error, stored.seconds
        with self._refusals():
            self._connection.execute("insert or ignore into points values (?, ?, ?, ?, ?)", row)

    def get(self, key):
        """Return the point of a key; Stored, or None."""
        with self._refusals():
            found = self._connection.execute("select point, result, error, seconds from points where key = ?", (key,))
            row = found.fetchone()
        return None if row is None else _stored(*row)

    def keys(self):
        """Return the keys of all points; set of str."""
        with self._refusals():
            return {key for (key,) in self._connection.execute("select key from points")}

    def forget_failed(self):
        """Drop points that were refused, so that they are tried again; returns how many."""
        with self._refusals():
            return self._connection.execute("delete from points where error is not null").rowcount


def _stored(point, result, error, seconds):
    return Stored(parse_json(point), None if result is None else parse_json(result), error, seconds)
