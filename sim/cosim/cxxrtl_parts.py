"""CXXRTL's text, cut into pieces that a C++ compiler takes in time proportional to their number.

CXXRTL writes the logic of a flattened design as one function, and compilers take time that grows with the square of a
function's length, or worse: 216 p-bits took minutes, 256 took 25. Here that function becomes many, which call nothing
of each other, in files that compile side by side. Names that several pieces use become members of the module, as CXXRTL
itself makes them at its lower levels of optimisation; statements and their order stay as they are.
"""

from __future__ import annotations

import re
from collections import Counter

from ...emulator.spec.errors import ToolError

PIECE = 4_000  # characters of a function: shorter ones gain nothing, with longer ones the compiler slows down
_EVAL = re.compile(r"^bool (?P<module>\w+)::eval\(performer \*performer\) \{\n(?P<body>.*?)^\}\n", re.M | re.S)
_DECLARED = "\tbool eval(performer *performer = nullptr) override;\n"
_STRUCT_END = re.compile(r"^\}; // struct \w+\n", re.M)
_NAMESPACE_END = "} // namespace cxxrtl_design\n"
# A statement begins here; lines that belong to a memory's read follow the comment that begins it.
_BEGIN = re.compile(r"(?=^\t(?:// (?:cells?|connections?|memory) |[pi]_\w+ = ))", re.M)
_LOCAL = re.compile(r"^\tvalue<\d+> (\w+)(?:\{[^;\n]*\})?;\n", re.M)
_EDGE = re.compile(r"^\tbool ((?:pos|neg)edge_\w+) = ", re.M)
_CLOSING = "\treturn converged;\n"
_SLICE = re.compile(r"\b([pi]_\w+(?:\.curr)?)\.slice<(\d+)(?:,(\d+))?>\(\)\.val\(\)")
# The runtime's slice goes through every chunk of a word, and a shift register has hundreds; this one takes its own.
_CUT = """
template<size_t Stop, size_t Start, size_t Bits>
static inline value<Stop - Start + 1> cut(const value<Bits> &from) {
\tvalue<Stop - Start + 1> to;
\tconstexpr size_t first = Start / 32, shift = Start % 32, rest = (Stop - Start + 1) % 32;
\tfor (size_t k = 0; k < to.chunks; k++) {
\t\tto.data[k] = from.data[first + k] >> shift;
\t\tif (shift && first + k + 1 < from.chunks) to.data[k] |= from.data[first + k + 1] << (32 - shift);
\t}
\tif (rest) to.data[to.chunks - 1] &= (1u << rest) - 1;
\treturn to;
}

"""


def parts_of(text, n_parts=1):
    """Return the text of a translated design with its logic in pieces, and more files with the rest of the pieces.

    Parameters
    ----------
    text : str
        What ``write_cxxrtl`` wrote of one flattened module.
    n_parts : int
        Files to share the pieces among.

    Returns
    -------
    tuple of (str, list of str)
        The design, which a shell includes, and ``n_parts - 1`` further C++ sources, or fewer of a small design.

    Raises
    ------
    ToolError
        If the text is not as this version of CXXRTL writes it.
    """
    found = _EVAL.search(text)
    if not found or text.count(_DECLARED) != 1 or not found["body"].endswith(_CLOSING):
        raise ToolError("Translated design must be one module with one eval, as CXXRTL writes it; its version differs")
    module = found["module"]
    head, *statements = _BEGIN.split(found["body"].removesuffix(_CLOSING))
    pieces = _pieces(statements)
    local = {item[1]: item[0] for item in _LOCAL.finditer(head)}
    used = [local.keys() & set(re.findall(r"\w+", piece)) for piece in pieces]
    users = Counter(name for names in used for name in names)
    edges = _EDGE.findall(head)
    arguments = ", ".join(["bool &converged", *(f"bool {edge}" for edge in edges)])
    calls = [f"\teval_{k}({', '.join(['converged', *edges])});\n" for k in range(len(pieces))]
    functions = [
        _function(f"{module}::eval_{k}({arguments})", [local[n] for n in local if n in names and users[n] == 1], piece)
        for k, (piece, names) in enumerate(zip(pieces, used, strict=True))
    ]
    members = [f"\tvoid eval_{k}({arguments});\n" for k in range(len(pieces))]
    members += [local[name] for name in local if users[name] > 1]
    start = re.sub(r"^\t// [^\n]*\n", "", _LOCAL.sub("", head), flags=re.M)
    short = f"bool {module}::eval(performer *performer) {{\n{start}{''.join(calls)}{_CLOSING}}}\n"
    text = _SLICE.sub(_cut, text[: found.start()] + short + text[found.end() :])
    text = text.replace(_DECLARED, _DECLARED + "".join(members))
    text = text.replace("namespace cxxrtl_design {\n", f"namespace cxxrtl_design {{\n{_CUT}", 1)
    shares = [functions[k::n_parts] for k in range(n_parts)]
    declarations = text[: _STRUCT_END.search(text).end()]
    own = text.replace(_NAMESPACE_END, "".join(shares[0]) + _NAMESPACE_END)
    return own, [f"{declarations}\n{''.join(share)}{_NAMESPACE_END}" for share in shares[1:] if share]


def _pieces(statements):
    """Return the statements joined to pieces of about equal length, in their order."""
    pieces, size = [[]], 0
    for statement in statements:
        if size > PIECE:
            pieces.append([])
            size = 0
        pieces[-1].append(statement)
        size += len(statement)
    return ["".join(piece) for piece in pieces]


def _function(signature, declarations, body):
    """Return the definition of a piece; inlined, it would grow the function that was cut."""
    text = _SLICE.sub(_cut, body)
    return f"__attribute__((noinline)) void {signature} {{\n{''.join(declarations)}{text}}}\n\n"


def _cut(found):
    return f"cut<{found[2]}, {found[3] or found[2]}>({found[1]})"
