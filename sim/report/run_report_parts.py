"""What a report of a folder shows of each kind of JSON file: title, sentence, tables."""

from __future__ import annotations

import json

from ...emulator.spec.errors import InputError
from ...emulator.spec.files.json_reading import JsonError, read_json
from .tables import claim_table, front_table, machine_table
from .written_numbers import interval_texts

MOST_ROWS = 400  # of one table; what is left out is said
COMMANDS = "workload, project, explore, verify, crossbar, calibrate, rtl or anneal"


def part_of(path):
    """Return title, sentence and tables of one JSON file; None if it is none of ours.

    Parameters
    ----------
    path : Path
        Path of the file.

    Raises
    ------
    InputError
        If it is no JSON, or has our keys and not our values.
    """
    try:
        result = read_json(path)
    except JsonError as error:
        raise InputError(f"{path}: result must be JSON that can be read, not {error.reason!r}") from None
    if not isinstance(result, dict):
        return None
    make = next((make for keys, make in KINDS if keys <= result.keys()), None)
    if make is None:
        return None
    try:
        return make(result)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        what = f"{type(error).__name__}: {error}"
        raise InputError(f"{path}: result must be as {COMMANDS} writes it, which it is not ({what})") from None


def _workload(result):
    rows = result["rows"]
    met = sum(bool(row["ok"]) for row in rows)
    columns = ("quantity", "value", "s.e.", "reference", "source", "")
    cells = [
        [row["quantity"], _number(row["value"]), _number(row["se"]), _number(row["reference"]), row["source"],
         "yes" if row["ok"] else "NO"]
        for row in rows
    ]  # fmt: skip
    sentence = f"{met} of {len(rows)} figures agree with their references; {result['seconds']:.0f} s."
    return _titled(f"Workload {result['name']}", sentence, [_table("", columns, cells)])


def _projection(result):
    columns, rows = machine_table(result["rows"])
    rows = [[*cells, row["assumptions"]] for cells, row in zip(rows, result["rows"], strict=True)]
    tables = [_table("Machines", (*columns, "assumptions"), rows)]
    if "claims" in result:
        tables.append(_table("Claims of the source slides", *claim_table(result["claims"])))
    return _titled(result["workload"], result.get("verdicts", ""), tables)


def _exploration(result):
    columns, rows = front_table(result)
    counts = f"{len(result['points'])} points, {len(result['failed'])} refused, {len(rows)} that nothing beats."
    return _titled(result["name"], counts, [_table("The front", columns, rows)])


def _verdict(result):
    rows = [
        (name.replace("_", " "), _number(result.get(name)))
        for name in ("law", "p_value", "alpha", "tv", "tv_floor", "n_samples", "n_stages")
    ]
    rows.append(("largest conditional z", _number(result["conditionals"]["z_max"])))
    if result.get("beta_eff"):
        rows.append(("effective beta", _interval(result["beta_eff"])))
    if result.get("quantisation"):
        lost = result["quantisation"]
        rows.append((f"distance from Boltzmann ({lost['kind']})", _number(lost["tv"])))
        rows.append(("values that saturate", _number(lost["saturated"])))
    tests = [
        [one["name"], _number(one["statistic"]), _number(one["dof"] or None), _number(one["p_value"])]
        for one in result["tests"]
    ]
    least = f"The least p of {len(tests)} tests, corrected for their number, is {result['p_value']:.3g}"
    sentence = f"{result['verdict'].upper()}. {least}; it would fail below {result['alpha']:g}."
    tables = [_table("Figures", ("quantity", "value"), rows)]
    tables.append(_table("Tests", ("test", "statistic", "degrees of freedom", "p-value"), tests))
    beta = f" at beta = {result['beta']:g}"
    return _titled(f"{result['instance']} on {result['backend']}{beta}", sentence, tables)


def _crossbar(result):
    errors = [(name, _number(value)) for name, value in result["relative_error"].items()]
    low, high = result["joules_range"]
    rows = [
        ("tiles", _number(result["tiles"])),
        ("clocks of a product", _number(result["cycles"])),
        ("time of a product [s]", _number(result["seconds"])),
        ("energy of a product [J]", f"{result['joules']:.3g}  ({low:.3g} ... {high:.3g})"),
        ("of it in the cells [J]", _number(result["cell_joules"])),
        ("prices", result["prices"]),
        ("device", result["citation"]),
        ("seed", _number(result["seed"])),
    ]
    n_inputs, n_outputs = result["shape"]
    title = f"{n_inputs} x {n_outputs} weights on {result['device']}, {result['at_s']:g} s after the reference read"
    sentence = f"The relative error of a product is {result['relative_error']['total']:.3g} with everything in it."
    tables = [_table("Relative error by cause", ("cause", "error"), errors)]
    return _titled(title, sentence, [*tables, _table("What a product takes", ("quantity", "value"), rows)])


def _calibration(result):
    columns = ("parameter", "best", "low", "high", "of the data themselves")
    rows = []
    for name, one in result["parameters"].items():
        values = (*(one[key] for key in ("best", "low", "high")), result["estimates"].get(name))
        rows.append([name, *(text or "" for text in interval_texts(one["low"], one["high"], *values))])
    names = ("chi2", "dof", "chi2_dof", "chi2_p", "n_trials", "seed")
    fit = [(name.replace("_", " "), _number(result.get(name))) for name in names]
    origin = [(name, _text(value)) for name, value in (result.get("provenance") or {}).items()]
    tables = [_table("Parameters with 68 % intervals", columns, rows), _table("Fit", ("quantity", "value"), fit)]
    tables.append(_table("Where it comes from", ("what", ""), origin))
    return _titled(f"Calibration: {result['model']}", f"{len(rows)} parameters.", tables)


def _design(result):
    names = ("design_id", "top", "n_pbits", "n_edges", "n_colors", "compare_bits", "random_source", "n_generators",
             "table_entries", "pages", "segments", "fifo_depth", "moment_bits", "values_saturated")  # fmt: skip
    rows = [(name.replace("_", " "), _number(result.get(name))) for name in names]
    rows += [(f"format of {name}", text) for name, text in result["formats"].items()]
    instance = result["instance"]
    origin = [(name, _text(value)) for name, value in instance["provenance"].items()]
    sentence = f"{result['n_pbits']} p-bits in {result['n_colors']} colours, {result['n_edges']} wires."
    tables = [_table("Design", ("quantity", "value"), rows), _table("Instance", ("what", ""), origin)]
    return _titled(f"Verilog for {instance['name']}", sentence, tables)


def _search(result):
    rho, energies = result["residual"], result["energies"]
    reached = sum(energy <= result["best_energy"] + 1e-9 for energy in energies)
    rows = [
        ("lowest energy", _number(result["best_energy"], 10)),
        ("residual energy per spin", _interval(rho)),
        ("counted from", _number(result["residual_from"], 10)),
        *((name, _number(result.get(name))) for name in ("sweeps", "replicas", "runs", "seconds")),
    ]
    each = [[str(k), _number(energy, 10)] for k, energy in enumerate(energies)]
    sentence = f"{reached} of {len(energies)} runs reached the lowest energy found, {result['best_energy']:.10g}."
    title = " ".join(str(result[name]) for name in ("method", "instance") if name in result) or "Search"
    return _titled(
        title, sentence, [_table("Figures", ("quantity", "value"), rows), _table("Runs", ("run", "energy"), each)]
    )


def _titled(title, sentence, tables):
    return {"title": title, "sentence": sentence, "tables": tables}


def _table(name, columns, rows):
    left = len(rows) - MOST_ROWS
    note = f"{left} more rows stand in the JSON." if left > 0 else ""
    return {"name": name, "columns": [c.replace("_", " ") for c in columns], "rows": rows[:MOST_ROWS], "note": note}


def _number(value, digits=4):
    """Return a number as a person writes it; text as it is, whole numbers in full.

    >>> _number(0.000012345), _number(31536000), _number(None), _number("yes")
    ('1.234e-05', '31,536,000', '', 'yes')
    """
    if value is None or isinstance(value, str):
        return value or ""
    return f"{value:,}" if isinstance(value, int) else f"{value:.{digits}g}"


def _interval(one):
    return f"{one['best']:.5g}  ({one['low']:.5g} ... {one['high']:.5g})"


def _text(value):
    return value if isinstance(value, str) else json.dumps(value)


# Keys by which a file is known -> what shows it; the first that fits.
KINDS = (
    ({"claims", "rows"}, _projection),
    ({"workload", "rows"}, _projection),
    ({"pareto", "points"}, _exploration),
    ({"name", "rows"}, _workload),
    ({"verdict", "tests", "backend"}, _verdict),
    ({"relative_error", "tiles"}, _crossbar),
    ({"parameters", "estimates", "model"}, _calibration),
    ({"design_id", "n_pbits", "formats"}, _design),
    ({"best_energy", "energies", "residual"}, _search),
)
