"""What bytes are, told by the bytes themselves: a file's name may say anything.

Kept are the formats that browsers show and play, so that what is stored can be reviewed everywhere.
"""

from dataclasses import dataclass

from core.model import FieldShow

MAX_BYTES = 100 * 2**20
"""The largest file that is taken."""
MAX_PIXELS = 100_000_000
"""The most pixels a picture may have: uncompressed it takes three to four bytes for each."""


@dataclass(frozen=True)
class Format:
    """A format by the extension its files are stored with; `mime` is what it is served as."""

    extension: str
    title: str
    mime: str
    show: FieldShow


FORMATS: dict[str, Format] = {
    one.extension: one
    for one in (
        Format("png", "PNG", "image/png", FieldShow.PICTURE),
        Format("jpg", "JPEG", "image/jpeg", FieldShow.PICTURE),
        Format("gif", "GIF", "image/gif", FieldShow.PICTURE),
        Format("webp", "WebP", "image/webp", FieldShow.PICTURE),
        Format("bmp", "BMP", "image/bmp", FieldShow.PICTURE),
        Format("avif", "AVIF", "image/avif", FieldShow.PICTURE),
        Format("wav", "WAV", "audio/wav", FieldShow.SOUND),
        Format("mp3", "MP3", "audio/mpeg", FieldShow.SOUND),
        Format("ogg", "Ogg", "audio/ogg", FieldShow.SOUND),
        Format("flac", "FLAC", "audio/flac", FieldShow.SOUND),
        Format("m4a", "M4A", "audio/mp4", FieldShow.SOUND),
        Format("aac", "AAC", "audio/aac", FieldShow.SOUND),
        Format("mp4", "MP4", "video/mp4", FieldShow.FILM),
        Format("webm", "WebM", "video/webm", FieldShow.FILM),
    )
}

_HEADS: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpg"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"fLaC", "flac"),
    (b"OggS", "ogg"),
    (b"ID3", "mp3"),
)
_RIFF = {b"WEBP": "webp", b"WAVE": "wav"}
_BRANDS = {b"avif": "avif", b"avis": "avif", b"M4A ": "m4a", b"M4B ": "m4a"}
_STRANGERS: tuple[tuple[bytes, str], ...] = (
    (b"II*\x00", "TIFF"),
    (b"MM\x00*", "TIFF"),
    (b"8BPS", "Photoshop"),
    (b"%PDF", "PDF"),
    (b"FORM", "AIFF"),
    (b"0&\xb2u", "Windows Media"),
    (b"<svg", "SVG"),
    (b"PK\x03\x04", "zip"),
)
_HEIC = (b"heic", b"heix", b"hevc", b"mif1", b"msf1")


def format_of(data: bytes) -> Format | None:
    """The format of a file that begins with these bytes (64 are enough); None for what is none of `FORMATS`."""
    extension = next((one for head, one in _HEADS if data.startswith(head)), "") or _by_container(data)
    return FORMATS[extension] if extension else None


def _by_container(data: bytes) -> str:
    if data[:4] == b"RIFF":
        return _RIFF.get(data[8:12], "")
    if data[4:8] == b"ftyp":
        return "" if data[8:12] in _HEIC else _BRANDS.get(data[8:12], "mp4")
    if data[:4] == b"\x1a\x45\xdf\xa3":
        return "webm" if b"webm" in data[:64] else ""
    if data[:2] == b"BM" and data[14:18] in (b"\x28\0\0\0", b"\x6c\0\0\0", b"\x7c\0\0\0", b"\x0c\0\0\0"):
        return "bmp"
    return _by_frame(data)


def _by_frame(data: bytes) -> str:
    """MPEG audio without a tag before it begins with a frame: eleven bits set, then version, layer and rates."""
    if len(data) < 4 or data[0] != 0xFF or data[1] & 0xE0 != 0xE0 or data[1] & 0x18 == 0x08:
        return ""
    if data[1] & 0xF6 == 0xF0:
        return "aac"
    has_rates = data[2] & 0xF0 != 0xF0 and data[2] & 0x0C != 0x0C
    return "mp3" if has_rates and data[1] & 0x06 in (0x02, 0x04) else ""


def stranger(data: bytes) -> str:
    """What bytes are that are none of `FORMATS` and yet known: "TIFF", "HEIC", ...; "" for anything else."""
    if data[4:8] == b"ftyp" and data[8:12] in _HEIC:
        return "HEIC"
    if data[:4] == b"RIFF" and data[8:12] == b"AVI ":
        return "AVI"
    if data[:4] == b"\x1a\x45\xdf\xa3" and b"matroska" in data[:64]:
        return "Matroska"
    return next((title for head, title in _STRANGERS if data.startswith(head)), "")
