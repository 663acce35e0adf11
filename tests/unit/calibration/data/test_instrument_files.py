"""Layouts of instruments and loggers: each is read to the numbers that were written, or refused with what to say."""

import h5py
import numpy as np
import pytest
from scipy.io import savemat

from spinchip.calibration.data.table_reader import Reading, read_table
from spinchip.calibration.kinds import KINDS
from spinchip.emulator.spec.errors import InputError

COLUMNS = KINDS["telegraph"].columns
T = 1e-4 * np.arange(150)
Y = np.round(0.1 + 0.05 * np.sin(np.arange(150.0) ** 2) + 1e-3 * np.cos(np.arange(150.0)), 6)


def rows(line, t=T, y=Y):
    return "".join(line.format(k=k, t=t[k], y=y[k]) + "\n" for k in range(len(t)))


def comma(text):
    return text.replace(".", ",")


def clock(day):
    return "".join(
        f"{day}10:00:{0.5 * k % 60:04.1f};{y:.6f}\n".replace("10:00", f"10:{k // 120:02d}") for k, y in enumerate(Y)
    )


PLAIN = rows("{t:.4f},{y:.6f}")
SEMICOLON = comma(rows("{t:.4f};{y:.6f}"))
LAYOUTS = {
    "plain": "time_s,signal_V\n" + PLAIN,
    "capital": "Time (s),Signal (V)\n" + PLAIN,
    "channel": "Time (s),CH1 (V)\n" + PLAIN,
    "no blanks": "Time(s),CH1(V)\n" + PLAIN,
    "slash": "t / s;U / V\n" + SEMICOLON,
    "row of units": "time,signal\ns,V\n" + PLAIN,
    "row of words": "x-axis,1\nsecond,Volt\n" + PLAIN,
    "units in brackets, empty line": "Time;Channel A\n(ms);(mV)\n\n" + comma(rows("{t:.7f};{y:.6f}", 1e3 * T, 1e3 * Y)),
    "comments": "#Instrument\n#Device: X, 5\n\nTime (s),Channel 1 (V)\n" + PLAIN,
    "header is a comment": "# time_s signal_V\n" + rows("{t:.6e} {y:.8e}"),
    "header is a percent comment": "% time_s, signal_V\n" + PLAIN,
    "preamble": "Model,ABC100\nRecord Length,150\nProbe Attenuation,1.0\nLabels,,\nTIME (s),CH1 (V)\n" + PLAIN,
    "preamble of several lines": "[Header]\nDate: 2026-01-05 10:00\nOperator: A, B\n\n[Data]\nTime [s];U [V]\n"
    + SEMICOLON,
    "sequence and increment": "X,CH1,Start,Increment,\nSequence,Volt,0,1.000000e-04,\n" + rows("{k},{y:.6f},"),
    "increment in the header": "CH1(V),t0 =0.0, tInc = 1e-04,\n" + rows("{y:.6f},"),
    "interval in the preamble": "Sample Interval (us),100\nVoltage (V)\n" + rows("{y:.6f}"),
    "rate in the preamble": "Sampling rate: 10 kHz\nVoltage (V)\n" + rows("{y:.6f}"),
    "decimal comma": "time_s;signal_V\n" + SEMICOLON,
    "decimal comma, tab": "time_s\tsignal_V\n" + comma(rows("{t:.4f}\t{y:.6f}")),
    "decimal comma, quoted": "time_s,signal_V\n"
    + "".join(
        f'"{t:.4f}","{y:.6f}"\n'.replace(".", ",").replace('","', '";"').replace(";", ",")
        for t, y in zip(T, Y, strict=True)
    ),
    "groups of thousands": "time_us;signal_V\n"
    + "".join(f"{1e6 * t:,.1f};{y:.6f}\n".translate(str.maketrans(",.", ".,")) for t, y in zip(T, Y, strict=True)),
    "trailing comma": "time_s,signal_V\n" + rows("{t:.4f},{y:.6f},"),
    "trailing comma in the header": "time_s,signal_V,\n" + rows("{t:.4f},{y:.6f},"),
    "foot": "time_s,signal_V\n" + PLAIN + "\nEnd of data\nMean,0.1\n",
    "blanks": "time_s   signal_V\n" + rows("   {t:.4f}    {y:+.6f}"),
    "comma and blank": "time_s, signal_V\n" + rows("{t:.4f}, {y:.6f}"),
    "other columns": "No.,Label,time_s,signal_V,Remark\n" + rows("{k},a,{t:.4f},{y:.6f},ok then"),
    "micro sign": "time (\u00b5s),signal (mV)\n" + rows("{t:.1f},{y:.3f}", 1e6 * T, 1e3 * Y),
    "Greek mu": "time (\u03bcs),signal (mV)\n" + rows("{t:.1f},{y:.3f}", 1e6 * T, 1e3 * Y),
    "minus sign, no-break space": "time_s;signal_V\n" + SEMICOLON.replace(";", ";\u00a0"),
    "separator in the first line": "sep=;\ntime_s;signal_V\n" + SEMICOLON,
    "Fortran exponents": "time_s signal_V\n" + rows("{t:.6e} {y:.8e}").replace("e", "D"),
    "remarks below the units": "Time\tVoltage\ns\tV\nrun 1\trun 1\n" + rows("{t:.4f}\t{y:.6f}"),
    "dashes below the header": "time_s  signal_V\n------  --------\n" + rows("{t:.4f}  {y:.6f}"),
    "units in words": "Second,Volts\n" + PLAIN,
    "comment without cells": "Time (s)\tU (V)\tComment\n" + rows("{t:.4f}\t{y:.6f}"),
    "rate, one column": "Sample rate: 10000 Hz\nLength: 150\n\nVoltage (VDC)\n" + rows("{y:.6f}"),
    "bar": "time_s|signal_V\n" + rows("{t:.4f}|{y:.6f}"),
}


def written(folder, text, encoding="utf-8", name="data.csv"):
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.promise("calibration.instrument-files")
@pytest.mark.parametrize("layout", sorted(LAYOUTS))
def test_layout_is_read(tmp_path, layout):
    table = read_table(written(tmp_path, LAYOUTS[layout]), COLUMNS)
    np.testing.assert_allclose(table["time"], T, rtol=1e-12, atol=1e-18)
    np.testing.assert_allclose(table["signal"], Y, rtol=1e-12)
    assert table.units == {"time": "s", "signal": "V"}


@pytest.mark.promise("calibration.instrument-files")
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "latin-1"])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends(tmp_path, encoding, ends):
    text = LAYOUTS["micro sign"].replace("\n", ends)
    for name in ("data.csv", "data.txt", "data.dat", "DATA.CSV"):
        np.testing.assert_allclose(read_table(written(tmp_path, text, encoding, name), COLUMNS)["time"], T, atol=1e-18)


@pytest.mark.parametrize(
    ("sign", "factor"),
    [("k\u2126", 1e3), ("k\u03a9", 1e3), ("kOhm", 1e3), ("kiloohms", 1e3), ("\u2126", 1.0), ("M\u03a9", 1e6)],
)
def test_signs_of_ohm(tmp_path, sign, factor):
    table = read_table(written(tmp_path, f"time_s,resistance ({sign})\n" + PLAIN), COLUMNS)
    np.testing.assert_allclose(table["signal"], factor * Y, rtol=1e-12)
    assert table.units["signal"] == "ohm"


@pytest.mark.promise("calibration.instrument-files")
@pytest.mark.parametrize(
    "stamps",
    ["2026-01-05T", "2026-01-05 ", "05.01.2026 ", "1/5/2026 ", "5/1/26 ", ""],
)
def test_stamps_are_seconds_from_the_first(tmp_path, stamps):
    table = read_table(written(tmp_path, "Timestamp;U (V)\n" + clock(stamps)), COLUMNS)
    np.testing.assert_allclose(table["time"], 0.5 * np.arange(Y.size), atol=1e-9)
    np.testing.assert_allclose(table["signal"], Y)


def test_stamps_that_pass_midnight_or_a_month(tmp_path):
    text = "Time;U (V)\n23:59:59;1.5\n00:00:01;2.5\n00:00:03;1.25\n"
    assert read_table(written(tmp_path, text), COLUMNS)["time"].tolist() == [0.0, 2.0, 4.0]
    text = "Time;U (V)\n01/02/2026 23:59:59;1.5\n02/02/2026 00:00:01;2.5\n"
    with pytest.raises(InputError, match=r"row 2 \(line 3\), must be a date of one reading .* day and month"):
        read_table(written(tmp_path, text), COLUMNS)
    text = text.replace("01/02", "31/01").replace("02/02", "01/02")
    assert read_table(written(tmp_path, text), COLUMNS)["time"].tolist() == [0.0, 2.0]


@pytest.mark.promise("calibration.instrument-files")
def test_columns_may_be_named_by_a_person(tmp_path):
    scope = "Record Length,150,,0.0000,0.5\nVertical Units,V,,0.0001,0.25\n" + rows(",,,{t:.4f},{y:.6f}", T[2:], Y[2:])
    path = written(tmp_path, scope)
    with pytest.raises(InputError, match=r"without a header \(say --columns time=4\[s\],signal=5\[V\]\)"):
        read_table(path, COLUMNS)
    table = read_table(path, COLUMNS, Reading("time=4[s],signal=5[V]"))
    np.testing.assert_allclose(table["time"], T, atol=1e-18)
    assert table["signal"][:3].tolist() == [0.5, 0.25, Y[2]]
    two = written(tmp_path, "Zeit (s),CH1 (V),CH2 (mV)\n" + rows("{t:.4f},{y:.6f},7"))
    with pytest.raises(InputError, match=r"'signal' must be one of 'CH1 \(V\)', 'CH2 \(mV\)' \(say which by --columns"):
        read_table(two, COLUMNS)
    for choice in ("signal=CH1 (V)", "time=Zeit,voltage=CH1", "voltage=2", "time=1,signal=ch1 (V)"):
        np.testing.assert_allclose(read_table(two, COLUMNS, Reading(choice))["signal"], Y)
    assert read_table(two, COLUMNS, Reading("signal=CH2"))["signal"][0] == 7e-3
    for choice in ("signal=CH7", "power=1", "signal=", "CH1"):
        with pytest.raises(InputError, match="must be"):
            read_table(two, COLUMNS, Reading(choice))


@pytest.mark.promise("calibration.no-guess")
@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("time_s;signal_V\n1,234;5,678\n2,345;6,789\n", r"may be 1\.234 or 1234: use --decimal comma or point"),
        ("time_s;signal_V\n1,5;2.5\n", r"one decimal mark, not two as in '1,5' .* and '2\.5'"),
        ("time_s,signal_V\n0,1,0,5\n0,2,0,7\n", r"line 2 must hold 2 columns, not 4: is the comma both"),
        ("time_s,signal_V\n0,1\n1\n2,1\n", r"line 3 must hold 2 columns, not 1"),
        ("time_s,signal_V\n0,1\n1,2\n2\n", r"line 4 must hold 2 columns, not 1: cut off\?"),
        ("time_s,signal_V\n0,1\n1,x\n2,1\n", r"column 'signal_V', row 2 \(line 3\), must be a number, not 'x'"),
        ("time_s,signal_V\n0,1\n1,1.5 V\n2,1\n", r"column 'signal_V', row 2 \(line 3\), must be a number, not '1.5 V'"),
        ("time_s,signal_V\n0,1\n1,1_0\n2,1\n", r"row 2 \(line 3\), must be a number, not '1_0'"),
        ("time_s,signal_V\n0,1\n1,\n2,1\n", r"row 2 \(line 3\), must be a finite number, not an empty cell: 1 such"),
        ("time_s,signal_V\n0,1\ntime_s,signal_V\n2,1\n", r"column 'time_s', row 2 \(line 3\), must be a number"),
        ("time_mS,signal_V\n0,1\n", r"column 'time_mS' must be in s, not in S"),
        (
            "Sampling rate: 10 kHz\nInterval: 1 ms\nU (V)\n1\n2\n3\n",
            r"intervals of samples must agree, not 0.0001 and 0.001",
        ),
        ("time_s,signal_V\n\x00\x01\x02,1\n", r"must be text, not binary \(line 2 holds the byte 0\)"),
    ],
)
def test_what_has_no_single_reading_is_refused(tmp_path, text, fault):
    with pytest.raises(InputError, match=fault) as caught:
        read_table(written(tmp_path, text), COLUMNS)
    assert "\n" not in str(caught.value)


def test_decimal_mark_may_be_told(tmp_path):
    path = written(tmp_path, "time_s;signal_V\n1,234;5,678\n2,345;6,789\n")
    assert read_table(path, COLUMNS, Reading(decimal="comma"))["signal"].tolist() == [5.678, 6.789]
    assert read_table(path, COLUMNS, Reading(decimal="point"))["signal"].tolist() == [5678.0, 6789.0]


@pytest.mark.promise("calibration.data.masks")
@pytest.mark.parametrize(
    "word",
    [
        "9.91E+37",
        "-9.9E+37",
        "9.9e37",
        "inf",
        "-Inf",
        "\u221e",
        "-\u221e",
        "nan",
        "NaN",
        "OL",
        "-OL",
        "O.L",
        "----",
        "N/A",
        "1.#INF",
    ],
)
def test_reading_that_is_no_number_is_named_or_masked(tmp_path, word):
    lines = LAYOUTS["plain"].splitlines()
    lines[41] = f"{T[40]:.4f},{word}"
    path = written(tmp_path, "\n".join(lines))
    with pytest.raises(InputError, match=r"row 41 \(line 42\), must be a finite number, not .*--mask overload leaves"):
        read_table(path, COLUMNS)
    table = read_table(path, COLUMNS, Reading(mask="overload"))
    assert np.flatnonzero(np.isnan(table["signal"])).tolist() == [40]
    assert table.masked == {"overload": 1}
    with pytest.raises(InputError, match="--mask overload"):
        read_table(path, COLUMNS, Reading(mask="empty,spikes,gaps"))


def test_half_of_the_readings_may_be_missing(tmp_path):
    text = "time_s,signal_V\n" + "".join(
        f"{t:.4f},{'OL' if k % 3 else y}\n" for k, (t, y) in enumerate(zip(T, Y, strict=True))
    )
    table = read_table(written(tmp_path, text), COLUMNS, Reading(mask="all"))
    assert table.masked == {"overload": 100}
    np.testing.assert_allclose(table["signal"][::3], Y[::3])


@pytest.mark.promise("calibration.instrument-files")
def test_matrices_groups_and_attributes(tmp_path):
    np.save(tmp_path / "two.npy", np.stack([T, Y], axis=1))
    np.save(
        tmp_path / "named.npy", np.array(list(zip(T, Y, strict=True)), dtype=[("time_s", "f8"), ("signal_V", "f8")])
    )
    for name in ("deep.h5", "deep.mat"):
        with h5py.File(tmp_path / name, "w") as file:
            group = file.create_group("run 1/raw")
            group["t"] = 1e3 * T[:, None]
            group["voltage"] = 1e3 * Y
            group["t"].attrs["unit"] = "ms"
            group["voltage"].attrs["Units"] = np.bytes_(b"mV")
    savemat(tmp_path / "old.mat", {"time_ms": 1e3 * T, "signal_mV": 1e3 * Y[:, None], "note": "text", "fs_Hz": 1e4})
    with pytest.raises(InputError, match=r"columns '1', '2' without a header"):
        read_table(tmp_path / "two.npy", COLUMNS)
    found = [read_table(tmp_path / name, COLUMNS) for name in ("named.npy", "deep.h5", "deep.mat", "old.mat")]
    for table in [*found, read_table(tmp_path / "two.npy", COLUMNS, Reading("time=1[s],signal=2[V]"))]:
        np.testing.assert_allclose(table["time"], T, rtol=1e-12)
        np.testing.assert_allclose(table["signal"], Y, rtol=1e-12)


@pytest.mark.promise("calibration.no-guess")
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"rubbish",
        b"\x93NUMPY\x01\x00v\x00{'descr': '<f8', 'shape': (9999999999,)}",
        b"PK\x03\x04",
        b"MATLAB 5.0 MAT-file",
        b"\x89HDF\r\n\x1a\n",
    ],
)
@pytest.mark.parametrize("name", ["x.npy", "x.npz", "x.h5", "x.mat", "x.csv", "x.dat"])
def test_damaged_files_are_refused_in_one_line(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_table(tmp_path / name, COLUMNS)
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.promise("calibration.instrument-files")
@pytest.mark.parametrize(
    "headers",
    [
        "time_s,c0_uS,c1_uS,c2_uS",
        "Time (s),1 (uS),2 (uS),3 (uS)",
        "time_s,conductance_1_uS,conductance_2_uS,conductance_3_uS",
    ],
)
def test_wide_table_has_one_column_a_cell(tmp_path, headers):
    g_uS = 10.0 + np.arange(12.0).reshape(4, 3)
    text = headers + "\n" + "".join(f"{10.0**k:g}," + ",".join(map(str, row)) + "\n" for k, row in enumerate(g_uS))
    table = read_table(written(tmp_path, text), KINDS["drift"].columns)
    _, times_s, found = table.pivot("cell", "time", "conductance")
    assert times_s.tolist() == [1.0, 10.0, 100.0, 1000.0]
    np.testing.assert_allclose(found, 1e-6 * g_uS.T, rtol=1e-12)
    bad = text.replace("15.0", "OL")
    with pytest.raises(
        InputError, match=r"column '(c2_uS|3 \(uS\)|conductance_3_uS)', row 2 \(line 3\), must be a finite"
    ):
        read_table(written(tmp_path, bad), KINDS["drift"].columns)


def test_wide_table_without_units(tmp_path):
    text = "time_s,a,b\n1,10,20\n10,11,21\n"
    path = written(tmp_path, text)
    with pytest.raises(InputError, match="must have a column 'cell'|must have a column 'conductance'"):
        read_table(path, KINDS["drift"].columns)
    table = read_table(path, KINDS["drift"].columns, Reading("conductance=*[uS]"))
    assert table["cell"].tolist() == [0.0, 0.0, 1.0, 1.0]
    np.testing.assert_allclose(table["conductance"], [10e-6, 11e-6, 20e-6, 21e-6])


def test_damaged_binary_files_end_in_one_line_or_a_table(tmp_path):
    savemat(tmp_path / "sound.mat", {"time_s": T, "signal_V": Y})
    with h5py.File(tmp_path / "sound.h5", "w") as file:
        file["time_s"], file["signal_V"] = T, Y
    rng, n_refused = np.random.default_rng(6), 0
    for k in range(12):
        sound = tmp_path / ("sound.mat", "sound.h5")[k % 2]
        content = bytearray(sound.read_bytes())
        for place in rng.integers(0, min(len(content), 800), 6):
            content[place] = rng.integers(256)
        path = tmp_path / f"damaged{sound.suffix}"
        path.write_bytes(content)
        try:
            read_table(path, COLUMNS)
        except InputError as error:
            n_refused += "\n" not in str(error)
    assert n_refused >= 4
