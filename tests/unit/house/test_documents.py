"""Documents point at files that exist, show commands that exist, and Python that runs."""

import re
import shlex
from itertools import takewhile
from pathlib import Path

import pytest

from spinchip.sim.cli.app import run

ROOT = Path(__file__).resolve().parents[3]
SKIPPED = {".venv", "build", "dist", "out", ".git", ".pytest_cache"}
LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)")
MAKE = re.compile(r"\bmake ([a-z]+)\b")


def documents():
    """Return every Markdown file of the project."""
    return sorted(p for p in ROOT.rglob("*.md") if not SKIPPED & set(p.relative_to(ROOT).parts))


def code_of(text):
    """Return what stands in code blocks and between backticks."""
    blocks = re.findall(r"```.*?```", text, re.DOTALL)
    rest = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    return "\n".join(blocks + re.findall(r"`[^`\n]+`", rest))


def dead_links(text, folder):
    """Return the relative links of ``text`` that lead nowhere."""
    return [target for target in LINK.findall(text) if not (folder / target).exists()]


def unknown_targets(text):
    """Return the make targets that ``text`` shows and the Makefile lacks."""
    known = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    return sorted(set(MAKE.findall(code_of(text))) - known)


def shown_commands(text):
    """Return the words of every line of a code block, or backticks, that starts with the program's name."""
    lines = [line.strip("`$ ") for line in code_of(text).splitlines()]
    return [shlex.split(line, comments=True) for line in lines if re.match(r"(\.venv/bin/)?spinchip [a-z]", line)]


def unknown_words(command, help_of):
    """Return the options of a shown command that its help does not know; a group's help is that of its command."""
    words = list(
        takewhile(lambda word: not word.startswith("-"), command[1:3])
    )  # an option would swallow --help and run
    name = next((words[:n] for n in (2, 1) if words[:n] and help_of(*words[:n])), None)
    if name is None:
        return command[1:2]
    known = set(re.findall(r"--[a-z-]+", help_of(*name)))
    return [word for word in command if word.startswith("--") and word not in known]


@pytest.fixture
def help_of(capsys):
    """Return a function that gives the help of a command of spinchip, empty for an unknown one."""

    def text(*words):
        status = run([*words, "--help"])
        out = capsys.readouterr().out
        return out if status == 0 and f"spinchip {' '.join(words)} " in out else ""

    return text


@pytest.mark.parametrize("path", documents(), ids=lambda p: str(p.relative_to(ROOT)))
def test_document_points_at_what_exists(path):
    text = path.read_text(encoding="utf-8")
    assert dead_links(text, path.parent) == []
    assert unknown_targets(text) == []


@pytest.mark.parametrize("path", documents(), ids=lambda p: str(p.relative_to(ROOT)))
def test_shown_commands_exist(path, help_of):
    for command in shown_commands(path.read_text(encoding="utf-8")):
        assert unknown_words(command, help_of) == [], command


@pytest.mark.parametrize("name", ["emulator/spec/README.md"])  # the others show fragments; test_shown_code has more
def test_shown_python_runs(name, capsys):
    (block,) = re.findall(r"```python\n(.*?)```", (ROOT / name).read_text(encoding="utf-8"), re.DOTALL)
    exec(compile(block, name, "exec"), {"__name__": "__main__"})
    assert capsys.readouterr().err == ""


def test_unknown_command_and_option_are_found(help_of):
    (command,) = shown_commands("```\nspinchip info '[ring n=6]' --colour 2  # see\n```")
    assert unknown_words(command, help_of) == ["--colour"]
    assert unknown_words(["spinchip", "brew", "--json"], help_of) == ["brew"]
    assert unknown_words(["spinchip", "board", "serve", "--pty", "x", "--tea"], help_of) == ["--tea"]


def test_dead_link_and_unknown_target_are_found(tmp_path):
    assert dead_links("see [a](nowhere.md) and [b](https://example.org)", tmp_path) == ["nowhere.md"]
    assert unknown_targets("run `make coffee`, then `make test`; make haste") == ["coffee"]
