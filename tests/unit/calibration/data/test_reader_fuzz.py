"""Damaged tables: read as an independent reading does, or refused in one line that names the file; nothing else."""

import os
import re

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spinchip.calibration.data.table_reader import Reading, read_table
from spinchip.calibration.kinds import KINDS
from spinchip.emulator.spec.errors import InputError

COLUMNS = KINDS["telegraph"].columns
N_CASES = int(os.environ.get("SPINCHIP_FUZZ_CASES", "500"))
NUMBER = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
T, Y = 0.1 * np.arange(12), np.round(0.25 + 0.125 * np.sin(np.arange(12.0)), 4)
STYLES = {  # delimiter, decimal mark, head, factor of time, pattern of a row
    "comma": (",", ".", "time_s,signal_V\n", 1.0),
    "semicolon": (";", ",", "Time (ms);CH1 (V)\n", 1e-3),
    "tab": ("\t", ".", "# logger 7\ntime\tsignal\ns\tV\n", 1.0),
    "preamble": (",", ".", "Model,X1\nRate: 3\n\nTime(s),CH1(V)\n", 1.0),
}
PIECES = [
    "",
    ",",
    ";",
    "\t",
    "\n",
    "\r",
    " ",
    "-",
    "+",
    ".",
    "e",
    "E",
    "9",
    "0",
    "#",
    '"',
    "'",
    "x",
    "nan",
    "inf",
    "OL",
    "----",
]
PIECES += [
    "9.91E+37",
    "1e999",
    "1_0",
    "\ufeff",
    "\u00b5",
    "\u0661",
    "\u2212",
    "time_s",
    "(V)",
    "1,5",
    "1.234.567",
    "12:30:05",
    "2026-01-05",
]
PIECES += ["=", "[", "]", "*", "\x00", "\x0c", "\x1a", "\u2028", "Start,Increment", "s,V", "99999999999999999999"]


def content(style):
    delimiter, mark, head, factor = STYLES[style]
    rows = "".join(
        f"{t / factor:.4g}{{d}}{y:.4f}\n".replace(".", mark).replace("{d}", delimiter)
        for t, y in zip(T, Y, strict=True)
    )
    return head + rows


@st.composite
def damaged(draw):
    style = draw(st.sampled_from(sorted(STYLES)))
    text = content(style)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(text)))
        kind = draw(st.sampled_from(["insert", "replace", "cut", "repeat", "end"]))
        length = draw(st.integers(1, 8))
        piece = draw(st.sampled_from(PIECES))
        if kind == "insert":
            text = text[:at] + piece + text[at:]
        elif kind == "replace":
            text = text[:at] + piece + text[at + length :]
        elif kind == "cut":
            text = text[:at] + text[at + length :]
        elif kind == "repeat":
            text = text[:at] + text[max(at - 3 * length, 0) :]
        else:
            text = text[:at]
    encoding = draw(st.sampled_from(["utf-8", "utf-8", "utf-8", "utf-16", "cp1252"]))
    raw = text.encode(encoding, errors="ignore")
    return style, raw.decode(encoding), raw


def plain_rows(text, style):
    """Return line and numbers of every line that is two plain numbers and nothing else; by a pattern of its own."""
    delimiter, mark, _, _ = STYLES[style]
    number = NUMBER.replace(r"\.", re.escape(mark)) if mark != "." else NUMBER
    row = re.compile(rf"\s*({number})[ ]*{re.escape(delimiter)}[ ]*({number})\s*{re.escape(delimiter)}?\s*")
    found = {}
    for k, line in enumerate(re.split("\r\n|\r|\n", text), 1):
        match = row.fullmatch(line)
        if match:
            found[k] = tuple(float(one.replace(mark, ".")) for one in match.groups())
    return found


def attempt(path, reading):
    """Return the table and nothing, or nothing and the refusal; every other exception is a failure."""
    try:
        return read_table(path, COLUMNS, reading), ""
    except InputError as error:
        return None, str(error)


def check(path, case, reading):
    """Return whether the file was read; all that is read must be what stands on its line, and no line be left out."""
    style, text, raw = case
    path.write_bytes(raw)
    table, said = attempt(path, reading)
    if table is None:
        assert said.startswith(str(path))
        assert "\n" not in said
        return False
    rows = plain_rows(text.removeprefix("\ufeff"), style)
    lines = table.file.lines.tolist()
    for k, line in enumerate(lines):
        for name, value in zip(("time", "signal"), rows.get(line, ()), strict=False):
            raw_value = table[name][k] / table.factors[name]
            if not np.isnan(raw_value) and table.raw[name][0] in table.file.columns and len(table.file.columns) == 2:
                assert raw_value == pytest.approx(value, rel=1e-12), (line, text)
    if table.file.layout["delimiter"] == {",": "comma", ";": "semicolon", "\t": "tab"}[STYLES[style][0]]:
        left_out = [line for line in rows if line not in lines and line > (table.file.layout["header_line"] or 0)]
        assert not left_out, (left_out, text)
    return True


@pytest.mark.promise("calibration.no-guess")
@settings(max_examples=N_CASES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(case=damaged(), mask=st.sampled_from(["", "all"]))
def test_damaged_tables_are_read_rightly_or_refused_in_one_line(tmp_path_factory, case, mask):
    check(tmp_path_factory.getbasetemp() / "fuzz.csv", case, Reading(mask=mask))


@pytest.mark.parametrize("style", sorted(STYLES))
def test_whole_tables_pass_the_same_check(tmp_path, style):
    text = content(style)
    assert check(tmp_path / "data.csv", (style, text, text.encode()), Reading())
    assert len(plain_rows(text, style)) == len(T)
