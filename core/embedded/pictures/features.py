"""What the host sees of a picture: plain features, made without any learning.

    grey       16 x 16 pixels of brightness
    gradients  how strongly the brightness changes, by direction: nine directions (0 to 180 degrees, each pixel shared
               between the nearest two by distance) in each of 8 x 8 cells of a 64 x 64 picture, every block of 2 x 2
               cells brought to the same strength (Dalal and Triggs 2005)
    colours    how much of the picture has each of 64 colours (four levels of red, green and blue), square rooted

Each of the three is a vector of length 1 (0 where there is nothing in it). Pictures are squeezed into a square. So two
pictures are alike where light and dark, edges and colours lie alike; what is on them is not known.
"""

from collections.abc import Sequence

import numpy as np
from PIL import Image

from core.embedded.encoder import Array
from core.embedded.pictures.opening import opened

GREY, SIDE, CELL, DIRECTIONS, LEVELS = 16, 64, 8, 9, 4
CELLS = SIDE // CELL
FEATURES = GREY**2 + (CELLS - 1) ** 2 * 4 * DIRECTIONS + LEVELS**3
"""How many numbers tell a picture."""
PICTURE_TOKENS = 85
"""What a picture counts for where tokens are counted, whatever its size."""
_EPSILON = 1e-3


def seen(urls: Sequence[str]) -> Array:
    """Shape (FEATURES,) of what one or more pictures show together: the mean. Raises ValueError with what is wrong with
    the first that cannot be looked at."""
    return np.asarray(np.mean([picture_vector(url) for url in urls], axis=0), dtype=np.float32)


def picture_vector(url: str) -> Array:
    """Shape (FEATURES,) of the picture in a data URI. Raises ValueError with what is wrong with it."""
    image = opened(url, SIDE)
    colour = np.asarray(image.resize((SIDE, SIDE), Image.Resampling.BOX), dtype=np.float32)
    grey = np.asarray(image.convert("L").resize((SIDE, SIDE), Image.Resampling.BILINEAR), dtype=np.float32)
    bright: Array = np.asarray(grey / 255, dtype=np.float32)
    blocks = (_grey(bright), gradients(bright), _colours(colour))
    return np.concatenate([_unit(block) for block in blocks]).astype(np.float32)


def _unit(block: Array) -> Array:
    length = float(np.linalg.norm(block))
    return block / length if length > 1e-9 else block


def _grey(bright: Array) -> Array:
    small = bright.reshape(GREY, SIDE // GREY, GREY, SIDE // GREY).mean(axis=(1, 3))
    return np.asarray(small - small.mean(), dtype=np.float32).ravel()


def _colours(colour: Array) -> Array:
    level = np.minimum((colour * (LEVELS / 256)).astype(np.intp), LEVELS - 1)
    numbers = (level[..., 0] * LEVELS + level[..., 1]) * LEVELS + level[..., 2]
    return np.sqrt(np.bincount(numbers.ravel(), minlength=LEVELS**3)).astype(np.float32)


def gradients(bright: Array) -> Array:
    """Histograms of oriented gradients of a brightness of shape (SIDE, SIDE); 4 x DIRECTIONS numbers a block."""
    down, right = np.gradient(bright)
    strength = np.hypot(down, right)
    angle = np.mod(np.arctan2(down, right), np.pi) * (DIRECTIONS / np.pi) - 0.5
    lower = np.floor(angle)
    share = angle - lower
    cells = np.zeros((CELLS, CELLS, DIRECTIONS), dtype=np.float32)
    for direction, part in ((lower, 1 - share), (lower + 1, share)):
        one_hot = np.mod(direction, DIRECTIONS)[..., None] == np.arange(DIRECTIONS)
        weighed = one_hot * (strength * part)[..., None]
        cells += weighed.reshape(CELLS, CELL, CELLS, CELL, DIRECTIONS).sum(axis=(1, 3))
    blocks = np.concatenate([cells[:-1, :-1], cells[1:, :-1], cells[:-1, 1:], cells[1:, 1:]], axis=2)
    blocks /= np.sqrt((blocks**2).sum(axis=2, keepdims=True) + _EPSILON)
    return np.asarray(blocks.ravel(), dtype=np.float32)
