"""Files of measured data: units in headers, three formats with the same content, and refusals by column and row."""

import h5py
import numpy as np
import pytest

from spinchip.calibration.data.table_reader import read_table
from spinchip.calibration.data.units import Column, split_header
from spinchip.calibration.examples.junctions import EXAMPLES, write_example
from spinchip.calibration.kind import Request
from spinchip.calibration.kinds import KINDS, calibrate_file
from spinchip.emulator.spec.errors import InputError

COLUMNS = (Column("time", ("s",)), Column("signal", ("V", "A")), Column("n_up", (), True))


@pytest.fixture
def written(tmp_path):
    def write(text, name="data.csv"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("time_us", ("time", "s", 1e-6)),
        ("time (ms)", ("time", "s", 1e-3)),
        ("hold time [h]", ("hold time", "s", 3600.0)),
        ("R_kohm", ("R", "ohm", 1e3)),
        ("g_µS", ("g", "S", 1e-6)),
        ("rate_MHz", ("rate", "Hz", 1e6)),
        ("time", ("time", None, 1.0)),
        ("n_up", ("n_up", None, 1.0)),
        ("time_furlong", ("time_furlong", None, 1.0)),
    ],
)
def test_header_gives_name_unit_and_factor(header, expected):
    assert split_header(header) == expected


@pytest.mark.promise("calibration.cards")
def test_three_formats_give_the_same_columns(tmp_path, written):
    text = written("# a comment\ntime_us,signal_mV,n_up\n1,5,0\n2,7.5,1\n")
    np.savez(tmp_path / "data.npz", time_us=[1, 2], signal_mV=[5, 7.5], n_up=[0, 1])
    with h5py.File(tmp_path / "data.h5", "w") as file:
        file["time_us"] = [1, 2]
        file["signal"] = [5, 7.5]
        file["signal"].attrs["units"] = "mV"
        file["n_up"] = [0, 1]
    for path in (text, tmp_path / "data.npz", tmp_path / "data.h5"):
        table = read_table(path, COLUMNS)
        np.testing.assert_allclose(table["time"], [1e-6, 2e-6], rtol=1e-15)
        np.testing.assert_allclose(table["signal"], [5e-3, 7.5e-3], rtol=1e-15)
        assert table["n_up"].tolist() == [0.0, 1.0]
        assert table.units["signal"] == "V"


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_other_delimiters(written, delimiter):
    table = read_table(written("time_s,signal_V\n1,2\n3,4\n".replace(",", delimiter)), COLUMNS)
    assert table["signal"].tolist() == [2.0, 4.0]


@pytest.mark.promise("calibration.bad-input")
@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("time,signal_V\n1,2\n", r"column 'time' must bear its unit, as time_s does, not none"),
        ("time_V,signal_V\n1,2\n", r"column 'time_V' must be in s, not in V"),
        ("time_s\n1\n", r"must have a column 'signal', such as signal_V, not only 'time_s'"),
        ("time_s,time_ms,signal_V\n1,2,3\n", r"must be there once, not as 'time_s', 'time_ms'"),
        ("time_s,signal_V\n1,2\n3,x\n", r"column 'signal_V', line 3, must be a number, not 'x'"),
        ("time_s,signal_V\n1,nan\n", r"column 'signal_V', row 1 \(line 2\), must be a finite number, not 'nan'"),
        ("time_s,signal_V\n1,2,3\n", r"line 2 must hold 2 columns, not 3"),
        ("time_s,signal_V\n", r"must hold rows, not a header alone"),
        ("", r"must hold a header and rows, not nothing"),
    ],
)
def test_faulty_file_is_named_by_column_and_row(written, text, fault):
    with pytest.raises(InputError, match=fault) as caught:
        read_table(written(text), COLUMNS)
    assert "data.csv" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_files_of_other_kinds_are_refused(tmp_path, written):
    with pytest.raises(InputError, match="ends in .csv"):
        read_table(written("x", "data.xlsx"), COLUMNS)
    with pytest.raises(InputError, match="must be a readable file, not absent"):
        read_table(tmp_path / "none.csv", COLUMNS)
    (tmp_path / "bad.npz").write_bytes(b"PK rubbish")
    with pytest.raises(InputError, match="plain arrays"):
        read_table(tmp_path / "bad.npz", COLUMNS)
    (tmp_path / "bad.h5").write_bytes(b"rubbish")
    with pytest.raises(InputError, match="must be an HDF5 file"):
        read_table(tmp_path / "bad.h5", COLUMNS)
    np.savez(tmp_path / "text.npz", time_s=["a"], signal_V=[1.0])
    with pytest.raises(InputError, match="must be numbers"):
        read_table(tmp_path / "text.npz", COLUMNS)
    np.savez(tmp_path / "long.npz", time_s=[1.0, 2.0], signal_V=[1.0])
    with pytest.raises(InputError, match="of equal length"):
        read_table(tmp_path / "long.npz", COLUMNS)


def changed(path, kind, change):
    """Write an example of ``kind`` with its rows changed by ``change(rows)``."""
    header, rows = EXAMPLES[kind](1)
    rows = change(rows.astype(float).copy())
    np.savetxt(path, rows, fmt="%.9g", delimiter=",", header=header, comments="")
    return path


def with_value(row, column, value):
    def change(rows):
        rows[row, column] = value
        return rows

    return change


@pytest.mark.promise("calibration.bad-input")
@pytest.mark.parametrize(
    ("kind", "change", "fault"),
    [
        ("telegraph", lambda rows: rows[::-1], r"column 'time_us', row 2 \(line 3\), must be above .* \(sorted\)"),
        (
            "telegraph",
            lambda rows: np.delete(rows, 7, axis=0),
            r"column 'time_us', row 8 \(line 9\), must be 1e-05 s after the row before",
        ),
        (
            "telegraph",
            lambda rows: np.column_stack([rows[:, 0], np.minimum(rows[:, 1], 110.0)]),
            r"column 'signal_mV', row \d+ \(line \d+\), must be inside the range of the converter, not \d+ times 0.11",
        ),
        (
            "telegraph",
            lambda rows: np.column_stack([rows[:, 0], np.where(rows[:, 1] > 100.0, 1, 0)]),
            "must hold a measured signal, not 2 values without noise",
        ),
        ("sigmoid", with_value(3, 2, 3000), r"column 'n_up', row 4 \(line 5\), must be at most the 2000 reads"),
        ("sigmoid", with_value(3, 2, 10.5), r"column 'n_up', row 4 \(line 5\), must be a whole number"),
        ("sigmoid", lambda rows: rows[1:], "every junction must have one row at every drive"),
        ("dwells", with_value(2, 1, -4.0), r"column 'dwell_up_us', row 3 \(line 4\), must be above 0, not -4e-06"),
        ("dwells", lambda rows: rows[[1, 0, *range(2, 9)]], r"column 'drive_mV', row 2 \(line 3\), must be above"),
        ("dwells", lambda rows: rows[:2], "at least 3 different ones, not 2"),
        ("junction", lambda rows: rows[rows[:, 0] < -100.0], "at least 3 different ones"),
    ],
)
def test_rows_that_break_a_rule_are_named(tmp_path, kind, change, fault):
    with pytest.raises(InputError, match=fault):
        calibrate_file(kind, changed(tmp_path / "data.csv", kind, change), Request(n_trials=20))


@pytest.mark.promise("calibration.cards")
@pytest.mark.parametrize("kind", sorted(EXAMPLES.keys() - {"junction"}))
def test_example_is_read_and_fitted(tmp_path, kind):
    write_example(kind, tmp_path / "data.csv", 1)
    outcome = calibrate_file(kind, tmp_path / "data.csv", Request(n_trials=20))
    assert outcome.calibration.chi2_p > 1e-3
    assert outcome.calibration.provenance["file"]["name"] == "data.csv"
    scores = np.concatenate([curve.scores for curve in outcome.view.curves])
    assert np.abs(scores).max() < 5.0


def test_every_example_is_of_a_kind():
    assert set(EXAMPLES) <= set(KINDS)
