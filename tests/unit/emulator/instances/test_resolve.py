"""INSTANCE of the command line: generators in brackets, files, and the guess of their format."""

import hashlib

import numpy as np
import pytest

from spinchip.emulator.instances.generators.by_name import GENERATORS
from spinchip.emulator.instances.guess import guess_format
from spinchip.emulator.instances.resolve import READERS, WRITERS, read_instance, resolve, write_instance
from spinchip.emulator.spec.errors import InputError

CONTRACT = {  # every generator of the command line's contract: spins, couplings
    "[ea3d L=8 seed=3]": (512, 1536),
    "[ea3d L=4 boundary=open]": (64, 144),
    "[ea3d L=4 boundary=periodic]": (64, 192),
    "[ea3d L=8 boundary=xy-open]": (512, 1408),
    "[ea2d L=16 seed=1]": (256, 512),
    "[sk n=20 seed=1]": (20, 190),
    "[ring n=6 J=1 h=0.3]": (6, 6),
    "[ferromagnet2d L=16]": (256, 512),
    "[regular n=100 d=3 seed=1]": (100, 150),
    "[and]": (3, 3),
    "[adder bits=4]": (17, 40),
    "[multiplier bits=4]": (48, 152),
    " [ ea2d   L=3 ] ": (9, 18),
}


@pytest.mark.parametrize(("text", "sizes"), CONTRACT.items())
def test_generator_of_the_contract(text, sizes):
    instance = resolve(text)
    assert (instance.n_spins, instance.n_couplings) == sizes
    assert instance.name == " ".join(text.strip("[ ]").split())


def test_provenance_holds_all_arguments_and_reproduces():
    first = resolve("[ea3d L=4 seed=3 J=gauss]")
    arguments = {"L": 4, "boundary": "periodic", "J": "gauss", "h": 0.0, "seed": 3}
    assert first.provenance == {"generator": "ea3d", "arguments": arguments}
    again, other = resolve("[ea3d L=4 seed=3 J=gauss]"), resolve("[ea3d L=4 seed=4 J=gauss]")
    assert np.array_equal(first.edge_values, again.edge_values)
    assert not np.array_equal(first.edge_values, other.edge_values)


KNOWN = ", ".join(GENERATORS)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[ising L=8]", f"Generator must be one of {KNOWN}, not 'ising'"),
        ("[ea3d L=8", "Generator must be written '[name key=value ...]', not '[ea3d L=8'"),
        ("[ea3d L = 8]", "Generator must be written '[name key=value ...]', not '[ea3d L = 8]'"),
        ("[]", "Generator must be written '[name key=value ...]', not '[]'"),
        ("[ea3d size=8]", "Argument of ea3d must be one of L, boundary, J, h, seed, not 'size'"),
        ("[and bits=2]", "Argument of and must be one of (none), not 'bits'"),
        ("[ea3d]", "Argument L of ea3d must be given, as in '[ea3d L=8]', not left out"),
        ("[ea3d L=8.5]", "Argument L of ea3d must be an integer, not 8.5"),
        ("[ea3d L=8 L=9]", "Argument L must be given once, not twice as in '[ea3d L=8 L=9]'"),
        ("[ring n=6 h=nan]", "Argument h of ring must be finite, not nan"),
        ("[ring n=6 h=up]", "Argument h of ring must be a number, not 'up'"),
        ("[ea3d L=8 boundary=3]", "Argument boundary of ea3d must be a word, not 3"),
        ("[ea3d L=8 boundary=yz]", "Boundary must be open, periodic or axes such as xy-open, not 'yz'"),
        ("[ea2d L=8 boundary=z-open]", "Boundary must be open, periodic or axes such as xy-open, not 'z-open'"),
        ("[ea3d L=2]", "Side L must be 2 or more, and 3 or more where periodic, not 2"),
        ("[ea3d L=9999999]", "Number of spins must be in 1..50000000, not 999999700000029999999"),
        ("[ea3d L=4 J=cauchy]", "Coupling J must be a number, pm or gauss, not 'cauchy'"),
        ("[ea3d L=4 seed=-1]", "Seed must be a whole number of at least 0, not -1"),
        ("[ring n=2]", "Ring must have 3 spins or more, not 2"),
        ("[sk n=0]", "Number of spins must be in 1..50000000, not 0"),
        ("[sk n=100000]", "Number of couplings must be at most 50000000, not 4999950000"),
        ("[regular n=5 d=3]", "Degree d must be in 0..n-1 with n d even, not 3 for n=5"),
        ("[regular n=4 d=4]", "Degree d must be in 0..n-1 with n d even, not 4 for n=4"),
        ("[maxcut n=5 p=1.5]", "Density p must be in 0..1, not 1.5"),
        ("[planted L=4 dim=4]", "Dimension dim must be 2 or 3, not 4"),
        ("[planted L=4 density=0]", "Density of loops must be above 0 and at most 100, not 0.0"),
        ("[adder bits=0]", "Number of bits must be in 1..1024, not 0"),
        ("[adder bits=2 copy=-1]", "Copy strength must be 0 (shared spins) or more, not -1.0"),
    ],
)
def test_bad_generator_is_refused(text, complaint):
    with pytest.raises(InputError) as caught:
        resolve(text)
    assert str(caught.value) == complaint


GUESSED = {
    "3 1\n1 2 1\n": "rudy",
    "3 1 J\n1 2 1\n": "rudy",
    "# text\n\n3 1 \n1 2 1\n": "rudy",
    "0 1 1\n1 2 0.5\n1 1 3\n": "coo",
    "0 1 4\n1 2 -4\n": "coo",
    "c formula\np cnf 2 1\n1 2 0\n": "cnf",
    "p cnf 2 1\n1 2 0\n": "cnf",
}


@pytest.mark.parametrize(("content", "expected"), GUESSED.items())
def test_text_format_is_guessed_from_content(tmp_path, content, expected):
    path = tmp_path / "instance.txt"
    path.write_text(content)
    assert guess_format(path) == expected
    assert resolve(path).provenance["format"] == expected


@pytest.mark.parametrize(
    "file_format", [name for name in WRITERS if name != "text_JOrig"]
)  # its scale is never guessed
def test_binary_and_text_are_guessed_without_a_suffix(tmp_path, file_format):
    instance = resolve("[ferromagnet2d L=3]")
    path = tmp_path / "instance"
    write_instance(instance, path, file_format)
    back = resolve(str(path))
    assert back.provenance["format"] == file_format
    assert np.array_equal(back.couplings.toarray(), instance.couplings.toarray())


def test_file_provenance_and_short_name(tmp_path):
    path = tmp_path / "glass.coo"
    path.write_bytes(b"0 1 1\r\n1 2 -1\r\n")
    instance = resolve(path)
    assert instance.name == "glass"
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert instance.provenance == {"file": str(path), "format": "coo", "sha256": digest}


def test_format_overrides_the_name_and_takes_aliases(tmp_path):
    path = tmp_path / "odd.coo"
    path.write_text("3 1\n1 3 2\n")
    for name in ("rudy", "RUDY", ".rudy", "gset"):
        assert read_instance(path, name).edge_values.tolist() == [-2.0]
    with pytest.raises(InputError, match=f"^Format must be one of {', '.join(READERS)}, not 'xlsx'$"):
        read_instance(path, "xlsx")


def test_writing_needs_a_known_format(tmp_path):
    instance = resolve("[ring n=3]")
    with pytest.raises(InputError, match=f"^Format must be named, one of {', '.join(WRITERS)}, not left open for "):
        write_instance(instance, tmp_path / "x.txt")
    with pytest.raises(InputError, match=f"^Format must be one of {', '.join(WRITERS)}, not 'cnf'$"):
        write_instance(instance, tmp_path / "x.cnf")
    assert list(tmp_path.iterdir()) == []
