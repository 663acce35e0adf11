"""A text file that can be read in two ways is refused with both; the option that is named picks one."""

import numpy as np
import pytest

from spinchip.emulator.instances.reading import Reading
from spinchip.emulator.instances.resolve import resolve
from spinchip.emulator.spec.errors import InputError
from spinchip.sim.cli.app import run


def written(tmp_path, name, content):
    path = tmp_path / name
    path.write_text(content)
    return path


def refusal(path, *arguments, **choices):
    with pytest.raises(InputError) as caught:
        resolve(path, *arguments, **choices)
    return str(caught.value).removeprefix(f"File {str(path)!r}")


ONE_BASED = {  # a file without a spin 0, and how many spins it has
    "edges.wel": ("1 2 1\n2 3 -1\n3 1 1\n", 3),
    "biased.txt": ("1\t1\t1\n2\t2\t-1\n1\t2\t1\n2\t3\t-2\n", 3),
    "gaps.coo": ("# text\n2 7 1\n7 9 0.5\n", 9),
    "commas.dat": ("1, 2, 1\n2, 3, 1\n", 3),
    "text_JOrig_1.txt": ("1 2 4\n2 1 4\n", 2),
}


@pytest.mark.promise("instances.no-guess")
@pytest.mark.parametrize("name", ONE_BASED)
def test_list_without_spin_0_is_read_with_a_base_only(tmp_path, name):
    content, n_spins = ONE_BASED[name]
    path = written(tmp_path, name, content)
    assert "Base must be given by --base where no spin 0 stands, not guessed: " in refusal(path)
    assert f"1 reads {n_spins} spins, 0 reads {n_spins + 1} of which spin 0 stands alone" in refusal(path)
    one, zero = resolve(path, base=1), resolve(path, base=0)
    assert (one.n_spins, zero.n_spins) == (n_spins, n_spins + 1)
    assert np.array_equal(one.edges + 1, zero.edges)
    assert np.array_equal(one.edge_values, zero.edge_values)
    assert np.array_equal(one.biases, zero.biases[1:])
    assert one.provenance["base"] == 1


def test_base_1_refuses_a_spin_0(tmp_path):
    path = written(tmp_path, "x.coo", "1 2 1\n0 1 1\n")
    assert refusal(path, base=1) == ", line 2: Spin index must be in 1..50000000, not 0"
    assert resolve(path).n_spins == 3


@pytest.mark.promise("instances.no-guess")
@pytest.mark.parametrize("value", [1, 2, 4, -4, 0.5])
def test_pairs_that_stand_twice_are_never_guessed(tmp_path, value):
    """The same file, at every scale: refused; coo reads what stands there, text_JOrig a quarter of it."""
    path = written(tmp_path, "x.txt", f"0 1 {value}\n1 0 {value}\n1 2 {-value}\n2 1 {-value}\n")
    readings = f"--format coo reads J = {value:g}, --format text_JOrig reads J = {value / 4:g}"
    told = f", line 1: Format must be given where pairs stand twice, as (0, 1): {readings}"
    assert refusal(path) == told
    assert resolve(path, "coo").edge_values.tolist() == [value, -value]
    assert resolve(path, "text_JOrig").edge_values.tolist() == [value / 4, -value / 4]


@pytest.mark.parametrize("content", ["0 1 4\n1 0 4\n1 2 4\n", "0 1 4\n1 0 4\n1 1 4\n", "1 2 3\n0 1 1\n1 0 1\n5 6 2\n"])
def test_one_pair_that_stands_twice_is_enough(tmp_path, content):
    assert "Format must be given where pairs stand twice" in refusal(written(tmp_path, "x.txt", content))


@pytest.mark.parametrize("name", ["text_JOrig_0001.txt", "TEXT_jorig.dat", "size08_0001.txt", "size14_0003.txt"])
def test_published_name_of_a_glass_decides(tmp_path, name):
    assert resolve(written(tmp_path, name, "0 1 4\n1 0 4\n")).edge_values.tolist() == [1.0]


@pytest.mark.parametrize("content", ["0 1 2\n1 0 3\n2 3 0\n", "0 1 2\n0 0 3\n0 0 0\n", "0 0 0\n1 0 0\n2 1 0\n"])
def test_three_rows_of_three_may_be_a_matrix(tmp_path, content):
    told = refusal(written(tmp_path, "J.txt", content))
    assert "three rows of three numbers are rows of a matrix J (--format matrix), or lines i j J (--format coo)" in told


def test_sign_plus_turns_couplings_and_biases(tmp_path):
    path = written(tmp_path, "x.coo", "0 1 2\n1 1 0.5\n")
    minus, plus = resolve(path), resolve(path, sign="plus")
    assert plus.edge_values.tolist() == [-2.0]
    assert plus.biases.tolist() == [0, -0.5]
    assert np.array_equal(resolve(path, sign="minus").biases, minus.biases)


def test_layout_of_rudy_with_couplings_instead_of_weights(tmp_path):
    path = written(tmp_path, "x.txt", "2 1\n1 2 3\n")
    assert resolve(path).edge_values.tolist() == resolve(path, sign="plus").edge_values.tolist() == [-3.0]
    coupled = resolve(path, sign="minus")
    assert coupled.edge_values.tolist() == [3.0]
    assert "total_weight" not in coupled.provenance


def test_choices_are_checked_and_go_with_formats_that_leave_them_open(tmp_path):
    path = written(tmp_path, "x.rudy", "2 1\n1 2 1\n")
    told = "Option --base must be left out for the format rudy, which fixes it, not be 1"
    assert refusal(path, base=1) == told
    for wrong, rule in (
        ({"base": 2}, "Option base must be 0 or 1, not 2"),
        ({"base": True}, "Option base must be 0 or 1, not True"),
        ({"sign": "+"}, r"Option sign must be minus or plus, not '\+'"),
    ):
        with pytest.raises(InputError, match=f"^{rule}$"):
            Reading(**wrong)
    with pytest.raises(InputError, match="^Format must go with a file, not with the generator "):
        resolve("[ring n=3]", base=1)


@pytest.mark.promise("instances.no-guess")
@pytest.mark.parametrize("command", ["info", "sample", "verify", "anneal", "mutants", "rtl", "build", "scope"])
def test_every_command_takes_the_base(tmp_path, capsys, command):
    """The file is read, and refused, before anything is made: a base that is wrong shows that the option arrives."""
    path = written(tmp_path, "x.coo", "0 1 1\n")
    needed = {"rtl": ["--out", str(tmp_path / "o")], "build": ["--out", str(tmp_path / "o"), "--board", "ulx3s_85f"]}
    more = needed.get(command, ["--beta", "1"] if command != "anneal" else [])
    assert run([command, str(path), "--base", "1", *more]) == 2
    assert "line 1: Spin index must be in 1..50000000, not 0" in capsys.readouterr().err
