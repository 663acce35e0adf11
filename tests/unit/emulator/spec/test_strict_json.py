"""JSON that every reader takes, whatever numbers come in."""

import enum
import json
import math
from pathlib import Path

import numpy as np
import pytest

from spinchip.emulator.spec.files.strict_json import json_text, plain, write_json


class Kind(enum.Enum):
    ONE = 1


def strict(text):
    """Return the value of a JSON text; NaN and the infinities, which Python lets through, are refused."""

    def refused(word):
        raise AssertionError(f"{word} is no JSON")

    return json.loads(text, parse_constant=refused)


@pytest.mark.promise("cli.strict-json")
@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (math.nan, None),
        (-math.inf, None),
        (np.float64("nan"), None),
        (np.float32("inf"), None),
        (np.float32(0.5), 0.5),
        (np.int64(2**62), 2**62),
        (np.uint64(2**64 - 1), 2**64 - 1),
        (np.bool_(True), True),
        (np.str_("s"), "s"),
        (np.array([[1.0, np.nan], [np.inf, 2.0]]), [[1.0, None], [None, 2.0]]),
        (np.array(3), 3),
        (np.zeros((0, 3)), []),
        ({"a": {"b": (math.inf, [math.nan])}}, {"a": {"b": [None, [None]]}}),
        ({None: 4, np.int8(7): 5, "k": 6}, {"null": 4, "7": 5, "k": 6}),
        ({3, 1, 2}, [1, 2, 3]),
        (Path("a") / "b", "a/b"),
        (Kind.ONE, 1),
        (complex(1, math.nan), [1.0, None]),
        (10**400, 10**400),
        ("\udcff[é]\n", "\udcff[é]\n"),
    ],
)
def test_every_kind_of_number_is_json(value, expected, tmp_path):
    text = json_text({"value": value})
    assert strict(text) == {"value": expected}
    assert text.isascii()
    assert "\n" not in text
    write_json(tmp_path / "x.json", {"value": value})
    assert strict((tmp_path / "x.json").read_text()) == {"value": expected}


def test_what_is_no_value_is_refused():
    with pytest.raises(TypeError, match="^Result must be made of JSON's kinds, not of object: "):
        plain({"x": [object()]})
