"""Synthetic house numbers: digits drawn from fonts, never to be taken for photographs."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFont
from scipy.ndimage import gaussian_filter

from ...emulator.spec.errors import InputError
from .images import Images

SIDE, ROOM = 32, 64  # of a picture, and of the sheet that it is cut out of
FONTS = ("DejaVuSans", "DejaVuSans-Bold", "DejaVuSerif", "DejaVuSansMono-Bold")
MIN_CONTRAST = 0.25


def house_numbers(n_images, seed):
    """Return synthetic pictures of 32 x 32 pixels: a digit in the middle, neighbours cut off, slanted, blurred, noisy.

    Parameters
    ----------
    n_images : int
        Number of images.
    seed : int
        Seed of all random numbers.

    Returns
    -------
    Images
        Named ``synthetic house numbers``.
    """
    if n_images < 1:
        raise InputError(f"Pictures must be 1 or more, not {n_images!r}")
    rng = np.random.default_rng([seed, 22])
    labels = rng.integers(0, 10, n_images)
    pixels = np.stack([_picture(digit, rng) for digit in labels]).astype(np.float32)
    return Images(pixels, labels.astype(np.int64), "synthetic house numbers")


def _picture(digit, rng):
    """Return one picture; ndarray, shape (32, 32), 0 to 1."""
    font = _font(FONTS[rng.integers(len(FONTS))], int(rng.integers(24, 34)))
    text = [
        str(rng.integers(10)) if rng.random() < 0.5 else "",
        str(digit),
        str(rng.integers(10)) if rng.random() < 0.5 else "",
    ]
    sheet = Image.new("L", (ROOM, ROOM), 0)
    pen, middle = ImageDraw.Draw(sheet), ROOM / 2
    width = font.getlength(text[1])
    pen.text((middle, middle), text[1], 255, font, anchor="mm")
    pen.text((middle - width / 2 - 1, middle), text[0], 255, font, anchor="rm")
    pen.text((middle + width / 2 + 1, middle), text[2], 255, font, anchor="lm")
    slant, turn, zoom = rng.normal(0.0, 0.15), rng.normal(0.0, 0.08), rng.uniform(0.85, 1.15)
    cos, sin = np.cos(turn) / zoom, np.sin(turn) / zoom
    matrix = np.array([[cos, -sin], [sin, cos]]) @ np.array([[1.0, slant], [0.0, 1.0]])
    shift = middle - matrix @ (middle + rng.normal(0.0, 1.5, 2))
    sheet = sheet.transform(
        (ROOM, ROOM), Image.Transform.AFFINE, (*matrix[0], shift[0], *matrix[1], shift[1]), Image.Resampling.BILINEAR
    )
    cut = slice((ROOM - SIDE) // 2, (ROOM + SIDE) // 2)
    ink = gaussian_filter(np.asarray(sheet, dtype=np.float64)[cut, cut] / 255.0, rng.uniform(0.3, 1.2))
    back, front = rng.uniform(0.0, 1.0, 2)
    while abs(back - front) < MIN_CONTRAST:
        back, front = rng.uniform(0.0, 1.0, 2)
    ramp = np.add.outer(*(rng.normal(0.0, 0.06) * np.linspace(-1.0, 1.0, SIDE) for _ in range(2)))
    noise = rng.normal(0.0, rng.uniform(0.01, 0.08), (SIDE, SIDE))
    return np.clip(back + (front - back) * ink + ramp + noise, 0.0, 1.0)


@cache
def _font(name, size):
    return ImageFont.truetype(str(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / f"{name}.ttf"), size)
