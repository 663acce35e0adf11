"""Names of files tell them apart: a number behind a dot is no ending."""

import pytest

from spinchip.emulator.instances.resolve import resolve
from spinchip.emulator.spec.files.file_names import short_name

RUDY = "3 2\n1 2 1\n2 3 -1\n"


@pytest.mark.promise("instances.names-of-files")
@pytest.mark.parametrize(
    "names",
    [
        ("a_100.0", "a_100.1"),
        ("b2.5-100_1", "b2.7-100_1", "b2.5-100_2"),
        ("ising2.5-100_5555.txt", "ising2.5-100_6666.txt"),
        ("pm3-8-50.1.rud", "pm3-8-50.2.rud"),
    ],
)
def test_names_of_instances_tell_files_apart(tmp_path, names):
    found = []
    for name in names:
        (tmp_path / name).write_text(RUDY)
        found.append(resolve(tmp_path / name, "rudy").name)
    assert len(set(found)) == len(names)


@pytest.mark.promise("instances.names-of-files")
@pytest.mark.parametrize(("path", "name"), [("x/G14.txt", "G14"), ("G14", "G14"), ("a.b.mat", "a.b"), ("a.1", "a.1")])
def test_ending_that_begins_with_a_letter_is_left_out(path, name):
    assert short_name(path) == name
