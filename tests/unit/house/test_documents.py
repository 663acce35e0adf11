"""Documents point at files that exist and show commands that exist."""

import re
from pathlib import Path

import pytest

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


@pytest.mark.parametrize("path", documents(), ids=lambda p: str(p.relative_to(ROOT)))
def test_document_points_at_what_exists(path):
    text = path.read_text(encoding="utf-8")
    assert dead_links(text, path.parent) == []
    assert unknown_targets(text) == []


def test_dead_link_and_unknown_target_are_found(tmp_path):
    assert dead_links("see [a](nowhere.md) and [b](https://example.org)", tmp_path) == ["nowhere.md"]
    assert unknown_targets("run `make coffee`, then `make test`; make haste") == ["coffee"]
