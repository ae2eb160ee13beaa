"""Pictures, sounds and films: what their bytes are, where they lie, and how an item's field names them."""

from core.media.examining import Examined, examine
from core.media.kinds import FORMATS, MAX_BYTES, MAX_PIXELS, Format, format_of, stranger
from core.media.references import PREFIX, Reference, is_reference, parse_reference
from core.media.store import MediaStore, refuse_too_large
from core.media.thumbnails import thumbnail

__all__ = [
    "FORMATS",
    "MAX_BYTES",
    "MAX_PIXELS",
    "PREFIX",
    "Examined",
    "Format",
    "MediaStore",
    "Reference",
    "examine",
    "format_of",
    "is_reference",
    "parse_reference",
    "refuse_too_large",
    "stranger",
    "thumbnail",
]
