"""Small copies of pictures, for lists: made when first asked for, and kept beside the files."""

import io
import os
import tempfile
from contextlib import suppress
from pathlib import Path

from core.media.references import parse_reference
from core.media.store import MediaStore
from core.model import FieldShow

EDGE = 96
_FOLDER = "small"


def thumbnail(store: MediaStore, reference: str, edge: int = EDGE) -> bytes | None:
    """A WebP picture of at most `edge` pixels in either direction, of the first frame; None for what is no picture,
    is not there or cannot be read."""
    parsed = parse_reference(reference)
    if parsed is None or parsed.format.show is not FieldShow.PICTURE:
        return None
    kept = store.folder / _FOLDER / str(edge) / f"{parsed.sha256}.webp"
    with suppress(OSError):
        return kept.read_bytes()
    try:
        made = _small(store.path(parsed), edge)
    except Exception:  # of as many types as there are formats; a list shows the name instead
        return None
    with suppress(OSError):
        _keep(kept, made)
    return made


def _small(path: Path, edge: int) -> bytes:
    from PIL import Image, ImageOps

    with Image.open(path) as image:
        image.draft("RGB", (edge * 2, edge * 2))
        turned = ImageOps.exif_transpose(image)
        turned.thumbnail((edge, edge))
        written = io.BytesIO()
        turned.convert("RGBA" if turned.mode in ("RGBA", "LA", "P", "PA") else "RGB").save(written, "WEBP", quality=80)
        return written.getvalue()


def _keep(target: Path, data: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".")
    with os.fdopen(handle, "wb") as file:
        file.write(data)
    os.replace(name, target)
