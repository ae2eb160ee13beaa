"""Small real files: pictures, sounds and zips of them."""

import io
import wave
import zipfile
from collections.abc import Mapping

from PIL import Image


def picture(kind: str = "PNG", size: tuple[int, int] = (3, 2), color: object = 77, mode: str = "RGB") -> bytes:
    written = io.BytesIO()
    Image.new(mode, size, color).save(written, kind)
    return written.getvalue()


def animated() -> bytes:
    written = io.BytesIO()
    frames = [Image.new("RGB", (8, 8), shade) for shade in ("red", "green", "blue")]
    frames[0].save(written, "GIF", save_all=True, append_images=frames[1:])
    return written.getvalue()


def sound(samples: bytes = b"\x01\x10" * 80) -> bytes:
    written = io.BytesIO()
    with wave.open(written, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(samples)
    return written.getvalue()


def zipped(files: Mapping[str, bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return written.getvalue()
