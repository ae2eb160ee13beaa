"""From a data URI to a picture that can be looked at, or one sentence of what is wrong with it.

What a picture's header says is looked at before anything of it is decoded: size, colours and frames are bounded first.
"""

import base64
import binascii
import io
import re
import warnings

from PIL import Image, ImageOps

MOST_BYTES = 10 * 2**20
MOST_PIXELS = 50_000_000
FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
COLOURS = frozenset({"1", "L", "LA", "P", "PA", "RGB", "RGBA", "I", "I;16", "I;16B"})
_DATA_URI = re.compile(r"data:[^,;]*(?:;[^,;]*)*;base64,", re.IGNORECASE)


def opened(url: str, side: int) -> Image.Image:
    """The picture in RGB, upright, what is transparent on white; at least `side` pixels wide and high where it was that
    large. Raises ValueError with what is wrong and what to do."""
    return _decoded(_bytes_of(url), side)


def _bytes_of(url: str) -> bytes:
    head = _DATA_URI.match(url[:200])
    if head is None:
        if url[:5].lower() == "data:":
            raise ValueError("the picture's data URI is not in base64: write it as data:image/png;base64,…")
        raise ValueError("this host fetches nothing: send the picture itself, as a data URI")
    if (len(url) - head.end()) * 3 // 4 > MOST_BYTES + 2:
        raise ValueError(f"the picture is larger than {MOST_BYTES // 2**20} MB: send a smaller one")
    try:
        return base64.b64decode(url[head.end() :], validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("the picture's base64 cannot be read") from None


def _decoded(data: bytes, side: int) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(data), formats=FORMATS)
        if complaint := _complaint(image):
            raise ValueError(complaint)
        # A JPEG is decoded at the scale that is needed, which for a photograph saves most of the work.
        image.draft("RGB", (2 * side, 2 * side))
        return _flat(ImageOps.exif_transpose(image))
    except ValueError:
        raise
    except Exception:  # what damaged files make of a decoder is of many kinds
        raise ValueError(f"the picture cannot be read: send a {', '.join(FORMATS[:-1])} or GIF file") from None


def _complaint(image: Image.Image) -> str:
    width, height = image.size
    if width * height > MOST_PIXELS:
        return f"the picture has {width:,} × {height:,} pixels: send one of at most {MOST_PIXELS // 10**6} megapixels"
    if getattr(image, "n_frames", 1) > 1:
        return "the picture is animated: send one frame of it"
    if image.mode not in COLOURS:
        return f"the picture's colours are {image.mode}: convert it to RGB"
    return ""


def _flat(image: Image.Image) -> Image.Image:
    if image.mode in ("I", "I;16", "I;16B"):  # 16 bits of grey, of which a plain conversion would cut off the upper
        image = image.convert("I").point(lambda value: value / 256).convert("L")
    if "A" not in image.getbands() and "transparency" not in image.info:
        return image.convert("RGB")
    whole = image.convert("RGBA")
    ground = Image.new("RGBA", whole.size, "white")
    return Image.alpha_composite(ground, whole).convert("RGB")
