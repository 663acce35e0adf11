"""Figures as SVG inside an HTML page: theme colours, the page's font, no identifiers that clash."""

from __future__ import annotations

import io
import re
import warnings
from xml.etree import ElementTree

import matplotlib
from matplotlib.backends.backend_svg import FigureCanvasSVG

from .plot_style import PALETTE, style_context

SVG = "{http://www.w3.org/2000/svg}"
LINK = "{http://www.w3.org/1999/xlink}href"
NOT_SHOWN = {f"{SVG}metadata", f"{SVG}style"}  # a style element would act on the whole page
COLOR = re.compile(r"#[0-9a-f]{6}\b")
LONG_NUMBER = re.compile(r"-?\d+\.\d{3,}")
REFERENCE = re.compile(r"url\(#([^)]+)\)")
FONT_FAMILY = re.compile(r"font-family: [^;]*;? ?")
_CSS_COLORS = {value: f"var(--{name})" for name, value in PALETTE.items()}


def svg_text(figure, name, label):
    """Return a figure as an ``<svg>`` element for a page that defines the palette as CSS variables.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Drawn with the colours of `plot_style.PALETTE` only.
    name : str
        Prefix of its identifiers, unique on the page; it also fixes them, so that equal data give equal text.
    label : str
        What a screen reader says.

    Returns
    -------
    str
        HTML's dialect of SVG: no name spaces, no address of anything outside.
    """
    root = ElementTree.fromstring(_raw_svg(figure, name))
    for parent in list(root.iter()):
        for child in [child for child in parent if child.tag in NOT_SHOWN]:
            parent.remove(child)
    used = dict.fromkeys(reference for element in root.iter() for reference in _references(element))
    names = {old: f"{name}-{number}" for number, old in enumerate(used)}
    for element in root.iter():
        _rewrite(element, names)
    for group in root.iter("g"):
        _share_style(group)
    box = root.get("viewBox")
    style = f"max-width:{float(box.split()[2]):.0f}px"
    root.attrib = {"viewBox": box, "style": style, "role": "img", "aria-label": label}
    return ElementTree.tostring(root, encoding="unicode")


def _raw_svg(figure, name):
    """Return matplotlib's own SVG file as text."""
    buffer = io.StringIO()
    with style_context(), warnings.catch_warnings():
        # The browser draws the text, and has more characters than the font that measures it here.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        matplotlib.rcParams["svg.hashsalt"] = name
        FigureCanvasSVG(figure).print_svg(buffer, metadata={"Date": None})  # savefig would draw everything twice
    return buffer.getvalue()


def _references(element):
    """Yield the identifiers that an element points at."""
    if LINK in element.attrib:
        yield element.attrib[LINK].removeprefix("#")
    for value in element.attrib.values():
        yield from REFERENCE.findall(value)


def _rewrite(element, names):
    """Put one element into the page's dialect, in place; ``names`` has the new identifiers by the old ones."""
    element.tag = element.tag.removeprefix(SVG)
    element.text = (element.text or "").strip() if element.tag != "text" else element.text
    element.tail = None
    attributes = {}
    for key, value in element.attrib.items():
        if key == "id":
            if value in names:
                attributes["id"] = names[value]
        elif key == LINK:
            attributes["href"] = f"#{names[value.removeprefix('#')]}"
        elif key != "transform" or not value.startswith("rotate(-0 "):
            attributes[key] = _themed(LONG_NUMBER.sub(_rounded, value), names)
    element.attrib = attributes


def _themed(value, names):
    """Return an attribute with colours and font taken from the page."""
    value = REFERENCE.sub(lambda match: f"url(#{names[match[1]]})", value)
    value = FONT_FAMILY.sub("", value)
    return COLOR.sub(lambda match: _CSS_COLORS.get(match[0], match[0]), value).replace("\n", "")


def _share_style(group):
    """Move a style that all markers of a group have to the group: thousands of points are a third as long."""
    markers = [child for child in group if child.tag == "use"]
    styles = {marker.get("style") for marker in markers}
    if len(markers) > 1 and len(styles) == 1 and len(markers) == len(group) and None not in styles:
        group.set("style", styles.pop())
        for marker in markers:
            del marker.attrib["style"]


def _rounded(match):
    """Return a number to a hundredth of a pixel."""
    return f"{float(match[0]):.2f}".rstrip("0").rstrip(".")
