"""The design space of a TOML file: problem, parameters, search, objectives; each bad entry is refused by its name."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from ...emulator.spec.errors import InputError
from ...emulator.spec.files.file_names import short_name
from ...emulator.spec.files.input_files import check_regular
from ...emulator.spec.files.shipped_files import shipped_or_own

METHODS = ("grid", "latin-hypercube", "nsga2")
SENSES = ("min", "max")
KINDS = ("integer", "real", "log")
MAX_POINTS = 1_000_000


@dataclass(frozen=True)
class Parameter:
    """One axis of the design space.

    Parameters
    ----------
    name : str
        Name of the parameter.
    choices : tuple
        Values of a list; empty for a range.
    low, high : float
        Ends of a range.
    kind : {"integer", "real", "log"}
        Kind of a range.
    """

    name: str
    choices: tuple = ()
    low: float = 0.0
    high: float = 0.0
    kind: str = "real"

    def at(self, share):
        """Return the value at a share of the axis, 0 to below 1.

        >>> Parameter("bits", (2, 4, 8)).at(0.4), Parameter("x", low=1, high=100, kind="log").at(0.5)
        (4, 10.0)
        """
        if self.choices:
            return self.choices[int(share * len(self.choices))]
        if self.kind == "integer":
            return int(self.low + share * (self.high - self.low + 1))
        if self.kind == "log":
            return round(float(self.low * (self.high / self.low) ** share), 12)
        return float(self.low + share * (self.high - self.low))


@dataclass(frozen=True)
class Design:
    """A design space and how it is searched.

    Parameters
    ----------
    name : str
        Name of the exploration.
    problem : dict
        ``kind`` and what the evaluator of that kind takes.
    parameters : tuple of Parameter
        Parameters that span the design space.
    objectives : dict of str to {"min", "max"}
        What is judged, in order.
    method : {"grid", "latin-hypercube", "nsga2"}
        Every combination; points spread evenly; or a genetic search for the front.
    n_points : int
        Number of points of the latter two.
    seed : int
        Seed of search and machines.
    """

    name: str
    problem: dict
    parameters: tuple[Parameter, ...]
    objectives: dict[str, str]
    method: str = "grid"
    n_points: int = 0
    seed: int = 1
    folder: str = field(default=".", compare=False)

    def key(self, point):
        """Return the content hash of a point: the same problem, values and seed have the same key; str."""
        content = {"problem": self.problem, "point": point, "seed": self.seed}
        return sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def read_design(path):
    """Return the design of a TOML file.

    Raises
    ------
    InputError
        One line that names the file, the entry, its value and the rule.
    """
    path = Path(shipped_or_own(path))
    check_regular(path, "design")
    try:
        with path.open("rb") as handle:
            table = tomllib.load(handle)
    except FileNotFoundError:
        raise InputError(f"{path}: design must be a file that exists") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"{path}: design must be TOML that can be read: {error}") from None
    try:
        return _design(table, path)
    except InputError as error:
        raise InputError(f"{path}: {error}") from None


def _design(table, path):
    known = {"name", "problem", "parameters", "search", "objectives"}
    _no_strangers("entries", table, known)
    for key in ("problem", "parameters", "objectives"):
        if not isinstance(table.get(key), dict) or not table[key]:
            raise InputError(f"[{key}] must be a table with entries, not {table.get(key)!r}")
    search = table.get("search", {})
    _no_strangers("entries of [search]", search, {"method", "points", "seed"})
    method = search.get("method", "grid")
    if method not in METHODS:
        raise InputError(f"search.method must be one of {', '.join(METHODS)}, not {method!r}")
    n_points = search.get("points", 0)
    if method != "grid" and not (isinstance(n_points, int) and 1 <= n_points <= MAX_POINTS):
        raise InputError(f"search.points must be 1 ... {MAX_POINTS}, not {n_points!r}")
    seed = search.get("seed", 1)
    if not isinstance(seed, int) or seed < 0:
        raise InputError(f"search.seed must be a whole number, 0 or more, not {seed!r}")
    objectives = table["objectives"]
    for name, sense in objectives.items():
        if sense not in SENSES:
            raise InputError(f"objectives.{name} must be one of {', '.join(SENSES)}, not {sense!r}")
    parameters = tuple(_parameter(name, value, method) for name, value in table["parameters"].items())
    name = str(table.get("name", short_name(path)))
    folder = str(path.resolve().parent)
    return Design(name, table["problem"], parameters, objectives, method, n_points, seed, folder)


def _no_strangers(what, table, known):
    strange = sorted(set(table) - known)
    if strange:
        raise InputError(f"{what} must be among {', '.join(sorted(known))}, not {', '.join(strange)}")


def _parameter(name, value, method):
    """Return an axis of a list of values, or of a table with low, high and kind."""
    if isinstance(value, list) and value and all(isinstance(one, str | int | float) for one in value):
        if len({json.dumps(one) for one in value}) < len(value):
            raise InputError(f"parameters.{name} must not name a value twice, as {value!r} does")
        return Parameter(name, tuple(value))
    if isinstance(value, dict) and set(value) <= {"low", "high", "kind"} and {"low", "high"} <= set(value):
        low, high, kind = value["low"], value["high"], value.get("kind", "real")
        if not all(isinstance(end, int | float) for end in (low, high)) or not low < high:
            raise InputError(f"parameters.{name} must have numbers low < high, not {low!r} and {high!r}")
        if kind not in KINDS or (kind == "log" and low <= 0):
            raise InputError(f"parameters.{name}: kind must be one of {', '.join(KINDS)} (log above 0), not {kind!r}")
        if method == "grid" and kind != "integer":
            raise InputError(f"parameters.{name} must be a list or integers for a grid, not a range of kind {kind!r}")
        return Parameter(name, (), low, high, kind)
    raise InputError(f"parameters.{name} must be a list of values or a table with low, high and kind, not {value!r}")
